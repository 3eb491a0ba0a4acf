"""Times that belong together find each other."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wireproof.align import nearest
from wireproof.align.nearest import pair_nearest


def test_the_nearest_times_are_paired_and_the_odd_one_stays_alone() -> None:
    assert sorted(pair_nearest(np.array([100, 200, 300]), np.array([201, 299]))) == [(1, 0), (2, 1)]
    assert pair_nearest(np.array([5]), np.array([], dtype=np.int64)) == []


@given(st.lists(st.integers(0, 10**6), max_size=40), st.lists(st.integers(0, 10**6), max_size=40))
def test_as_many_pairs_as_the_shorter_row_has_and_each_index_once(one: list[int], other: list[int]) -> None:
    pairs = pair_nearest(np.array(sorted(one), dtype=np.int64), np.array(sorted(other), dtype=np.int64))
    assert len(pairs) == min(len(one), len(other))
    assert len({first for first, _ in pairs}) == len({second for _, second in pairs}) == len(pairs)


@given(st.sets(st.integers(0, 10**6), min_size=1, max_size=60), st.data())
def test_long_rows_are_walked_through_without_crossing(times: set[int], data: st.DataObject) -> None:
    sent = sorted(times)
    kept = sorted(data.draw(st.sets(st.sampled_from(sent), min_size=1)))
    pairs = nearest._in_order(np.array(kept), np.array(sent))
    assert len(pairs) == len(kept)
    assert [second for _, second in pairs] == sorted(second for _, second in pairs)


def test_thousands_of_copies_find_their_own() -> None:
    sent = np.arange(5000, dtype=np.int64) * 1000
    kept = sent[::2] + 40
    assert [second for _, second in pair_nearest(kept, sent)] == list(range(0, 5000, 2))
