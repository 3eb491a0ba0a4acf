"""Which packets of the capture carried what written segments hold: one list of rows for each piece that is said.

Takes pieces with their places in the raw streams; gives rows. Reads no byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from wireproof.export.said import Said
    from wireproof.export.sides import Sides

FAR = 1 << 41
"""Further apart than any two offsets of one stream."""

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


def find_carriers(said: Said, sides: Sides) -> Carriers:
    """The packets that carried each piece, by its place in the raw stream."""
    raw = sides.raw
    owner = np.repeat(np.arange(len(sides)), np.diff(raw.first)) * FAR
    first = np.searchsorted(owner + raw.end, said.stream * FAR + said.raw_start, side="right")
    last = np.searchsorted(owner + raw.start, said.stream * FAR + said.raw_end, side="left")
    counts = np.maximum(last - first, 0)
    ends = np.cumsum(counts)
    within = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - counts, counts)
    return Carriers(raw.row[np.repeat(first, counts) + within], ends)


def join_carriers(groups: Sequence[Carriers]) -> Carriers:
    """The lists of all groups, one behind the other."""
    if not groups:
        return Carriers(np.zeros(0, np.int64), np.zeros(0, np.int64))
    before = np.cumsum([0, *(len(group.rows) for group in groups)]).tolist()
    ends = [group.ends + shift for group, shift in zip(groups, before, strict=False)]
    return Carriers(np.concatenate([group.rows for group in groups]), np.concatenate(ends))
