"""Pieces of what is said in clear, in the order of each stream, and what is known of the streams they come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.export.clearing import clear_of, handshake, read_made, segment
from wireproof.conversations import CaptureTables
from wireproof.export.rows import RowOrder
from wireproof.export.said import CLEAR, PLAIN, Said, collect_said, find_missing, reach_at
from wireproof.export.sides import Sides, find_rows, find_sides


def sides_of(folder: Path, frames: list[bytes], begins: tuple[int, int] = (0, 0)) -> tuple[CaptureTables, Sides]:
    """The sides of the one conversation of these frames."""
    tables = read_made(folder, frames)
    order = RowOrder(tables.packets)
    return tables, find_sides(tables, np.array([0]), find_rows(tables, np.array([0]), order), order, begins)


def said_of(folder: Path, frames: list[bytes], begins: tuple[int, int] = (0, 0)) -> Said:
    """What the one conversation of these frames says."""
    tables, sides = sides_of(folder, frames, begins)
    return collect_said(list(clear_of(tables, begins=begins).talks.values()), sides)


def test_pieces_stand_in_the_order_of_what_is_said(tmp_path: Path) -> None:
    found = said_of(
        tmp_path,
        [
            *handshake(),
            segment(True, "A", 3, 0, b"def"),
            segment(False, "A", 0, 0, b"x"),
            segment(True, "A", 0, 0, b"abc"),
        ],
    )
    assert found.stream.tolist() == [0, 0, 1]
    assert found.start.tolist() == [0, 3, 0]
    assert found.row.tolist() == [5, 3, 4]


def test_plain_bytes_stand_before_clear_ones(tmp_path: Path) -> None:
    found = said_of(
        tmp_path, [*handshake(), segment(True, "A", 0, 0, b"plain"), segment(True, "A", 5, 0, b"clear")], (5, 0)
    )
    assert found.source.tolist() == [PLAIN, CLEAR]
    assert found.start.tolist() == [0, 5]
    assert found.begin.tolist() == [0, 0]


def test_a_segment_that_holds_both_is_split(tmp_path: Path) -> None:
    tables, sides = sides_of(tmp_path, [*handshake(), segment(True, "A", 0, 0, b"plainTLS")], (5, 0))
    found = collect_said(list(clear_of(tables, begins=(5, 0)).talks.values()), sides)
    assert (found.start.tolist(), found.end.tolist(), found.source.tolist()) == ([0], [5], [PLAIN])


def test_what_is_plain_on_one_side_stands_between_what_is_clear(tmp_path: Path) -> None:
    frames = [*handshake(), segment(False, "A", 0, 0, b"hello"), segment(True, "A", 0, 5, b"clear")]
    found = said_of(tmp_path, [*frames, segment(False, "A", 5, 5, b"yes")], (0, 5))
    assert found.stream.tolist() == [0, 1, 1]
    assert found.source.tolist() == [CLEAR, PLAIN, CLEAR]
    assert found.start.tolist() == [0, 0, 5]


def test_what_is_missing_before_a_close_is_counted(tmp_path: Path) -> None:
    tables, sides = sides_of(
        tmp_path, [*handshake(), segment(True, "A", 0, 0, b"abc"), segment(True, "FA", 10, 0), segment(False, "FA")]
    )
    assert find_missing(tables, sides).tolist() == [7, 0]


def test_a_close_that_lies_before_what_was_sent_misses_nothing(tmp_path: Path) -> None:
    tables, sides = sides_of(tmp_path, [*handshake(), segment(True, "A", 0, 0, b"abcdef"), segment(True, "FA", 2, 0)])
    assert find_missing(tables, sides).tolist() == [0, 0]


def test_how_far_a_stream_reached_is_told_of_any_packet(tmp_path: Path) -> None:
    frames = [
        *handshake(),
        segment(True, "A", 3, 0, b"def"),
        segment(True, "A", 0, 0, b"abc"),
        segment(False, "A", 0, 6),
    ]
    tables, sides = sides_of(tmp_path, frames)
    ranks = np.arange(6)
    reached = reach_at(sides, RowOrder(tables.packets), np.zeros(6, np.int64), ranks)
    assert reached.tolist() == [0, 0, 0, 6, 6, 6]
    assert reach_at(sides, RowOrder(tables.packets), np.ones(6, np.int64), ranks).tolist() == [0] * 6
