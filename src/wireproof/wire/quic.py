"""QUIC long headers and Initial packets (RFC 9000 section 17.2, RFC 9001 section 5, RFC 9369).

Takes datagrams; gives header fields, and with the keys that everybody can derive the CRYPTO data and the close of an Initial packet. Input that is
no QUIC gives None; nothing raises. Knows no capture.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

VERSION_1, VERSION_2 = 0x00000001, 0x6B3343CF
SALTS = {
    VERSION_1: bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"),
    VERSION_2: bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"),
    **{0xFF000000 + n: bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899") for n in range(29, 35)},
    **{0xFF000000 + n: bytes.fromhex("c3eef712c72ebb5a11a7d2432bb46365bef9f502") for n in range(23, 29)},
}
"""The salt from which a version derives its Initial secrets (RFC 9001 section 5.2, RFC 9369 section 3.3.1, and drafts)."""
KINDS = ("initial", "0rtt", "handshake", "retry")
NAMES = {VERSION_1: "QUIC v1", VERSION_2: "QUIC v2"}
TAG, SAMPLE, CONNECTION_ID_MOST = 16, 16, 20
CRYPTO_MOST = 65_536
"""CRYPTO data of one side that is put together; a ClientHello with large keys takes two kilobytes."""


class LongPacket(NamedTuple):
    """One packet with a long header: its kind, ids, and the places of its packet number and end in the datagram."""

    kind: str
    version: int
    dcid: bytes
    scid: bytes
    token_bytes: int
    start: int
    number_at: int
    end: int


def version_name(version: int) -> str:
    """`QUIC v1`, `QUIC draft 29`, or the number."""
    if version >> 8 == 0xFF0000:
        return f"QUIC draft {version & 0xFF}"
    return NAMES.get(version, f"QUIC version 0x{version:08x}")


def unpack_packets(datagram: bytes) -> Iterator[LongPacket]:
    """The packets with a long header that share a datagram (RFC 9000 section 12.2), up to the first without."""
    at = 0
    while at < len(datagram) and datagram[at] & 0x80:
        packet = _unpack_packet(datagram, at)
        if packet is None:
            return
        yield packet
        at = packet.end


def _unpack_packet(data: bytes, start: int) -> LongPacket | None:
    if len(data) < start + 7:
        return None
    version = int.from_bytes(data[start + 1 : start + 5], "big")
    at = start + 6 + data[start + 5]
    if data[start + 5] > CONNECTION_ID_MOST or at >= len(data) or data[at] > CONNECTION_ID_MOST:
        return None
    dcid, scid = data[start + 6 : at], data[at + 1 : at + 1 + data[at]]
    at += 1 + len(scid)
    if version == 0:
        return LongPacket("version_negotiation", 0, dcid, scid, 0, start, at, len(data))
    kind = _kind(data[start], version)
    token, length = 0, 0
    if kind == "retry":
        return LongPacket(kind, version, dcid, scid, max(len(data) - at - TAG, 0), start, at, len(data))
    if kind == "initial":
        token, at = unpack_variable(data, at)
        at += max(token, 0)
    length, at = unpack_variable(data, at)
    if token < 0 or length <= 0 or at > len(data):
        return None
    return LongPacket(kind, version, dcid, scid, token, start, at, min(at + length, len(data)))


def _kind(first: int, version: int) -> str:
    """Packet type; version 2 counts from Retry (RFC 9369 section 3.2)."""
    number = first >> 4 & 3
    return KINDS[(number - 1) % 4] if version == VERSION_2 else KINDS[number]


def unpack_variable(data: bytes, at: int) -> tuple[int, int]:
    """A variable-length integer (RFC 9000 section 16) and the place behind it; -1 when it does not fit."""
    if at >= len(data):
        return -1, at
    size = 1 << (data[at] >> 6)
    if at + size > len(data):
        return -1, at
    return int.from_bytes(data[at : at + size], "big") & ((1 << (8 * size - 2)) - 1), at + size


class Keys(NamedTuple):
    """Packet protection of one side's Initial packets."""

    key: bytes
    iv: bytes
    header: bytes


@functools.lru_cache(maxsize=256)
def initial_keys(version: int, dcid: bytes, from_client: bool) -> Keys | None:
    """The keys of Initial packets, from the destination id of the client's first one (RFC 9001 section 5.2)."""
    salt = SALTS.get(version)
    if salt is None:
        return None
    secret = hmac.digest(salt, dcid, "sha256")
    own = _expand(secret, "client in" if from_client else "server in", 32)
    family = "quicv2" if version == VERSION_2 else "quic"
    return Keys(_expand(own, f"{family} key", 16), _expand(own, f"{family} iv", 12), _expand(own, f"{family} hp", 16))


def _expand(secret: bytes, label: str, size: int) -> bytes:
    """HKDF-Expand-Label with an empty context (RFC 8446 section 7.1)."""
    name = b"tls13 " + label.encode()
    info = size.to_bytes(2, "big") + bytes([len(name)]) + name + b"\0"
    return hmac.new(secret, info + b"\x01", hashlib.sha256).digest()[:size]


def decrypt_initial(datagram: bytes, packet: LongPacket, keys: Keys) -> bytes | None:
    """The frames of an Initial packet; None where these are not its keys, or bytes are missing."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    sample = datagram[packet.number_at + 4 : packet.number_at + 4 + SAMPLE]
    if len(sample) < SAMPLE or packet.end - packet.number_at < 4 + TAG:
        return None
    # Header protection encrypts this one block and nothing else (RFC 9001 section 5.4.3).
    mask = Cipher(algorithms.AES(keys.header), modes.ECB()).encryptor().update(sample)  # noqa: S305
    first = datagram[packet.start] ^ mask[0] & 0x0F
    size = (first & 3) + 1
    number = bytes(a ^ b for a, b in zip(datagram[packet.number_at : packet.number_at + size], mask[1:], strict=False))
    header = bytes([first]) + datagram[packet.start + 1 : packet.number_at] + number
    nonce = bytes(a ^ b for a, b in zip(keys.iv, number.rjust(12, b"\0"), strict=True))
    try:
        return AESGCM(keys.key).decrypt(nonce, datagram[packet.number_at + size : packet.end], header)
    except InvalidTag:
        return None


@dataclass(slots=True)
class Frames:
    """What an Initial packet's frames hold: pieces of CRYPTO data by offset, and a close, -1 without."""

    crypto: list[tuple[int, bytes]]
    close_code: int = -1
    close_reason: str = ""


def unpack_frames(plain: bytes) -> Frames:
    """The frames that Initial packets may hold (RFC 9000 section 17.2.2); stops at any other."""
    found, at = Frames([]), 0
    while at < len(plain):
        kind = plain[at]
        at += 1
        if kind in (0x00, 0x01):
            continue
        if kind in (0x02, 0x03):
            at = _skip_ack(plain, at, kind == 0x03)
        elif kind == 0x06:
            offset, at = unpack_variable(plain, at)
            size, at = unpack_variable(plain, at)
            if offset < 0 or size < 0:
                break
            found.crypto.append((offset, plain[at : at + size]))
            at += size
        elif kind == 0x1C:
            found.close_code, at = unpack_variable(plain, at)
            _, at = unpack_variable(plain, at)
            size, at = unpack_variable(plain, at)
            found.close_reason = plain[at : at + max(size, 0)].decode("utf-8", "replace")
            break
        else:
            break
    return found


def _skip_ack(plain: bytes, at: int, with_ecn: bool) -> int:
    """The place behind an ACK frame (RFC 9000 section 19.3); the end when it is broken."""
    _, at = unpack_variable(plain, at)
    _, at = unpack_variable(plain, at)
    count, at = unpack_variable(plain, at)
    if not 0 <= count <= len(plain):
        return len(plain)
    for _ in range(1 + 2 * count + (3 if with_ecn else 0)):
        value, at = unpack_variable(plain, at)
        if value < 0:
            return len(plain)
    return at


def join_crypto(pieces: list[tuple[int, bytes]]) -> bytes:
    """CRYPTO data from offset 0 on, as far as it is without a gap."""
    data = b""
    for offset, piece in sorted(pieces):
        if offset > len(data) or len(data) > CRYPTO_MOST:
            break
        data += piece[len(data) - offset :]
    return data
