"""What each side acknowledges in the written file: what it acknowledged in the capture, in terms of what is written.

Takes packets, sides and what is said; gives acknowledgment and sequence numbers for any packet. Nothing that the file has not
shown before is ever acknowledged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.export.said import FAR, reach_at
from wireproof.export.sides import ACK, RST

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.export.rows import RowOrder
    from wireproof.export.said import Said
    from wireproof.export.sides import Rows, Sides

Ints = NDArray[np.int64]


class Acks:
    """Acknowledgments of a group of conversations."""

    def __init__(self, tables: CaptureTables, sides: Sides, order: RowOrder, rows: Rows, said: Said) -> None:
        kept = rows.flags & ACK != 0
        self.stream, self.rank, self.row, self.flags = (
            column[kept] for column in (rows.stream, rows.rank, rows.row, rows.flags)
        )
        self._reach = _reach(tables, sides, order, (self.stream, self.rank, self.row))
        self._key = self.stream * FAR + self.rank
        self._said = said
        self._said_rank = said.stream * FAR + said.rank
        need = np.maximum.accumulate(said.need + said.stream * FAR) if len(said.need) else said.need
        self._said_need = need
        self._first = np.searchsorted(said.stream, np.arange(len(sides)))

    def acknowledged(self, stream: Ints, rank: Ints) -> Ints:
        """How many bytes of the other side's written stream a packet of `stream` at `rank` acknowledges."""
        place = np.searchsorted(self._key, stream * FAR + rank, side="right") - 1
        reach = np.full(len(stream), -1, np.int64)
        if len(self._key):
            reach = np.where((place >= 0) & (self.stream[place] == stream), self._reach[place], -1)
        peer = stream ^ 1
        shown = np.searchsorted(self._said_rank, peer * FAR + rank, side="left")
        known = np.searchsorted(self._said_need, peer * FAR + reach, side="right")
        return self._end_before(peer, np.minimum(shown, known))

    def sent(self, stream: Ints, rank: Ints) -> Ints:
        """How many bytes `stream` has been written up to `rank`."""
        return self._end_before(stream, np.searchsorted(self._said_rank, stream * FAR + rank, side="right"))

    def _end_before(self, stream: Ints, place: Ints) -> Ints:
        if not len(self._said.end):
            return np.zeros(len(stream), np.int64)
        return np.where(place > self._first[stream], self._said.end[np.maximum(place, 1) - 1], 0)

    def find_pure(self, peer_syn: Ints) -> tuple[Ints, Ints, Ints]:
        """(stream, rank, row) of the packets that acknowledge more than any before and carry nothing that is written.

        `peer_syn` holds for each stream that sent a SYN without ACK the rank of the SYN/ACK that answers it, else -1: the
        handshake's last ACK counts too.
        """
        carries = self._carry_something()
        reached = self.acknowledged(self.stream, self.rank)
        before = np.zeros(len(reached), np.int64)
        before[1:] = np.where(self.stream[1:] == self.stream[:-1], reached[:-1], 0)
        new = reached > before
        answered = peer_syn[self.stream]
        # Whoever sent data or a FIN before the answer came has no handshake to end.
        quiet = self.sent(self.stream, self.rank) == 0
        behind = np.flatnonzero((answered >= 0) & (self.rank > answered) & quiet)
        new[behind[np.unique(self.stream[behind], return_index=True)[1]]] = True
        chosen = np.flatnonzero(new & ~carries & (self.flags & RST == 0))
        return self.stream[chosen], self.rank[chosen], self.row[chosen]

    def _carry_something(self) -> NDArray[np.bool_]:
        """Which packets have something written at their place."""
        if not len(self._said_rank):
            return np.zeros(len(self._key), bool)
        next_said = np.minimum(np.searchsorted(self._said_rank, self._key), len(self._said_rank) - 1)
        return np.asarray(self._said_rank[next_said] == self._key)


def _reach(tables: CaptureTables, sides: Sides, order: RowOrder, packets: tuple[Ints, Ints, Ints]) -> Ints:
    """Offsets in the other side's raw stream that each packet (stream, rank, row), or one before it, acknowledges.

    The number means the offset that is nearest to what the other side had sent by then, past 2**32 too.
    """
    stream, rank, row = packets
    if not len(stream):
        return stream
    sent = reach_at(sides, order, stream ^ 1, rank)
    steps = (tables.packets.ack[row] - sides.base[stream ^ 1] - sent.astype(np.uint32)).view(np.int32)
    offsets = np.maximum(sent + steps, 0)
    return np.asarray(np.maximum.accumulate(offsets + stream * FAR) - stream * FAR)
