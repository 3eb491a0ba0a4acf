"""Which packets of the capture carried what written segments hold: a list of rows for each piece that more than one of them carried.

Takes places in the raw streams; gives rows. Reads no byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Carriers:
    """Lists of rows, one behind the other; `ends` tells where each ends."""

    rows: Ints
    ends: Ints

    def __len__(self) -> int:
        return len(self.ends)

    def of(self, places: Ints, otherwise: Ints) -> Carriers:
        """The lists at these places; where a place is below 0, or its list is empty, the row that `otherwise` holds."""
        if not len(places) or places.max() < 0:
            return Carriers(otherwise, np.arange(1, len(places) + 1))
        begins = np.concatenate([[0], self.ends])
        known = np.maximum(places, 0) if len(self) else np.full(len(places), -1)
        counts = np.where(places >= 0, begins[known + 1] - begins[known], 0)
        single = counts == 0
        taken = np.where(single, 1, counts)
        ends = np.cumsum(taken)
        within = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - taken, taken)
        rows = np.repeat(otherwise, taken)
        several = np.repeat(~single, taken)
        rows[several] = self.rows[(np.repeat(begins[known], taken) + within)[several]]
        return Carriers(rows, ends)


def list_carriers(rows: Ints, places: Ints) -> Carriers:
    """Lists of those of `rows` that stand from one place up to another; `places` has shape (lists, 2)."""
    begins, counts = places[:, 0], places[:, 1] - places[:, 0]
    ends = np.cumsum(counts)
    within = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - counts, counts)
    return Carriers(rows[np.repeat(begins, counts) + within], ends)


def join_carriers(groups: Sequence[Carriers]) -> Carriers:
    """The lists of all groups, one behind the other."""
    if not groups:
        return Carriers(np.zeros(0, np.int64), np.zeros(0, np.int64))
    before = np.cumsum([0, *(len(group.rows) for group in groups)]).tolist()
    ends = [group.ends + shift for group, shift in zip(groups, before, strict=False)]
    return Carriers(np.concatenate([group.rows for group in groups]), np.concatenate(ends))
