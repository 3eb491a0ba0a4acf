"""How much of TCP a capture shows."""

from __future__ import annotations

from pathlib import Path

from tests.support.packets import TCP, Ethernet, IPv4
from tests.support.tables import read_frames, spaced
from wireproof.messages.coverage import Coverage, measure_coverage

A, B = "10.1.1.1", "10.1.1.2"


def segment(upward: bool, seq: int, ack: int, flags: str, payload: bytes = b"", port: int = 5000) -> bytes:
    ends, ports = ((A, B), (port, 80)) if upward else ((B, A), (80, port))
    packet = IPv4(*ends, TCP(*ports, seq, ack, flags, payload=payload))
    return bytes(Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", packet))


def coverage(folder: Path, *frames: bytes) -> Coverage:
    return measure_coverage(read_frames(folder, spaced(frames)))


BOTH = (
    segment(True, 100, 0, "S"),
    segment(False, 500, 101, "SA"),
    segment(True, 101, 501, "A"),
    segment(True, 101, 501, "PA", b"ask"),
    segment(False, 501, 104, "PA", b"give"),
)


def test_both_sides_are_there(tmp_path: Path) -> None:
    found = coverage(tmp_path, *BOTH)
    assert (len(found.going), len(found.one_sided), found.data_packets, found.is_one_sided) == (1, 0, 2, False)


def test_one_side_that_goes_on_alone_is_one_sided(tmp_path: Path) -> None:
    found = coverage(tmp_path, *(BOTH[place] for place in (0, 2, 3)))
    assert (found.going.tolist(), found.one_sided.tolist(), found.is_one_sided) == ([0], [0], True)


def test_unanswered_syns_and_resets_are_no_missing_side(tmp_path: Path) -> None:
    found = coverage(tmp_path, BOTH[0], BOTH[0], BOTH[0], segment(True, 101, 0, "R"))
    assert (len(found.going), found.is_one_sided) == (0, False)


def test_acks_for_data_that_is_not_there_are_counted(tmp_path: Path) -> None:
    found = coverage(tmp_path, *BOTH, segment(True, 104, 900, "A"))
    assert found.unseen == 1
