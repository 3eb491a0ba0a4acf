"""HTTP/1.1 requests and responses, each response with the request that it answers.

Takes a capture's tables; gives a `MessageTable`. Judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from wireproof.messages.datagrams import read_datagrams
from wireproof.messages.framed import Place
from wireproof.messages.http_reader import Unit, read_units
from wireproof.messages.table import Message, MessageTable
from wireproof.streams import Protocols, Stream, TalkStreams
from wireproof.wire.http import Head, content_length, is_chunked, scheme, schemes, unpack_head

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wireproof.conversations import CaptureTables


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpMessage(Message):
    """One request or response (RFC 9112), or an SSDP message, which is HTTP in a datagram.

    `kind` is `request` or `response`. `method`, `target` and `host` of a response are those of the request that it answers,
    "" where the capture lacks that. `version` is `1.1`; `2` for the preface of HTTP/2, whose frames are not read. `status` is 0
    in a request. `content_length` is as stated (-1: not stated), `body_bytes` what the body took in the stream.
    `authenticate` are the schemes that a 401 or 407 offers, `authorization` the scheme that a request uses, lower case.
    `start`, `body_at` and `end` are offsets in the stream of `side`. `request_row` (in responses) and `answer_row` (in
    requests) name the first packet of the other message, -1 for none. `wait_ns` (in responses) is the time from the packet
    that completed the request to the one with the response's first byte, -1 where unknown. `text` is the beginning of a text
    body.
    """

    kind: str
    method: str = ""
    target: str = ""
    host: str = ""
    version: str = ""
    status: int = 0
    reason: str = ""
    user_agent: str = ""
    server: str = ""
    via: str = ""
    location: str = ""
    content_type: str = ""
    content_encoding: str = ""
    content_length: int = -1
    body_bytes: int = 0
    chunked: bool = False
    upgrade: str = ""
    authenticate: tuple[str, ...] = ()
    authorization: str = ""
    text: str = ""
    sub_status: int = 0
    """Of an error of Windows' web server: the number behind the status that its page names (403.7; KB 943891), 0 for none."""
    tls: bool = False
    """Whether it was read out of a TLS session that was opened; its offsets are then those of the clear stream."""
    start: int = 0
    body_at: int = 0
    end: int = 0
    request_row: int = -1
    answer_row: int = -1
    wait_ns: int = -1

    @property
    def status_text(self) -> str:
        """`404 Not Found`; with the sub-status where a page names one: `403.7 Forbidden`."""
        number = f"{self.status}.{self.sub_status}" if self.sub_status else str(self.status)
        return f"{number} {self.reason}".strip()


NONE = np.zeros(0, np.int64)
PREVIEW = 120
PAGE = 4096
"""Bytes of an error page that are searched: its title and heading stand there."""
MOST_NUMBER = 2**63 - 1
TEXTS = ("text/", "application/json", "application/xml", "application/soap+xml")


def build_http(tables: CaptureTables, protocols: Protocols) -> MessageTable[HttpMessage]:
    """Every HTTP message of the capture, over TCP and, as SSDP has them, in datagrams."""
    found: list[HttpMessage] = []
    for talk in protocols.streams(tables, "http"):
        found += _read_talk(tables, talk)
    found += _read_datagrams(tables, protocols.udp.get("http", NONE))
    return MessageTable(HttpMessage, found)


def _read_talk(tables: CaptureTables, talk: TalkStreams) -> list[HttpMessage]:
    """The messages of one connection, responses paired with requests."""
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
    made = _fields(unit.head)
    made |= {"start": unit.start, "body_at": unit.body_at, "end": unit.end, "body_bytes": unit.body_bytes}
    made["tls"] = stream.opened
    if unit.body_bytes and made["content_type"].startswith(TEXTS) and not made["content_encoding"]:
        made["text"] = _preview(
            stream.read(unit.data_at, min(PREVIEW, unit.body_bytes, max(stream.end - unit.data_at, 0)))
        )
    if unit.body_bytes and made["status"] >= 400 and made["content_type"].startswith("text/html"):
        made["sub_status"] = _sub_status(stream, unit, made["status"])
    if request is not None:
        wait_ns = int(tables.packets.time_ns[row]) - request.time_ns
        made |= {"method": request.method, "target": request.target, "host": request.host, "request_row": request.row}
        # Behind a gap the answer may be to another request, of which nothing was captured.
        made["wait_ns"] = wait_ns if wait_ns >= 0 and not unit.found else -1
    return HttpMessage(**place, **made)


def _sub_status(stream: Stream, unit: Unit, status: int) -> int:
    """The second part of a status such as 403.7 that the beginning of an error page names."""
    page = stream.read(unit.data_at, min(PAGE, unit.body_bytes))
    found = re.search(rb"\b%d\.(\d{1,2})\b(?!\.)" % status, page)
    return int(found[1]) if found else 0


def _fields(head: Head) -> dict[str, Any]:
    """What a head says, as the fields of a message."""
    return {
        "kind": "response" if head.status else "request",
        "method": head.method,
        "target": head.target,
        "host": head.first("host"),
        "version": head.version.removesuffix(".0") if head.method == "PRI" else head.version,
        "status": head.status,
        "reason": head.reason,
        "user_agent": head.first("user-agent"),
        "server": head.first("server"),
        "via": head.first("via"),
        "location": head.first("location"),
        "content_type": head.first("content-type"),
        "content_encoding": head.first("content-encoding"),
        "content_length": min(content_length(head), MOST_NUMBER),
        "chunked": is_chunked(head),
        "upgrade": head.first("upgrade"),
        "authenticate": schemes(head) if head.status else (),
        "authorization": scheme(head),
    }


def _preview(data: bytes) -> str:
    """The beginning of a text as one line."""
    text = " ".join(data.decode("utf-8", "ignore").lstrip("\ufeff").split())
    return text if text.isprintable() else "".join(letter for letter in text if letter.isprintable())


def _read_datagrams(tables: CaptureTables, numbers: NDArray[np.int64]) -> Iterator[HttpMessage]:
    """HTTP messages that fill one datagram each."""
    for datagram in read_datagrams(tables, numbers):
        head = unpack_head(datagram.data)
        if head is not None:
            length = int(tables.packets.length[datagram.row])
            place = datagram.place
            place["cut"] = place["cut"] or not head.whole
            yield HttpMessage(**place, **_fields(head), body_at=head.size, end=length, body_bytes=length - head.size)
