"""Marker pings: what marks a moment, and what only looks like it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.files import Frame, write_pcap
from tests.support.packets import ICMP, Ethernet, ICMPv6, IPv4, IPv6, echo, echo_v6
from wireproof.conversations import read_capture
from wireproof.messages.markers import Marker, find_markers, is_ping

CLIENT, GATEWAY = "10.1.1.5", "10.1.1.1"
LETTERS = b"abcdefghijklmnopqrstuvw" * 3
SECOND = 1_000_000_000


def windows(size: int) -> bytes:
    return LETTERS[:size]


def linux(size: int) -> bytes:
    """A time stamp, then bytes that count on."""
    return bytes.fromhex("a1b2c35e00000000f1e2030000000000") + bytes(range(16, size))


def ping(data: bytes, target: str = GATEWAY, source: str = CLIENT, sequence: int = 1, reply: bool = False) -> IPv4:
    return IPv4(source, target, echo(1, sequence, data, reply))


def markers(folder: Path, packets: Iterable[tuple[float, IPv4 | IPv6]]) -> list[Marker]:
    frames = [
        Frame(int(at * SECOND), bytes(Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", packet)))
        for at, packet in packets
    ]
    tables = read_capture(write_pcap(folder / "marked.pcap", frames))
    with tables.capture:
        return find_markers(tables)


@pytest.mark.parametrize("pattern", [windows, linux])
def test_each_size_marks_its_moment_whatever_system_pinged(pattern: object, tmp_path: Path) -> None:
    assert callable(pattern)
    packets = [
        (start + again, ping(pattern(size), sequence=again))
        for start, size in ((1, 22), (20, 33), (40, 44), (60, 55))
        for again in (0, 1)
    ]
    found = markers(tmp_path, packets)
    assert [(m.size, m.row, m.last_row, m.requests) for m in found] == [
        (22, 0, 1, 2),
        (33, 2, 3, 2),
        (44, 4, 5, 2),
        (55, 6, 7, 2),
    ]
    assert (found[0].source, found[0].target, found[0].meaning) == (CLIENT, GATEWAY, "the reproduction begins")
    assert found[1].time_ns == 20 * SECOND


def test_pings_over_ipv6_mark_too(tmp_path: Path) -> None:
    packet = IPv6("2001:db8::5", "2001:db8::1", echo_v6(1, 1, windows(33)))
    (found,) = markers(tmp_path, [(1, packet), (2, packet)])
    assert (found.size, found.source, found.target) == (33, "2001:db8::5", "2001:db8::1")


def test_answers_are_no_markers(tmp_path: Path) -> None:
    assert markers(tmp_path, [(1, ping(windows(22), CLIENT, GATEWAY, reply=True))]) == []


@pytest.mark.parametrize("size", [0, 21, 23, 32, 48, 54, 56, 66])
def test_pings_of_other_sizes_mark_nothing(size: int, tmp_path: Path) -> None:
    assert markers(tmp_path, [(1, ping(windows(size))), (2, ping(windows(size)))]) == []


def test_data_that_no_ping_program_sends_marks_nothing(tmp_path: Path) -> None:
    assert markers(tmp_path, [(1, ping(b"monitoring-agent-7.3.2"[:22])), (2, ping(b"\x55" * 33))]) == []


def test_a_ping_that_comes_again_and_again_is_a_monitors(tmp_path: Path) -> None:
    assert markers(tmp_path, [(60.0 * turn, ping(windows(22))) for turn in range(20)]) == []


def test_a_ping_that_does_not_stop_is_no_marker(tmp_path: Path) -> None:
    assert markers(tmp_path, [(float(turn), ping(linux(55))) for turn in range(30)]) == []


def test_one_size_to_many_hosts_is_a_scan(tmp_path: Path) -> None:
    assert markers(tmp_path, [(turn / 10, ping(windows(22), f"10.1.1.{turn + 10}")) for turn in range(50)]) == []


def test_a_scanner_does_not_hide_the_markers_of_another_host(tmp_path: Path) -> None:
    scan = [(turn / 10, ping(windows(22), f"10.1.1.{turn + 10}", "10.9.9.9")) for turn in range(50)]
    found = markers(tmp_path, [*scan, (6, ping(windows(22)))])
    assert [(m.source, m.requests) for m in found] == [(CLIENT, 1)]


def test_a_test_that_is_repeated_by_hand_is_marked_each_time(tmp_path: Path) -> None:
    found = markers(tmp_path, [(300.0 * turn + again, ping(windows(33))) for turn in range(3) for again in range(4)])
    assert [(m.size, m.requests) for m in found] == [(33, 4)] * 3


def test_icmp_errors_of_that_size_mark_nothing(tmp_path: Path) -> None:
    assert (
        markers(
            tmp_path,
            [
                (1, IPv4(GATEWAY, CLIENT, ICMP(3, 1, payload=windows(22)))),
                (2, IPv6("::1", "::2", ICMPv6(1, 0, payload=windows(22)))),
            ],
        )
        == []
    )


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        (LETTERS[:22], True),
        (bytes(range(22)), True),
        (bytes(16) + b"\1" * 6, False),
        (bytes(22), True),
        (b"", True),
        (b"x" * 22, False),
    ],
)
def test_patterns_of_ping_programs(data: bytes, is_one: bool) -> None:
    assert is_ping(data, 22) is is_one


def test_a_capture_that_cut_its_frames_keeps_its_markers(tmp_path: Path) -> None:
    frame = bytes(Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", ping(windows(22))))
    for kept in range(len(frame)):
        tables = read_capture(
            write_pcap(tmp_path / f"cut{kept}.pcap", [Frame(SECOND, frame[:kept], original=len(frame))])
        )
        with tables.capture:
            found = find_markers(tables)
        assert [(marker.size, marker.source) for marker in found] in ([(22, CLIENT)], [])
        assert found or kept < 14 + 20 + 8
        assert not found or kept >= 14 + 20
