"""Byte ranges of a TCP stream: which of them arrived, however the segments were cut and however often they were sent.

Takes ranges on one line of numbers (half open, see `straighten`) with times; gives the pieces of them that did not arrive. Knows no
packet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wireproof.align.nearest import pair_nearest

Ints = NDArray[np.int64]
NEVER = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Ranges:
    """Byte ranges from `starts` up to but not including `ends`, each sent or seen at one of `times`."""

    starts: Ints
    ends: Ints
    times: Ints

    def __len__(self) -> int:
        return len(self.starts)

    def chosen(self, which: NDArray[np.bool_]) -> Ranges:
        """Some of the ranges."""
        return Ranges(self.starts[which], self.ends[which], self.times[which])


@dataclass(frozen=True, slots=True)
class Pieces:
    """Parts of ranges: piece i is [starts[i], ends[i]) of range `owner[i]`."""

    owner: Ints
    starts: Ints
    ends: Ints

    def __len__(self) -> int:
        return len(self.owner)


def straighten(numbers: NDArray[np.uint32]) -> Ints:
    """Sequence numbers as a line without wraps, the first one 0; steps are taken the short way round (RFC 9293 section 3.4)."""
    if not len(numbers):
        return np.zeros(0, dtype=np.int64)
    steps = np.diff(numbers.astype(np.uint32)).astype(np.int32)
    return np.concatenate(([0], np.cumsum(steps, dtype=np.int64)))


def find_uncovered(ranges: Ranges, by: Ranges) -> Pieces:
    """The pieces of ranges that no other range holds."""
    edges = np.unique(np.concatenate([ranges.starts, ranges.ends, by.starts, by.ends]))
    owner, at = _cut(ranges, edges)
    bare = np.bincount(_cut(by, edges)[1], minlength=len(edges))[at] == 0
    return Pieces(owner[bare], edges[at[bare]], edges[at[bare] + 1])


def find_gaps(sent: Ranges, arrived: Ranges, delay_ns: int, cuts: Ints | None = None) -> Pieces:
    """The pieces of sent ranges that did not arrive, cut at `cuts` as well.

    Of several copies those arrived whose time of sending, and `delay_ns`, fits best.
    """
    ends = [sent.starts, sent.ends, arrived.starts, arrived.ends]
    edges = np.unique(np.concatenate(ends if cuts is None else [*ends, cuts]))
    sender, at = _cut(sent, edges)
    receiver, at_there = _cut(arrived, edges)
    copies = np.bincount(at, minlength=len(edges))
    got = np.bincount(at_there, minlength=len(edges))
    lost = got[at] == 0
    mixed = np.flatnonzero((got > 0) & (got < copies))
    if len(mixed):
        lost |= _lost_copies(mixed, (at, sent.times[sender]), (at_there, arrived.times[receiver]), delay_ns)
    return Pieces(sender[lost], edges[at[lost]], edges[at[lost] + 1])


def _cut(ranges: Ranges, edges: Ints) -> tuple[Ints, Ints]:
    """Cut every range at all edges: for each piece its range, and the index of the edge at which it begins."""
    low, high = np.searchsorted(edges, ranges.starts), np.searchsorted(edges, ranges.ends)
    counts = np.maximum(high - low, 0)
    owner = np.repeat(np.arange(len(ranges)), counts)
    before = np.repeat(np.cumsum(counts) - counts, counts)
    return owner, low[owner] + np.arange(len(owner)) - before


def _lost_copies(mixed: Ints, sent: tuple[Ints, Ints], arrived: tuple[Ints, Ints], delay_ns: int) -> NDArray[np.bool_]:
    """Which sent pieces are the lost copies, for the stretches `mixed` of which some but not all copies arrived."""
    lost = np.zeros(len(sent[0]), dtype=bool)
    mine, theirs = _group(*sent, mixed), _group(*arrived, mixed)
    for place in mixed.tolist():
        places, times = mine[place]
        came = np.array(theirs[place][1], dtype=np.int64) - delay_ns
        taken = {index for index, _ in pair_nearest(np.array(times, dtype=np.int64), came)}
        lost[[place for index, place in enumerate(places) if index not in taken]] = True
    return lost


def _group(at: Ints, times: Ints, wanted: Ints) -> dict[int, tuple[list[int], list[int]]]:
    """Pieces (their index and time) by the stretch that they cover, for the wanted stretches."""
    found: dict[int, tuple[list[int], list[int]]] = {place: ([], []) for place in wanted.tolist()}
    chosen = np.flatnonzero(np.isin(at, wanted))
    for index, place, time in zip(chosen.tolist(), at[chosen].tolist(), times[chosen].tolist(), strict=True):
        found[place][0].append(index)
        found[place][1].append(time)
    return found


def first_covered(numbers: Ints, by: Ranges) -> Ints:
    """For each number the earliest time at which a range held it; NEVER where none does."""
    result = np.full(len(numbers), NEVER, dtype=np.int64)
    if not len(numbers) or not len(by):
        return result
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    low, high = np.searchsorted(ordered, by.starts), np.searchsorted(ordered, by.ends)
    holding = high > low
    counts = (high - low)[holding]
    owner = np.repeat(np.flatnonzero(holding), counts)
    inside = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts) + low[owner]
    earliest = np.full(len(numbers), NEVER, dtype=np.int64)
    np.minimum.at(earliest, inside, by.times[owner])
    result[order] = earliest
    return result


def first_reached(numbers: Ints, reached: Ints, times: Ints) -> Ints:
    """For each number the time of the first entry of `reached` (in time order) that is not below it; NEVER if there is none."""
    if not len(reached):
        return np.full(len(numbers), NEVER, dtype=np.int64)
    at = np.searchsorted(np.maximum.accumulate(reached), numbers)
    return np.where(at < len(times), times[np.minimum(at, len(times) - 1)], NEVER)
