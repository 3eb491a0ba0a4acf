"""HTTP/2 (RFC 9113): what heads and data of frames hold is blanked whole, because names of fields can't be seen without their tables.

Takes both streams of a conversation; gives what to blank. Lengths, types and what steers the connection stay. In heads fields are put that
any decoder reads without a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.export.redact.blocks import first_fields, make_block
from wireproof.export.redact.spans import Fill, Span, Spans
from wireproof.wire.http import PREFACE

if TYPE_CHECKING:
    from wireproof.streams.stream import Stream, TalkStreams

HEADER = 9
SETTINGS, HEADERS, PUSH_PROMISE, GOAWAY, CONTINUATION = 4, 1, 5, 7, 9
STEERING = frozenset({2, 3, SETTINGS, 6, 8})
"""PRIORITY, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE: nothing in them is a user's."""
PADDED, PRIORITY = 0x08, 0x20
LAST_KNOWN = 0x10
LIKELY_MOST = 1 << 20
FRAMES_THAT_TELL = 3
FIRST_READ = 32
"""Bytes of a block that may tell method and status."""


def is_http2(talk: TalkStreams) -> bool:
    """Whether either side speaks HTTP/2: by the client's preface, the server's settings, or frames in the middle of it."""
    # Which side is the client's is a guess where the SYN is missing.
    begins = [stream.read(0, len(PREFACE)) for stream in talk.sides]
    if any(head and PREFACE.startswith(head) for head in begins) or _is_settings(talk.server.read(0, HEADER)):
        return True
    midway = [
        stream for stream in talk.sides if not stream.begins_known or stream.gap_before(stream.next_after(0) or 0)
    ]
    return any(_looks_framed(stream) for stream in midway)


def _is_settings(head: bytes) -> bool:
    return len(head) == HEADER and head[3] == SETTINGS and head[4] < 2 and not any(head[5:]) and _size(head) % 6 == 0


def _size(head: bytes) -> int:
    return int.from_bytes(head[:3], "big")


def _looks_framed(stream: Stream) -> bool:
    at = stream.next_after(0)
    if at is None:
        return False
    for _ in range(FRAMES_THAT_TELL):
        head = stream.read(at, HEADER)
        if len(head) < HEADER or head[3] > LAST_KNOWN or head[5] & 0x80 or _size(head) > LIKELY_MOST:
            return False
        at += HEADER + _size(head)
    return True


def hide_frames(stream: Stream) -> Spans:
    """What to blank of one side; everything where frames can't be told apart any more."""
    fills: list[Fill] = []
    return Spans(_find_frames(stream, fills), fills, make_block)


def _find_frames(stream: Stream, fills: list[Fill]) -> list[Span]:
    """What to blank; `fills` takes the blocks of fields in it."""
    if not stream.begins_known:
        return [(0, stream.end)]
    begins = stream.read(0, len(PREFACE))
    if begins != PREFACE and PREFACE.startswith(begins):
        return [(0, stream.end)]
    at = len(PREFACE) if begins == PREFACE else 0
    asking, begun = bool(at), _Begun()
    spans: list[Span] = []
    while at < stream.end:
        head = stream.read(at, HEADER)
        if len(head) < HEADER:
            spans.append((at, stream.end))
            break
        start, size = at + HEADER, _size(head)
        at = start + size
        kept = _kept(head)
        if kept < size:
            spans.append((start + kept, at))
            first = stream.read(start, min(kept + FIRST_READ, size))
            begun.add_block(fills, head, first, (start, at, asking))
        if stream.gap_before(min(at, stream.end)) and at < stream.end:
            spans.append((at, stream.end))
            break
    return spans


class _Begun:
    """Which streams had their first block of fields: only that one has the method or the status."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def add_block(self, fills: list[Fill], head: bytes, first: bytes, where: tuple[int, int, bool]) -> None:
        """Take the block of a frame, which stands at (start, end) and whose side asks or answers."""
        kind, (start, end, asking) = head[3], where
        if kind not in {HEADERS, PUSH_PROMISE, CONTINUATION}:
            return
        padding = first[0] if first and kind != CONTINUATION and head[4] & PADDED else 0
        begin, end = start + _kept(head), end - padding
        if begin >= end:
            return
        number = int.from_bytes(head[5:9], "big")
        fresh = kind == PUSH_PROMISE or (kind == HEADERS and number not in self._seen)
        self._seen.update([number] if kind == HEADERS else [])
        block = first[begin - start :]
        fills.append((begin, end, first_fields(block, asking or kind == PUSH_PROMISE) if fresh else b""))


def _kept(head: bytes) -> int:
    """Bytes of a frame's payload that stay."""
    kind, flags = head[3], head[4]
    if kind in STEERING:
        return _size(head)
    padding = int(bool(flags & PADDED))
    if kind == HEADERS:
        return padding + (5 if flags & PRIORITY else 0)
    if kind == PUSH_PROMISE:
        return padding + 4
    return 8 if kind == GOAWAY else padding if kind == 0 else 0
