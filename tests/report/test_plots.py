"""Plots of the published cases: what was sent, repeated, lost and acknowledged, and delays only where clocks allow them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.support import judged
from tests.support.markup import read_markup
from tests.support.middleboxes import Lose, data_numbers
from tests.support.path import Link
from tests.support.path import Point as CapturePoint
from tests.support.talk import Close, Send
from wireproof.case import Case
from wireproof.finding import Evidence
from wireproof.report.plots import LONG, Plot, build_delay_plot, build_sequence_plots


def sequence(case: Case, *evidence: Evidence, toward: str = "server") -> list[Plot]:
    return build_sequence_plots(case, judged.plain_finding(case, evidence, toward=toward))


def legend(plot: Plot) -> dict[str, str]:
    return dict(plot.legend)


def test_lost_segments_are_counted_and_crossed(sccm: Case) -> None:
    (plot,) = sequence(sccm, Evidence("client", 1921))
    assert legend(plot) == {"sent": "segment (2)", "gone": "lost on the way (6)", "acked": "acknowledged up to"}
    assert len(read_markup(plot.svg).find("path", "cross")) == 6
    assert plot.title == "Sequence numbers: 10.1.1.1:1099 → 172.16.1.1:80"


def test_the_direction_is_the_findings(lync: Case) -> None:
    titles = [sequence(lync, Evidence("client", 4333), toward=toward)[0].title for toward in ("server", "client", "")]
    assert titles == [
        "Sequence numbers: 10.1.1.1:62973 → 172.16.1.1:443",
        "Sequence numbers: 172.16.1.1:443 → 10.1.1.1:62973",
        "Sequence numbers: 172.16.1.1:443 → 10.1.1.1:62973",
    ]


def test_a_conversation_with_little_data_has_no_sequence_plot(lync: Case) -> None:
    assert sequence(lync, Evidence("edge", 631)) == []


def test_curves_have_one_path_a_kind(sccm: Case) -> None:
    (plot,) = sequence(sccm, Evidence("client", 1921))
    made = read_markup(plot.svg)
    assert [node.classes for node in made.find("path", "bar")] == [["bar", "sent"], ["bar", "gone"]]
    assert made.find("path", "gone")[0].attributes["d"].count("M") == 6
    assert made.find("path", "sent")[0].attributes["d"].count("M") == 2
    assert made.children[0].attributes["aria-label"].endswith("8 data segments, 0 retransmitted, 6 lost")


def test_a_window_far_above_is_told_instead_of_drawn(sccm: Case) -> None:
    (plot,) = sequence(sccm, Evidence("client", 1921))
    assert not read_markup(plot.svg).find("path", "window")
    assert "the receiver had room" in plot.caption


def bulk(folder: Path) -> Case:
    path = [CapturePoint("client", at="client"), Link(20, megabit=50), Lose(data_numbers(False, 300, 301)), Link(5)]
    return judged.simulated_case(
        folder, path, [Send("client", 300), Send("server", 900_000, 50), Close("client", 3000)]
    )


def test_a_long_transfer_is_shown_whole_and_around_its_evidence(tmp_path: Path, keep: Callable[[Case], Case]) -> None:
    case = keep(bulk(tmp_path))
    repeats = [int(row) + 1 for row in case.points[0].packets.marked("retransmission").nonzero()[0]]
    whole, near = sequence(case, *(Evidence("client", number) for number in repeats), toward="client")
    assert near.title == f"{whole.title}, around frame {repeats[0]}"
    counts = [int(legend(plot)["sent"].split("(")[1].strip(")").replace(",", "")) for plot in (whole, near)]
    assert counts[0] > 500 > LONG > counts[1] > 10
    assert legend(near)["again"] == f"retransmission ({len(repeats)})"
    assert read_markup(near.svg).find("path", "window")
    assert len(whole.svg) < 60_000


def test_delays_are_drawn_for_both_directions_with_the_clocks_bound(routed: Case) -> None:
    plot = build_delay_plot(routed, judged.plain_finding(routed, [Evidence("client", 1)]))
    assert plot is not None
    made = read_markup(plot.svg)
    assert [node.words for node in made.find("text", "strong")] == [
        "client → wan", "wan → client", "wan → server", "server → wan",
    ]  # fmt: skip
    assert len(made.find("path", "bound")) == len(made.find("path", "dot")) == 4
    assert made.find("text", "end")[0].words.startswith("median 2 ms, ± ")


def test_delays_that_clocks_do_not_give_are_not_invented(routed: Case, lync: Case) -> None:
    finding = judged.plain_finding(routed, [Evidence("client", 1)])
    clock = routed.alignment.clocks[2]
    clock.known = False
    try:
        plot = build_delay_plot(routed, finding)
    finally:
        clock.known = True
    assert plot is not None
    assert not plot.svg
    assert plot.caption.startswith("Not known: packets matched in one direction only")
    assert build_delay_plot(lync, judged.plain_finding(lync, [Evidence("client", 4333)])) is None


def test_a_single_capture_has_no_delay_plot(tmp_path: Path, keep: Callable[[Case], Case]) -> None:
    case = keep(bulk(tmp_path))
    assert build_delay_plot(case, judged.plain_finding(case, [Evidence("client", 1)])) is None


def test_hostile_names_stay_words(tmp_path: Path, keep: Callable[[Case], Case]) -> None:
    case = keep(bulk(tmp_path))
    case.points[0].name = "<script>alert(1)</script>"
    finding = judged.plain_finding(case, [], conversations=[(case.points[0].name, 0)])
    for plot in build_sequence_plots(case, finding):
        assert "script" not in {node.tag for node in read_markup(plot.svg).walk()}
