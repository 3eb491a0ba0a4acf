"""Stretches to blank: merged, looked up, and laid over data."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from wireproof.export.redact.spans import Spans, blank, merge

PAIRS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=10)


@given(PAIRS, st.integers(0, 50), st.integers(0, 30))
def test_a_byte_is_blanked_exactly_where_a_stretch_covers_it(
    pairs: list[tuple[int, int]], start: int, size: int
) -> None:
    covered = {place for begin, end in pairs for place in range(begin, end)}
    hidden = Spans(pairs).hide(b"x" * size, start)
    assert hidden == bytes(42 if start + place in covered else 120 for place in range(size))


@given(PAIRS)
def test_merged_stretches_are_in_order_and_apart(pairs: list[tuple[int, int]]) -> None:
    merged = merge(pairs)
    assert all(begin < end for begin, end in merged)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(merged))
    assert len(Spans(pairs)) == len(merged)


def test_untouched_data_is_not_copied_and_nothing_grows() -> None:
    data = b"data"
    assert blank(data, []) is data
    assert blank(data, [(2, 9)]) == b"da**"
    assert Spans().hide(data, 7) is data
