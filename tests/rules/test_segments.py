"""Segments: sequence numbers without wraps, acknowledgments on the other side's scale, windows in bytes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from examples.packets import wscale
from tests.support.scripted import Row, frames, handshake
from tests.support.verdicts import make_case
from wireproof.rules.segments import ACK, Segments, unwrap
from wireproof.rules.subjects import Subject


def segments(folder: Path, rows: list[Row], side: int = 0) -> Segments:
    return Segments(Subject(make_case(folder, {"point": frames(rows)}).points[0], 0, side))


def test_numbers_count_from_the_first_one_across_the_wrap(tmp_path: Path) -> None:
    rows = [*handshake(), Row(1, "c", "PA", 1, 1, 300), Row(2, "s", "PA", 1, 301, 40), Row(3, "c", "A", 301, 41)]
    s = segments(tmp_path, rows)
    assert s.start.tolist() == [0, 0, 1, 1, 1, 301]
    assert s.end.tolist() == [1, 1, 1, 301, 41, 301]
    assert s.ack.tolist() == [-1, 1, 1, 1, 301, 41]
    assert s.mine.tolist() == [True, False, True, True, False, True]
    assert segments(tmp_path, rows, side=1).mine.tolist() == [False, True, False, False, True, False]


def test_times_are_seconds_since_the_first_segment(tmp_path: Path) -> None:
    assert segments(tmp_path, [*handshake(0.25), Row(4.5, "c", "A", 1, 1)]).time_s.tolist() == [0.0, 0.25, 0.25002, 4.5]


def test_windows_are_scaled_except_in_a_syn(tmp_path: Path) -> None:
    rows = [*handshake(options=(wscale(3), wscale(7))), Row(1, "s", "A", 1, 1, window=100)]
    assert segments(tmp_path, rows).scaled_window().tolist() == [8192, 8192, 8192 << 3, 100 << 7]


def test_without_a_syn_the_window_is_unknown(tmp_path: Path) -> None:
    s = segments(tmp_path, [Row(0, "c", "PA", 1, 1, 5), Row(1, "s", "A", 1, 6)])
    assert s.scaled_window().tolist() == [-1, -1]
    assert s.has(ACK).all()


@given(st.lists(st.integers(-(2**31) + 1, 2**31 - 1), min_size=1, max_size=50), st.integers(0, 2**32 - 1))
def test_unwrap_restores_any_walk_of_short_steps(steps: list[int], first: int) -> None:
    line = np.concatenate(([0], np.cumsum(np.asarray(steps, dtype=np.int64))))
    wrapped = ((line + first) % 2**32).astype(np.uint32)
    assert unwrap(wrapped).tolist() == line.tolist()


def test_unwrap_of_nothing_is_nothing() -> None:
    assert unwrap(np.zeros(0, dtype=np.uint32)).tolist() == []


@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))),
    st.sampled_from([1000, 2**29, 2**30, 2**31, 2**32]),
)
def test_numbers_near_the_first_one_are_unwrapped_as_all_others_are(
    told: list[tuple[bool, bool, int, int]], within: int
) -> None:
    s = object.__new__(Segments)
    s.row = np.arange(len(told))
    s.mine = np.asarray([mine for mine, *_ in told], dtype=bool)
    s.flags = np.asarray([ACK if acks else 0 for _, acks, *_ in told], dtype=np.uint16)
    seq, ack = (np.asarray([step[place] % within for step in told], dtype=np.uint32) for place in (2, 3))
    columns = SimpleNamespace(seq=seq, ack=ack)
    start, acked = s._unwrapped(columns)
    with patch.object(Segments, "_unwrapped_near", lambda *_: None):
        slow_start, slow_acked = s._unwrapped(columns)
    assert start.tolist() == slow_start.tolist()
    assert acked.tolist() == slow_acked.tolist()
