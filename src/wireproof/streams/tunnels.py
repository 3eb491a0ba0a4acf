"""IP-HTTPS tunnels that can be read without a key: plain HTTP, or TLS under a suite that encrypts nothing.

Takes a capture's tables; gives the tunnels with their HTTP heads and inner IPv6 packets. Judges nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from wireproof.streams.streams import open_streams
from wireproof.streams.tunnel_candidates import POSTS, Candidate, behind_heads, candidates_of
from wireproof.wire.iphttps import Packet, TunnelHead, TunnelReader, is_tunnel_request, measure_packets
from wireproof.wire.tls import APPLICATION_DATA, RECORD_HEADER, unpack_record

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.streams.stream import Stream, TalkStreams

SEARCHED = 64
"""Segments in which a record is looked for behind a gap of the capture."""


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
    latest, at = -1, behind_heads(stream)
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
