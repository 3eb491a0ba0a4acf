"""The DCE/RPC messages of one connection, fragments joined, in the order in which they were complete.

Takes both directions, of a TCP conversation or of a pipe; gives a `Joined` a message with its rows and, where asked for, its stub. Knows no interface.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from wireproof.limits import limit
from wireproof.wire.rpc import (
    FAULT,
    FIRST_FRAGMENT,
    HEADER_BYTES,
    LAST_FRAGMENT,
    REQUEST,
    RESPONSE,
    Auth,
    Call,
    Header,
    unpack_auth,
    unpack_call,
    unpack_header,
)

STUB_MOST = limit(
    "rpc.stub_bytes",
    1 << 18,
    "the stubs that are decoded name endpoints and take a few kilobytes; what is longer is somebody's data",
)
OPEN_MOST = 64
"""Calls of one direction whose fragments are still coming; clients have a handful."""
TRIES_MOST = 256
"""Segments of which the beginning is tried for a PDU's after a gap."""


class Readable(Protocol):
    """One direction of a connection: a TCP stream, or what passes through a pipe. See `streams.stream.Stream` for its parts."""

    @property
    def side(self) -> int:
        """The sending side of the conversation."""

    @property
    def begins_known(self) -> bool:
        """Whether offset 0 is where the direction begins."""

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where its pieces begin."""

    @property
    def ends(self) -> NDArray[np.int64]:
        """Where its pieces end."""

    @property
    def end(self) -> int:
        """One past its last byte."""

    def read(self, start: int, count: int) -> bytes:
        """Up to so many bytes, none from a gap."""

    def rows(self, start: int, end: int) -> list[int]:
        """Packets that carried these bytes."""


@dataclass(slots=True)
class Pdu:
    """One PDU as captured: `data` is shorter than `header.size` where the capture lacks the rest."""

    side: int
    row: int
    last_row: int
    header: Header
    data: bytes


@dataclass(slots=True)
class Joined:
    """One message: `first` is its first PDU, `call` that PDU's head where it is a call, `stub` the stubs of all its fragments."""

    side: int
    row: int
    last_row: int
    first: Pdu
    call: Call | None = None
    auth: Auth | None = None
    stub: bytes = b""
    fragments: int = 1
    size: int = 0
    cut: bool = False


def read_pdus(stream: Readable) -> Iterator[Pdu]:
    """The PDUs of one direction. After a gap reading goes on where a segment begins like a PDU."""
    at: int | None = 0 if stream.begins_known else _resume(stream, 0)
    while at is not None and at < stream.end:
        header = unpack_header(stream.read(at, HEADER_BYTES))
        if header is None:
            at = _resume(stream, at + 1)
            continue
        rows = stream.rows(at, at + header.size)
        yield Pdu(stream.side, rows[0], max(rows), header, stream.read(at, header.size))
        at += header.size


def _resume(stream: Readable, at: int) -> int | None:
    """Where a PDU begins at or behind `at`, at the beginning of a segment; None when none of the next ones does."""
    place = int(np.searchsorted(stream.ends, at, side="right"))
    for start in stream.starts[place : place + TRIES_MOST].tolist():
        data = stream.read(start, HEADER_BYTES)
        if start >= at and unpack_header(data) and data[5] <= 3 and data[6:8] == b"\0\0":
            return int(start)
    return None


def read_messages(sides: Iterable[Readable]) -> Iterator[Joined]:
    """Every message of both directions, in the order of the packets that completed them."""
    yield from heapq.merge(*(_join(read_pdus(side)) for side in sides), key=lambda joined: joined.last_row)


def _join(pdus: Iterator[Pdu]) -> Iterator[Joined]:
    """Messages of one direction; those whose last fragment never came are given at the end, as cut."""
    coming: dict[tuple[int, int], Joined] = {}
    for pdu in pdus:
        kind, flags = pdu.header.kind, pdu.header.flags
        if kind not in (REQUEST, RESPONSE, FAULT):
            auth = unpack_auth(pdu.data, pdu.header)
            yield Joined(pdu.side, pdu.row, pdu.last_row, pdu, auth=auth, size=pdu.header.size, cut=_is_cut(pdu))
            continue
        key = (kind, pdu.header.call_id)
        joined = coming.pop(key, None)
        if joined is None or flags & FIRST_FRAGMENT:
            if joined:
                joined.cut = True
                yield joined
            joined = _begin(pdu)
        else:
            _add(joined, pdu)
        if flags & LAST_FRAGMENT:
            yield joined
        else:
            coming[key] = joined
            if len(coming) > OPEN_MOST:
                yield _give_up(coming.pop(next(iter(coming))))
    yield from map(_give_up, coming.values())


def _give_up(joined: Joined) -> Joined:
    joined.cut = True
    return joined


def _is_cut(pdu: Pdu) -> bool:
    return len(pdu.data) < pdu.header.size


def _begin(pdu: Pdu) -> Joined:
    call = unpack_call(pdu.data, pdu.header)
    cut = _is_cut(pdu) or not pdu.header.flags & FIRST_FRAGMENT
    stub = pdu.data[call.begin : call.end] if call else b""
    auth = unpack_auth(pdu.data, pdu.header)
    return Joined(pdu.side, pdu.row, pdu.last_row, pdu, call, auth, stub, 1, pdu.header.size, cut)


def _add(joined: Joined, pdu: Pdu) -> None:
    call = unpack_call(pdu.data, pdu.header)
    if call and not joined.cut and len(joined.stub) < STUB_MOST.value:
        joined.stub += pdu.data[call.begin : call.end]
    joined.fragments += 1
    joined.size += pdu.header.size
    joined.last_row = max(joined.last_row, pdu.last_row)
    joined.cut = joined.cut or _is_cut(pdu) or call is None
