"""One hop: its clock, its margins, and what it did, worked out when asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.alignments import Scene, align, client_point, flows, numbers, questions, server_point, short_path
from tests.support.icmp_nat import IcmpNat
from tests.support.middleboxes import ForgeReset, Lose, Narrow, SourceNat, data_numbers
from tests.support.path import Link, Point
from tests.support.talk import Close, Send
from tests.support.trouble import with_ticks
from tests.support.verdicts import judge
from wireproof.align.hops import Crossing
from wireproof.align.journeys import Hop

MILLISECOND = 1_000_000


def crossing(hop: Hop) -> Crossing:
    assert isinstance(hop.source, Crossing)
    return hop.source


@pytest.mark.parametrize("offset_s", [0.0, -7200.0, 3 * 86400.0])
def test_delays_are_measured_on_one_clock(tmp_path: Path, offset_s: float) -> None:
    case = align(tmp_path, Scene(short_path(offset_s=offset_s)), [questions(6)])
    clock = case.alignment.clocks[1]
    assert clock.known
    assert clock.offset_ns == pytest.approx(-offset_s * 1e9, abs=MILLISECOND)
    for flow in flows(case):
        assert np.abs(flow.delay_ns - 10 * MILLISECOND).max() < MILLISECOND


def test_a_hop_whose_ends_show_the_same_is_even_and_costs_nothing(tmp_path: Path) -> None:
    case = align(tmp_path, Scene(short_path(Lose(data_numbers(False, 3)))), [questions(3), questions(3, "football")])
    hops = [journey.hops[0] for journey in case.alignment.journeys]
    assert sorted(hop.even for hop in hops) == [False, True]
    assert all(hop._flows is None for hop in hops)
    uneven = next(hop for hop in hops if not hop.even)
    assert len(uneven.to_client.lost) == 1
    assert uneven.flows is uneven.flows


def test_resets_do_not_set_the_clock(tmp_path: Path) -> None:
    case = align(tmp_path, Scene(short_path(ForgeReset(port=9000, delay_us=90_000))), [questions(2)])
    assert not case.alignment.clocks[1].known
    assert abs(case.alignment.clocks[1].offset_ns) < 20 * MILLISECOND


def test_repeats_that_look_like_their_parts_do_not_set_the_clock(tmp_path: Path) -> None:
    from tests.support.streams import DELIVERED, LOST, Segment, play
    from tests.support.verdicts import make_case

    played = play(
        [Segment(1460, (DELIVERED,)), Segment(1460, (DELIVERED, LOST), joined_sent=True), Segment(9, (DELIVERED,))]
    )
    case = make_case(tmp_path, played.frames)
    assert case.alignment.clocks[1].offset_ns == 0
    assert [flow.lost.tolist() for flow in flows(case) if flow.toward == "server"] == [
        [number - 1 for number, row in played.rows.items() if row.holds(LOST)]
    ]


def test_coarse_times_do_not_part_packets(tmp_path: Path) -> None:
    scene = Scene(short_path(Lose(data_numbers(False, 5)), offset_s=40.0))
    case = align(
        tmp_path,
        scene,
        change=lambda captures: {name: with_ticks(frames, 15_625_000) for name, frames in captures.items()},
    )
    assert sum(len(flow.lost) for flow in flows(case)) == 1


def test_the_margin_after_sending_grows_with_the_path_and_with_doubt(tmp_path: Path) -> None:
    near = align(tmp_path, Scene([client_point(), Link(1), server_point()]))
    far = align(tmp_path, Scene([client_point(), Link(400), server_point()]))
    blind = align(tmp_path, Scene(short_path(Lose(lambda _packet, upward, _seen: not upward))), [questions(1)])
    margins = [crossing(case.alignment.journeys[0].hops[0]).margins for case in (near, far, blind)]
    assert margins[0].slack_ns < margins[1].slack_ns
    assert margins[2].slack_ns > 2_000 * MILLISECOND
    assert [margin.early_ns for margin in margins] == [0, 0, 0]


@pytest.mark.parametrize("translating", [True, False])
def test_errors_whose_quote_is_translated_are_neither_lost_nor_inserted(tmp_path: Path, translating: bool) -> None:
    """A router behind the translation asks for smaller packets; without translation of quotes the error leads to no conversation."""
    nat = (IcmpNat if translating else SourceNat)("198.51.100.9")
    parts = [
        client_point(), Link(5), nat, Link(5), Point("middle", offset_s=4), Link(2), Narrow(1000, "10.9.9.9"), Link(5),
        server_point(offset_s=-9.0),
    ]  # fmt: skip
    steps = [*questions(4, give=500)[:-1], Send("client", 5000), Send("server", 300), Close("client")]
    case = align(tmp_path, Scene(parts), [steps])
    errors = {point.name: len(point.icmp_errors) for point in case.points}
    assert errors["middle"] == errors["client"] > 0
    assert errors["server"] == 0
    (journey,) = case.alignment.journeys
    assert len(journey.members) == 3
    assert all(numbers(case, name, "inserted") == [] for name in errors)
    assert numbers(case, "client") == numbers(case, "server") == []
    assert judge(case, "path-forged-reset").findings == []
