"""Byte ranges of a TCP stream: which of them arrived, however the segments were cut.

Numbers are sequence numbers made monotone (see `unwrap`); ranges are half open.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def unwrap(seq: NDArray[np.uint32], base: int) -> Ints:
    """Distance of each sequence number from `base`, negative before it; right for streams of less than 2 GiB around it."""
    return (seq - np.uint32(base)).astype(np.int32).astype(np.int64)


def count_cover(starts: Ints, ends: Ints, by_starts: Ints, by_ends: Ints) -> Ints:
    """For each range the least number of `by` ranges that cover any byte of it."""
    if not len(starts):
        return np.zeros(0, dtype=np.int64)
    edges = np.unique(np.concatenate([by_starts, by_ends, starts, ends]))
    depth = np.zeros(len(edges), dtype=np.int64)
    np.add.at(depth, np.searchsorted(edges, by_starts), 1)
    np.add.at(depth, np.searchsorted(edges, by_ends), -1)
    depth = np.cumsum(depth)
    low, high = np.searchsorted(edges, starts), np.searchsorted(edges, ends)
    bounds = np.column_stack([low, np.maximum(high, low + 1)]).ravel()
    # reduceat wants every index below the length; the last edge closes no range, so one more entry is harmless.
    return np.minimum.reduceat(np.append(depth, 0), bounds)[::2]


def first_time_covered(starts: Ints, ends: Ints, by_starts: Ints, by_ends: Ints, by_times: Ints) -> Ints:
    """For each range the earliest time at which its last byte was in one of the `by` ranges; the largest int64 if never."""
    never = np.iinfo(np.int64).max
    result = np.full(len(starts), never, dtype=np.int64)
    for index, last in enumerate((ends - 1).tolist()):
        hit = (by_starts <= last) & (by_ends > last)
        if hit.any():
            result[index] = by_times[hit].min()
    return result


def first_time_reached(numbers: Ints, reached: Ints, times: Ints) -> Ints:
    """For each number the time of the first entry of `reached` (in time order) that is not below it; largest int64 if none."""
    never = np.iinfo(np.int64).max
    if not len(reached):
        return np.full(len(numbers), never, dtype=np.int64)
    highest = np.maximum.accumulate(reached)
    at = np.searchsorted(highest, numbers)
    return np.where(at < len(times), times[np.minimum(at, len(times) - 1)], never)
