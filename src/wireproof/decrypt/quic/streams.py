"""Streams of a QUIC connection, put together from pieces that come in any order and more than once (RFC 9000 section 2.2).

Takes pieces with the packets that they stand in; gives bytes by offset. Reads like the streams of TCP, and knows no packet protection.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field


@dataclass(slots=True)
class QuicStream:
    """One direction of one stream, as far as it is there. `final` is its length where the sender ended it, -1 otherwise."""

    number: int
    side: int
    final: int = -1
    reset: bool = False
    _starts: list[int] = field(default_factory=list, repr=False)
    _pieces: list[tuple[bytes, int]] = field(default_factory=list, repr=False)

    def add(self, offset: int, data: bytes, row: int) -> int:
        """Take a piece; what is there already stays as it is. Gives how many bytes are new."""
        added = 0
        end = offset + len(data)
        at = offset
        while at < end:
            place = bisect.bisect_right(self._starts, at) - 1
            covered = self._end_of(place) if place >= 0 else 0
            if covered > at:
                at = covered
                continue
            stop = min(end, self._starts[place + 1]) if place + 1 < len(self._starts) else end
            self._starts.insert(place + 1, at)
            self._pieces.insert(place + 1, (data[at - offset : stop - offset], row))
            added += stop - at
            at = stop
        return added

    def _end_of(self, place: int) -> int:
        return self._starts[place] + len(self._pieces[place][0])

    @property
    def end(self) -> int:
        """One past the last byte that is there."""
        return self._end_of(-1) if self._starts else 0

    @property
    def data(self) -> bytes:
        """Everything up to the first gap."""
        return self.read(0, self.end)

    @property
    def whole(self) -> bool:
        """Whether the sender ended it and nothing is missing."""
        return self.final >= 0 and len(self.data) == self.final

    def read(self, start: int, count: int) -> bytes:
        """Up to `count` bytes from `start`, fewer before a gap."""
        found = []
        place = bisect.bisect_right(self._starts, start) - 1
        at = start
        while 0 <= place < len(self._starts) and at < start + count and self._starts[place] <= at < self._end_of(place):
            piece = self._pieces[place][0][at - self._starts[place] :][: start + count - at]
            found.append(piece)
            at += len(piece)
            place += 1
        return b"".join(found)

    def next_after(self, offset: int) -> int | None:
        """Where bytes go on at or behind an offset; None where none do."""
        place = bisect.bisect_right(self._starts, offset) - 1
        if place >= 0 and offset < self._end_of(place):
            return offset
        return self._starts[place + 1] if place + 1 < len(self._starts) else None

    def row(self, offset: int) -> int:
        """The packet of a byte, -1 where it is missing."""
        place = bisect.bisect_right(self._starts, offset) - 1
        return self._pieces[place][1] if place >= 0 and offset < self._end_of(place) else -1

    def rows(self, start: int, end: int) -> list[int]:
        """The packets of the bytes from `start` up to `end`."""
        first = max(bisect.bisect_right(self._starts, start) - 1, 0)
        last = bisect.bisect_left(self._starts, end)
        return sorted({self._pieces[place][1] for place in range(first, last) if self._end_of(place) > start})
