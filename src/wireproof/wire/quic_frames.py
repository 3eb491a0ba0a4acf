"""Frames of QUIC packets: what stands in streams, in the handshake and in datagrams, and how a connection closes (RFC 9000 section 19, RFC 9221).

Takes the clear content of a packet; gives its frames. Others are stepped over; at one of unknown length reading stops. Nothing raises.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from wireproof.wire.quic import unpack_variable

PADDING, CRYPTO, STREAM_FIRST, STREAM_LAST, CLOSE, CLOSE_BY_APPLICATION = 0x00, 0x06, 0x08, 0x0F, 0x1C, 0x1D
RESET_STREAM, DATAGRAM, DATAGRAM_WITH_LENGTH, NEW_CONNECTION_ID, ACK, ACK_WITH_ECN = 0x04, 0x30, 0x31, 0x18, 0x02, 0x03
NUMBERS = {
    0x01: 0, 0x04: 3, 0x05: 2, 0x10: 1, 0x11: 2, 0x12: 1, 0x13: 1, 0x14: 1, 0x15: 2, 0x16: 1, 0x17: 1, 0x19: 1, 0x1E: 0,
    0xAC: 0, 0xAF: 4, 0x2F5: 1, 0x1F: 0,
}  # fmt: skip
"""Frames that are numbers only: how many. The last four are drafts (ACK frequency, timestamps) that real stacks send."""
PATH_BYTES = {0x1A: 8, 0x1B: 8}
RESET_TOKEN = 16


class StreamPiece(NamedTuple):
    """Bytes of a stream at an offset; `last` where the stream ends behind them."""

    stream: int
    offset: int
    data: bytes
    last: bool


@dataclass(slots=True)
class PacketFrames:
    """What the frames of a packet hold. `close_code` is -1 without a close; `whole` is False where a frame could not be read."""

    crypto: list[tuple[int, bytes]] = field(default_factory=list)
    streams: list[StreamPiece] = field(default_factory=list)
    resets: list[int] = field(default_factory=list)
    datagrams: list[bytes] = field(default_factory=list)
    close_code: int = -1
    close_reason: str = ""
    by_application: bool = False
    whole: bool = True


def unpack_packet(plain: bytes) -> PacketFrames:
    """All frames of a packet."""
    found, at, end = PacketFrames(), 0, len(plain)
    while 0 <= at < end:
        if plain[at] == PADDING:
            at += 1
            continue
        kind, at = unpack_variable(plain, at)
        at = _read(found, kind, plain, at)
    found.whole = at >= 0
    return found


def _read(found: PacketFrames, kind: int, plain: bytes, at: int) -> int:
    """One frame; gives the place behind it, -1 where it can't be read."""
    if STREAM_FIRST <= kind <= STREAM_LAST:
        return _stream(found, kind, plain, at)
    if kind in NUMBERS:
        if kind == RESET_STREAM:
            found.resets.append(unpack_variable(plain, at)[0])
        return _skip_numbers(plain, at, NUMBERS[kind])
    if kind in PATH_BYTES:
        return _checked(plain, at + PATH_BYTES[kind])
    reader = READERS.get(kind)
    return reader(found, kind, plain, at) if reader else -1


def _checked(plain: bytes, at: int) -> int:
    return at if at <= len(plain) else -1


def _skip_numbers(plain: bytes, at: int, count: int) -> int:
    for _ in range(count):
        value, at = unpack_variable(plain, at)
        if value < 0:
            return -1
    return at


def _stream(found: PacketFrames, kind: int, plain: bytes, at: int) -> int:
    """STREAM: offset and length may be left out (section 19.8)."""
    number, at = unpack_variable(plain, at)
    offset, at = unpack_variable(plain, at) if kind & 0x04 else (0, at)
    size, at = unpack_variable(plain, at) if kind & 0x02 else (len(plain) - at, at)
    if min(number, offset, size) < 0 or at + size > len(plain):
        return -1
    found.streams.append(StreamPiece(number, offset, plain[at : at + size], bool(kind & 0x01)))
    return at + size


def _crypto(found: PacketFrames, _kind: int, plain: bytes, at: int) -> int:
    offset, at = unpack_variable(plain, at)
    size, at = unpack_variable(plain, at)
    if min(offset, size) < 0 or at + size > len(plain):
        return -1
    found.crypto.append((offset, plain[at : at + size]))
    return at + size


def _bytes_with_length(_found: PacketFrames, _kind: int, plain: bytes, at: int) -> int:
    size, at = unpack_variable(plain, at)
    return _checked(plain, at + size) if size >= 0 else -1


def _datagram(found: PacketFrames, kind: int, plain: bytes, at: int) -> int:
    size, at = unpack_variable(plain, at) if kind == DATAGRAM_WITH_LENGTH else (len(plain) - at, at)
    if size < 0 or at + size > len(plain):
        return -1
    found.datagrams.append(plain[at : at + size])
    return at + size


def _ack(_found: PacketFrames, kind: int, plain: bytes, at: int) -> int:
    at = _skip_numbers(plain, at, 2)
    count, at = unpack_variable(plain, at) if at >= 0 else (-1, at)
    if not 0 <= count <= len(plain):
        return -1
    return _skip_numbers(plain, at, 1 + 2 * count + (3 if kind == ACK_WITH_ECN else 0))


def _connection_id(_found: PacketFrames, _kind: int, plain: bytes, at: int) -> int:
    at = _skip_numbers(plain, at, 2)
    if not 0 <= at < len(plain):
        return -1
    return _checked(plain, at + 1 + plain[at] + RESET_TOKEN)


def _close(found: PacketFrames, kind: int, plain: bytes, at: int) -> int:
    code, at = unpack_variable(plain, at)
    if kind == CLOSE:
        _, at = unpack_variable(plain, at)
    size, at = unpack_variable(plain, at)
    if code < 0 or size < 0:
        return -1
    found.close_code, found.by_application = code, kind == CLOSE_BY_APPLICATION
    found.close_reason = plain[at : at + size].decode("utf-8", "replace")
    return _checked(plain, at + size)


READERS: dict[int, Callable[[PacketFrames, int, bytes, int], int]] = {
    ACK: _ack,
    ACK_WITH_ECN: _ack,
    CRYPTO: _crypto,
    0x07: _bytes_with_length,
    NEW_CONNECTION_ID: _connection_id,
    CLOSE: _close,
    CLOSE_BY_APPLICATION: _close,
    DATAGRAM: _datagram,
    DATAGRAM_WITH_LENGTH: _datagram,
}
"""0x07 is NEW_TOKEN."""
