"""Offset and drift of a clock from packets that both points saw."""

from __future__ import annotations

import numpy as np
import pytest

from wireproof.align.clocks import chain, estimate_clock, reverse
from wireproof.align.journeys import Clock

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND


def seen(
    offset_ns: float, drift_ppm: float, there_ms: float, back_ms: float, count: int = 400, span_s: float = 120.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times of packets at both points, every other one going there; delays vary upward by up to a millisecond."""
    true = np.linspace(0, span_s, count) * SECOND
    forward = np.arange(count) % 2 == 0
    jitter = np.random.default_rng(4).exponential(0.3e6, count)
    delay = np.where(forward, there_ms, back_ms) * 1e6 + jitter
    at_one = np.where(forward, true, true + delay)
    at_other = np.where(forward, true + delay, true)
    other_clock = at_other * (1 + drift_ppm / 1e6) + offset_ns
    return (START + at_one).astype(np.int64), (START + other_clock).astype(np.int64), forward


@pytest.mark.parametrize("offset_s", [0.0, -4.25, 5 * 3600.0, -3 * 86400.0])
@pytest.mark.parametrize("drift_ppm", [0.0, 50.0, -35.0])
def test_offset_and_drift_are_found_within_the_bound(offset_s: float, drift_ppm: float) -> None:
    one, other, forward = seen(offset_s * SECOND, drift_ppm, 10, 10)
    clock = estimate_clock(one, other, forward)
    assert clock.known
    assert clock.drift_ppm == pytest.approx(-drift_ppm, abs=2)
    assert clock.bound_ns == pytest.approx(10e6, rel=0.1)
    moved = clock.to_reference(other)
    delay = np.where(forward, moved - one, one - moved)
    assert np.abs(delay - 10e6).max() < 5e6


def test_unequal_ways_are_halved_and_the_bound_covers_the_error() -> None:
    one, other, forward = seen(0.0, 0.0, 30, 10)
    clock = estimate_clock(one, other, forward)
    assert clock.bound_ns is not None
    assert abs(clock.offset_ns) <= clock.bound_ns + 1_000_000
    assert clock.offset_ns == pytest.approx(-10e6, abs=1e6)


def test_one_direction_alone_gives_no_latency() -> None:
    one, other, forward = seen(7.0 * SECOND, 0.0, 30, 10)
    clock = estimate_clock(one[forward], other[forward], forward[forward])
    assert not clock.known
    assert clock.bound_ns is None
    assert (clock.to_reference(other[forward]) >= one[forward]).all()


def test_no_shared_packet_tells_nothing() -> None:
    none = np.zeros(0, dtype=np.int64)
    clock = estimate_clock(none, none, none.astype(bool))
    assert (clock.known, clock.matches) == (False, 0)


def test_short_captures_have_no_drift() -> None:
    one, other, forward = seen(0.0, 400.0, 10, 10, span_s=8.0)
    assert estimate_clock(one, other, forward).drift_ppm == 0.0


def test_timestamps_coarser_than_the_delay_still_give_the_offset() -> None:
    one, other, forward = seen(3600.0 * SECOND, 0.0, 1, 1)
    tick = 15_625_000
    clock = estimate_clock(one // tick * tick, other // tick * tick, forward)
    assert clock.offset_ns == pytest.approx(-3600.0 * SECOND, abs=tick)


def test_a_chain_of_clocks_ends_where_its_steps_lead() -> None:
    middle = Clock(offset_ns=5 * SECOND, drift_ppm=20.0, epoch_ns=START, bound_ns=100, group=0)
    step = Clock(offset_ns=-3 * SECOND, drift_ppm=0.0, epoch_ns=START, bound_ns=50)
    whole = chain(middle, step)
    time = np.array([START, START + 60 * SECOND])
    expected = middle.to_reference(step.to_reference(time))
    assert np.abs(whole.to_reference(time) - expected).max() < 1000
    assert whole.bound_ns == 150


def test_a_reversed_clock_leads_back() -> None:
    step = Clock(offset_ns=-3 * SECOND, drift_ppm=40.0, epoch_ns=START, bound_ns=50)
    time = np.array([START, START + 100 * SECOND])
    back = reverse(step).to_reference(step.to_reference(time))
    assert np.abs(back - time).max() < 10_000


def test_what_is_unknown_stays_unknown_along_a_chain() -> None:
    unknown = Clock(offset_ns=1, bound_ns=None, known=False, group=3)
    whole = chain(unknown, Clock(offset_ns=2, bound_ns=5))
    assert (whole.known, whole.bound_ns, whole.group) == (False, None, 3)
