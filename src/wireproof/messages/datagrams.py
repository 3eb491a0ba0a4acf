"""UDP datagrams of conversations with their payloads, in file order, fetched a bounded group at a time.

Takes a capture's tables and conversation numbers; gives the datagrams. Knows no protocol above UDP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wireproof.messages.framed import Place
from wireproof.messages.heads import find_udp_rows

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

CHUNK = 2048
"""Frames held at a time."""


class Datagram(NamedTuple):
    """One datagram: its conversation, who sent it (side 0 or 1), its row and time, and its payload as far as the file holds it."""

    conversation: int
    side: int
    row: int
    time_ns: int
    data: bytes
    cut: bool

    @property
    def place(self) -> Place:
        """Where it stands, as the fields of a `Message`."""
        return Place(
            conversation=self.conversation,
            side=self.side,
            row=self.row,
            last_row=self.row,
            time_ns=self.time_ns,
            cut=self.cut,
        )


def read_datagrams(
    tables: CaptureTables,
    numbers: NDArray[np.int64],
    least: int = 1,
    multiple: int = 1,
    wanted: Callable[[bytes], bool] | None = None,
) -> Iterator[Datagram]:
    """Datagrams of these UDP conversations with at least `least` bytes of payload, of a length that is a multiple of `multiple`.

    `wanted` leaves out others by their bytes. Those that ICMP errors quote and fragments that were put together elsewhere are
    left out.
    """
    packets = tables.packets
    rows = find_udp_rows(tables, numbers, least)
    rows = rows[packets.length[rows] % multiple == 0]
    for begin in range(0, len(rows), CHUNK):
        part = rows[begin : begin + CHUNK]
        places = zip(part.tolist(), packets.payload_at[part].tolist(), packets.length[part].tolist(), strict=True)
        for (row, start, size), frame in zip(places, tables.read_frames(part), strict=True):
            data = frame[start : start + size]
            if wanted is None or wanted(data):
                owner, side = int(packets.conversation[row]), int(packets.direction[row])
                yield Datagram(owner, side, row, int(packets.time_ns[row]), data, len(data) < size)
