"""The index of clear records: places, gaps, the packets that completed them, and the room for their bytes."""

from __future__ import annotations

import itertools
from array import array
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wireproof.decrypt.clear_index import ClearIndex, Room
from wireproof.decrypt.protect.opener import Run
from wireproof.streams.stream import Stream

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables


def stream(pieces: list[tuple[int, int, int]]) -> Stream:
    """A stream of (start, end, row) pieces whose bytes are never read."""
    starts, ends, rows = (np.array(column, np.int64) for column in zip(*pieces, strict=True))
    tables: CaptureTables = None  # type: ignore[assignment]
    return Stream(tables, 0, 0, (starts, ends, rows, np.zeros(len(rows), np.int64)), True)


def test_records_have_places_behind_each_other_and_gaps_between_them() -> None:
    index = ClearIndex(Room(100))
    index.add(b"abc", (10, 40), (0, 1, 0))
    index.add(b"", (40, 60), (0, 2, 0))
    index.skip(7)
    index.skip(-3)
    index.add(b"de", (80, 100), (0, 4, 0))
    assert len(index) == 2
    assert [column.tolist() for column in index.places] == [[0, 10], [3, 12]]
    assert [column.tolist() for column in index.raw] == [[10, 80], [40, 100]]
    assert index.raw_place(1) == (80, 100)
    assert (index.data, index.kept, index.end) == (b"abcde", 2, 12)


def test_a_record_is_completed_by_the_latest_of_its_packets() -> None:
    index = ClearIndex(Room(100))
    index.add(b"a", (0, 10), (0, 1, 0))
    index.add(b"b", (10, 30), (0, 2, 0))
    index.add(b"c", (30, 35), (0, 3, 0))
    source = stream([(0, 12, 3), (12, 20, 9), (20, 33, 4), (33, 35, 5)])
    assert index.rows(source).tolist() == [3, 9, 5]
    assert ClearIndex(Room(0)).rows(source).tolist() == []


@given(
    st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=6), max_size=4),
    st.integers(0, 60),
    st.sampled_from([0, 1, 7]),
)
def test_records_that_are_added_together_stand_where_each_would(runs: list[list[int]], left: int, gap: int) -> None:
    together, each = ClearIndex(Room(left)), ClearIndex(Room(left))
    start = position = sequence = 50
    for sizes in runs:
        content = bytes(range(sum(sizes)))
        clear = array("q", itertools.accumulate(sizes, initial=0))
        raw = array("q", itertools.accumulate((5 + 20 + size for size in sizes), initial=1000))
        together.add_run(Run(bytearray(content), raw, clear), start, (3, sequence, position))
        for place, size in enumerate(sizes):
            part = content[clear[place] : clear[place + 1]]
            each.add(part, (start, start + 25 + size), (3, sequence, position))
            start, sequence, position = start + 25 + size, sequence + 1, position + 20 + size
        together.skip(gap)
        each.skip(gap)
    for one, other in zip((*together.raw, *together.places), (*each.raw, *each.places), strict=True):
        assert one.tolist() == other.tolist()
    for name in ("data", "kept", "end", "octets", "epochs", "sequences", "positions", "dropped"):
        assert getattr(together, name) == getattr(each, name)
    assert together.has_room(3) == each.has_room(3)


def test_bytes_are_kept_while_there_is_room_and_none_behind_the_first_that_are_not() -> None:
    room = Room(5)
    index, other = ClearIndex(room), ClearIndex(room)
    index.add(b"abc", (0, 10), (0, 1, 11))
    index.add(b"def", (10, 20), (0, 2, 22))
    index.add(b"g", (20, 30), (1, 0, 33))
    other.add(b"hi", (0, 10), (0, 1, 0))
    assert (bytes(index.data), index.kept, room.left) == (b"abc", 1, 0)
    assert (list(index.epochs), list(index.sequences), list(index.positions)) == ([0, 1], [2, 0], [22, 33])
    assert (bytes(other.data), other.kept) == (b"hi", 1)
