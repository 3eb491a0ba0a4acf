"""QUIC packets with a long header, and of Initial packets the server name that the client asks for.

Takes a capture's tables; gives a `MessageTable`. Initial packets are read with the keys that RFC 9001 section 5.2 derives from what everybody sees;
nothing else of QUIC is in clear. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.limits import limit
from wireproof.messages.datagrams import CHUNK, Datagram
from wireproof.messages.table import Message, MessageTable
from wireproof.table.schema import LAYERS
from wireproof.wire import quic, tls

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.streams import Protocols

LOOKED_AT = limit(
    "quic.datagrams",
    24,
    "a handshake is over after a few datagrams; what follows is encrypted with keys that a capture does not show",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuicMessage(Message):
    """One packet with a long header: `kind` is initial, 0rtt, handshake, retry or version_negotiation.

    `dcid` and `scid` are connection ids in hexadecimal. Of an Initial packet that could be read, `crypto_bytes` counts its CRYPTO data and
    `close_code` is the error of its CONNECTION_CLOSE, -1 without one (0x100 and more: 0x100 plus a TLS alert). `server_name`, `alpn` and `suites`
    stand in the packet that completed the ClientHello.
    """

    kind: str
    from_client: bool
    version: int = 0
    dcid: str = ""
    scid: str = ""
    token_bytes: int = 0
    readable: bool = False
    crypto_bytes: int = 0
    server_name: str = ""
    alpn: tuple[str, ...] = ()
    suites: tuple[int, ...] = ()
    close_code: int = -1
    close_reason: str = ""


def build_quic(tables: CaptureTables, protocols: Protocols) -> MessageTable[QuicMessage]:
    """Every packet with a long header among the first datagrams of each conversation."""
    numbers = protocols.udp.get("quic", np.zeros(0, np.int64))
    readers: dict[int, _Connection] = {}
    messages: list[QuicMessage] = []
    for datagram in _first_datagrams(tables, numbers):
        number = datagram.conversation
        if number not in readers:
            readers[number] = _Connection(int(tables.conversations.facts["client"][number]))
        messages += readers[number].read(datagram)
    return MessageTable(QuicMessage, messages)


def _first_datagrams(tables: CaptureTables, numbers: NDArray[np.int64]) -> Iterator[Datagram]:
    """The first datagrams of each conversation, in file order."""
    if not len(numbers):
        return
    packets, most = tables.packets, int(LOOKED_AT.value)
    rows = np.sort(np.concatenate([tables.conversations.rows(number)[:most] for number in numbers.tolist()]))
    layers = packets.layers[rows]
    rows = rows[(layers & LAYERS["udp"] != 0) & (layers & LAYERS["quoted"] == 0)]
    for begin in range(0, len(rows), CHUNK):
        part = rows[begin : begin + CHUNK]
        for row, frame in zip(part.tolist(), tables.read_frames(part), strict=True):
            start, size = int(packets.payload_at[row]), int(packets.length[row])
            data = frame[start : start + size]
            owner, side = int(packets.conversation[row]), int(packets.direction[row])
            yield Datagram(owner, side, row, int(packets.time_ns[row]), data, len(data) < size)


@dataclass(slots=True)
class _Connection:
    """What is known of one conversation while its datagrams pass: ids that may have made its keys, and the hello so far."""

    client_side: int
    ids: list[bytes] = field(default_factory=list)
    crypto: list[tuple[int, bytes]] = field(default_factory=list)
    hello_done: bool = False

    def read(self, datagram: Datagram) -> Iterator[QuicMessage]:
        """The packets of one datagram."""
        for packet in quic.unpack_packets(datagram.data):
            from_client = datagram.side == self.client_side
            fields = self._initial(datagram.data, packet, from_client) if packet.kind == "initial" else {}
            yield QuicMessage(
                **datagram.place,
                kind=packet.kind,
                from_client=from_client,
                version=packet.version,
                dcid=packet.dcid.hex(),
                scid=packet.scid.hex(),
                token_bytes=packet.token_bytes,
                **fields,
            )

    def _initial(self, data: bytes, packet: quic.LongPacket, from_client: bool) -> dict[str, Any]:
        """What an Initial packet's frames tell."""
        if from_client and packet.dcid not in self.ids:
            self.ids.append(packet.dcid)
        plain = self._decrypt(data, packet, from_client)
        if plain is None:
            return {}
        frames = quic.unpack_frames(plain)
        found: dict[str, Any] = {
            "readable": True,
            "crypto_bytes": sum(len(piece) for _, piece in frames.crypto),
            "close_code": frames.close_code,
            "close_reason": frames.close_reason,
        }
        if from_client and frames.crypto and not self.hello_done:
            self.crypto += frames.crypto
            found |= self._hello()
        return found

    def _decrypt(self, data: bytes, packet: quic.LongPacket, from_client: bool) -> bytes | None:
        """Try the ids that the client used, newest first: keys come from its first one, or from the one after a Retry."""
        for dcid in reversed(self.ids[-4:]):
            keys = quic.initial_keys(packet.version, dcid, from_client)
            plain = quic.decrypt_initial(data, packet, keys) if keys else None
            if plain is not None:
                return plain
        return None

    def _hello(self) -> dict[str, Any]:
        """The ClientHello, once its CRYPTO data are whole."""
        data = quic.join_crypto(self.crypto)
        size = int.from_bytes(data[1:4], "big")
        if len(data) < 4 or data[0] != tls.CLIENT_HELLO or len(data) < 4 + size:
            return {}
        self.hello_done, self.crypto = True, []
        hello = tls.unpack_client_hello(data[4 : 4 + size])
        return {"server_name": hello.server_name, "alpn": hello.alpn, "suites": hello.suites} if hello else {}
