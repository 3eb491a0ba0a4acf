"""Two rows of times brought together so that the distances are small: which copy that was sent is which copy that arrived.

Takes and gives arrays; knows no packet.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]
TRIED = 4096
"""Combinations that are compared one by one; longer rows are walked through in order."""


def pair_nearest(times: Times, there: Times) -> list[tuple[int, int]]:
    """Index pairs, each index at most once, as many as the shorter row has. Both rows are in time order."""
    return _closest(times, there) if len(times) * len(there) <= TRIED else _in_order(times, there)


def _closest(times: Times, there: Times) -> list[tuple[int, int]]:
    """The best fitting first."""
    apart = np.abs(there[None, :] - times[:, None])
    found: list[tuple[int, int]] = []
    free = set(range(len(times))), set(range(len(there)))
    for place in np.argsort(apart, axis=None, kind="stable").tolist():
        i, j = divmod(place, len(there))
        if i in free[0] and j in free[1]:
            found.append((i, j))
            free[0].discard(i)
            free[1].discard(j)
    return found


def _in_order(times: Times, there: Times) -> list[tuple[int, int]]:
    """Pairs that never cross: each entry of the shorter row takes the nearest one that is still free and leaves enough for the rest."""
    if len(times) > len(there):
        return [(i, j) for j, i in _in_order(there, times)]
    found, free = [], 0
    for index, time in enumerate(times.tolist()):
        spare = len(there) - free - (len(times) - index)
        near = free + int(np.argmin(np.abs(there[free : free + spare + 1] - time)))
        found.append((index, near))
        free = near + 1
    return found
