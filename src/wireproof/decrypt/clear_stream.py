"""Application data of one direction, read like any other stream: kept bytes from memory, all others by opening their records again.

Takes an index of records and, where not all bytes were kept, the stream and the keys that they came from. Never guesses across a gap.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.decrypt.beginning import raw_place
from wireproof.decrypt.clear_index import PLAIN, as_column
from wireproof.decrypt.protect.opener import BadRecord
from wireproof.streams.stream import AHEAD, Stream
from wireproof.wire.tls import RECORD_HEADER

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear_index import ClearIndex
    from wireproof.decrypt.epoch import Epoch
    from wireproof.decrypt.records import Source

NO_PLACES = np.zeros(0, np.int64)
COLUMNS = {"starts", "ends", "piece_rows", "_at"}
OPEN_MOST = 4
"""Streams whose records are open at a time: each holds a window of clear bytes."""


class ClearStream(Stream):
    """What one side said inside TLS. Each record is one piece; its row is that of the packet which completed it."""

    opened = True

    __slots__ = ("_again", "_carrier", "_columns", "_has_gaps", "_index", "_kept", "_missing", "_missing_at", "_view")

    def __init__(self, tables: CaptureTables, talk: tuple[int, int], index: ClearIndex, source: Source) -> None:
        self.identify(tables, *talk, True)
        self._columns = starts, ends, _ = index.columns(source)
        self._index = index
        # A stream as captured would keep its bytes in memory, and is not needed any more.
        self._carrier = None if isinstance(source, Stream) and not source.opened else source
        self._view = memoryview(index.data)
        self._kept = ends[index.kept - 1] if index.kept else 0
        self._has_gaps = index.end != index.octets
        self._missing_at = self._missing = NO_PLACES
        if self._has_gaps:
            self._find_gaps(as_column(starts), as_column(ends))
        self._again: Reopening | None = None

    def _find_gaps(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> None:
        before = np.zeros_like(ends)
        before[1:] = ends[:-1]
        gaps = np.flatnonzero(starts != before)
        self._missing_at = starts[gaps]
        self._missing = np.cumsum(self._missing_at - before[gaps])

    def __getattr__(self, name: str) -> NDArray[np.int64]:
        """The columns of pieces: most streams of a capture are never asked for them, so they are made for whoever does."""
        if name not in COLUMNS:
            raise AttributeError(name)
        starts, ends, rows = self._columns
        self.starts, self.ends, self._at = as_column(starts), as_column(ends), NO_PLACES
        self.piece_rows = rows if isinstance(rows, np.ndarray) else as_column(rows)
        found: NDArray[np.int64] = getattr(self, name)
        return found

    @property
    def places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """As `Stream.places`: of each record with its header."""
        starts, ends = self._index.raw
        carrier = self._carrier
        if carrier is None:
            return starts, ends
        if isinstance(carrier, Stream):
            # A session inside another one: what carried it are the records of that one.
            outer_starts, outer_ends = carrier.places
            begun = np.searchsorted(carrier.ends, starts, side="right")
            ended = np.searchsorted(carrier.starts, ends, side="left") - 1
            return outer_starts[begun], outer_ends[ended]
        # The content of packets that another protocol puts around records.
        first = [raw_place(carrier, start) for start in starts.tolist()]
        last = [raw_place(carrier, end - 1) for end in ends.tolist()]
        return np.array(first, np.int64), np.array(last, np.int64) + 1

    def read(self, start: int, count: int) -> bytes:
        """As `Stream.read`; of bytes in memory no second copy is held."""
        start = max(start, 0)
        if start >= self._kept:
            return super().read(start, count) if self._again else b""
        place = int(np.searchsorted(self._missing_at, start, side="right")) if self._has_gaps else 0
        stop = min(start + max(count, 0), self._kept)
        if place < len(self._missing_at):
            # The gap begins where the bytes before it end.
            missing = int(self._missing[place]) - (int(self._missing[place - 1]) if place else 0)
            stop = min(stop, int(self._missing_at[place]) - missing)
        shift = int(self._missing[place - 1]) if place else 0
        found = bytes(self._view[start - shift : max(stop, start) - shift])
        if len(found) < count and stop == self._kept and self._again:
            found += super().read(stop, count - len(found))
        return found

    def reopen_with(self, again: Reopening) -> None:
        """Say how records are opened whose bytes were not kept."""
        self._again = again

    def _hold(self, start: int, count: int) -> None:
        """Open the records again that hold these bytes."""
        self._held, self._held_from, self._held_to_gap = b"", start, True
        if self._again is None:
            return
        window = max(count, AHEAD)
        place = int(np.searchsorted(self.ends, start, side="right"))
        parts, position = [], start
        while place < len(self.starts) and position < start + window and int(self.starts[place]) <= position:
            clear = self._again.content(place)
            if len(clear) != int(self.ends[place] - self.starts[place]):
                break
            parts.append(clear[position - int(self.starts[place]) :])
            position = int(self.ends[place])
            place += 1
        self._held = b"".join(parts)
        self._held_to_gap = position < start + window
        self._again.note(self)

    def release(self) -> None:
        """Forget the window of records that were opened again."""
        self._held, self._held_from, self._held_to_gap = b"", 0, False
        if self._again:
            self._again.rest()


@dataclass(slots=True)
class Reopening:
    """Opens records of one direction again; `open_now` are streams with records open, shared by all of a capture."""

    source: Source
    epochs: Sequence[Epoch]
    index: ClearIndex
    open_now: list[ClearStream]
    _epoch: Epoch | None = None
    _number: int = PLAIN

    def content(self, place: int) -> bytes:
        """What the record at this place of the index holds; empty where it opens no more."""
        index, later = self.index, place - self.index.kept
        start, end = index.raw_place(place)
        number, sequence = index.epochs[later], index.sequences[later]
        record = self.source.read(start, end - start)
        if number == PLAIN:
            return record
        epoch = self._enter(number)
        epoch.move_to(index.positions[later])
        epoch.go_on_behind(self.source, start, sequence, right=True)
        epoch.spent += len(record) - RECORD_HEADER
        try:
            return epoch.opener.open(sequence, record[0], record[1] << 8 | record[2], record[RECORD_HEADER:])[1]
        except (BadRecord, IndexError):
            return b""

    def _enter(self, number: int) -> Epoch:
        """The epoch of a record, with an opener of its own."""
        if self._epoch is None or self._number != number:
            self._epoch, self._number = self.epochs[number].again(), number
        return self._epoch

    def note(self, stream: ClearStream) -> None:
        """A stream has a window open; the one that has had its own for longest loses it."""
        if not any(stream is one for one in self.open_now):
            self.open_now.append(stream)
            for one in itertools.islice(list(self.open_now), max(len(self.open_now) - OPEN_MOST, 0)):
                self.open_now.remove(one)
                one.release()

    def rest(self) -> None:
        """Forget the opener and what the stream underneath holds."""
        self._epoch = None
        if isinstance(self.source, Stream):
            self.source.preload(b"", 0)
