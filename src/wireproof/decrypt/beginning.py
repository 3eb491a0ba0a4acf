"""TLS that begins within another protocol: after STARTTLS, behind a proxy's CONNECT, in SQL Server's packets.

Takes both streams of a conversation; gives the places where TLS begins, and streams without the packets around it. Judges nothing.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.limits import limit
from wireproof.streams.stream import Stream
from wireproof.wire.tls import ALERT, CLIENT_HELLO, HANDSHAKE, SERVER_HELLO, unpack_record, unpack_sslv2_hello

if TYPE_CHECKING:
    from wireproof.decrypt.records import Source
    from wireproof.streams.stream import TalkStreams

SEGMENTS = limit(
    "tls.segments_searched",
    200,
    "whoever starts TLS within another protocol does so before sending mail; a search that never ends would read whole transfers",
)
TDS_TLS, TDS_HEADER = 0x12, 8
MADE_OF: tuple[tuple[bytes, str], ...] = (
    (b"CONNECT", "http-connect"),
    (b"\x05", "socks"),
    (b"\x04\x01", "socks"),
    (b"\x12\x01", "tds"),
    (b"\0\0\0\x08\x04\xd2", "postgresql"),
    (b"\x03\0\0", "rdp"),
    (b"\x30", "ldap"),
    (b"<", "xmpp"),
)
"""What the client's first bytes tell of the protocol around; all others are text with a command named like STARTTLS."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where TLS begins in each side's source: `client_side` (0 or 1) sends the ClientHello. `inside` as in `TlsMessage`.

    `starts` holds -1 for a side that sent no TLS.
    """

    client_side: int
    sources: tuple[Source, Source]
    starts: tuple[int, int]
    inside: str = ""


def find_beginning(talk: TalkStreams) -> Beginning | None:
    """Where a conversation's TLS begins; None when it has none."""
    first = [stream.read(0, 8) for stream in talk.sides]
    told = [
        unpack_record(head[:5]) is not None or _is_old_hello(stream)
        for head, stream in zip(first, talk.sides, strict=True)
    ]
    if not any(told):
        return _find_inside(talk)
    client = next(
        (side for side in (0, 1) if _is_hello(first[side], CLIENT_HELLO) or _is_old_hello(talk.sides[side])), -1
    )
    if client >= 0:
        # What answers a hello is TLS, or shows at once that it is not.
        return Beginning(client, talk.sides, (0, 0))
    answer = next((side for side in (0, 1) if _is_hello(first[side], SERVER_HELLO)), -1)
    if answer < 0 or told[1 - answer] or not first[1 - answer]:
        return Beginning(1 - answer if answer >= 0 else talk.client_side, talk.sides, (0, 0))
    start = _find_hello(talk.sides[1 - answer], CLIENT_HELLO)
    return Beginning(1 - answer, talk.sides, (start, 0) if answer else (0, start), _around(first[talk.client_side]))


def _is_hello(head: bytes, kind: int) -> bool:
    record = unpack_record(head[:5])
    return record is not None and record.kind == HANDSHAKE and head[5:6] == bytes([kind])


def _is_old_hello(stream: Stream) -> bool:
    return unpack_sslv2_hello(stream.read(0, 300)) is not None


def _find_inside(talk: TalkStreams) -> Beginning | None:
    spoken = talk.client.read(0, 8)
    if spoken[:2] == b"\x12\x01":
        return _find_tds(talk)
    for side in (talk.client_side, 1 - talk.client_side):
        start = _find_hello(talk.sides[side], CLIENT_HELLO)
        if start < 0:
            continue
        starts = [-1, -1]
        starts[side], starts[1 - side] = start, _find_hello(talk.sides[1 - side], SERVER_HELLO)
        return Beginning(side, talk.sides, (starts[0], starts[1]), _around(spoken))
    return None


def _around(spoken: bytes) -> str:
    return next((name for pattern, name in MADE_OF if spoken.startswith(pattern)), "starttls")


def _find_hello(stream: Stream, kind: int) -> int:
    """The first segment that begins with this hello (or, of a server, with an alert); -1 for none."""
    for start in stream.starts[1 : int(SEGMENTS.value)].tolist():
        head = stream.read(start, 6)
        record = unpack_record(head[:5])
        if record and (
            (record.kind == HANDSHAKE and head[5:] == bytes([kind]))
            or (record.kind == ALERT and record.length == 2 and kind == SERVER_HELLO)
        ):
            return int(start)
    return -1


class Spliced:
    """The content of packets that another protocol puts around TLS, as one stream; reads like a `Stream`.

    `parts` are (offset here, offset in the stream, size), in order; the last one may be open-ended. `behind` is where, in the stream, bytes
    without packets around them go on that are no TLS; -1 where the last part is open-ended.
    """

    def __init__(self, stream: Stream, parts: list[tuple[int, int, int]], behind: int = -1) -> None:
        self.stream = stream
        self._parts = parts
        self._behind = behind
        self._here = [part[0] for part in parts]

    def _part(self, offset: int) -> tuple[int, int, int] | None:
        place = bisect.bisect_right(self._here, offset) - 1
        if place < 0:
            return None
        part = self._parts[place]
        return part if offset < part[0] + part[2] else None

    def with_rest(self) -> Spliced:
        """The same with what goes on behind TLS."""
        if self._behind < 0:
            return self
        here, _, size = self._parts[-1]
        return Spliced(self.stream, [*self._parts, (here + size, self._behind, 1 << 40)])

    def raw(self, offset: int) -> int:
        """Where a byte stands in the stream with the packets around it."""
        here, there, _ = self._parts[max(bisect.bisect_right(self._here, offset) - 1, 0)]
        return there + offset - here

    def read(self, start: int, count: int) -> bytes:
        """Up to `count` bytes from `start`."""
        found = b""
        while len(found) < count:
            part = self._part(start + len(found))
            if part is None:
                break
            skipped = start + len(found) - part[0]
            data = self.stream.read(part[1] + skipped, min(count - len(found), part[2] - skipped))
            if not data:
                break
            found += data
        return found

    def next_after(self, offset: int) -> int | None:
        """Where bytes go on at or behind `offset`."""
        for here, there, size in self._parts:
            if here + size <= offset:
                continue
            after = self.stream.next_after(there + max(offset - here, 0))
            if after is not None and after < there + size:
                return here + after - there
        return None

    def row(self, offset: int) -> int:
        """The packet of a byte."""
        part = self._part(offset)
        return self.stream.row(part[1] + offset - part[0]) if part else -1

    def rows(self, start: int, end: int) -> list[int]:
        """The packets of the bytes from `start` up to `end`."""
        first, last = self._part(start), self._part(end - 1)
        if first is None or last is None:
            return []
        return self.stream.rows(first[1] + start - first[0], last[1] + end - last[0])


def _find_tds(talk: TalkStreams) -> Beginning | None:
    """TLS in the PRELOGIN packets of TDS (MS-TDS section 2.2.6.5), and bare behind them."""
    client, server = _splice_tds(talk.client), _splice_tds(talk.server)
    if client is None or not _is_hello(client.read(0, 6), CLIENT_HELLO):
        return None
    answer: Source = server or talk.server
    starts = (0, 0 if server else -1)
    if talk.client_side:
        return Beginning(1, (answer, client), (starts[1], starts[0]), "tds")
    return Beginning(0, (client, answer), starts, "tds")


def _splice_tds(stream: Stream) -> Spliced | None:
    parts: list[tuple[int, int, int]] = []
    at = here = 0
    behind = -1
    for turn in range(int(SEGMENTS.value)):
        header = stream.read(at, TDS_HEADER)
        size = int.from_bytes(header[2:4], "big")
        if len(header) < TDS_HEADER or size <= TDS_HEADER or header[0] not in (TDS_TLS, 0x04):
            break
        # The first packet each way is the PRELOGIN itself.
        if turn and header[0] == TDS_TLS:
            parts.append((here, at + TDS_HEADER, size - TDS_HEADER))
            here += size - TDS_HEADER
            behind = at + size
        at += size
    if parts and unpack_record(stream.read(at, 5)):
        parts.append((here, at, 1 << 40))
        behind = -1
    return Spliced(stream, parts, behind) if parts else None


def raw_place(source: Source, offset: int) -> int:
    """The place in the conversation's own stream of an offset in a source; -1 stays -1."""
    return source.raw(offset) if offset >= 0 and isinstance(source, Spliced) else offset


def piece_end(source: Source, offset: int) -> int:
    """Where, in a source, the bytes end that one packet carried from `offset` on."""
    stream = source.stream if isinstance(source, Spliced) else source
    if not isinstance(stream, Stream):
        return offset + 1
    raw = raw_place(source, offset)
    place = int(np.searchsorted(stream.ends, raw, side="right"))
    return offset + int(stream.ends[place]) - raw if place < len(stream.ends) else offset
