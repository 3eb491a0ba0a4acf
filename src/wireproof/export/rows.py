"""The order in which a capture's rows were seen: rows found inside others stand where those stand that completed them.

Takes a packet table; gives a rank for each row and the row of each rank. Knows no protocol.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from wireproof.table.packets import PacketTable

NESTED = 8
"""Frames inside frames inside frames: more levels than tunnels have."""


class RowOrder:
    """Ranks of rows. Where nothing was found inside others, a row is its own rank, and no array is made."""

    def __init__(self, packets: PacketTable) -> None:
        self._frames = packets.frames
        self._rows: NDArray[np.int64] | None = None
        self._outermost: NDArray[np.int64] | None = None
        if not packets.outer:
            return
        place = np.arange(packets.count)
        inner = np.fromiter(packets.outer, np.int64, len(packets.outer))
        outer = np.fromiter(packets.outer.values(), np.int64, len(packets.outer))
        for _ in range(NESTED):
            place[inner] = place[outer]
        self._outermost = place
        self._rows = np.lexsort((np.arange(packets.count), place))
        self._ranks = np.empty(packets.count, np.int64)
        self._ranks[self._rows] = np.arange(packets.count)

    def ranks(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rank of each row."""
        return rows if self._rows is None else self._ranks[rows]

    def rows(self, ranks: NDArray[np.int64]) -> NDArray[np.int64]:
        """The row of each rank."""
        return ranks if self._rows is None else self._rows[ranks]

    def numbers(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The frame number that users know each row by, from 1."""
        return (rows if self._outermost is None else self._outermost[rows]) + 1
