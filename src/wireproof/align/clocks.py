"""Clock offset and drift between two points from packets that both saw, and never a latency that the packets can't give.

A packet that travels from one point to the other shows offset + delay, one that travels back shows offset - delay. No delay is
negative, so the offset lies between the lower envelope of the first and the upper envelope of the second; a drifting clock
tilts both, and the tilt that leaves the widest gap between them is the drift (Moon, Skelly and Towsley, INFOCOM 1999, use one
direction's envelope; with both directions the gap bounds the offset as well).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wireproof.align.journeys import Clock
from wireproof.limits import limit

Times = NDArray[np.int64]

DRIFT_SPAN_S = limit("clock.drift_span_s", 20, "shorter captures show less drift than the timestamps' own jitter")
DRIFT_MOST_PPM = limit(
    "clock.drift_ppm", 500, "a computer's crystal is within some 100 ppm; virtual machines stray further"
)
WINDOWS = 64


@dataclass(slots=True)
class Envelope:
    """Extremes of `other - one` by time window: least over packets going there, greatest over packets coming back."""

    at: NDArray[np.float64]
    value: NDArray[np.float64]


def estimate_clock(one: Times, other: Times, forward: NDArray[np.bool_]) -> Clock:
    """The clock of `other` against `one`, from times of the same packets at both; `forward` marks those sent from one to other.

    `offset_ns` is what to add to times of `other`. With packets of one direction only, it is not `known`: it then takes
    the quickest packet's delay as none.
    """
    if not len(one):
        return Clock(known=False, matches=0)
    epoch = int(other.min())
    difference = other - one
    there, back = _envelope(other - epoch, difference, forward, 1), _envelope(other - epoch, difference, ~forward, -1)
    drift = _drift(there, back, float(other.max() - epoch))
    low = float((there.value - drift * there.at).min()) if len(there.at) else None
    high = float((back.value - drift * back.at).max()) if len(back.at) else None
    base, bound = _middle(low, high)
    return Clock(-round(base), -drift * 1e6, epoch, bound, low is not None and high is not None, len(one))


def _middle(low: float | None, high: float | None) -> tuple[float, int | None]:
    """Offset and half the width of what the envelopes leave; timestamps coarser than the delay may even cross them."""
    if low is not None and high is not None:
        return (low + high) / 2, round(abs(low - high) / 2)
    only = low if low is not None else high
    return (only if only is not None else 0.0), None


def _envelope(at: Times, difference: Times, chosen: NDArray[np.bool_], sign: int) -> Envelope:
    """The least (sign 1) or greatest (sign -1) difference of each of up to WINDOWS stretches of time."""
    at, difference = at[chosen], difference[chosen]
    if not len(at):
        return Envelope(np.zeros(0), np.zeros(0))
    window = np.minimum((at - at.min()) * WINDOWS // max(int(at.max() - at.min()), 1), WINDOWS - 1).astype(np.uint8)
    order = np.argsort(window, kind="stable")
    at, value = at[order], sign * difference[order]
    starts = np.flatnonzero(np.diff(window[order], prepend=np.uint8(255)))
    least = np.minimum.reduceat(value, starts)
    lengths = np.diff(starts, append=len(value))
    hits = np.flatnonzero(value == np.repeat(least, lengths))
    first = hits[np.searchsorted(hits, starts)]
    return Envelope(at[first].astype(np.float64), difference[order][first].astype(np.float64))


def _gap(there: Envelope, back: Envelope, drift: float) -> float:
    return float((there.value - drift * there.at).min() - (back.value - drift * back.at).max())


def _drift(there: Envelope, back: Envelope, span_ns: float) -> float:
    """The tilt that opens the gap widest; the gap is concave in the tilt, so halving the bracket finds it.

    0 where the capture is short, one direction is missing, or the tilt opens next to nothing.
    """
    if span_ns < DRIFT_SPAN_S.value * 1e9 or min(len(there.at), len(back.at)) < 4:
        return 0.0
    low, high = -DRIFT_MOST_PPM.value / 1e6, DRIFT_MOST_PPM.value / 1e6
    for _ in range(80):
        third = (high - low) / 3
        if _gap(there, back, low + third) < _gap(there, back, high - third):
            low += third
        else:
            high -= third
    best, level = _gap(there, back, (low + high) / 2), _gap(there, back, 0.0)
    gained = best - level
    return (low + high) / 2 if gained > max(0.1 * abs(best), 20_000.0) else 0.0


def chain(base: Clock, step: Clock) -> Clock:
    """A point's clock against the reference, from its clock against a neighbour whose own is `base`."""
    bound = None if base.bound_ns is None or step.bound_ns is None else base.bound_ns + step.bound_ns
    moved = int(step.epoch_ns + step.offset_ns)
    shift = base.offset_ns + round((moved - base.epoch_ns) * base.drift_ppm / 1e6)
    return Clock(
        step.offset_ns + shift,
        step.drift_ppm + base.drift_ppm,
        step.epoch_ns,
        bound,
        base.known and step.known,
        step.matches,
        base.group,
    )


def reverse(step: Clock) -> Clock:
    """The first point's clock against the second's, from the second's against the first's."""
    return Clock(
        -step.offset_ns, -step.drift_ppm, step.epoch_ns + step.offset_ns, step.bound_ns, step.known, step.matches
    )
