"""Packets in few words: what a reader of Wireshark expects of flags, relative numbers and marks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from examples.packets import TCP, UDP, Ethernet, IPv4, echo
from tests.support.packets import port_unreachable
from tests.support.tables import read_frames, spaced
from wireproof.case import Point
from wireproof.report.segment_text import Describer

A, B = "10.0.0.1", "10.0.0.2"
MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")


def tcp(seq: int, ack: int, flags: str, payload: bytes = b"", *, back: bool = False) -> IPv4:
    """A segment of one conversation whose initial numbers are 1000 and 5000."""
    ports, addresses = ((80, 4000), (B, A)) if back else ((4000, 80), (A, B))
    return IPv4(*addresses, TCP(*ports, seq, ack, flags, 8192, payload=payload))


def texts(folder: Path, packets: Iterable[IPv4]) -> tuple[Describer, list[str]]:
    tables = read_frames(folder, spaced(bytes(Ethernet(*MACS, packet)) for packet in packets))
    describer = Describer(Point("a", "a.pcap", tables), 0)
    return describer, [describer.text(row) for row in range(tables.packets.count)]


def test_numbers_count_from_the_handshake(tmp_path: Path) -> None:
    _, said = texts(
        tmp_path,
        [
            tcp(1000, 0, "S"),
            tcp(5000, 1001, "SA", back=True),
            tcp(1001, 5001, "A"),
            tcp(1001, 5001, "PA", b"x" * 30),
            tcp(5001, 1031, "RA", back=True),
        ],
    )
    assert said == ["SYN", "SYN, ACK ack 1", "ACK ack 1", "PSH, ACK seq 1 len 30", "RST, ACK seq 1 ack 31"]


def test_without_a_handshake_they_count_from_the_first_segment(tmp_path: Path) -> None:
    _, said = texts(tmp_path, [tcp(777, 42, "PA", b"x" * 10), tcp(787, 42, "PA", b"x")])
    assert said == ["PSH, ACK seq 1 len 10", "PSH, ACK seq 11 len 1"]


def test_numbers_wrap(tmp_path: Path) -> None:
    _, said = texts(tmp_path, [tcp(2**32 - 5, 0, "S"), tcp(6, 1, "PA", b"x")])
    assert said[1] == "PSH, ACK seq 11 len 1"


def test_an_acknowledgment_number_where_none_belongs_is_told_and_compared(tmp_path: Path) -> None:
    describer, said = texts(tmp_path, [tcp(1000, 0, "S"), tcp(1000, 2948578651, "S"), tcp(1000, 77, "A")])
    assert said[1] == "SYN ack field 2948578651"
    assert describer.on_the_wire(0) != describer.on_the_wire(1)
    assert describer.on_the_wire(2)[2] == 0


def test_a_repeated_segment_is_marked(tmp_path: Path) -> None:
    describer, _ = texts(tmp_path, [tcp(1000, 0, "S"), tcp(1000, 0, "S")])
    assert (describer.is_repeat(0), describer.is_repeat(1)) == (False, True)
    assert (describer.mark(0), describer.mark(1)) == ("", "retransmission")


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (IPv4(A, B, UDP(5000, 53, b"x" * 12)), "UDP 12 bytes"),
        (IPv4(A, B, echo(7, 1)), "ICMP echo request"),
        (IPv4(B, A, port_unreachable(IPv4(A, B, UDP(5000, 53, b"x")))), "ICMP port unreachable"),
    ],
)
def test_other_protocols_are_named(tmp_path: Path, packet: IPv4, expected: str) -> None:
    assert texts(tmp_path, [packet])[1] == [expected]
