"""The frame table of a Network Monitor file: where each frame's record stands, in the order of their numbers.

Takes a way to fetch bytes, gives places a few thousand at a time. Knows no record.
"""

from __future__ import annotations

import numpy as np

from wireproof.capture.netmon_layout import HEADER, Header
from wireproof.capture.netmon_records import Positions
from wireproof.capture.netmon_tables import Fetch
from wireproof.capture.reader import ROWS


class FrameTable:
    """Walks the table once. `bad` counts the entries that lead to no record, `bad_at` is where the first of them leads to."""

    def __init__(self, fetch: Fetch, header: Header) -> None:
        self.offset, length = header.table
        self.bad = 0
        self.bad_at = -1
        self._fetch = fetch
        self._count = length // 4
        self._taken = 0
        self._shortest = header.overhead

    def take(self, reach: int) -> Positions:
        """The next entries that lead inside a file of `reach` bytes; none at the end of what there is of the table.

        None at all when most of the first ones lead elsewhere: that is no frame table.
        """
        while self._taken < self._count and self.offset >= HEADER:
            data = self._fetch(self.offset + 4 * self._taken, 4 * min(ROWS, self._count - self._taken))
            entries = np.frombuffer(data, "<u4", count=len(data) // 4).astype(np.int64)
            if not len(entries):
                break
            is_inside = (entries >= HEADER) & (entries + self._shortest <= reach)
            if not self._taken and 2 * np.count_nonzero(is_inside) < len(entries):
                break
            self._taken += len(entries)
            self.mark_bad(entries[~is_inside])
            if is_inside.any():
                return entries[is_inside]
        return np.zeros(0, np.int64)

    def mark_bad(self, entries: Positions) -> None:
        """Count entries that lead to no record."""
        if len(entries) and not self.bad:
            self.bad_at = int(entries[0])
        self.bad += len(entries)

    def is_whole(self, reach: int) -> bool:
        """Whether every entry could be read, now that `take` gives none; one without entries has to stand in the file."""
        return self._taken == self._count and HEADER <= self.offset <= reach
