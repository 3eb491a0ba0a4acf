"""Ports that a host counts through."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wireproof.processes.logs.ports import gap_share
from wireproof.processes.logs.zones import SECOND


def counted(gaps: list[float], first: int = 50_000) -> list[tuple[int, int]]:
    moments, at = [], 0.0
    for turn, gap in enumerate([0.0, *gaps]):
        at += gap
        moments.append((int(at * SECOND), first + turn))
    return moments


def test_connections_by_the_clock_lie_alike_in_each_round() -> None:
    assert gap_share(counted([1.0] * 20), 0.01) == 1.0


def test_irregular_gaps_tell_rounds_apart_as_far_as_times_are_exact() -> None:
    moments = counted([0.3, 2.9, 0.1, 1.7, 4.0, 0.6, 1.2])
    assert gap_share(moments, 0.01) < 0.02
    assert gap_share(moments, 1.0) == 1.0


def test_a_round_of_more_than_a_day_is_no_doubt() -> None:
    assert gap_share(counted([60.0] * 20), 0.01) == 0.0


def test_ports_at_random_do_not_come_round() -> None:
    assert gap_share([(turn * SECOND, port) for turn, port in enumerate((50_010, 61_000, 49_200, 57_777))], 0.01) == 0.0
    assert gap_share([], 0.0) == 0.0


@given(st.lists(st.tuples(st.integers(0, 10**15), st.integers(0, 65535)), max_size=30), st.floats(0, 3))
def test_a_share_is_one_of_one(moments: list[tuple[int, int]], spread_s: float) -> None:
    assert 0.0 <= gap_share(moments, spread_s) <= 1.0
