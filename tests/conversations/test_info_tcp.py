"""The Info column of TCP: flags, relative numbers with and without handshake, options, marks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.files import write_pcap
from tests.support.packets import TCP, Ethernet, IPv4, mss, sack, sack_permitted, timestamps, wscale
from tests.support.tables import spaced
from wireproof.conversations import read_capture
from wireproof.conversations.info_tcp import name_flags
from wireproof.conversations.lines import describe

CLIENT, SERVER = "10.0.0.1", "10.0.0.2"


def infos(folder: Path, segments: Iterable[tuple[bool, TCP]]) -> list[str]:
    """Info of each segment; True is sent by the client."""
    macs = ("02:00:00:00:00:01", "02:00:00:00:00:02")
    packets = [IPv4(*(CLIENT, SERVER) if sent else (SERVER, CLIENT), segment) for sent, segment in segments]
    path = write_pcap(folder / "made.pcap", spaced([bytes(Ethernet(*macs, packet)) for packet in packets]))
    with (tables := read_capture(path)).capture:
        return [describe(tables, row).info for row in range(len(packets))]


@pytest.mark.parametrize(
    ("flags", "words"),
    [(0x02, "SYN"), (0x12, "SYN, ACK"), (0x18, "PSH, ACK"), (0x11, "FIN, ACK"), (0xC2, "SYN, ECE, CWR"), (0, "<None>")],
)
def test_flags_are_named_in_order_of_their_bits(flags: int, words: str) -> None:
    assert name_flags(flags) == words


def test_options_are_told_in_their_order(tmp_path: Path) -> None:
    options = mss(1460) + wscale(8) + sack_permitted() + timestamps(7, 0)
    told = infos(tmp_path, [(True, TCP(1099, 80, 5, 0, "S", 8192, options))])
    assert told == ["1099 → 80 [SYN] Seq=0 Win=8192 Len=0 MSS=1460 WS=256 SACK_PERM TSval=7 TSecr=0"]


def test_windows_are_scaled_once_both_sides_agreed(tmp_path: Path) -> None:
    syn, answer = TCP(1099, 80, 5, 0, "S", 8192, wscale(2)), TCP(80, 1099, 9, 6, "SA", 8192, wscale(8))
    told = infos(tmp_path, [(True, syn), (False, answer), (True, TCP(1099, 80, 6, 10, "A", 100))])
    assert "Win=8192" in told[1]
    assert "Win=400" in told[2]


def test_selective_acknowledgments_count_like_the_data_they_are_about(tmp_path: Path) -> None:
    start = [(True, TCP(1099, 80, 1000, 0, "S")), (False, TCP(80, 1099, 5000, 1001, "SA"))]
    told = infos(tmp_path, [*start, (False, TCP(80, 1099, 5001, 1282, "A", options=sack((2742, 3328))))])
    assert told[2].endswith("Ack=282 Win=65535 Len=0 SLE=1742 SRE=2328")


def test_without_a_handshake_the_first_byte_seen_counts_as_one(tmp_path: Path) -> None:
    told = infos(
        tmp_path,
        [(True, TCP(1099, 80, 7000, 300, "PA", payload=b"abc")), (False, TCP(80, 1099, 300, 7003, "A"))],
    )
    assert "Seq=1 Ack=1 " in told[0]
    assert "Seq=1 Ack=4 " in told[1]


def test_a_side_that_is_never_seen_counts_from_what_is_acknowledged(tmp_path: Path) -> None:
    told = infos(tmp_path, [(True, TCP(1099, 80, 10, 0, "S")), (True, TCP(1099, 80, 11, 4_000_000_001, "A"))])
    assert "Seq=1 Ack=1 " in told[1]


def test_sequence_numbers_wrap_around(tmp_path: Path) -> None:
    told = infos(tmp_path, [(True, TCP(1099, 80, 2**32 - 1, 0, "S")), (True, TCP(1099, 80, 0, 1, "PA", payload=b"x"))])
    assert "Seq=1 " in told[1]


def test_an_ack_field_without_the_flag_is_not_told(tmp_path: Path) -> None:
    assert "Ack=" not in infos(tmp_path, [(True, TCP(50357, 5061, 1, 2948578651, "S"))])[0]


def test_repeats_of_an_acknowledgment_are_counted_from_the_first(tmp_path: Path) -> None:
    segments = [(True, TCP(1099, 80, 1, 1, "PA", payload=bytes(100))), (False, TCP(80, 1099, 1, 101, "A"))]
    segments += [(True, TCP(1099, 80, 101 + 100 * turn, 1, "A", payload=bytes(100))) for turn in (1, 2)]
    segments += [(False, TCP(80, 1099, 1, 101, "A")), (False, TCP(80, 1099, 1, 101, "A"))]
    told = infos(tmp_path, segments)
    assert told[4].startswith("[TCP Dup ACK 2#1] ")
    assert told[5].startswith("[TCP Dup ACK 2#2] ")


def test_damaged_options_end_the_list(tmp_path: Path) -> None:
    told = infos(tmp_path, [(True, TCP(1099, 80, 1, 0, "S", options=b"\x02\x04\x05\xb4\x03\x00\x01\x01"))])
    assert told[0].endswith("Len=0 MSS=1460")
