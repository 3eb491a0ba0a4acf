"""Pieces of what is said in clear: in stream order, never before the packet that completed them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.export.clearing import clear_of, handshake, read_made, segment
from wireproof.export.rows import RowOrder
from wireproof.export.said import CLEAR, NOTHING, PLAIN, Said, collect_said
from wireproof.export.sides import find_rows, find_sides


def said_of(folder: Path, frames: list[bytes], begins: tuple[int, int] = (0, 0)) -> Said:
    """What the one conversation of these frames says."""
    tables = read_made(folder, frames)
    order = RowOrder(tables.packets)
    talks = list(clear_of(tables, begins=begins).talks.values())
    sides = find_sides(tables, np.array([0]), find_rows(tables, np.array([0]), order), order, begins)
    return collect_said(tables, talks, sides, order)


def test_a_piece_waits_for_those_before_it(tmp_path: Path) -> None:
    found = said_of(
        tmp_path,
        [
            *handshake(),
            segment(True, "A", 3, 0, b"def"),
            segment(True, "A", 0, 0, b"abc"),
            segment(True, "A", 6, 0, b"g"),
        ],
    )
    assert found.start.tolist() == [0, 3, 6]
    assert found.row.tolist() == [4, 3, 5]
    assert found.rank.tolist() == [4, 4, 5]
    assert found.need.tolist() == [6, 6, 7]


def test_plain_bytes_stand_before_clear_ones(tmp_path: Path) -> None:
    found = said_of(
        tmp_path, [*handshake(), segment(True, "A", 0, 0, b"plain"), segment(True, "A", 5, 0, b"clear")], (5, 0)
    )
    assert found.source.tolist() == [PLAIN, CLEAR]
    assert found.start.tolist() == [0, 5]
    assert found.begin.tolist() == [0, 0]


def test_a_segment_that_holds_both_is_split(tmp_path: Path) -> None:
    tables = read_made(tmp_path, [*handshake(), segment(True, "A", 0, 0, b"plainTLS")])
    order = RowOrder(tables.packets)
    talks = list(clear_of(tables, begins=(5, 0)).talks.values())
    sides = find_sides(tables, np.array([0]), find_rows(tables, np.array([0]), order), order, (5, 0))
    found = collect_said(tables, talks, sides, order)
    assert (found.start.tolist(), found.end.tolist(), found.source.tolist()) == ([0], [5], [PLAIN])


def test_a_close_stands_behind_what_is_missing(tmp_path: Path) -> None:
    found = said_of(tmp_path, [*handshake(), segment(True, "A", 0, 0, b"abc"), segment(True, "FA", 10, 0)])
    assert found.source.tolist() == [CLEAR, NOTHING]
    assert (int(found.start[1]), int(found.need[1]), int(found.row[1])) == (10, 11, 4)


def test_a_side_that_only_closes_has_only_that(tmp_path: Path) -> None:
    found = said_of(tmp_path, [*handshake(), segment(False, "FA")])
    assert (found.stream.tolist(), found.start.tolist(), found.source.tolist()) == ([1], [0], [NOTHING])
