"""What happened when, over all captures on one clock."""

from __future__ import annotations

from pathlib import Path

from tests.capture.etl.logs import TCPIP, Event, make_log, ndis
from tests.support.etl_fields import pack_event_data
from tests.support.reports import smtp_report
from tests.support.scripted import CLIENT, SERVER, Row, frames
from wireproof.analyse import Report, open_case
from wireproof.report.timeline import Event as Told
from wireproof.report.timeline import find_events, render_timeline

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_a_conversation_is_told_from_its_syn_to_its_reset(tmp_path: Path) -> None:
    with smtp_report(tmp_path, []) as report:
        events = find_events(report.case, 20)
    assert [(event.frame, event.what) for event in events] == [
        (1, "SYN"),
        (2, "SYN/ACK, handshake takes 22.0 ms"),
        (4, "first data from the server"),
        (5, "first data from the client"),
        (18, "RST from the client"),
        (18, "first packet after 9.60 s of silence"),
    ]


def test_events_of_all_captures_are_in_order_of_one_clock() -> None:
    with Report(open_case([str(EXAMPLES / "lync-sign-in")])) as report:
        events = find_events(report.case, 0)
    times = [event.time_ns for event in events]
    assert times == sorted(times)
    syns = [
        event.capture for event in events if event.who.endswith("192.168.3.10:5061") and event.what.startswith("SYN,")
    ]
    assert syns == ["edge", "frontend"]


def test_what_the_host_logged_of_a_conversation_is_told_among_its_frames(tmp_path: Path) -> None:
    packets = [Row(0.0, "c", "S"), Row(1.0, "s", "RA")]
    ends = {"local": CLIENT, "remote": SERVER}
    told = [
        Event(TCPIP, 1183, pack_event_data(TCPIP, 1183, **ends), 1_000_000_005),
        Event(TCPIP, 1044, pack_event_data(TCPIP, 1044, local=CLIENT, remote=("192.0.2.9", 1)), 7),
        Event(TCPIP, 1300, pack_event_data(TCPIP, 1300, pid=5, **ends), 8),
    ]
    path = tmp_path / "client.etl"
    path.write_bytes(make_log([*(ndis(one.data, at * 10**9) for at, one in enumerate(frames(packets))), *told]))
    with Report(open_case([str(path)])) as report:
        events = find_events(report.case, 20)
    assert [(event.capture, event.frame, event.what) for event in events] == [
        ("client", 1, "SYN"),
        ("client", 2, "RST from the server"),
        ("client.etl", 3, "connect refused by a reset"),
    ]
    assert len({event.who for event in events}) == 1


def test_rows_are_aligned_and_count_from_the_first_event() -> None:
    events = [Told(10**18, "client", 1, "TCP a → b", "SYN"), Told(10**18 + 1500, "server", 12, "TCP a → b", "RST")]
    assert render_timeline(events).plain.splitlines() == [
        "Seconds since 2001-09-09 01:46:40 UTC; 2 events",
        "    Time  Capture  No.  Conversation  Event",
        "0.000000  client     1  TCP a → b     SYN",
        "0.000002  server    12  TCP a → b     RST",
    ]


def test_nothing_is_told_in_a_sentence() -> None:
    assert render_timeline([]).plain == "No conversations.\n"
