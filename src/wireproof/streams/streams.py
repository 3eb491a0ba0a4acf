"""The streams of many conversations, a bounded group at a time, with the beginning of each already fetched.

Takes a capture's tables and conversation numbers; gives both streams of each. Frames are fetched in file order and by the group,
because most conversations are short and reading them one by one would seek for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.capture._gather import pick
from wireproof.streams.pieces import Pieces, find_pieces
from wireproof.streams.stream import Stream, TalkStreams

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

GROUP = 512
"""Conversations whose beginnings are held at a time."""
GROUP_BYTES = 1 << 24
"""Payload of the streams of a group together, so that all of them but long ones may be in memory at a time."""
LONG = 1 << 20
"""Bytes that a stream counts as at most: nobody reads a longer one whole."""
FARTHEST = 1 << 62
"""Behind the end of any stream."""


def open_streams(
    tables: CaptureTables, numbers: Iterable[int] | NDArray[np.int64], head: int = 16_384
) -> Iterator[TalkStreams]:
    """Both streams of each TCP conversation, in the order given, with the first `head` bytes of each side in memory.

    Use each before asking for the next: nothing of it is kept here.
    """
    for group in open_groups(tables, numbers, head):
        yield from map(group.talk, range(len(group)))


def open_groups(
    tables: CaptureTables, numbers: Iterable[int] | NDArray[np.int64], head: int = 16_384
) -> Iterator[StreamGroup]:
    """The same streams in groups of neighbours, the beginnings of a group's streams fetched together."""
    chosen = np.asarray(list(numbers) if not isinstance(numbers, np.ndarray) else numbers, np.int64)
    payload = np.minimum(tables.conversations.side_facts("payload_bytes")[chosen], np.uint64(LONG)).sum(axis=1)
    behind = np.cumsum(payload.astype(np.int64))
    begin = 0
    while begin < len(chosen):
        most = int(behind[begin - 1] if begin else 0) + GROUP_BYTES
        end = min(max(int(np.searchsorted(behind, most, side="right")), begin + 1), begin + GROUP)
        yield StreamGroup(tables, chosen[begin:end], head)
        begin = end


class StreamGroup:
    """The streams of some conversations. `heads` holds the first `head` bytes of each, one after the other, `bounds` where each of them begins.

    The streams of the conversation at `place` are 2 * place and 2 * place + 1; a head ends early at a gap.
    """

    def __init__(self, tables: CaptureTables, numbers: NDArray[np.int64], head: int) -> None:
        self.numbers = numbers
        self.pieces = find_pieces(tables.conversations, numbers)
        self.heads, self.bounds = _fetch(tables, self.pieces, np.full(2 * len(numbers), head))
        self.clients: list[int] = tables.conversations.facts["client"][numbers].tolist()
        self.head = head
        self._tables = tables
        self._first: list[int] = self.pieces.first.tolist()

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def ends(self) -> NDArray[np.int64]:
        """One past the last byte captured of each stream."""
        first, last = self.pieces.first[:-1], self.pieces.first[1:]
        found = np.zeros(len(first), np.int64)
        some = last > first
        found[some] = self.pieces.end[last[some] - 1]
        return found

    def talk(self, place: int) -> TalkStreams:
        """Both streams of one conversation."""
        number = int(self.numbers[place])
        one, other = self._open(number, 2 * place), self._open(number, 2 * place + 1)
        return TalkStreams(number, (one, other), self.clients[place])

    def read_whole(self, streams: Sequence[int]) -> tuple[bytes, list[int]]:
        """All bytes of these streams up to a gap, fetched in one pass through the file, and where those of each stream of the group begin."""
        stops = np.zeros(2 * len(self), np.int64)
        stops[list(streams)] = FARTHEST
        return _fetch(self._tables, self.pieces, stops)

    def _open(self, number: int, stream: int) -> Stream:
        pieces, own = self.pieces, slice(self._first[stream], self._first[stream + 1])
        arrays = (pieces.start[own], pieces.end[own], pieces.row[own], pieces.at[own])
        found = Stream(self._tables, number, stream & 1, arrays, bool(pieces.begins_known[stream]))
        if self.heads:
            found.preload(self.heads[self.bounds[stream] : self.bounds[stream + 1]], self.head)
        return found


def _fetch(tables: CaptureTables, pieces: Pieces, stops: NDArray[np.int64]) -> tuple[bytes, list[int]]:
    """What each stream holds up to an offset or a gap, in one pass through the file, and where each stream's bytes begin."""
    chosen, first = _choose(pieces, stops)
    start, rows = pieces.start[chosen], pieces.row[chosen]
    sizes = np.minimum(pieces.end[chosen], np.repeat(stops, np.diff(first))) - start
    order = np.argsort(rows, kind="stable")
    inside, wanted = np.zeros((2, len(order) + 1), np.int64)
    np.cumsum(sizes[order], out=inside[1:])
    np.cumsum(sizes, out=wanted[1:])
    data = tables.read_parts(rows[order], pieces.at[chosen][order], sizes[order])
    if len(data) < inside[-1]:
        # The file became shorter since it was read first: nothing tells which bytes are missing.
        return b"", [0] * len(first)
    places = np.empty(len(order), np.int64)
    places[order] = inside[:-1]
    return pick(data, places, sizes), wanted[first].tolist()


def _choose(pieces: Pieces, stops: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pieces that begin before an offset of their streams and before a gap, and which of them are those of each stream."""
    starts, first = pieces.start, pieces.first
    counts = np.diff(first)
    before = np.zeros_like(starts)
    before[1:] = pieces.end[:-1]
    before[first[:-1][counts > 0]] = 0
    gaps = np.zeros(len(starts) + 1, np.int64)
    np.cumsum(starts != before, out=gaps[1:])
    until_here = np.repeat(gaps[first[:-1]], counts)
    chosen = np.flatnonzero((gaps[1:] == until_here) & (starts < np.repeat(stops, counts)))
    return chosen, np.searchsorted(chosen, first)
