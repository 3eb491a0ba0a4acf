"""Facts about all frames, found piece by piece: the same whatever the size of a piece."""

from __future__ import annotations

import numpy as np
import pytest

from wireproof.rules.capture import _frames
from wireproof.rules.capture._frames import DAY_NS, find_cut, find_steps_back
from wireproof.table import PacketTable

PIECES = pytest.mark.parametrize("piece", [1, 2, 3, 5, 1 << 20])


def table(**columns: list[int]) -> PacketTable:
    """A table of which only some columns are filled."""
    made = PacketTable()
    made.count = made.frames = len(next(iter(columns.values())))
    for name, values in columns.items():
        getattr(made, name)[: made.count] = values
    return made


@PIECES
def test_cut_frames_are_counted_with_the_length_that_most_have(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(_frames, "PIECE_ROWS", piece)
    packets = table(captured=[60, 96, 54, 96, 96, 0], original=[60, 99, 99, 99, 96, 9], problem=[1, 0, 1, 0, 0, 0])
    found = find_cut(packets, shown=3)
    assert (found.count, found.blind, found.usual_length, found.first) == (4, 1, 96, [1, 2, 3])


def test_without_a_cut_frame_nothing_is_found() -> None:
    assert find_cut(table(captured=[60, 60], original=[60, 60], problem=[0, 0]), shown=3).count == 0
    assert find_cut(table(captured=[], original=[], problem=[]), shown=3).count == 0


@PIECES
def test_times_that_go_back_are_found_across_frames_without_a_time(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(_frames, "PIECE_ROWS", piece)
    times = [0, 100, 200, 0, 50, 190, 195, 0, 0, 100]
    rows, back = find_steps_back(table(time_ns=[time + DAY_NS if time else 0 for time in times]), 90)
    assert (rows.tolist(), back.tolist()) == ([4, 9], [150, 95])


@PIECES
def test_small_disorder_and_ordered_times_are_none(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(_frames, "PIECE_ROWS", piece)
    for times in ([1, 2, 3, 4, 4, 5], [10, 5, 12, 8, 30], []):
        rows, _ = find_steps_back(table(time_ns=[time + DAY_NS for time in times]), 5)
        assert rows.tolist() == []
    assert np.asarray(find_steps_back(table(time_ns=[0, 0]), 5)[0]).tolist() == []
