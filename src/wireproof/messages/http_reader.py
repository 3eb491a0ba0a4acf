"""One direction of an HTTP/1.x connection cut into messages.

Takes a stream; gives the place and head of each message, and how far its body goes. Bodies are skipped, not read. Behind a gap
it goes on where a segment begins like a message. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.limits import limit
from wireproof.wire.http import (
    HEAD_MOST,
    PREFACE,
    Head,
    begins_message,
    content_length,
    has_body,
    is_chunked,
    unpack_chunk,
    unpack_head,
)

if TYPE_CHECKING:
    from wireproof.streams import Stream

USUAL_HEAD = 2048
CHUNKS = limit("http.chunks", 100_000, "chunks followed of one body: at a usual 8 KiB each that is 800 MB")
SEGMENTS = limit(
    "http.segments_after_gap",
    1000,
    "segments looked at for the next message behind a gap: a body of 1.4 MB has so many",
)

MethodOf = Callable[[Head, int], str]
"""Takes a response's head and its offset in the stream; gives the method of the request that it answers."""


@dataclass(slots=True)
class Unit:
    """One message in a stream: it begins at `start`, its body at `body_at`, the body's first data stand at `data_at`, and `end` is behind it.

    `cut` tells that the capture lacks a part of it, `found` that it was found behind a gap.
    """

    head: Head
    start: int
    body_at: int
    data_at: int
    end: int
    body_bytes: int
    cut: bool
    found: bool = False


def read_units(stream: Stream, method_of: MethodOf | None = None) -> Iterator[Unit]:
    """The messages of one direction in order, until something else than HTTP follows."""
    at, found = 0, False
    while at < stream.end:
        head = None if stream.gap_before(at) and not found else _read_head(stream, at)
        if head is None or (found and not head.whole and not head.version):
            following = _behind_gap(stream, at, found)
            if following is None:
                return
            at, found = following, True
            continue
        unit = _measure(stream, at, head, method_of(head, at) if method_of and head.status else "")
        unit.found = found
        yield unit
        if head.method == "PRI" or unit.end <= at:
            return
        at, found = unit.end, False


def _read_head(stream: Stream, at: int) -> Head | None:
    """The head at an offset; None when none begins there."""
    data = stream.read(at, min(USUAL_HEAD, stream.end - at))
    head = unpack_head(data)
    if len(data) < USUAL_HEAD or (head and head.whole) or not begins_message(data.lstrip(b"\r\n")):
        return head
    return unpack_head(stream.read(at, min(HEAD_MOST, stream.end - at)))


def _behind_gap(stream: Stream, at: int, found: bool = False) -> int | None:
    """Where the next message begins behind the first gap from `at` on; None without a gap or such a message.

    `found` tells that `at` is behind a gap already, and that no message begins there.

    Messages begin where a segment begins far more often than not, and elsewhere they would have to be guessed.
    """
    place = int(np.searchsorted(stream.ends, at, side="right"))
    gap = found or stream.gap_before(at) or (at == 0 and not stream.begins_known)
    looked = 0
    while place < len(stream.starts) and looked < SEGMENTS.value:
        start, end = int(stream.starts[place]), int(stream.ends[place])
        gap = gap or (start > at and stream.gap_before(start))
        if gap and start >= at + found:
            looked += 1
            if begins_message(stream.read(start, min(16, end - start))):
                return start
        place += 1
    return None


def lacks(stream: Stream, start: int, end: int) -> bool:
    """Whether the capture lacks a byte from `start` up to `end`."""
    if end > stream.end:
        return True
    first = int(np.searchsorted(stream.ends, start, side="right"))
    last = int(np.searchsorted(stream.starts, end, side="left"))
    if last - first <= 1:
        return start < end and (first >= last or int(stream.starts[first]) > start or int(stream.ends[first]) < end)
    covered = np.minimum(stream.ends[first:last], end) - np.maximum(stream.starts[first:last], start)
    return int(covered.sum()) < end - start


def _measure(stream: Stream, at: int, head: Head, method: str) -> Unit:
    """The message with this head: how far its body goes, and whether all of it is there."""
    body_at = at + head.size
    unit = Unit(head, at, body_at, body_at, body_at, 0, not head.whole)
    if head.method == "PRI":
        unit.end = at + len(PREFACE)
    elif not head.whole or not has_body(head, method):
        return unit
    elif is_chunked(head):
        _follow_chunks(stream, unit)
    else:
        stated = content_length(head)
        # A response without a length lasts until the server closes; so does one whose length is nonsense.
        unit.body_bytes = stated if stated >= 0 else max(stream.end - body_at, 0)
        unit.cut = lacks(stream, at, body_at + unit.body_bytes)
        unit.body_bytes = min(unit.body_bytes, max(stream.end - body_at, 0))
        unit.end = body_at + unit.body_bytes
    return unit


def _follow_chunks(stream: Stream, unit: Unit) -> None:
    """Go from chunk to chunk (RFC 9112 section 7.1), and over the trailer behind the last one."""
    at = unit.body_at
    unit.cut = True
    for turn in range(int(CHUNKS.value)):
        line = unpack_chunk(stream.read(at, min(64, max(stream.end - at, 0))))
        if line is None:
            break
        size, taken = line
        if not turn:
            unit.data_at = at + taken
        at += taken + size
        unit.body_bytes += size
        ending = stream.read(at, min(2, max(stream.end - at, 0)))
        if not size:
            at, unit.cut = _behind_trailer(stream, at)
            break
        at += 2 if ending == b"\r\n" else 1 if ending[:1] == b"\n" else 0
    unit.cut = unit.cut or lacks(stream, unit.start, at)
    unit.end = min(at, max(stream.end, unit.body_at))


def _behind_trailer(stream: Stream, at: int) -> tuple[int, bool]:
    """(offset behind the trailer and its blank line, whether that line is missing)."""
    data = stream.read(at, min(USUAL_HEAD, max(stream.end - at, 0)))
    for blank in (b"\r\n", b"\n"):
        if data.startswith(blank):
            return at + len(blank), False
    place = data.find(b"\r\n\r\n")
    return (at + place + 4, False) if place >= 0 else (at + len(data), True)
