"""IP-HTTPS tunnels that can be read without a key: plain HTTP, or TLS under a suite that encrypts nothing.

Takes a capture's tables; gives the tunnels with their HTTP heads and inner IPv6 packets. Of 100,000 TLS conversations without such
a suite one frame each is looked at. Judges nothing.
"""

from __future__ import annotations

import heapq
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.streams.recognise import Beginnings
from wireproof.streams.server_hellos import suites_told
from wireproof.streams.streams import open_streams
from wireproof.wire.http import content_length, unpack_head
from wireproof.wire.iphttps import Packet, TunnelHead, TunnelReader, is_tunnel_request, measure_packets
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
    from wireproof.streams.stream import Stream, TalkStreams
    from wireproof.table.packets import PacketTable

CHUNK = 4096
MACS = {suite: mac_bytes(suite) for suite in SUITES if encrypts_nothing(suite) and mac_bytes(suite)}
"""Suites under which records can be read, with the bytes of MAC behind each. Their content is what stands before it."""
POSTS = (b"POST /IP", b"POST /ip")
TRIES = 8
"""Exchanges with a proxy before its tunnel is open."""
SEARCHED = 64
"""Segments in which a record is looked for behind a gap of the capture."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A conversation that may hold a tunnel: the TLS suite (0 for none) and the bytes of MAC behind each record.

    `in_records` tells that each piece of its streams is what a record held.
    """

    number: int
    suite: int
    mac: int
    in_records: bool = False


@dataclass(slots=True)
class Room:
    """Bytes of inner packets that may still be kept in memory. `refused` counts packets that were not."""

    left: int = 0
    refused: int = 0

    def takes(self, size: int) -> bool:
        """Whether a packet of `size` bytes is kept; from the first one that is not on, none is."""
        if self.refused or size > self.left:
            self.refused += 1
            return False
        self.left -= size
        return True


@dataclass(slots=True)
class Direction:
    """What one side sent into a tunnel: its heads, how many packets in which rows, and those packets that there was room for."""

    side: int
    heads: list[TunnelHead] = field(default_factory=list)
    packets: list[Packet] = field(default_factory=list)
    count: int = 0
    octets: int = 0
    first_row: int = -1
    last_row: int = -1
    trouble: str = ""

    def add(self, found: Packet | TunnelHead, room: Room) -> None:
        """Take in what was read next."""
        if isinstance(found, TunnelHead):
            self.heads.append(found)
            return
        self.first_row = found.row if self.first_row < 0 else self.first_row
        self.last_row = found.row
        self.count += 1
        self.octets += len(found.data)
        if room.takes(len(found.data)):
            self.packets.append(found)


@dataclass(frozen=True, slots=True)
class Tunnel:
    """One tunnel with both directions, the client's first. `suite` is that of TLS, 0 for plain HTTP or where it was not seen."""

    number: int
    suite: int
    directions: tuple[Direction, Direction]

    @property
    def is_one(self) -> bool:
        """Whether the client asked for a tunnel; where what it said first is not known, whether packets were found."""
        asked = [found.head for found in self.directions[0].heads]
        if asked:
            return any(map(is_tunnel_request, asked))
        return any(direction.count for direction in self.directions)


_CANDIDATES: weakref.WeakKeyDictionary[PacketTable, list[Candidate]] = weakref.WeakKeyDictionary()


Opened = tuple["TalkStreams", int]
"""The streams inside a TLS session that was opened with a key, and its suite."""


def read_tunnels(tables: CaptureTables, room: Room | None = None, opened: Iterable[Opened] = ()) -> Iterator[Tunnel]:
    """Every readable tunnel of the capture, one in memory at a time, with as many of its packets as there is room for."""
    room = room or Room()
    candidates = candidates_of(tables)
    for candidate in candidates:
        for talk in open_streams(tables, [candidate.number]):
            tunnel = _read_tunnel(talk, candidate, room)
            if tunnel.is_one:
                yield tunnel
    read = {candidate.number for candidate in candidates}
    for talk, suite in opened:
        if talk.conversation not in read and may_hold_tunnel(talk.sides):
            yield _read_tunnel(talk, Candidate(talk.conversation, suite, 0, in_records=True), room)


def may_hold_tunnel(sides: tuple[Stream, Stream]) -> bool:
    """Whether one of the streams inside an opened session begins as a tunnel does."""
    return sides[0].read(0, 8) in POSTS or sides[1].read(0, 8) in POSTS


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
    at = _behind_heads(stream)
    record = unpack_record(stream.read(at, RECORD_HEADER))
    body = stream.read(at + RECORD_HEADER, 512) if record and record.kind == HANDSHAKE else b""
    hello = unpack_server_hello(body[4:]) if body[:1] == bytes([SERVER_HELLO]) else None
    return hello.suites[0] if hello else 0


def _behind_heads(stream: Stream) -> int:
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


def _read_tunnel(talk: TalkStreams, candidate: Candidate, room: Room) -> Tunnel:
    """Both directions side by side in the order of their rows, so that room ends for both at the same time."""
    directions = Direction(talk.client.side), Direction(talk.server.side)
    readers = [
        _items(stream, candidate, own) for stream, own in zip((talk.client, talk.server), directions, strict=True)
    ]
    for direction, found in heapq.merge(*readers, key=lambda item: item[1].row):
        direction.add(found, room)
    return Tunnel(candidate.number, candidate.suite, directions)


def _items(
    stream: Stream, candidate: Candidate, direction: Direction
) -> Iterator[tuple[Direction, Packet | TunnelHead]]:
    """Heads and packets of one side."""
    reader = TunnelReader(open=not stream.begins_known)
    mac = candidate.mac
    for piece, row in _in_records(stream, mac) if mac else _in_pieces(stream, candidate.in_records):
        if row < 0:
            reader.forget()
            continue
        for found in reader.take(piece, row):
            yield direction, found
        if reader.trouble:
            break
    direction.trouble = reader.trouble


def _in_pieces(stream: Stream, records: bool) -> Iterator[tuple[bytes, int]]:
    """Pieces of the stream with the latest row that had to come before each could be read; row -1 for a gap."""
    latest, position, lost = -1, 0, False
    for start, end, row in zip(stream.starts.tolist(), stream.ends.tolist(), stream.piece_rows.tolist(), strict=True):
        if start > position:
            yield b"", -1
            # Where packets go on behind a gap can't be known in plain HTTP; a record often holds whole ones.
            if not records:
                return
            lost = True
        latest, position = max(latest, row), end
        piece = stream.read(start, end - start)
        lost = lost and measure_packets(piece) != len(piece)
        if not lost:
            yield piece, latest


def _in_records(stream: Stream, mac: int) -> Iterator[tuple[bytes, int]]:
    """Application data of each record without its MAC; row -1 where the capture lacks some."""
    latest, at = -1, _behind_heads(stream)
    while at < stream.end:
        record = unpack_record(stream.read(at, RECORD_HEADER))
        body = stream.read(at + RECORD_HEADER, record.length) if record else b""
        if record is None or len(body) < record.length:
            found = _next_record(stream, at, mac)
            if found is None:
                return
            yield b"", -1
            at = found
            continue
        at += RECORD_HEADER + record.length
        latest = max(latest, stream.row(at - 1))
        if record.kind == APPLICATION_DATA and record.length > mac:
            yield body[:-mac], latest


def _next_record(stream: Stream, at: int, mac: int) -> int | None:
    """Where, behind bytes that are missing, a segment begins with a record of whole packets; None when none does soon."""
    place = int(np.searchsorted(stream.starts, at, side="right"))
    for start in stream.starts[place : place + SEARCHED].tolist():
        record = unpack_record(stream.read(start, RECORD_HEADER))
        if record is None or record.kind != APPLICATION_DATA:
            continue
        body = stream.read(start + RECORD_HEADER, record.length)
        if len(body) == record.length and measure_packets(body[: -mac or None]) == record.length - mac:
            return int(start)
    return None
