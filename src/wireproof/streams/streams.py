"""The streams of many conversations, a bounded group at a time, with the beginning of each already fetched.

Takes a capture's tables and conversation numbers; gives both streams of each. Frames are fetched in file order and by the group,
because most conversations are short and reading them one by one would seek for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.streams.pieces import Pieces, find_pieces
from wireproof.streams.stream import Stream, TalkStreams

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

GROUP = 512
"""Conversations whose beginnings are held at a time."""


def open_streams(
    tables: CaptureTables, numbers: Iterable[int] | NDArray[np.int64], head: int = 16_384
) -> Iterator[TalkStreams]:
    """Both streams of each TCP conversation, in the order given, with the first `head` bytes of each side in memory.

    Use each before asking for the next: nothing of it is kept here.
    """
    chosen = np.asarray(list(numbers) if not isinstance(numbers, np.ndarray) else numbers, np.int64)
    for begin in range(0, len(chosen), GROUP):
        numbers_now = chosen[begin : begin + GROUP]
        pieces = find_pieces(tables.conversations, numbers_now)
        group = _group(tables, numbers_now, pieces)
        _preload([stream for talk in group for stream in talk.sides], pieces, tables, head)
        # What a parser read on in a conversation goes with it, before the next one is read.
        group.reverse()
        while group:
            yield group.pop()


def _group(tables: CaptureTables, numbers: NDArray[np.int64], pieces: Pieces) -> list[TalkStreams]:
    clients = tables.conversations.facts["client"][numbers].tolist()
    first, known = pieces.first.tolist(), pieces.begins_known.tolist()
    found = []
    for place, number in enumerate(numbers.tolist()):
        sides = []
        for side in (0, 1):
            own = slice(first[2 * place + side], first[2 * place + side + 1])
            arrays = (pieces.start[own], pieces.end[own], pieces.row[own], pieces.at[own])
            sides.append(Stream(tables, number, side, arrays, known[2 * place + side]))
        found.append(TalkStreams(number, (sides[0], sides[1]), clients[place]))
    return found


def _preload(streams: list[Stream], pieces: Pieces, tables: CaptureTables, head: int) -> None:
    """Fetch the beginnings of all these streams in one pass through the file."""
    chosen, first = _head_pieces(pieces, head)
    rows, place_of = np.unique(pieces.row[chosen], return_inverse=True)
    frames = tables.read_frames(rows) if len(rows) else []
    ats = pieces.at[chosen]
    stops = ats + np.minimum(pieces.end[chosen], head) - pieces.start[chosen]
    cut = zip(place_of.tolist(), ats.tolist(), stops.tolist(), strict=True)
    parts = [frames[place][at:stop] for place, at, stop in cut]
    for stream, begin, end in zip(streams, first, first[1:], strict=False):
        stream.preload(b"".join(parts[begin:end]), head)


def _head_pieces(pieces: Pieces, head: int) -> tuple[NDArray[np.int64], list[int]]:
    """Pieces with the first `head` bytes of each stream up to a gap, and which of them are those of each stream."""
    starts, first = pieces.start, pieces.first
    before = np.zeros_like(starts)
    before[1:] = pieces.end[:-1]
    before[first[:-1][np.diff(first) > 0]] = 0
    gaps = np.zeros(len(starts) + 1, np.int64)
    np.cumsum(starts != before, out=gaps[1:])
    until_here = np.repeat(gaps[first[:-1]], np.diff(first))
    chosen = np.flatnonzero((gaps[1:] == until_here) & (starts < head))
    return chosen, np.searchsorted(chosen, first).tolist()
