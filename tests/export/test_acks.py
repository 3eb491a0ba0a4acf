"""Acknowledgments follow those of the capture, and never run ahead of what the file shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.export.clearing import export, handshake, segment


def acks(folder: Path, frames: list[bytes]) -> list[tuple[int, int, int]]:
    """(direction, payload bytes, bytes of the other side acknowledged) of every written segment behind the handshake's."""
    packets = export(folder, frames)[1].packets
    base = packets.seq[:2] + np.uint32(1)
    return [
        (int(side), int(length), int(ack - base[1 - side]))
        for side, length, ack in zip(packets.direction[3:], packets.length[3:], packets.ack[3:], strict=True)
    ]


def test_data_is_acknowledged_when_it_was(tmp_path: Path) -> None:
    frames = [
        *handshake(),
        segment(False, "A", 0, 0, b"a" * 100),
        segment(False, "A", 100, 0, b"b" * 100),
        segment(True, "A", 0, 100),
        segment(True, "A", 0, 100),
        segment(True, "A", 0, 200),
    ]
    assert acks(tmp_path, frames) == [(1, 100, 0), (1, 100, 0), (0, 0, 100), (0, 0, 200)]


def test_data_and_closes_acknowledge_too(tmp_path: Path) -> None:
    frames = [
        *handshake(),
        segment(False, "A", 0, 0, b"a" * 100),
        segment(True, "A", 0, 100, b"x"),
        segment(True, "A", 1, 100),
        segment(True, "FA", 1, 100),
        segment(False, "A", 100, 2),
    ]
    assert acks(tmp_path, frames) == [(1, 100, 0), (0, 1, 100), (0, 0, 100), (1, 0, 2)]


def test_an_acknowledgment_of_what_is_not_there_yet_is_held_back(tmp_path: Path) -> None:
    frames = [
        *handshake(),
        segment(True, "A", 0, 500),
        segment(False, "A", 0, 0, b"a" * 100),
        segment(True, "A", 0, 100),
    ]
    assert acks(tmp_path, frames) == [(1, 100, 0), (0, 0, 100)]


def test_the_handshakes_last_ack_stays_and_data_may_take_its_place(tmp_path: Path) -> None:
    assert acks(tmp_path, [*handshake()[:2], segment(True, "A", 0, 0, b"x")]) == []
    _, tables = export(tmp_path, [*handshake(), segment(True, "A", 0, 0)])
    assert tables.packets.flags[: tables.packets.frames].tolist() == [0x02, 0x12, 0x10]
