"""Messages in TCP streams of protocols whose messages tell their own length, each with its packets.

Takes a stream and a function that measures a message by its first bytes; gives the messages in stream order. After bytes that
the capture lacks, or that are no message, it goes on at the next segment that begins one. Knows no protocol.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.streams import Stream, TalkStreams

Measure = Callable[[bytes], int | None]
"""Takes up to HEAD bytes; gives the length of the message that begins with them, or None when none does. Fewer bytes are all that
was captured."""

HEAD = 16
CUT_HEAD = 16_384
"""Bytes that are read of a message whose end was not captured; every segment may begin one that only claims to be long."""


class Place(TypedDict):
    """The fields that every `Message` has."""

    conversation: int
    side: int
    row: int
    last_row: int
    time_ns: int
    cut: bool


@dataclass(frozen=True, slots=True)
class Framed:
    """One message of `size` bytes at `offset` of its stream. `data` are its first bytes, without gap.

    `cut` tells that the capture lacks bytes of it.
    """

    stream: Stream
    offset: int
    size: int
    data: bytes
    cut: bool

    def place(self, tables: CaptureTables) -> Place:
        """Where it stands: its packets and the time at which it was complete."""
        stream = self.stream
        rows = stream.rows(self.offset, self.offset + self.size)
        last = max(rows)
        return Place(
            conversation=stream.conversation,
            side=stream.side,
            row=rows[0],
            last_row=last,
            time_ns=int(tables.packets.time_ns[last]),
            cut=self.cut,
        )


def find_both(
    tables: CaptureTables, talk: TalkStreams, measure: Measure, most: int = 65_536
) -> Iterator[tuple[Place, Framed]]:
    """The messages of both sides of a conversation, by the packets that completed them, so that requests come before responses.

    Only one message of each side is held at a time: bulk data passes through.
    """
    sides = (((one.place(tables), one) for one in find_framed(stream, measure, most)) for stream in talk.sides)
    return heapq.merge(*sides, key=lambda found: found[0]["last_row"])


def find_framed(stream: Stream, measure: Measure, most: int = 65_536) -> Iterator[Framed]:
    """Every message of a stream, with up to `most` of its bytes."""
    at = stream.next_after(0)
    while at is not None:
        head = stream.read(at, HEAD)
        size = measure(head)
        if size is None or size <= 0:
            at = _next_segment(stream, at)
            continue
        whole = at + size <= stream.end
        data = stream.read(at, min(size, most if whole else CUT_HEAD))
        yield Framed(stream, at, size, data, len(data) < size and _lacks(stream, at, size))
        # A length that reaches behind all that was captured may be a wrong one: what follows is not given up for it.
        at = stream.next_after(at + size) if whole else _next_segment(stream, at)


def _next_segment(stream: Stream, at: int) -> int | None:
    """Where the next segment begins behind the byte at `at`."""
    place = int(stream.starts.searchsorted(at, side="right"))
    return int(stream.starts[place]) if place < len(stream.starts) else None


def _lacks(stream: Stream, at: int, size: int) -> bool:
    """Whether the capture lacks any byte of a message."""
    if at + size > stream.end:
        return True
    first = int(stream.ends.searchsorted(at, side="right"))
    last = int(stream.starts.searchsorted(at + size, side="left"))
    return bool((stream.starts[first + 1 : last] > stream.ends[first : last - 1]).any())
