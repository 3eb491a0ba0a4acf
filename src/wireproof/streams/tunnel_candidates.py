"""Conversations that may hold an IP-HTTPS tunnel which can be read without a key: by their first bytes, and for TLS by the suite.

Takes a capture's tables; gives candidates. Of 100,000 TLS conversations without a suite that encrypts nothing one frame each is looked at.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.streams.recognise import Beginnings
from wireproof.streams.server_hellos import suites_told
from wireproof.streams.streams import open_streams
from wireproof.wire.http import content_length, unpack_head
from wireproof.wire.iphttps import measure_packets
from wireproof.wire.tls import (
    APPLICATION_DATA,
    HANDSHAKE,
    RECORD_HEADER,
    SERVER_HELLO,
    unpack_record,
    unpack_server_hello,
)
from wireproof.wire.tls_suites import SUITES, encrypts_nothing, mac_bytes

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.streams.stream import Stream
    from wireproof.table.packets import PacketTable

CHUNK = 4096
MACS = {suite: mac_bytes(suite) for suite in SUITES if encrypts_nothing(suite) and mac_bytes(suite)}
"""Suites under which records can be read, with the bytes of MAC behind each. Their content is what stands before it."""
POSTS = (b"POST /IP", b"POST /ip")
TRIES = 8
"""Exchanges with a proxy before its tunnel is open."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A conversation that may hold a tunnel: the TLS suite (0 for none) and the bytes of MAC behind each record.

    `in_records` tells that each piece of its streams is what a record held.
    """

    number: int
    suite: int
    mac: int
    in_records: bool = False


_CANDIDATES: weakref.WeakKeyDictionary[PacketTable, list[Candidate]] = weakref.WeakKeyDictionary()


def candidates_of(tables: CaptureTables) -> list[Candidate]:
    """What `find_candidates` gives, found once for a capture."""
    if tables.packets not in _CANDIDATES:
        _CANDIDATES[tables.packets] = find_candidates(tables)
    return _CANDIDATES[tables.packets]


def find_candidates(tables: CaptureTables) -> list[Candidate]:
    """Conversations that may hold a tunnel, by their first bytes and, for TLS, by the suite that the server chose."""
    conversations = tables.conversations
    first = Beginnings(conversations.side_facts("opening"), conversations.side_facts("port"))
    is_tcp = conversations.is_tcp
    posts = is_tcp & first.starts_with_any(POSTS).any(axis=1)
    proxied = is_tcp & first.starts(b"CONNECT ").any(axis=1)
    found = [Candidate(number, 0, 0) for number in np.flatnonzero(posts).tolist()]
    for talk in open_streams(tables, np.flatnonzero(proxied)):
        found += _with_suite(talk.conversation, _suite_in(talk.server))
    hellos = first.starts(bytes([HANDSHAKE, 3])) & (first.byte(2) <= 3) & (first.byte(5) == SERVER_HELLO)
    found += _with_null_suites(tables, first, hellos & is_tcp[:, None])
    midway = first.starts(bytes([APPLICATION_DATA, 3])) & (first.byte(5) >> 4 == 6)
    found += _begun_before(tables, midway & is_tcp[:, None])
    return sorted({candidate.number: candidate for candidate in found}.values(), key=lambda one: one.number)


def _with_suite(number: int, suite: int) -> list[Candidate]:
    return [Candidate(number, suite, MACS[suite])] if suite in MACS else []


def _first_frames(tables: CaptureTables, chosen: NDArray[np.bool_]) -> Iterator[tuple[int, int, bytes]]:
    """(conversation, side, payload of its first packet with data) of the sides chosen, shape (conversations, 2)."""
    packets = tables.packets
    numbers, sides = np.nonzero(chosen)
    rows = tables.conversations.side_facts("first_data_row")[numbers, sides].astype(np.int64) - 1
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        places = packets.payload_at[rows[part]].tolist()
        frames = tables.read_frames(rows[part])
        for number, side, frame, at in zip(numbers[part].tolist(), sides[part].tolist(), frames, places, strict=True):
            yield number, side, frame[at:]


def _with_null_suites(tables: CaptureTables, first: Beginnings, chosen: NDArray[np.bool_]) -> list[Candidate]:
    """Of conversations with a ServerHello those whose suite encrypts nothing."""
    found: list[Candidate] = []
    unsure: list[int] = []
    numbers, sides = np.nonzero(chosen)
    for start in range(0, len(numbers), CHUNK):
        part = numbers[start : start + CHUNK], sides[start : start + CHUNK]
        suites = suites_told(tables, part, first.words[part])
        # Where the segments came in another order, or the hello is in several, the stream has to tell.
        unsure += part[0][suites < 0].tolist()
        for number, suite in zip(part[0].tolist(), suites.tolist(), strict=True):
            found += _with_suite(number, suite)
    for talk in open_streams(tables, unsure, head=1024):
        found += _with_suite(talk.conversation, _suite_in(talk.sides[0]) or _suite_in(talk.sides[1]))
    return found


def _suite_in(stream: Stream) -> int:
    """The suite of the ServerHello at the stream's beginning, or behind a proxy's answers; 0 without one."""
    at = behind_heads(stream)
    record = unpack_record(stream.read(at, RECORD_HEADER))
    body = stream.read(at + RECORD_HEADER, 512) if record and record.kind == HANDSHAKE else b""
    hello = unpack_server_hello(body[4:]) if body[:1] == bytes([SERVER_HELLO]) else None
    return hello.suites[0] if hello else 0


def behind_heads(stream: Stream) -> int:
    """Where HTTP messages at the stream's beginning end: an exchange with a proxy (CONNECT), which may ask for credentials first."""
    at = 0
    for _ in range(TRIES):
        data = stream.read(at, 16_384)
        head = unpack_head(data) if data[:1].isalpha() else None
        if head is None or not head.whole:
            break
        at += head.size
        if head.status != 200 and not head.method:
            at += max(content_length(head), 0)
    return at


def _begun_before(tables: CaptureTables, chosen: NDArray[np.bool_]) -> list[Candidate]:
    """Conversations that were under way when the capture began, whose first record holds whole IPv6 packets and a MAC."""
    chosen = chosen & (tables.conversations.side_facts("syn_row") == 0)
    found = []
    for number, _, data in _first_frames(tables, chosen):
        record = unpack_record(data[:RECORD_HEADER])
        body = data[RECORD_HEADER : RECORD_HEADER + record.length] if record else b""
        size = measure_packets(body)
        if record and size and len(body) == record.length and len(body) - size in {16, 20, 32}:
            found.append(Candidate(number, 0, len(body) - size))
    return found
