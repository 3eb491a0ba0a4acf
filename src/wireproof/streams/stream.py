"""One direction of a TCP conversation as bytes with their packets: read where asked, never guessed across a gap.

Takes pieces of a stream; fetches frames from the capture when their bytes are asked for. Knows no protocol.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.limits import limit

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

HELD = limit(
    "streams.held_bytes",
    1 << 20,
    "bytes of one stream kept at a time: every message that is decoded fits, and bulk data passes through in pieces",
)

AHEAD = 1 << 16
"""Bytes that are fetched in one go."""


class Stream:
    """What one side sent. Offsets are bytes from the stream's beginning; `end` is where what was captured ends.

    `begins_known` tells whether offset 0 is the byte after the SYN, so that a message begins there.
    """

    opened = False
    """Whether it stands inside an encrypted session that was opened."""

    __slots__ = (
        "_at", "_held", "_held_from", "_held_to_gap", "_tables", "begins_known", "conversation", "ends", "piece_rows", "side", "starts",
    )  # fmt: skip

    def __init__(
        self,
        tables: CaptureTables,
        conversation: int,
        side: int,
        pieces: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
        begins_known: bool,
    ) -> None:
        self.identify(tables, conversation, side, begins_known)
        self.starts, self.ends, self.piece_rows, self._at = pieces

    def identify(self, tables: CaptureTables, conversation: int, side: int, begins_known: bool) -> None:
        """Say whose stream it is; it holds no bytes then."""
        self._tables = tables
        self.conversation = conversation
        self.side = side
        self.begins_known = begins_known
        self._held = b""
        self._held_from = 0
        self._held_to_gap = False

    @property
    def end(self) -> int:
        """One past the last byte captured."""
        return int(self.ends[-1]) if len(self.ends) else 0

    @property
    def places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where each piece begins and ends in what was captured of this side."""
        return self.starts, self.ends

    def read(self, start: int, count: int) -> bytes:
        """Up to `count` bytes from `start`; fewer where the stream ends or the capture has a gap, none within a gap.

        Never more than HELD allows, whatever length a message claims.
        """
        start, count = max(start, 0), min(count, int(HELD.value))
        held_to = self._held_from + len(self._held)
        here = self._held_from <= start < held_to and (start + count <= held_to or self._held_to_gap)
        if not here and count > 0:
            self._hold(start, count)
        begin = start - self._held_from
        return self._held[begin : begin + count] if begin >= 0 else b""

    def next_after(self, offset: int) -> int | None:
        """Where captured bytes go on at or behind `offset`; None when nothing follows."""
        place = int(np.searchsorted(self.ends, offset, side="right"))
        return max(offset, int(self.starts[place])) if place < len(self.ends) else None

    def gap_before(self, offset: int) -> bool:
        """Whether the byte before `offset` is missing from the capture."""
        if offset <= 0:
            return False
        place = int(np.searchsorted(self.ends, offset - 1, side="right"))
        return place >= len(self.starts) or int(self.starts[place]) > offset - 1

    def rows(self, start: int, end: int) -> list[int]:
        """Packet rows that carried the bytes from `start` up to `end`, in stream order."""
        if start >= end:
            return []
        first = int(np.searchsorted(self.ends, start, side="right"))
        last = int(np.searchsorted(self.starts, end, side="left"))
        found: list[int] = self.piece_rows[first : max(last, first)].tolist()
        return found

    def row(self, offset: int) -> int:
        """The packet row that carried the byte at `offset`; of a missing byte, the next row captured; -1 behind the end."""
        place = int(np.searchsorted(self.ends, offset, side="right"))
        return int(self.piece_rows[place]) if place < len(self.piece_rows) else -1

    def preload(self, data: bytes, asked: int) -> None:
        """Take the first `asked` bytes, which were fetched together with those of other streams; fewer up to a gap or the end."""
        self._held, self._held_from, self._held_to_gap = data, 0, len(data) < asked

    def _gapless(self, start: int, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Rows, offsets in their frames and lengths of the pieces from `start` until `count` bytes, a gap or the end."""
        first = int(np.searchsorted(self.ends, start, side="right"))
        own = slice(first, max(int(np.searchsorted(self.starts, start + count, side="left")), first))
        begins, ends = self.starts[own].copy(), self.ends[own].copy()
        at = self._at[own].copy()
        if len(begins) and begins[0] <= start:
            at[0] += start - begins[0]
            begins[0] = start
            ends[-1] = min(int(ends[-1]), start + count)
            gaps = np.flatnonzero(begins[1:] != ends[:-1])
            whole = int(gaps[0]) + 1 if len(gaps) else len(begins)
        else:
            whole = 0
        return self.piece_rows[own][:whole], at[:whole], (ends - begins)[:whole]

    def _hold(self, start: int, count: int) -> None:
        """Fetch a window that holds what is asked, and as much more as is usual to want next."""
        # A parser mostly asks for a few bytes and goes on from there.
        window = max(count, min(AHEAD, int(HELD.value)))
        self._held = self._tables.read_parts(*self._gapless(start, window))
        self._held_from = start
        self._held_to_gap = len(self._held) < window


@dataclass(frozen=True, slots=True)
class TalkStreams:
    """Both streams of one conversation, by side and by role."""

    conversation: int
    sides: tuple[Stream, Stream]
    client_side: int

    @property
    def client(self) -> Stream:
        """What the client sent."""
        return self.sides[self.client_side]

    @property
    def server(self) -> Stream:
        """What the server sent."""
        return self.sides[1 - self.client_side]
