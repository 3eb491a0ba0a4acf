"""Copies of one packet of which one point shows more than the other: which of them arrived, by IP identification, else by time.

Takes a match and both points' times on one clock; completes the match. Also takes back what can't be: a packet that arrives before
it was sent is another copy.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wireproof.align.match import COPY, Match
from wireproof.align.nearest import pair_nearest
from wireproof.limits import limit

EARLY_S = limit(
    "align.early_s",
    0.05,
    "timestamps are as coarse as 15.6 ms on old Windows, and busy capturers stamp late; repeats come 200 ms later",
)
EARLY_SHARE = 0.5
"""Where more packets than this seem to arrive early, it is the clock that is wrong."""
Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Timing:
    """Times of both points' rows on one clock, IP identifications, and what the path's delay usually is.

    `forward[i]` says for row i of the first point whether it was sent from there to the second.
    """

    times: tuple[Times, Times]
    ids: tuple[NDArray[np.uint16], NDArray[np.uint16]]
    forward: NDArray[np.bool_]
    delay_ns: int


def settle_copies(match: Match, timing: Timing) -> None:
    """Join the copies of packets of which both points show some, but not as many; mark those that stay over as COPY."""
    left = match.left(0), match.left(1)
    shared = np.intersect1d(*match.keys)
    if not len(shared):
        return
    groups: list[dict[int, list[int]]] = []
    for side in (0, 1):
        chosen = np.isin(match.keys[side], shared)
        group: dict[int, list[int]] = defaultdict(list)
        for row, key in zip(left[side][chosen].tolist(), match.keys[side][chosen].tolist(), strict=True):
            group[key].append(row)
        groups.append(group)
        (match.back if side else match.partner)[left[side][chosen]] = COPY
    for key, mine in groups[0].items():
        for row, there in _settle(mine, groups[1][key], timing):
            match.partner[row], match.back[there] = there, row


def _settle(mine: list[int], theirs: list[int], timing: Timing) -> list[tuple[int, int]]:
    """Pairs of copies: those with one IP identification first, then those whose distance in time fits the path best."""
    found = _same_ids(mine, theirs, timing)
    mine = [row for row in mine if all(row != one for one, _ in found)]
    theirs = [row for row in theirs if all(row != other for _, other in found)]
    if not mine or not theirs:
        return found
    expected = timing.delay_ns if timing.forward[mine[0]] else -timing.delay_ns
    chosen = pair_nearest(timing.times[0][mine], timing.times[1][theirs] - expected)
    return found + [(mine[i], theirs[j]) for i, j in chosen]


def _same_ids(mine: list[int], theirs: list[int], timing: Timing) -> list[tuple[int, int]]:
    """Copies that carry one identification, where no other copy carries it. Stacks that always write the same one tell nothing."""
    ids = [timing.ids[0][mine].tolist(), timing.ids[1][theirs].tolist()]
    found = []
    for row, own in zip(mine, ids[0], strict=True):
        if own and ids[0].count(own) == ids[1].count(own) == 1:
            found.append((row, theirs[ids[1].index(own)]))
    return found


def part_early(match: Match, timing: Timing) -> None:
    """Take apart what was joined although it would have arrived before it was sent: the other point shows another copy."""
    rows, there = match.joined()
    apart = timing.times[1][there] - timing.times[0][rows]
    delay = np.where(timing.forward[rows], apart, -apart)
    early = delay < -EARLY_S.value * 1e9
    if early.any() and early.mean() <= EARLY_SHARE:
        match.partner[rows[early]] = COPY
        match.back[there[early]] = COPY
