"""Application data of one direction as it is opened: its bytes while there is room, and where each record of it stands.

Takes clear bytes record by record; gives columns. Of data that there was no room for it keeps what is needed to open it again. Opens nothing.
"""

from __future__ import annotations

import bisect
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.decrypt.beginning import piece_end
from wireproof.limits import limit
from wireproof.streams.stream import Stream
from wireproof.wire.tls import RECORD_HEADER

if TYPE_CHECKING:
    from wireproof.decrypt.protect.opener import Run
    from wireproof.decrypt.records import Source

KEPT = limit(
    "decrypt.kept_bytes",
    256 << 20,
    "clear bytes of a capture are kept in memory; beyond this, records are opened again whenever somebody reads them",
)


PLAIN = -1
"""The epoch of bytes that are in clear in the capture."""

FEW = 64
"""Records and pieces of a stream that are gone through one by one."""
NOTHING = np.zeros(1, np.int64)


@dataclass(slots=True)
class Room:
    """Clear bytes that may still be kept in memory, for all conversations of a capture together."""

    left: int = field(default_factory=lambda: int(KEPT.value))


class ClearIndex:
    """One direction's application data. `end` is one past the last clear byte, gaps included; `octets` are bytes without them.

    The first `kept` records have their bytes in `data`, one after the other. Of the others `epochs`, `sequences` and `positions` tell under which
    keys, as which record and behind how many encrypted bytes they are opened.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self._starts, self._ends = array("q"), array("q")
        self._raw_starts, self._raw_ends = array("q"), array("q")
        self.epochs, self.sequences, self.positions = array("q"), array("q"), array("q")
        self.data = bytearray()
        self.kept = 0
        self.end = self.octets = 0
        self._full = False

    def __len__(self) -> int:
        return len(self._starts)

    def add(self, clear: bytes, raw: tuple[int, int], opened: tuple[int, int, int]) -> None:
        """Add a record's content; `raw` is its place in the stream that it was read from, `opened` its epoch, number and position there."""
        size = len(clear)
        if not size:
            return
        self._starts.append(self.end)
        self.end += size
        self.octets += size
        self._ends.append(self.end)
        self._raw_starts.append(raw[0])
        self._raw_ends.append(raw[1])
        if self.has_room(size):
            self._room.left -= size
            self.data += clear
            self.kept += 1
        else:
            self._full = True
            self.epochs.append(opened[0])
            self.sequences.append(opened[1])
            self.positions.append(opened[2])

    def add_run(self, run: Run, start: int, opened: tuple[int, int, int]) -> None:
        """Add the content of records in a row, the first of which begins at `start` of the stream; `opened` tells of that one."""
        raw, clear = as_column(run.raw) + (start - run.raw[0]), as_column(run.clear)
        begins, ends = clear[:-1], clear[1:]
        place = np.flatnonzero(begins != ends)
        columns: tuple[NDArray[np.int64], ...] = begins + self.end, ends + self.end, raw[:-1], raw[1:]
        if len(place) < len(begins):
            # Records without content have no place.
            begins, ends, columns = begins[place], ends[place], tuple(column[place] for column in columns)
        for column, new in zip((self._starts, self._ends, self._raw_starts, self._raw_ends), columns, strict=True):
            column.frombytes(new.tobytes())
        kept = 0 if self._full else int(np.searchsorted(ends, self._room.left, side="right"))
        self._keep(run.content, int(ends[kept - 1]) if kept else 0)
        self.kept += kept
        self.end += run.clear[-1]
        self.octets += run.clear[-1]
        if kept < len(place):
            epoch, sequence, position = opened
            self._full = True
            later = place[kept:]
            self.epochs.extend([epoch] * len(later))
            self.sequences.frombytes((later + sequence).tobytes())
            self.positions.frombytes((raw[later] - start - RECORD_HEADER * later + position).tobytes())

    def _keep(self, content: bytearray, octets: int) -> None:
        """Keep the first of these bytes."""
        self.data += content if octets == len(content) else content[:octets]
        self._room.left -= octets

    def has_room(self, size: int) -> bool:
        """Whether so many bytes would be kept: behind the first ones that are not, none are."""
        return size <= self._room.left and not self._full

    def skip(self, size: int) -> None:
        """Leave a gap for bytes that could not be read."""
        self.end += max(size, 0)

    def add_plain(self, source: Source, start: int) -> None:
        """Add what goes on in clear from `start` on, packet by packet."""
        reached = start
        while (begin := source.next_after(reached)) is not None:
            data = source.read(begin, piece_end(source, begin) - begin)
            if not data:
                return
            self.skip(begin - reached)
            reached = begin + len(data)
            self.add(data, (begin, reached), (PLAIN, 0, 0))

    @property
    def dropped(self) -> bool:
        """Whether there was no room for the bytes of some record."""
        return self._full

    @property
    def raw(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the records begin and end in the stream that they were read from."""
        return as_column(self._raw_starts), as_column(self._raw_ends)

    def raw_place(self, place: int) -> tuple[int, int]:
        """Where one record begins and ends in that stream."""
        return self._raw_starts[place], self._raw_ends[place]

    @property
    def places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the records begin and end in the clear stream."""
        return as_column(self._starts), as_column(self._ends)

    def columns(self, source: Source) -> tuple[array[int], array[int], array[int] | NDArray[np.int64]]:
        """Where the records begin and end in the clear stream, and the packet that completed each."""
        if isinstance(source, Stream) and len(self) <= FEW and len(source.ends) <= FEW:
            return self._starts, self._ends, self._few_rows(source)
        return self._starts, self._ends, self.rows(source)

    def _few_rows(self, source: Stream) -> array[int]:
        """What `rows` gives. For a few records NumPy takes ten times as long."""
        starts, ends, rows = source.starts.tolist(), source.ends.tolist(), source.piece_rows.tolist()
        found = array("q")
        for begin, end in zip(self._raw_starts, self._raw_ends, strict=True):
            first = bisect.bisect_right(ends, begin)
            last = max(bisect.bisect_left(starts, end, first), first + 1)
            found.append(max(rows[first:last], default=0))
        return found

    def rows(self, source: Source) -> NDArray[np.int64]:
        """The packet that completed each record."""
        starts, ends = self.raw
        if not isinstance(source, Stream):
            found = [max(source.rows(a, b), default=-1) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
            return np.array(found, np.int64)
        if not len(starts):
            return np.zeros(0, np.int64)
        first = np.searchsorted(source.ends, starts, side="right")
        last = np.maximum(np.searchsorted(source.starts, ends, side="left"), first + 1)
        # Every other slice is what lies between two records.
        bounds = np.empty(2 * len(first), np.int64)
        bounds[::2], bounds[1::2] = first, np.minimum(last, len(source.piece_rows))
        padded = np.concatenate((source.piece_rows, NOTHING))
        return np.maximum.reduceat(padded, bounds)[::2].astype(np.int64)


def as_column(values: array[int]) -> NDArray[np.int64]:
    """An array's numbers for NumPy, without a copy."""
    return np.frombuffer(values, np.int64) if len(values) else np.zeros(0, np.int64)
