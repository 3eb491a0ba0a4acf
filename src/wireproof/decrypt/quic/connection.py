"""One QUIC connection: its hellos, the keys of each encryption level, and what the packets that open say.

Takes datagrams in the order of the capture; gives streams, messages and closes. Which keys there are, the ring tells.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.decrypt.handshake_parts import (
    CLIENT_HELLO,
    SERVER_HELLO,
    HelloParts,
    unpack_client_parts,
    unpack_server_parts,
)
from wireproof.decrypt.protect.opener import UnsupportedCipher
from wireproof.decrypt.quic.packets import LEAST, PacketKeys, candidates
from wireproof.decrypt.quic.streams import QuicStream
from wireproof.wire import quic
from wireproof.wire.quic_frames import PacketFrames, unpack_packet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.decrypt.clear_index import Room
    from wireproof.decrypt.keys.ring import KeyRing

CLIENT, SERVER = 0, 1
SECRETS = {
    ("0rtt", CLIENT): "CLIENT_EARLY_TRAFFIC_SECRET",
    ("handshake", CLIENT): "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    ("handshake", SERVER): "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    ("1rtt", CLIENT): "CLIENT_TRAFFIC_SECRET_0",
    ("1rtt", SERVER): "SERVER_TRAFFIC_SECRET_0",
}
"""Labels of RFC 9850 by encryption level and role; early QUIC stacks wrote QUIC_ before them."""
IDS_MOST = 4
STREAMS_MOST = 65_536
LONG, FIXED = 0x80, 0x40
Level = tuple[str, int]


@dataclass(slots=True)
class Packet:
    """The packet of a datagram at `start`: where its number stands, and where it ends.

    A short header does not tell how long its connection id is, so that `number_at` is -1 there. Not `sure` are those whose fixed bit is not set:
    a peer may have allowed that (RFC 9287), or it is no packet.
    """

    level: str
    start: int
    number_at: int
    end: int
    sure: bool = True
    version: int = 0


@dataclass(slots=True)
class Counts:
    """What was read: packets that opened and that did not, those of 1-RTT and 0-RTT apart, and stream bytes."""

    opened: int = 0
    closed: int = 0
    with_data: int = 0
    data_closed: int = 0
    octets: int = 0
    first_closed: int = -1


@dataclass(slots=True)
class Connection:
    """One connection. A role is 0 for the client and 1 for the server.

    `tried` tells that a secret was at hand, `lacking` that one of application data was not; `full_at` is the packet at which memory ran out.
    """

    ring: KeyRing
    room: Room
    client_side: int
    version: int = quic.VERSION_1
    hellos: list[HelloParts | None] = field(default_factory=lambda: [None, None])
    streams: dict[tuple[int, int], QuicStream] = field(default_factory=dict)
    messages: list[tuple[int, int, bytes]] = field(default_factory=list)
    closes: list[tuple[int, int, int, str]] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    source: str = ""
    tried: bool = False
    lacking: bool = False
    full_at: int = -1
    _ids: list[bytes] = field(default_factory=list)
    _id_bytes: list[int] = field(default_factory=lambda: [-1, -1])
    _crypto: list[QuicStream] = field(default_factory=lambda: [QuicStream(-1, 0), QuicStream(-1, 1)])
    _keys: dict[Level, list[PacketKeys]] = field(default_factory=dict)

    @property
    def last_hello(self) -> tuple[int, int]:
        """The role whose hello came last and the packet that completed it; -1 for the packet where none is whole."""
        role = SERVER if self.hellos[SERVER] else CLIENT
        return role, self._crypto[role].row(self._crypto[role].end - 1) if self.hellos[role] else -1

    @property
    def client_random(self) -> bytes:
        """The client's random; empty where its hello is missing."""
        parts = self.hellos[CLIENT]
        return parts.hello.random if parts else b""

    @property
    def suite(self) -> int:
        """The suite that the server chose; -1 as long as nobody knows."""
        parts = self.hellos[SERVER]
        return parts.hello.suites[0] if parts else -1

    def packets(self, data: bytes, side: int) -> Iterator[Packet]:
        """The packets of a datagram: any number with long headers, and one with a short header behind them."""
        role, at = self._role(side), 0
        for long in quic.unpack_packets(data):
            at = long.end
            if long.kind in ("version_negotiation", "retry"):
                continue
            if role == SERVER or self.hellos[SERVER] is None:
                # The server may answer in another version (RFC 9368).
                self.version = long.version
            self._id_bytes[role] = len(long.scid)
            if role == SERVER or long.kind == "handshake":
                # Before the server has answered, the client makes up an id for it.
                self._id_bytes[1 - role] = len(long.dcid)
            if role == CLIENT and long.kind == "initial" and long.dcid not in self._ids:
                self._ids = [*self._ids[1 - IDS_MOST :], long.dcid]
            yield Packet(long.kind, long.start, long.number_at, long.end, version=long.version)
        if at < len(data) - LEAST and not data[at] & LONG:
            yield Packet("1rtt", at, -1, len(data), bool(data[at] & FIXED))

    def _role(self, side: int) -> int:
        return CLIENT if side == self.client_side else SERVER

    # --- packets -----------------------------------------------------------------------------------------------------

    def take(self, row: int, side: int, data: bytes, packet: Packet) -> None:
        """Open a packet and note what its frames hold."""
        role = self._role(side)
        if packet.number_at < 0:
            packet.number_at = packet.start + 1 + max(self._id_bytes[1 - role], 0)
        opens = self._open_initial if packet.level == "initial" else self._open
        plain = opens(data, packet, role)
        if plain is None:
            if packet.sure:
                self._count_closed(row, packet)
            return
        self.counts.opened += packet.level != "initial"
        self._note(row, side, packet, unpack_packet(plain))

    def _open_initial(self, data: bytes, packet: Packet, role: int) -> bytes | None:
        """Initial packets have keys that everybody can derive, from an id that the client chose (RFC 9001 section 5.2)."""
        place = quic.LongPacket("initial", packet.version, b"", b"", 0, packet.start, packet.number_at, packet.end)
        for dcid in reversed(self._ids):
            keys = quic.initial_keys(packet.version, dcid, role == CLIENT)
            plain = quic.decrypt_initial(data, place, keys) if keys else None
            if plain is not None:
                return plain
        return None

    def _open(self, data: bytes, packet: Packet, role: int) -> bytes | None:
        every = self._level_keys((packet.level, role))
        for keys in every:
            plain = keys.open(data, packet.start, packet.number_at, packet.end)
            if plain is not None:
                # Of several suites that a secret may belong to, this one is right.
                self._keys[packet.level, role] = [keys]
                return plain
        return None

    def _level_keys(self, level: Level) -> list[PacketKeys]:
        if level not in self._keys and self.client_random:
            label = SECRETS.get(level, "")
            logged = self.ring.logged(label, self.client_random) or self.ring.logged(
                f"QUIC_{label}", self.client_random
            )
            self._keys[level] = []
            if logged:
                self.tried = True
                self._keys[level] = self._make_keys(logged.value, level)
                self._name(logged.source)
            elif level[0] == "1rtt":
                self.lacking = True
        return self._keys.get(level, [])

    def _make_keys(self, secret: bytes, level: Level) -> list[PacketKeys]:
        """Early data are protected under the suite of the session before, which need not be that of this one."""
        suite = -1 if level[0] == "0rtt" else self.suite
        try:
            return [PacketKeys(parts, secret, self.version) for parts in candidates(secret, suite)]
        except UnsupportedCipher:
            return []

    def _name(self, source: str) -> None:
        if not self.source:
            self.source = source
            self.ring.count_use(source)

    def _count_closed(self, row: int, packet: Packet) -> None:
        counts = self.counts
        counts.closed += packet.level != "initial"
        if packet.level in ("1rtt", "0rtt"):
            counts.data_closed += 1
            counts.first_closed = row if counts.first_closed < 0 else counts.first_closed

    # --- frames ------------------------------------------------------------------------------------------------------

    def _note(self, row: int, side: int, packet: Packet, frames: PacketFrames) -> None:
        if packet.level == "initial":
            self._take_hello(row, side, frames.crypto)
        for piece in frames.streams:
            stream = self._stream(piece.stream, side)
            if stream is None or len(piece.data) > self.room.left:
                self.full_at = row if self.full_at < 0 else self.full_at
                continue
            added = stream.add(piece.offset, piece.data, row)
            self.room.left -= added
            self.counts.octets += added
            if piece.last:
                stream.final = piece.offset + len(piece.data)
        for number in frames.resets:
            stream = self._stream(number, side)
            if stream:
                stream.reset = True
        for message in frames.datagrams:
            self._keep_message(row, side, message)
        if frames.close_code >= 0:
            self.closes.append((row, side, frames.close_code, frames.close_reason))
        self.counts.with_data += bool(frames.streams or frames.datagrams)

    def _keep_message(self, row: int, side: int, message: bytes) -> None:
        if len(message) > self.room.left:
            self.full_at = row if self.full_at < 0 else self.full_at
            return
        self.room.left -= len(message)
        self.counts.octets += len(message)
        self.messages.append((row, side, message))

    def _stream(self, number: int, side: int) -> QuicStream | None:
        if (number, side) not in self.streams and len(self.streams) >= STREAMS_MOST:
            return None
        return self.streams.setdefault((number, side), QuicStream(number, side))

    def _take_hello(self, row: int, side: int, pieces: list[tuple[int, bytes]]) -> None:
        """The hello in the CRYPTO data of Initial packets."""
        role = self._role(side)
        held = self._crypto[role]
        if self.hellos[role] is not None:
            return
        for offset, data in pieces:
            if offset + len(data) <= quic.CRYPTO_MOST:
                held.add(offset, data, row)
        data = held.data
        size = int.from_bytes(data[1:4], "big")
        if len(data) < 4 or len(data) < 4 + size:
            return
        if data[0] == CLIENT_HELLO and role == CLIENT:
            self.hellos[CLIENT] = unpack_client_parts(data[4 : 4 + size])
        elif data[0] == SERVER_HELLO and role == SERVER:
            self._take_server_hello(data, size)

    def _take_server_hello(self, data: bytes, size: int) -> None:
        """The ServerHello; where it asks the client to try again, the one behind it."""
        parts = unpack_server_parts(data[4 : 4 + size])
        if parts is not None and parts.hello.retry:
            rest = data[4 + size :]
            again = int.from_bytes(rest[1:4], "big")
            whole = len(rest) >= 4 + again > 4 and rest[0] == SERVER_HELLO
            parts = unpack_server_parts(rest[4 : 4 + again]) if whole else None
        self.hellos[SERVER] = parts
