"""Bodies of HTTP/1.x messages that do not stand in the stream as they are: in chunks, compressed, or after a change of protocol.

Takes both streams of a conversation; gives what to blank. A body in chunks is looked through as one; a compressed one is blanked whole
where it holds a secret or can't be looked into.
"""

from __future__ import annotations

import re
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.export.redact.walk import OVERLAP, WINDOW, find_secrets, find_spans, read_window
from wireproof.limits import limit
from wireproof.messages.http_reader import Unit, read_units
from wireproof.wire.http import begins_message, is_chunked, unpack_chunk
from wireproof.wire.iphttps import is_tunnel_head

if TYPE_CHECKING:
    from wireproof.export.redact.spans import Span
    from wireproof.streams.stream import Stream, TalkStreams

UNPACKED = limit(
    "export.unpacked_bytes",
    64 << 20,
    "of one compressed body looked into for secrets: one that holds more is blanked, since a few kilobytes can unpack to gigabytes",
)
CODED_FIELD = re.compile(rb"(?i)\n(?:content|transfer)-encoding[ \t]*:")
GZIP_OR_ZLIB, RAW_DEFLATE = 47, -15
HARMLESS = ("image/", "audio/", "video/", "font/", "text/css")
"""Content that holds no secret of a user, so that it need not be unpacked."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """What to blank by side; `switched` tells that the connection went on in another protocol or as a tunnel, all of which is blanked.

    `tunnel` is where on each side begins what goes through a proxy's CONNECT; None without one.
    """

    spans: tuple[list[Span], list[Span]]
    switched: bool
    tunnel: tuple[int, int] | None = None


def find_body_spans(talk: TalkStreams) -> Bodies | None:
    """What to blank in the bodies of both sides; None where neither side can be HTTP/1."""
    if not any(_may_be_http(stream) for stream in talk.sides):
        return None
    asking = _asking_side(talk)
    client, server = talk.sides[asking], talk.sides[1 - asking]
    requests = [unit for unit in read_units(client) if unit.head.version]
    pairing = _Pairing([unit.head.method for unit in requests])
    answers = read_units(server, lambda head, at: pairing.method_of(head.status, at))
    responses = [unit for unit in answers if unit.head.version]
    asked, answered = _in_units(client, requests), _in_units(server, responses)
    if (requests or responses) and not any(unit.head.method == "CONNECT" for unit in requests):
        asked += _between(client, requests)
        answered += _between(server, responses)
    switch = _switch(requests, responses)
    if switch:
        asked.append((switch[0], client.end))
        answered.append((switch[1], server.end))
    tunnel = _tunnel(requests, responses)
    if asking:
        return Bodies((answered, asked), switch is not None, tunnel and tunnel[::-1])
    return Bodies((asked, answered), switch is not None, tunnel)


def _tunnel(requests: list[Unit], responses: list[Unit]) -> tuple[int, int] | None:
    """Where a tunnel that a proxy was asked for begins, on the side that asks and on the other."""
    final = [unit for unit in responses if unit.head.status >= 200]
    for place, unit in enumerate(requests):
        if unit.head.method == "CONNECT":
            answer = final[place] if place < len(final) else None
            if answer is None or answer.head.status < 300:
                return unit.body_at, answer.body_at if answer else 0
    return None


def _asking_side(talk: TalkStreams) -> int:
    """The side that asks: where the SYN is missing, what the sides send says better than their ports who serves."""
    serving = [stream.read(0, 5) == b"HTTP/" for stream in talk.sides]
    return 1 - serving.index(True) if any(serving) else talk.client_side


def _switch(requests: list[Unit], responses: list[Unit]) -> tuple[int, int] | None:
    """From where on both sides speak another protocol, or carry packets: a secret in those may be cut by their headers."""
    tunnel = next((unit for unit in requests if is_tunnel_head(unit.head)), None)
    if tunnel:
        return tunnel.body_at, responses[0].body_at if responses else 0
    place = next((place for place, unit in enumerate(responses) if unit.head.status == 101), None)
    if place is None:
        return None
    final = sum(unit.head.status >= 200 for unit in responses[:place])
    return requests[final].body_at if final < len(requests) else 0, responses[place].body_at


def _may_be_http(stream: Stream) -> bool:
    """Whether HTTP begins here, or may go on where the capture lacks the beginning."""
    return begins_message(stream.read(0, 16)) or not stream.begins_known or stream.gap_before(stream.next_after(0) or 0)


def _between(stream: Stream, units: list[Unit]) -> list[Span]:
    """What belongs to no message that was read: after a gap, or where something went wrong, it may be the rest of a body of any form."""
    found, at = [], 0
    for unit in units:
        found.append((at, unit.start))
        at = max(at, unit.end)
    return [span for span in (*found, (at, stream.end)) if span[0] < span[1]]


class _Pairing:
    """Which request a response answers, by their order."""

    def __init__(self, methods: list[str]) -> None:
        self._methods = methods
        self._place: dict[int, int] = {}
        self._answered = 0

    def method_of(self, status: int, at: int) -> str:
        """The method of the request that the response at this offset answers."""
        if at not in self._place:
            self._place[at] = self._answered
            self._answered += status >= 200
        place = self._place[at]
        return self._methods[place] if place < len(self._methods) else ""


def _in_units(stream: Stream, units: list[Unit]) -> list[Span]:
    """What to blank in the bodies of these messages, and behind heads that were not read as such."""
    found: list[Span] = []
    starts = [*(unit.start for unit in units), stream.end]
    for place, unit in enumerate(units):
        codings = _codings(unit)
        if codings:
            found += _in_coded(stream, unit, codings, starts[place + 1])
        elif is_chunked(unit.head):
            joined = Joined(stream, _chunks(stream, unit))
            found += (part for span in find_spans(joined, commands=False) for part in joined.outside(span))
    for at in _coded_fields(stream):
        place = bisect_right(starts, at, hi=len(units)) - 1
        if place < 0 or at >= units[place].body_at:
            # Something went wrong, and what follows this head may be compressed.
            found.append((at, starts[place + 1]))
    return found


def _codings(unit: Unit) -> list[str]:
    fields = (*unit.head.fields.get("content-encoding", ()), *unit.head.fields.get("transfer-encoding", ()))
    names = [name.strip().lower() for value in fields for name in value.split(",")]
    return [name for name in names if name not in {"", "identity", "chunked"}]


def _coded_fields(stream: Stream) -> Iterator[int]:
    """Where fields stand that tell of a coding."""
    at = stream.next_after(0)
    while at is not None:
        data = read_window(stream, at)
        if b"-encoding" in data.lower():
            for found in CODED_FIELD.finditer(data):
                yield at + found.start()
        at = stream.next_after(at + max(len(data) - (64 if len(data) == WINDOW else 0), 1))


def _chunks(stream: Stream, unit: Unit) -> list[Span]:
    """Where the data of each chunk stand."""
    found: list[Span] = []
    at = unit.body_at
    while at < unit.end:
        line = unpack_chunk(stream.read(at, min(64, unit.end - at)))
        if line is None or not line[0]:
            break
        found.append((at + line[1], min(at + line[1] + line[0], unit.end)))
        at += line[1] + line[0]
        ending = stream.read(at, 2)
        at += 2 if ending == b"\r\n" else 1 if ending[:1] == b"\n" else 0
    return found


def _in_coded(stream: Stream, unit: Unit, codings: list[str], following: int) -> Iterator[Span]:
    """All of a compressed body where it holds a secret, or where nobody can tell."""
    content = unit.head.first("content-type").strip().lower()
    if content.startswith(HARMLESS) or unit.end <= unit.body_at:
        return
    parts = _chunks(stream, unit) if is_chunked(unit.head) else [(unit.body_at, unit.end)]
    joined = Joined(stream, parts)
    if unit.cut or len(codings) > 1 or codings[0] not in {"gzip", "x-gzip", "deflate"} or _holds_secret(joined):
        yield unit.body_at, following if unit.cut else unit.end


def _holds_secret(joined: Joined) -> bool:
    """Whether a compressed body holds a secret when it is unpacked; also where it can't be."""
    for bits in (GZIP_OR_ZLIB, RAW_DEFLATE):
        try:
            return any(next(find_secrets(data, commands=False), None) for data in _unpacked(joined, bits))
        except zlib.error:
            continue
        except _TooMuch:
            return True
    return True


class _TooMuch(Exception):
    """A body unpacks to more than is looked into."""


def _unpacked(joined: Joined, bits: int) -> Iterator[bytes]:
    """The unpacked body in windows that overlap."""
    unpack = zlib.decompressobj(bits)
    held, done = b"", 0
    for part in joined.pieces():
        data = part
        while data:
            fresh = unpack.decompress(data, WINDOW)
            data = unpack.unconsumed_tail
            done += len(fresh)
            if done > UNPACKED.value:
                raise _TooMuch
            held = held[-OVERLAP:] + fresh
            yield held
            if unpack.eof:
                if unpack.unused_data.strip(b"\0"):
                    raise _TooMuch
                return
    if not unpack.eof:
        raise zlib.error("the body ends early")


class Joined:
    """Stretches of a stream as one stream without what stands between them; reads like a `Stream`."""

    begins_known = True

    def __init__(self, stream: Stream, parts: list[Span]) -> None:
        self._stream = stream
        self._parts = [part for part in parts if part[0] < part[1]]
        self._here: list[int] = []
        self.end = 0
        for start, end in self._parts:
            self._here.append(self.end)
            self.end += end - start

    def read(self, start: int, count: int) -> bytes:
        """Up to `count` bytes from `start`; fewer at a gap and at the end."""
        found: list[bytes] = []
        while count > 0 and start < self.end:
            place = bisect_right(self._here, start) - 1
            there = self._parts[place][0] + start - self._here[place]
            wanted = min(count, self._parts[place][1] - there)
            data = self._stream.read(there, wanted)
            found.append(data)
            start, count = start + len(data), count - len(data)
            if len(data) < wanted:
                break
        return b"".join(found)

    def next_after(self, offset: int) -> int | None:
        """Where bytes go on."""
        while offset < self.end:
            place = bisect_right(self._here, offset) - 1
            begin, end = self._parts[place]
            there = begin + offset - self._here[place]
            following = self._stream.next_after(there)
            if following is not None and following < end:
                return offset + following - there
            offset = self._here[place] + end - begin
        return None

    def pieces(self) -> Iterator[bytes]:
        """All bytes in order, as far as there is no gap."""
        at = 0
        while data := self.read(at, WINDOW):
            yield data
            at += len(data)

    def outside(self, span: Span) -> Iterator[Span]:
        """The stretches of the underlying stream that a stretch of this one covers."""
        start, end = span[0], min(span[1], self.end)
        while start < end:
            place = bisect_right(self._here, start) - 1
            begin, stop = self._parts[place]
            there = begin + start - self._here[place]
            size = min(end - start, stop - there)
            yield there, there + size
            start += size
