"""What was opened of a group of short sessions, as columns of all their records, and the clear streams over them.

Takes what the walk opened and the pieces of the raw streams; gives streams that are read like any other. No stream has a gap.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.decrypt.clear import OpenedRecord
from wireproof.streams.stream import Stream

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.short._walk import Opened
    from wireproof.streams.pieces import Pieces

FAR = 1 << 41
"""Further apart than any two offsets of one stream."""
ZERO = np.zeros(1, np.int64)

Ints = NDArray[np.int64]
new_tuple = tuple.__new__


class Columns:
    """Records with application data by stream: where they begin and end in their clear stream, in the raw one, and the packet that completed each.

    Those of stream k are `first[k]` to `first[k + 1]`; `data` holds the bytes of all, `at[k]` is where those of stream k begin.
    """

    starts: Ints
    ends: Ints
    rows: Ints
    raw: tuple[Ints, Ints]
    first: Ints
    data: bytes
    at: list[int]

    def fill(self, opened: Opened, pieces: Pieces, streams: list[int]) -> None:
        """Take what was opened of these streams of a group; `pieces` are those of all its raw streams."""
        bounds = np.concatenate([ZERO, _column(opened.bounds)])
        sizes = np.diff(bounds)
        self.ends = _column(opened.ends)
        self.starts = np.concatenate([ZERO, self.ends])[:-1]
        self.starts[bounds[:-1][sizes > 0]] = 0
        self.raw = _column(opened.raw_starts), _column(opened.raw_ends)
        self.rows = _completed_by(self.raw, np.repeat(np.array(streams, np.int64), sizes), pieces)
        octets = np.zeros(len(bounds), np.int64)
        np.cumsum(np.add.reduceat(np.append(self.ends - self.starts, 0), bounds[:-1]) * (sizes > 0), out=octets[1:])
        self.first, self.at = bounds, octets.tolist()
        self.data = b"".join(opened.contents)


def _column(values: array[int]) -> Ints:
    return np.array(values, np.int64)


def _completed_by(raw: tuple[Ints, Ints], stream: Ints, pieces: Pieces) -> Ints:
    """The last of the packets that carried each record: what it was complete with."""
    starts, ends = raw
    if not len(starts):
        return np.zeros(0, np.int64)
    owner = np.repeat(np.arange(len(pieces.first) - 1), np.diff(pieces.first)) * FAR
    shift = stream * FAR
    first = np.searchsorted(owner + pieces.end, shift + starts, side="right")
    last = np.maximum(np.searchsorted(owner + pieces.start, shift + ends, side="left"), first + 1)
    # Every other slice is what lies between two records.
    bounds = np.empty(2 * len(first), np.int64)
    bounds[::2], bounds[1::2] = first, last
    found: Ints = np.maximum.reduceat(np.append(pieces.row, 0), bounds)[::2]
    return found


def opened_records(found: list[tuple[int, int, int, bytes]]) -> dict[int, OpenedRecord]:
    """Records of one stream that are no application data, by where they begin in the raw stream."""
    # `_make` is a function of Python's own, which takes three times as long.
    return {one[0]: new_tuple(OpenedRecord, one) for one in found}


class ShortStream(Stream):
    """What one side said inside TLS, over the columns of its group. Each record is one piece; its row is the packet that completed it."""

    opened = True

    __slots__ = ("columns", "place")

    def __init__(self, tables: CaptureTables, talk: tuple[int, int], columns: Columns, place: int) -> None:
        self._tables = tables
        self.conversation, self.side = talk
        self.columns = columns
        self.place = place

    def __getattr__(self, name: str) -> object:
        """All else is made for whoever asks: of most streams of a capture nobody does."""
        if name not in Stream.__slots__:
            raise AttributeError(name)
        columns, own = self.columns, self._own()
        self.identify(self._tables, self.conversation, self.side, True)
        self.starts, self.ends, self.piece_rows = columns.starts[own], columns.ends[own], columns.rows[own]
        self._at = ZERO[:0]
        return getattr(self, name)

    @property
    def end(self) -> int:
        """One past the last byte."""
        at, behind = self.columns.at[self.place : self.place + 2]
        return behind - at

    @property
    def places(self) -> tuple[Ints, Ints]:
        """As `Stream.places`: of each record with its header."""
        own, (starts, ends) = self._own(), self.columns.raw
        return starts[own], ends[own]

    def _own(self) -> slice:
        begin, end = self.columns.first[self.place : self.place + 2].tolist()
        return slice(begin, end)

    def read(self, start: int, count: int) -> bytes:
        """As `Stream.read`; no second copy is held."""
        at, end = self.columns.at[self.place : self.place + 2]
        begin = at + max(start, 0)
        return self.columns.data[begin : min(begin + max(count, 0), end)]

    def preload(self, data: bytes, asked: int) -> None:
        """All bytes are here."""
