"""HTTP requests and responses, each response with the request that it answers.

Takes a capture's tables; gives a `MessageTable`. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from wireproof.messages.datagrams import read_datagrams
from wireproof.messages.framed import Place
from wireproof.messages.http_message import HttpMessage, body_fields, bytes_wanted, head_fields
from wireproof.messages.http_reader import Unit, read_units
from wireproof.messages.table import MessageTable
from wireproof.streams import Protocols, Stream, TalkStreams
from wireproof.wire.http import PREFACE, Head, unpack_head

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wireproof.conversations import CaptureTables


NONE = np.zeros(0, np.int64)


def build_http(tables: CaptureTables, protocols: Protocols) -> MessageTable[HttpMessage]:
    """Every HTTP message of the capture, over TCP and, as SSDP has them, in datagrams."""
    found: list[HttpMessage] = []
    for talk in protocols.streams(tables, "http"):
        found += _read_talk(tables, talk)
    found += _read_datagrams(tables, protocols.udp.get("http", NONE))
    return MessageTable(HttpMessage, found)


def _read_talk(tables: CaptureTables, talk: TalkStreams) -> list[HttpMessage]:
    """The messages of one connection, responses paired with requests."""
    if any(stream.read(0, len(PREFACE)) == PREFACE for stream in talk.sides):
        from wireproof.messages.http2 import read_http2

        return read_http2(tables, talk)
    # Where the SYN is missing, what the sides send says better than their ports who serves.
    serving = [stream.read(0, min(5, stream.end)) == b"HTTP/" for stream in talk.sides]
    server = serving.index(True) if any(serving) else 1 - talk.client_side
    asking, answering = talk.sides[1 - server], talk.sides[server]
    units = list(read_units(asking))
    requests = [_message(tables, asking, unit) for unit in units if unit.head.method]
    pairing = _Pairing(tables, answering, requests, any(unit.found for unit in units))
    for unit in read_units(answering, pairing.method_of):
        if unit.head.status:
            pairing.add(unit)
    return pairing.messages()


class _Pairing:
    """Gives each response the request that it answers.

    Responses come in the order of requests (RFC 9112 section 9.3.2). Once the capture lost a part of either, only the time tells:
    a response then answers the last request before it.
    """

    def __init__(self, tables: CaptureTables, stream: Stream, requests: list[HttpMessage], gaps: bool) -> None:
        self.tables, self.stream, self.requests, self.gaps = tables, stream, requests, gaps
        self.next = 0
        self.current: int | None = None
        self.answers: dict[int, int] = {}
        self.responses: list[HttpMessage] = []

    def method_of(self, head: Head, at: int) -> str:
        """The method of the request that the response at this offset answers; it is then the current one."""
        row = self.stream.row(at)
        self.current = None
        self.gaps = self.gaps or (at > 0 and self.stream.gap_before(at))
        if self.gaps:
            while self.next + 1 < len(self.requests) and self.requests[self.next + 1].row < row:
                self.next += 1
        if self.next < len(self.requests) and self.requests[self.next].row < row:
            self.current = self.next
            # An interim response leaves its request open (RFC 9110 section 15.2), but 101 is final.
            if head.status >= 200 or head.status == 101:
                self.next += 1
        return self.requests[self.current].method if self.current is not None else ""

    def add(self, unit: Unit) -> None:
        """Take the response that `method_of` was asked for."""
        self.gaps = self.gaps or unit.found
        request = self.requests[self.current] if self.current is not None else None
        message = _message(self.tables, self.stream, unit, request)
        if self.current is not None and (message.status >= 200 or message.status == 101):
            self.answers[self.current] = message.row
        self.responses.append(message)

    def messages(self) -> list[HttpMessage]:
        """Requests, which now know their answers, and responses."""
        answered = (
            replace(request, answer_row=self.answers[place]) if place in self.answers else request
            for place, request in enumerate(self.requests)
        )
        return [*answered, *self.responses]


def _message(tables: CaptureTables, stream: Stream, unit: Unit, request: HttpMessage | None = None) -> HttpMessage:
    rows = stream.rows(unit.start, unit.end)
    row, last_row = (rows[0], max(rows)) if rows else (stream.row(unit.start), stream.row(unit.start))
    place = Place(
        conversation=stream.conversation,
        side=stream.side,
        row=row,
        last_row=last_row,
        time_ns=int(tables.packets.time_ns[last_row]),
        cut=unit.cut,
    )
    made = head_fields(unit.head)
    made |= {"start": unit.start, "body_at": unit.body_at, "end": unit.end, "body_bytes": unit.body_bytes}
    made["tls"] = stream.opened
    wanted = min(bytes_wanted(made), unit.body_bytes, max(stream.end - unit.data_at, 0))
    made |= body_fields(made, stream.read(unit.data_at, wanted)) if wanted else {}
    if request is not None:
        wait_ns = int(tables.packets.time_ns[row]) - request.time_ns
        made |= {"method": request.method, "target": request.target, "host": request.host, "request_row": request.row}
        # Behind a gap the answer may be to another request, of which nothing was captured.
        made["wait_ns"] = wait_ns if wait_ns >= 0 and not unit.found else -1
    return HttpMessage(**place, **made)


def _read_datagrams(tables: CaptureTables, numbers: NDArray[np.int64]) -> Iterator[HttpMessage]:
    """HTTP messages that fill one datagram each."""
    for datagram in read_datagrams(tables, numbers):
        head = unpack_head(datagram.data)
        if head is not None:
            length = int(tables.packets.length[datagram.row])
            place = datagram.place
            place["cut"] = place["cut"] or not head.whole
            yield HttpMessage(
                **place, **head_fields(head), body_at=head.size, end=length, body_bytes=length - head.size
            )
