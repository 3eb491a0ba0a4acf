"""Bytes from many places of a file or of a buffer, one behind the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from wireproof.capture._gather import gather, pick

WHOLE = bytes(range(256)) * 40
PLACES = st.lists(st.tuples(st.integers(0, len(WHOLE) + 50), st.integers(0, 700)), max_size=40)


class File:
    """Reads at an offset, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def read_at(self, offset: int, length: int) -> bytes:
        self.asked.append((offset, length))
        return WHOLE[offset : offset + length]


def column(values: list[int]) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def gathered(file: File, places: list[tuple[int, int]], gap: int, span: int) -> bytes:
    return gather(file.read_at, column([at for at, _ in places]), column([size for _, size in places]), gap, span)


@given(PLACES, st.booleans(), st.integers(0, 300), st.integers(0, 5000))
def test_what_is_gathered_are_the_bytes_at_the_places_as_far_as_there_are_any(
    places: list[tuple[int, int]], in_order: bool, gap: int, span: int
) -> None:
    places = sorted(places) if in_order else places
    file = File()
    assert gathered(file, places, gap, span) == b"".join(WHOLE[at : at + size] for at, size in places)
    assert max((length for _, length in file.asked), default=0) <= span + 700


def test_places_that_lie_close_together_are_read_in_one_go() -> None:
    file = File()
    gathered(file, [(0, 60), (100, 60), (230, 60), (5000, 10), (5005, 10), (5200, 10)], 70, 1000)
    # The first three are 40 and 70 bytes apart; the fifth begins within the fourth, the last one is too far away.
    assert file.asked == [(0, 290), (5000, 10), (5005, 10), (5200, 10)]
    file = File()
    gathered(file, [(0, 60), (60, 60), (120, 60)], 70, 120)
    assert file.asked == [(0, 120), (120, 60)]


@pytest.mark.parametrize(
    ("begins", "sizes"), [([-1], [5]), ([0], [-5]), ([1 << 62], [5]), ([0, 5], [5]), ([0] * 9, [1 << 61] * 9)]
)
def test_places_that_no_file_has_are_refused(begins: list[int], sizes: list[int]) -> None:
    with pytest.raises(ValueError, match="place"):
        gather(File().read_at, column(begins), column(sizes), 0, 0)
    with pytest.raises(ValueError, match="place"):
        pick(WHOLE, column(begins), column(sizes))


def test_a_file_that_gives_more_than_it_was_asked_for_adds_nothing_to_it() -> None:
    assert gather(lambda offset, length: WHOLE, column([0, 10]), column([5, 5]), 10, 100) == WHOLE[:5] + WHOLE[10:15]


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=20))
def test_what_is_picked_are_the_bytes_at_the_places(places: list[tuple[int, int]]) -> None:
    begins, sizes = column([at for at, _ in places]), column([size for _, size in places])
    assert pick(WHOLE[:600], begins, sizes) == b"".join(WHOLE[at : at + size] for at, size in places)
    with pytest.raises(ValueError, match="outside"):
        pick(WHOLE[:600], column([*begins, 590]), column([*sizes, 11]))
