"""The streams of many conversations, a bounded group at a time, with the beginning of each already fetched.

Takes a capture's tables and conversation numbers; gives both streams of each. Frames are fetched in file order and by the group,
because most conversations are short and reading them one by one would seek for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.streams.pieces import find_pieces
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
        group = _group(tables, chosen[begin : begin + GROUP])
        _preload([stream for talk in group for stream in talk.sides], tables, head)
        # What a parser read on in a conversation goes with it, before the next one is read.
        group.reverse()
        while group:
            yield group.pop()


def _group(tables: CaptureTables, numbers: NDArray[np.int64]) -> list[TalkStreams]:
    pieces = find_pieces(tables.conversations, numbers)
    clients = tables.conversations.facts["client"]
    found = []
    for place, number in enumerate(numbers.tolist()):
        sides = []
        for side in (0, 1):
            own = slice(int(pieces.first[2 * place + side]), int(pieces.first[2 * place + side + 1]))
            arrays = (pieces.start[own], pieces.end[own], pieces.row[own], pieces.at[own])
            sides.append(Stream(tables, number, side, arrays, bool(pieces.begins_known[2 * place + side])))
        found.append(TalkStreams(number, (sides[0], sides[1]), int(clients[number])))
    return found


def _preload(streams: list[Stream], tables: CaptureTables, head: int) -> None:
    """Fetch the beginnings of all these streams in one pass through the file."""
    parts = [stream.head_pieces(head) for stream in streams]
    rows = sorted({row for part in parts for row in part[0]})
    frames = dict(zip(rows, tables.read_frames(rows), strict=True)) if rows else {}
    for stream, (own, ats, sizes) in zip(streams, parts, strict=True):
        data = b"".join(frames[row][at : at + size] for row, at, size in zip(own, ats, sizes, strict=True))
        stream.preload(data, head)
