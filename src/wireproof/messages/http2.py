"""HTTP/2 requests and responses (RFC 9113), which share one connection.

Takes both streams of a connection; gives messages like those of HTTP/1.1. Where the capture lacks a frame with fields, the
compression's state is lost (RFC 7541 section 2.3), and no more of that direction can be told. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wireproof.limits import limit
from wireproof.messages.http_message import PAGE, HttpMessage, body_fields, head_fields
from wireproof.wire import http2
from wireproof.wire.http import PREFACE, Head, head_of_fields

if TYPE_CHECKING:
    from hpack import Decoder

    from wireproof.conversations import CaptureTables
    from wireproof.streams import Stream, TalkStreams

STREAMS = limit(
    "http2.open_streams", 10_000, "servers allow a client some hundred at a time; what opens more wants to fill memory"
)
BLOCK_MOST = 1 << 18
"""Bytes of one field block; servers refuse far smaller ones."""
TABLE_MOST = 1 << 20
"""Largest dynamic table that is believed; programs use 4 to 64 KiB."""


@dataclass(slots=True)
class Sent:
    """One message of one direction: its head, the place of its frames, and the beginning of its body."""

    stream_id: int
    head: Head
    start: int
    body_at: int
    end: int
    body_bytes: int = 0
    body: bytes = b""
    ended: bool = False


@dataclass(slots=True)
class Sender:
    """Reads one direction. `sent` are its messages in the order of their heads."""

    stream: Stream
    decoder: Decoder
    sent: list[Sent] = field(default_factory=list)
    open: dict[int, Sent] = field(default_factory=dict)

    def read(self, at: int) -> None:
        """Go from frame to frame, as far as the capture holds them."""
        block, begun = b"", at
        while (frame := http2.unpack_frame_header(self.stream.read(at, http2.HEADER_BYTES))) is not None:
            start, at = at, at + http2.HEADER_BYTES + frame.length
            if frame.kind == http2.DATA:
                self._take_data(frame, start)
            elif frame.kind == http2.RST_STREAM:
                self.open.pop(frame.stream_id, None)
            elif frame.kind in {http2.HEADERS, http2.PUSH_PROMISE, http2.CONTINUATION}:
                begun = start if frame.kind != http2.CONTINUATION else begun
                piece = self._block(frame, start)
                if piece is None or len(block) > BLOCK_MOST:
                    return
                block += piece
                if frame.flags & http2.END_HEADERS:
                    if not self._take_block(frame, block, begun, at):
                        return
                    block = b""

    def _block(self, frame: http2.FrameHeader, start: int) -> bytes | None:
        """A frame's piece of the field block; None where the capture lacks a part of it."""
        payload = self.stream.read(start + http2.HEADER_BYTES, min(frame.length, BLOCK_MOST))
        if len(payload) < frame.length:
            return None
        begin, end = http2.find_content(frame, payload)
        return payload[begin:end]

    def _take_block(self, frame: http2.FrameHeader, block: bytes, start: int, end: int) -> bool:
        """A whole field block: a head, or a trailer. False when it can't be unpacked, and so none behind it."""
        from hpack import HPACKError

        try:
            fields = self.decoder.decode(block, raw=True)
        except HPACKError:
            return False
        if frame.kind == http2.PUSH_PROMISE:
            return True
        head = head_of_fields((bytes(name), bytes(value)) for name, value in fields)
        if head is not None and len(self.open) < STREAMS.value:
            made = Sent(frame.stream_id, head, start, end, end)
            self.sent.append(made)
            self.open[frame.stream_id] = made
        self._end(frame, end)
        return True

    def _take_data(self, frame: http2.FrameHeader, start: int) -> None:
        found = self.open.get(frame.stream_id)
        if found is None:
            return
        at = start + http2.HEADER_BYTES
        begin, end = http2.find_content(frame, self.stream.read(at, 1))
        wanted = min(PAGE - len(found.body), end - begin)
        if wanted > 0 and len(found.body) == found.body_bytes:
            found.body += self.stream.read(at + begin, wanted)
        found.body_bytes += end - begin
        self._end(frame, at + frame.length)

    def _end(self, frame: http2.FrameHeader, end: int) -> None:
        found = self.open.get(frame.stream_id)
        if found is None:
            return
        found.end = end
        # Behind an interim response (103) the final one follows on the same stream.
        if frame.flags & http2.END_STREAM and frame.kind in {http2.HEADERS, http2.DATA}:
            found.ended = True
            del self.open[frame.stream_id]


def read_http2(tables: CaptureTables, talk: TalkStreams) -> list[HttpMessage]:
    """The messages of a connection whose client began with the preface."""
    client = next(side for side in (0, 1) if talk.sides[side].read(0, len(PREFACE)) == PREFACE)
    asking, answering = _sender(talk.sides[client]), _sender(talk.sides[1 - client])
    asking.read(len(PREFACE))
    answering.read(0)
    requests = {one.stream_id: _message(tables, asking.stream, one) for one in asking.sent if one.head.method}
    responses = list(_responses(tables, answering, requests))
    answered = {m.stream_id: m.row for m in reversed(responses) if m.status >= 200}
    return [
        *(replace(request, answer_row=answered.get(number, -1)) for number, request in requests.items()),
        *responses,
    ]


def _sender(stream: Stream) -> Sender:
    from hpack import Decoder

    decoder = Decoder()
    decoder.max_allowed_table_size = TABLE_MOST
    return Sender(stream, decoder)


def _responses(tables: CaptureTables, sender: Sender, requests: dict[int, HttpMessage]) -> Iterator[HttpMessage]:
    for one in sender.sent:
        if not one.head.status:
            continue
        made, request = _message(tables, sender.stream, one), requests.get(one.stream_id)
        if request is not None:
            wait_ns = int(tables.packets.time_ns[made.row]) - request.time_ns
            made = replace(
                made,
                method=request.method,
                target=request.target,
                host=request.host,
                request_row=request.row,
                wait_ns=max(wait_ns, -1),
            )
        yield made


def _message(tables: CaptureTables, stream: Stream, one: Sent) -> HttpMessage:
    # Frames of other messages stand between those of this one: its rows are those of its first and last frame.
    rows = [*stream.rows(one.start, one.body_at), *stream.rows(one.end - 1, one.end)] or [stream.row(one.start)]
    last_row = max(rows)
    said = head_fields(one.head)
    return HttpMessage(
        conversation=stream.conversation,
        side=stream.side,
        row=rows[0],
        last_row=last_row,
        time_ns=int(tables.packets.time_ns[last_row]),
        cut=not one.ended,
        **said,
        **body_fields(said, one.body),
        body_bytes=one.body_bytes,
        stream_id=one.stream_id,
        tls=stream.opened,
        start=one.start,
        body_at=one.body_at,
        end=one.end,
    )
