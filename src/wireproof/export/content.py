"""The bytes of opened conversations, piece by piece in the order in which they are written.

Takes clear conversations; gives the bytes of a stream where they are asked for. Keeps windows of a bounded number of streams.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.decrypt.short.columns import ShortStream
from wireproof.export.said import CLEAR
from wireproof.export.segments import Payloads
from wireproof.export.sides import plain_ends
from wireproof.export.spool import Spool, is_needed
from wireproof.limits import limit
from wireproof.streams.pieces import find_pieces
from wireproof.streams.stream import Stream

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear import ClearTalk
    from wireproof.export.events import Events
    from wireproof.export.redact.spans import Spans

Ints = NDArray[np.int64]

WINDOWS = limit(
    "export.streams_held",
    4096,
    "streams of which some bytes are kept while others are written: at 64 KiB each that is 256 MB",
)


class Content:
    """What both streams of opened conversations hold, numbered 2 * place + side."""

    def __init__(self, tables: CaptureTables, talks: Sequence[ClearTalk]) -> None:
        self._clear = [stream for talk in talks for stream in talk.streams]
        self._plain = _open_plain(tables, talks)
        self._spool = Spool(self._clear) if is_needed(self._clear) else None
        self._held: dict[int, Stream] = {}
        self._hidden: dict[tuple[int, int], Spans] = {}

    def plain(self, stream: int) -> Stream | None:
        """What a side said before TLS began; None where that is nothing."""
        return self._plain.get(stream)

    def hide(self, stream: int, source: int, spans: Spans) -> None:
        """Blank these stretches whenever they are read."""
        if len(spans):
            self._hidden[stream, source] = spans

    def read(self, stream: int, source: int, begin: int, size: int) -> bytes:
        """`size` bytes of a stream; fewer only where they can't be read again."""
        if not size:
            return b""
        if source == CLEAR and self._spool:
            data = self._spool.read(stream, begin, size)
        else:
            data = self._read(self._clear[stream] if source == CLEAR else self._plain[stream], begin, size)
        hidden = self._hidden.get((stream, source))
        return hidden.hide(data, begin) if hidden else data

    def gather(self, events: Events) -> Payloads:
        """The bytes of many segments (EVENT); fewer of those that can't be read again."""
        some = np.flatnonzero(events["size"])
        columns = [events[name][some].astype(np.int64) for name in ("begin", "source", "stream")]
        sort = np.lexsort(columns)
        begins, sources, streams = (column[sort] for column in columns)
        order = some[sort]
        sizes = events["size"][order].astype(np.int64)
        found = Payloads(b"", np.zeros(len(events), np.int64), np.zeros(len(events), np.int64))
        if not len(order):
            return found
        # What goes on where the segment before ended is read with it in one go.
        firsts = np.ones(len(order), bool)
        firsts[1:] = (
            (streams[1:] != streams[:-1]) | (sources[1:] != sources[:-1]) | (begins[1:] != begins[:-1] + sizes[:-1])
        )
        starts = np.flatnonzero(firsts)
        parts = self._read_runs(streams[starts], sources[starts], begins[starts], np.add.reduceat(sizes, starts))
        if parts is None:
            starts = np.arange(len(order))
            parts = [self.read(*where) for where in _tuples(streams, sources, begins, sizes)]
        lengths = np.array([len(part) for part in parts], np.int64)
        run = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(order)))
        within = begins - begins[starts][run]
        found.starts[order] = (np.cumsum(lengths) - lengths)[run] + within
        found.sizes[order] = np.minimum(np.maximum(lengths[run] - within, 0), sizes)
        return found._replace(data=b"".join(parts))

    def _read_runs(self, streams: Ints, sources: Ints, begins: Ints, sizes: Ints) -> list[bytes] | None:
        """The bytes of stretches of streams; None where any is not whole."""
        parts = []
        for stream, source, begin, size in _tuples(streams, sources, begins, sizes):
            part = self.read(stream, source, begin, size)
            if len(part) < size:
                return None
            parts.append(part)
        return parts

    def close(self) -> None:
        """Let go of what was put aside."""
        if self._spool:
            self._spool.close()

    def _read(self, found: Stream, begin: int, size: int) -> bytes:
        if isinstance(found, ShortStream):
            return found.read(begin, size)
        self._hold(found)
        data = found.read(begin, size)
        while 0 < len(data) < size:
            more = found.read(begin + len(data), size - len(data))
            if not more:
                break
            data += more
        return data

    def _hold(self, stream: Stream) -> None:
        """Let go of the stream that was not read for longest, when there are too many."""
        key = id(stream)
        if self._held.pop(key, None) is None and len(self._held) >= max(WINDOWS.value, 1):
            self._held.pop(next(iter(self._held))).preload(b"", 0)
        self._held[key] = stream


def _tuples(streams: Ints, sources: Ints, begins: Ints, sizes: Ints) -> Iterator[tuple[int, int, int, int]]:
    return zip(streams.tolist(), sources.tolist(), begins.tolist(), sizes.tolist(), strict=True)


def _open_plain(tables: CaptureTables, talks: Sequence[ClearTalk]) -> dict[int, Stream]:
    """What each side sent before TLS began, by stream."""
    places = [place for place, talk in enumerate(talks) if any(talk.begins)]
    pieces = find_pieces(tables.conversations, np.array([talks[place].conversation for place in places], np.int64))
    found: dict[int, Stream] = {}
    for turn, place in enumerate(places):
        talk = talks[place]
        for side, begins in enumerate(plain_ends(talk)):
            first, last = (int(number) for number in pieces.first[2 * turn + side : 2 * turn + side + 2])
            if begins >= 0:
                last = first + int(np.searchsorted(pieces.start[first:last], begins))
            own = slice(first, last)
            # Copies, so that the pieces of what is encrypted need not stay.
            arrays = (pieces.start[own].copy(), pieces.end[own].copy(), pieces.row[own].copy(), pieces.at[own].copy())
            known = bool(pieces.begins_known[2 * turn + side])
            found[2 * place + side] = Stream(tables, talk.conversation, side, arrays, known)
    return found
