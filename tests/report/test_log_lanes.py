"""Lanes of logs beneath the strips: only where their clock is known, with the events nearest to findings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.capture.etl.logs import TCPIP, Event, make_log, ndis
from tests.support import judged
from tests.support.etl_fields import pack_event_data
from tests.support.files import Frame, write_pcap
from tests.support.log_texts import with_logs
from tests.support.markup import Node, read_markup
from tests.support.packets import TCP, Ethernet, IPv4, echo
from wireproof.case import Case
from wireproof.finding import Evidence, Finding
from wireproof.report.as_html import render_html
from wireproof.report.log_lanes import MOST_ROWS, MOST_TICKS, Lanes, find_lanes
from wireproof.report.outline import outline
from wireproof.report.strips import Strips, build_strips
from wireproof.rules.run import Verdicts

SECOND = 1_000_000_000
START_S = 1_700_000_000
PORTS = (5001, 5002, 5003)


def framed(at_s: float, packet: IPv4) -> Frame:
    return Frame(int((START_S + at_s) * SECOND), bytes(Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", packet)))


def drop(at_s: float, port: int) -> str:
    """A line of a firewall log in a zone two hours east."""
    stamp = datetime.fromtimestamp(START_S + at_s + 7200, UTC)
    return f"{stamp:%Y-%m-%d %H:%M:%S} DROP TCP 10.1.1.5 10.2.2.2 {port} 443 52 S 100 0 8192 - - - RECEIVE"


@pytest.fixture
def captured(tmp_path: Path) -> Iterator[Case]:
    """Three SYNs that nobody answers at 2, 4 and 6 s, pings of 22 bytes at 1 s and of 33 at 5 s; it runs for 100 s."""
    frames = [framed(0, IPv4("10.1.1.5", "10.2.2.2", TCP(5000, 443, 1, flags="S")))]
    frames += [framed(1, IPv4("10.1.1.5", "10.1.1.1", echo(1, 1, bytes(range(22)))))]
    frames += [
        framed(2 * place, IPv4("10.1.1.5", "10.2.2.2", TCP(port, 443, 1, flags="S")))
        for place, port in enumerate(PORTS, 1)
    ]
    frames += [framed(5, IPv4("10.1.1.5", "10.1.1.1", echo(1, 1, bytes(range(33)))))]
    frames += [framed(100, IPv4("10.1.1.5", "10.2.2.2", TCP(5009, 443, 1, flags="S")))]
    frames.sort(key=lambda frame: frame.time_ns)
    with judged.closing(judged.open_case({"client": write_pcap(tmp_path / "client.pcap", frames)})) as case:
        yield case


DROPS = [drop(2 * place, port) for place, port in enumerate(PORTS, 1)]


def lanes_of(case: Case, findings: list[Finding]) -> Lanes:
    start = START_S * SECOND
    return find_lanes(case, outline(case, Verdicts(findings)), start, start + 100 * SECOND)


def strips_of(case: Case, findings: list[Finding]) -> tuple[Strips, Node]:
    strips = build_strips(case, outline(case, Verdicts(findings)))
    assert strips is not None
    return strips, read_markup(strips.svg)


def test_a_log_whose_zone_is_told_has_a_lane_on_the_captures_clock(captured: Case) -> None:
    case = with_logs(captured, {"pfirewall.log": "\n".join(DROPS)})
    (lane,) = lanes_of(case, []).lanes
    assert (lane.name, lane.total) == ("pfirewall.log", 3)
    assert [(event.reference_ns / SECOND - START_S, event.line) for event in lane.events] == [(2, 1), (4, 2), (6, 3)]


def test_a_log_whose_clock_is_not_known_has_none_and_that_is_told(captured: Case) -> None:
    case = with_logs(captured, {"other.log": "\n".join([drop(2, 7001), drop(4, 7002)])})
    lanes = lanes_of(case, [])
    assert (lanes.lanes, lanes.remarks) == ((), ("The clock of other.log is not known.",))


def test_a_log_of_another_time_has_none(captured: Case) -> None:
    case = with_logs(captured, {"old.log": drop(-90_000, 7001)})
    case.logs[0].zone_s = 7200
    assert lanes_of(case, []).remarks == ("No event of old.log falls into this time.",)


def test_the_events_nearest_to_findings_are_drawn_and_evidence_always(captured: Case) -> None:
    others = [drop(20 + number / 10, 9000 + number) for number in range(3 * MOST_TICKS)]
    case = with_logs(captured, {"pfirewall.log": "\n".join([*others, *DROPS, drop(99, 9999)])})
    case.logs[0].zone_s = 7200
    file, last = case.logs[0].file, 3 * MOST_TICKS + 4
    finding = judged.plain_finding(case, [Evidence("client", 3), Evidence(file, line=last)])
    lanes = lanes_of(case, [finding])
    (lane,) = lanes.lanes
    assert (len(lane.events), lane.total) == (MOST_TICKS, 3 * MOST_TICKS + 4)
    assert [event.line for event in lane.events if event.proves] == [last]
    assert {last - 3, last - 2, last - 1} <= {event.line for event in lane.events}
    assert last in {event.line for event in lanes.rows}
    assert len(lanes.rows) == MOST_ROWS


def test_lanes_and_marker_lines_stand_in_the_figure(captured: Case) -> None:
    case = with_logs(captured, {"pfirewall.log": "\n".join(DROPS)})
    finding = judged.plain_finding(case, [Evidence("client", 3), Evidence(case.logs[0].file, line=1)])
    strips, made = strips_of(case, [finding])
    assert len(made.find("line", "tick")) == 3
    assert len(made.find("line", "proves")) == 1
    assert [float(node.attributes["x1"].rstrip("%")) for node in made.find("line", "mark-line")] == [1.0, 5.0]
    assert "Dashed lines are marker pings" in strips.caption
    assert strips.logged[0].proves


def test_a_finding_that_only_a_log_proves_stands_on_its_lane(captured: Case) -> None:
    case = with_logs(captured, {"pfirewall.log": "\n".join(DROPS)})
    finding = judged.plain_finding(case, [Evidence(case.logs[0].file, line=2)])
    _, made = strips_of(case, [finding])
    (marker,) = made.find("a", "marker")
    holder = next(node for node in made.find("svg") if marker in node.children)
    assert holder.attributes["x"] == "4%"


def test_words_of_a_log_are_escaped(captured: Case) -> None:
    case = with_logs(captured, {"<b>.log": "\n".join(DROPS)})
    text = render_html(outline(case, Verdicts([])), case)
    assert "&lt;b&gt;.log" in text
    assert "<b>.log" not in text


def test_without_logs_and_markers_nothing_is_said_of_them(sccm: Case) -> None:
    strips, made = strips_of(sccm, [])
    assert not made.find("line", "tick")
    assert not made.find("line", "mark-line")
    assert "Dashed" not in strips.caption
    assert "Ticks" not in strips.caption


def test_the_events_beside_a_captures_packets_have_a_lane_on_its_clock(tmp_path: Path) -> None:
    ends = {"local": ("10.1.1.5", 5001), "remote": ("10.2.2.2", 443)}
    data = pack_event_data(TCPIP, 1044, status=0xC000020D, pid=77, **ends)
    told = [Event(TCPIP, 1044, data, at * SECOND) for at in (1, 3)] + [Event(TCPIP, 1044, data, 4 * SECOND, version=9)]
    path = tmp_path / "trace.etl"
    path.write_bytes(make_log([*(ndis(b"frame" * 12, at * SECOND) for at in (0, 5)), *told]))
    with judged.closing(judged.open_case({"host": path})) as case:
        lanes, notes = lanes_of(case, []), outline(case, Verdicts([])).notes
    (lane,) = lanes.lanes
    assert (lane.name, lane.total) == ("trace.etl", 2)
    shut = "10.1.1.5:5001 > 10.2.2.2:443 shut down: STATUS_CONNECTION_RESET"
    assert [(event.reference_ns / SECOND - START_S, event.where, event.text) for event in lane.events] == [
        (1, "trace.etl 1", shut), (3, "trace.etl 2", shut),
    ]  # fmt: skip
    assert f"{path}: events left out because their version is not known: 1 (TCPIP 1044 version 9)" in notes
