"""Conversations summed up: round trips, repeats, and how they ended and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases import d4_smtp_mss
from tests.support.files import Frame, write_pcap
from tests.support.log_texts import with_logs
from tests.support.packets import TCP, UDP, Ethernet, IPv4, port_unreachable
from wireproof.analyse import Report, open_case
from wireproof.report.talk_facts import SORTS, sort_talks, sum_up, with_processes

CLIENT, SERVER = "10.0.0.1", "10.0.0.2"


def frame(at_ms: int, sent: bool, upper: TCP | UDP) -> Frame:
    ends = (CLIENT, SERVER) if sent else (SERVER, CLIENT)
    macs = ("02:00:00:00:00:01", "02:00:00:00:00:02")
    return Frame(10**18 + at_ms * 1_000_000, bytes(Ethernet(*macs, IPv4(*ends, upper))))


def segment(at_ms: int, sent: bool, flags: str, seq: int = 0, ack: int = 0, size: int = 0, port: int = 1099) -> Frame:
    ports = (port, 80) if sent else (80, port)
    return frame(at_ms, sent, TCP(*ports, seq, ack, flags, payload=bytes(size)))


OPENING = [segment(0, True, "S"), segment(20, False, "SA", 0, 1), segment(21, True, "A", 1, 1)]
FIN_C, FIN_S = segment(50, True, "FA", 1, 1), segment(60, False, "FA", 1, 2)


@pytest.fixture
def reports() -> Iterator[list[Report]]:
    """Closes every report of the list at the end."""
    kept: list[Report] = []
    yield kept
    for report in kept:
        report.close()


def opened(reports: list[Report], folder: Path, frames: list[Frame]) -> Report:
    reports.append(Report(open_case([str(write_pcap(folder / "made.pcap", frames, nanoseconds=True))])))
    return reports[-1]


@pytest.mark.parametrize(
    ("frames", "end"),
    [
        ([*OPENING], "open at the end"),
        ([*OPENING, FIN_C, FIN_S], "closed, client first"),
        ([*OPENING, segment(50, False, "FA", 1, 1), segment(60, True, "FA", 1, 2)], "closed, server first"),
        ([*OPENING, FIN_C], "half closed by client"),
        ([*OPENING, segment(50, False, "RA", 1, 1)], "reset by server"),
        ([*OPENING, segment(50, True, "RA", 1, 1)], "reset by client"),
        ([*OPENING, FIN_C, segment(60, False, "R", 1)], "reset by server after FIN"),
        ([OPENING[0], segment(1, False, "RA", 0, 1)], "refused"),
        ([OPENING[0], segment(3000, True, "S")], "no answer to SYN"),
    ],
)
def test_how_it_ended_and_by_whom(tmp_path: Path, reports: list[Report], frames: list[Frame], end: str) -> None:
    assert sum_up(opened(reports, tmp_path, frames).case.points[0], 0).end == end


def test_who_how_much_and_how_long(tmp_path: Path, reports: list[Report]) -> None:
    frames = [*OPENING, segment(40, True, "PA", 1, 1, 100), segment(1000, False, "PA", 1, 101, 250)]
    facts = sum_up(opened(reports, tmp_path, frames).case.points[0], 0)
    assert (facts.client, facts.server, facts.protocol) == ("10.0.0.1:1099", "10.0.0.2:80", "tcp")
    assert (facts.packets, facts.payload_bytes) == ((3, 2), (100, 250))
    assert (facts.start_s, facts.duration_s) == (0.0, 1.0)
    assert facts.round_trip_s == pytest.approx(0.021)
    assert facts.client_known


def test_repeats_are_counted_by_side(tmp_path: Path, reports: list[Report]) -> None:
    reports.append(Report(open_case([str(d4_smtp_mss.build(tmp_path)["capture"])])))
    facts = sum_up(reports[0].case.points[0], 0)
    assert facts.retransmissions == (4, 1)
    assert facts.end == "reset by client"


def test_without_acknowledged_data_there_is_no_round_trip(tmp_path: Path, reports: list[Report]) -> None:
    assert sum_up(opened(reports, tmp_path, OPENING[:1]).case.points[0], 0).round_trip_s is None


def test_icmp_errors_are_told_for_datagrams(tmp_path: Path, reports: list[Report]) -> None:
    asked = IPv4(CLIENT, SERVER, UDP(5000, 6000, b"abc"))
    macs = ("02:00:00:00:00:01", "02:00:00:00:00:02")
    error = IPv4(SERVER, CLIENT, port_unreachable(asked))
    frames = [Frame(10**18 + turn, bytes(Ethernet(*macs, packet))) for turn, packet in enumerate((asked, error))]
    facts = sum_up(opened(reports, tmp_path, frames).case.points[0], 0)
    assert (facts.protocol, facts.end) == ("udp", "1 ICMP errors")


def test_conversations_are_sorted_by_what_is_asked(tmp_path: Path, reports: list[Report]) -> None:
    small = [segment(turn, True, "PA", 1 + turn, 1, 1, port=2001) for turn in range(4)]
    large = [segment(10, True, "PA", 1, 1, 900, port=2002), segment(5000, True, "PA", 901, 1, 900, port=2002)]
    talks = opened(reports, tmp_path, small + large).case.points[0].conversations
    assert {by: sort_talks(talks, by).tolist() for by in SORTS} == {
        "packets": [0, 1],
        "bytes": [1, 0],
        "start": [0, 1],
        "duration": [1, 0],
        "retransmissions": [0, 1],
    }


def test_processes_are_those_that_a_source_names(tmp_path: Path, reports: list[Report]) -> None:
    case = opened(reports, tmp_path, OPENING).case
    client, server = case.points[0].talk(0).client_endpoint, case.points[0].talk(0).server_endpoint
    with_logs(case, {"netstat.txt": f"  TCP    {client}   {server}   ESTABLISHED   77\n"})
    facts = with_processes(sum_up(case.points[0], 0), case, case.points[0])
    assert facts.processes == ("PID 77, netstat", "")
