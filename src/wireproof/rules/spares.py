"""Conversations that were meant to be tried and may fail: pairs of ICE beside one that works.

For rules on failing connections, which leave them out. Takes conversation numbers of a point; gives those that matter.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.rules.ice._groups import find_groups

if TYPE_CHECKING:
    from wireproof.case import Case, Point

_SPARES: weakref.WeakKeyDictionary[Case, dict[int, NDArray[np.int64]]] = weakref.WeakKeyDictionary()


def without_spares(case: Case, point: Point, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of a point's failing conversations those whose failure means something."""
    if not len(numbers):
        return numbers
    spares = spares_at(case, point)
    return np.setdiff1d(numbers, spares) if len(spares) else numbers


def spares_at(case: Case, point: Point) -> NDArray[np.int64]:
    """A point's conversations that are failing pairs of media that another pair or a relay carries."""
    if case not in _SPARES:
        found: dict[int, list[int]] = {}
        for group in find_groups(case):
            for tried in group.failed if group.works else ():
                found.setdefault(tried.pair.point.index, []).append(tried.pair.number)
        _SPARES[case] = {index: np.unique(np.array(own, np.int64)) for index, own in found.items()}
    return _SPARES[case].get(point.index, np.zeros(0, np.int64))
