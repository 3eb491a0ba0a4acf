"""Byte ranges that arrived, however they were cut and however often they were sent."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wireproof.align.coverage import (
    NEVER,
    Ranges,
    find_gaps,
    find_uncovered,
    first_covered,
    first_reached,
    straighten,
)

Row = tuple[int, int, int]


def ranges(*rows: Row) -> Ranges:
    """(start, end, time) each."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Ranges(table[:, 0], table[:, 1], table[:, 2])


def gaps(sent: list[Row], arrived: list[Row], delay: int = 0) -> list[Row]:
    """(owner, start, end) of every gap."""
    found = find_gaps(ranges(*sent), ranges(*arrived), delay)
    return sorted(zip(found.owner.tolist(), found.starts.tolist(), found.ends.tolist(), strict=True))


def test_numbers_run_on_when_they_wrap() -> None:
    raw = np.array([2**32 - 100, 0, 1360, 2**32 - 100], dtype=np.uint32)
    assert straighten(raw).tolist() == [0, 100, 1460, 0]
    assert straighten(raw[:0]).tolist() == []


def test_numbers_of_a_long_stream_run_past_four_gigabytes() -> None:
    raw = (np.arange(0, 6 << 30, 1 << 28, dtype=np.int64) % (1 << 32)).astype(np.uint32)
    assert straighten(raw)[-1] == (6 << 30) - (1 << 28)


def test_segments_cut_otherwise_leave_no_gap() -> None:
    assert gaps([(0, 4380, 1)], [(0, 1460, 2), (1460, 2920, 2), (2920, 4380, 2)]) == []
    assert gaps([(0, 1460, 1), (1460, 2920, 1)], [(0, 2920, 2)]) == []


def test_the_missing_part_of_a_large_segment_is_told() -> None:
    assert gaps([(0, 4380, 1)], [(0, 1460, 2), (2920, 4380, 2)]) == [(0, 1460, 2920)]


def test_of_two_copies_the_one_whose_time_fits_arrived() -> None:
    copies = [(0, 100, 1000), (0, 100, 5000)]
    assert gaps(copies, [(0, 100, 5020)], delay=20) == [(0, 0, 100)]
    assert gaps(copies, [(0, 100, 1020)], delay=20) == [(1, 0, 100)]
    assert gaps(copies, [(0, 100, 1020), (0, 100, 5020)], delay=20) == []


def test_a_repeat_of_a_part_does_not_hide_that_the_first_copy_lost_it() -> None:
    sent = [(0, 2920, 1000), (1460, 2920, 9000)]
    arrived = [(0, 1460, 1010), (1460, 5840, 9010)]
    assert gaps(sent, arrived, delay=10) == [(0, 1460, 2920)]


def test_ranges_that_nothing_holds_are_told_piece_by_piece() -> None:
    found = find_uncovered(ranges((0, 10, 1), (20, 30, 1)), ranges((0, 4, 9), (6, 25, 9)))
    assert [found.owner.tolist(), found.starts.tolist(), found.ends.tolist()] == [[0, 1], [4, 25], [6, 30]]


def test_the_first_time_that_a_byte_was_held_is_told() -> None:
    by = ranges((0, 10, 7), (5, 20, 3), (5, 6, 9))
    assert first_covered(np.array([12, 0, 5, 99]), by).tolist() == [3, 7, 3, NEVER]
    assert first_covered(np.array([1]), ranges()).tolist() == [NEVER]


def test_the_first_acknowledgment_that_reaches_a_number_is_told() -> None:
    reached, times = np.array([10, 5, 30]), np.array([1, 2, 3])
    assert first_reached(np.array([10, 11, 31]), reached, times).tolist() == [1, 3, NEVER]
    assert first_reached(np.array([1]), reached[:0], times[:0]).tolist() == [NEVER]


segments = st.lists(st.integers(1, 5), min_size=1, max_size=25)


@given(segments, st.data())
def test_whatever_is_dropped_is_exactly_what_is_missing(sizes: list[int], data: st.DataObject) -> None:
    edges = np.concatenate([[0], np.cumsum(sizes)])
    sent = [(int(a), int(b), 100 * turn) for turn, (a, b) in enumerate(itertools.pairwise(edges))]
    kept = data.draw(st.lists(st.booleans(), min_size=len(sent), max_size=len(sent)))
    arrived = [row for row, keep in zip(sent, kept, strict=True) if keep]
    joined: list[Row] = []
    for row in arrived:
        if joined and joined[-1][1] == row[0] and data.draw(st.booleans()):
            joined[-1] = (joined[-1][0], row[1], row[2])
        else:
            joined.append(row)
    found = gaps(sent, joined)
    assert sum(end - start for _, start, end in found) == sum(
        b - a for (a, b, _), keep in zip(sent, kept, strict=True) if not keep
    )
    assert {owner for owner, *_ in found} == {index for index, keep in enumerate(kept) if not keep}
