"""STUN and TURN messages over UDP and TCP, in plain form, framed (RFC 4571), and as Lync sends them; responses paired with requests.

Takes a capture's tables; gives a `MessageTable`. Judges nothing. Media inside TURN is left out, except what a Send or Data says of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.messages.datagrams import read_datagrams
from wireproof.messages.framed import Framed, Place
from wireproof.messages.table import Message, MessageTable
from wireproof.streams import Protocols, Stream, open_streams
from wireproof.wire.stun import (
    ERROR,
    HEADER_SIZE,
    INDICATION,
    PSEUDO_HELLO_SIZES,
    PSEUDO_HELLOS,
    REQUEST,
    SUCCESS,
    StunHead,
    begins_stun,
    frame_of,
    unpack_stun,
)

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

READ_BYTES = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class StunMessage(Message):
    """One message. `method` is `Binding`, `Allocate` …, `kind` `request`, `indication`, `success` or `error`.

    Addresses are `address:port`, "" without. `check` marks ICE's connectivity checks. `data_bytes` is what a Send or Data carries, and
    `inner` the method of a STUN message in it. `request_row` is the row of the first copy of the request that a response answers,
    -1 where the capture lacks it, and `wait_ns` the time from the last copy; `repeat` marks a request sent again.
    """

    transport: str = "udp"
    method: str = ""
    kind: str = ""
    transaction: str = ""
    microsoft: bool = False
    check: bool = False
    username: str = ""
    realm: str = ""
    software: str = ""
    mapped: str = ""
    relayed: str = ""
    peer: str = ""
    alternate: str = ""
    error: int = 0
    reason: str = ""
    lifetime_s: int = -1
    data_bytes: int = 0
    inner: str = ""
    attributes: tuple[int, ...] = ()
    request_row: int = -1
    wait_ns: int = -1
    repeat: bool = False


def build_stun(tables: CaptureTables, protocols: Protocols) -> MessageTable[StunMessage]:
    """Every STUN and TURN message of the capture."""
    found = [*_of_datagrams(tables, protocols), *_of_streams(tables, protocols)]
    return MessageTable(StunMessage, _pair(sorted(found, key=lambda message: message.last_row)))


def _of_datagrams(tables: CaptureTables, protocols: Protocols) -> Iterator[StunMessage]:
    numbers = protocols.udp["stun"]
    ports = tables.conversations.side_facts("port")
    # Without the cookie, only conversations of STUN's own port are believed.
    classic = set(numbers[(ports[numbers] == 3478).any(axis=1)].tolist()) if len(numbers) else set()
    for sent in read_datagrams(tables, numbers, least=HEADER_SIZE, wanted=_may_be_stun):
        head = unpack_stun(sent.data, sent.conversation in classic)
        if head:
            yield _message("udp", sent.place, head)


def _may_be_stun(data: bytes) -> bool:
    """Whether the first two bits are zero: those of RTP, DTLS and channel data are not all (RFC 7983)."""
    return data[:1] < b"\x14"


def _of_streams(tables: CaptureTables, protocols: Protocols) -> Iterator[StunMessage]:
    pseudo = np.setdiff1d(find_pseudo_tls(tables, protocols), protocols.tcp["stun"])
    for talk in itertools.chain(protocols.streams(tables, "stun", head=READ_BYTES), open_streams(tables, pseudo)):
        for stream in talk.sides:
            yield from _of_stream(tables, stream)


def find_pseudo_tls(tables: CaptureTables, protocols: Protocols) -> NDArray[np.int64]:
    """Conversations that begin with the made-up TLS hello of Lync's TURN (MS-TURN 3.1): no TLS follows."""
    numbers = protocols.tcp["tls"]
    openings = [int.from_bytes(hello[:8], "little") for hello in PSEUDO_HELLOS]
    found = np.isin(tables.conversations.side_facts("opening")[numbers], np.array(openings, np.uint64)).any(axis=1)
    return np.asarray(numbers[found])


def _of_stream(tables: CaptureTables, stream: Stream) -> Iterator[StunMessage]:
    at = stream.next_after(0)
    framing, transport = "", "tcp"
    while at is not None:
        data = stream.read(at, READ_BYTES)
        if not framing and at == 0 and _hello_size(data):
            at, transport = stream.next_after(_hello_size(data)), "pseudo-tls"
            continue
        framing = framing or _framing_of(data)
        frame = frame_of(data, framing) if framing else None
        if not frame or frame[1] <= 0:
            framing, at = "", _next_segment(stream, at)
            continue
        head = unpack_stun(data[frame[0] : frame[1]])
        if head:
            cut = len(data) < frame[1]
            yield _message(transport, Framed(stream, at, frame[1], data, cut).place(tables), head)
        at = stream.next_after(at + frame[1])


def _hello_size(data: bytes) -> int:
    """Bytes of the made-up hello with which a stream begins; 0 when it is none."""
    return next(
        (size for size, start in zip(PSEUDO_HELLO_SIZES, PSEUDO_HELLOS, strict=True) if data.startswith(start)), 0
    )


def _framing_of(data: bytes) -> str:
    """How messages are framed, told by the first one; "" where none is recognised."""
    if begins_stun(data):
        return "plain"
    if begins_stun(data[2:]) and int.from_bytes(data[:2], "big") == HEADER_SIZE + int.from_bytes(data[4:6], "big"):
        return "length"
    return "microsoft" if data[:1] in (b"\2", b"\3") and begins_stun(data[4:]) else ""


def _next_segment(stream: Stream, at: int) -> int | None:
    place = int(stream.starts.searchsorted(at, side="right"))
    return int(stream.starts[place]) if place < len(stream.starts) else None


def _message(transport: str, place: Place, head: StunHead) -> StunMessage:
    inner = unpack_stun(head.data) if head.data else None
    return StunMessage(
        **place,
        transport=transport,
        method=head.method,
        kind=head.kind,
        transaction=head.transaction.hex(),
        microsoft=head.microsoft,
        check=head.is_check,
        username=head.username,
        realm=head.realm,
        software=head.software,
        mapped=head.mapped,
        relayed=head.relayed,
        peer=head.peer,
        alternate=head.alternate,
        error=head.error,
        reason=head.reason,
        lifetime_s=head.lifetime_s,
        data_bytes=len(head.data),
        inner=f"{inner.method} {inner.kind}" if inner else "",
        attributes=tuple(head.attributes),
    )


def _pair(messages: Iterable[StunMessage]) -> Iterator[StunMessage]:
    """The messages with repeats marked and responses told their request, by conversation, transaction and direction."""
    asked: dict[tuple[int, str, int], tuple[int, int]] = {}
    for message in messages:
        if message.kind == REQUEST:
            key = (message.conversation, message.transaction, message.side)
            first, _ = asked.get(key, (message.row, 0))
            again = key in asked
            asked[key] = (first, message.time_ns)
            yield replace(message, repeat=True) if again else message
        elif message.kind in (SUCCESS, ERROR):
            row, time_ns = asked.get((message.conversation, message.transaction, 1 - message.side), (-1, 0))
            yield replace(message, request_row=row, wait_ns=message.time_ns - time_ns) if row >= 0 else message
        else:
            assert message.kind == INDICATION
            yield message
