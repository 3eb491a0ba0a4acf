"""IKEv1, IKEv2 and AuthIP messages as bytes, after RFC 2408, RFC 7296 and MS-AIPS 2.2.

Takes payloads; gives UDP payloads. Independent of wireproof, so that tests built with it are a check.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from tests.support.files import SECOND, Frame
from tests.support.packets import UDP, Ethernet, IPv4, IPv6

Payload = tuple[int, bytes]
COOKIE_I, COOKIE_R, NO_COOKIE = bytes.fromhex("a1b2c3d4e5f60718"), bytes.fromhex("1122334455667788"), bytes(8)
MAIN, QUICK, EXTENDED, NOTIFY = 0xF3, 0xF4, 0xF5, 0xF6
SA, KE, ID, NONCE, N, VID, GSS, CRYPTO, AUTH = 1, 4, 5, 10, 11, 13, 0x81, 0x85, 0x87
ENCRYPTED = 1
STATUS = 0x9C54
MICROSOFT = bytes.fromhex("1e2b516905991c7d7c96fcbfb587e461")
MAMIE = bytes.fromhex("214ca4faffa7f32d6748e5303395ae83")


def chain(payloads: Sequence[Payload]) -> tuple[int, bytes]:
    """Type of the first payload, and all of them with their generic headers."""
    data = b""
    for place, (_, body) in enumerate(payloads):
        following = payloads[place + 1][0] if place + 1 < len(payloads) else 0
        data += struct.pack("!BBH", following, 0, 4 + len(body)) + body
    return (payloads[0][0] if payloads else 0), data


def message(
    payloads: Sequence[Payload],
    exchange: int,
    version: int = 0x10,
    flags: int = 0,
    cookies: tuple[bytes, bytes] = (COOKIE_I, COOKIE_R),
    message_id: int = 0,
) -> bytes:
    """An ISAKMP message."""
    kind, body = chain(payloads)
    return struct.pack("!8s8sBBBBII", *cookies, kind, version, exchange, flags, message_id, 28 + len(body)) + body


def authip(
    exchange: int,
    payloads: Sequence[Payload],
    cookies: tuple[bytes, bytes] = (COOKIE_I, COOKIE_R),
    message_id: int = 0,
    sequence: int = 0,
    initialization: bytes = b"",
) -> bytes:
    """An AuthIP message in clear: an empty Crypto payload first (MS-AIPS 2.2.3.2.2)."""
    crypto = (CRYPTO, struct.pack("!I", sequence) + initialization)
    return message([crypto, *payloads], exchange, cookies=cookies, message_id=message_id)


def sealed(exchange: int, size: int = 120, message_id: int = 0, sequence: int = 1) -> bytes:
    """An encrypted AuthIP message: all of it lies in the Crypto payload."""
    body = struct.pack("!I", sequence) + bytes((7 * place + size + sequence) % 256 for place in range(size))
    return message([(CRYPTO, body)], exchange, flags=ENCRYPTED, message_id=message_id)


def notify_status(error: int, protocol: int = 1) -> Payload:
    """NOTIFY_STATUS with a Windows error (MS-AIPS 2.2.3.5); the byte for the SPI's size holds flags."""
    return N, struct.pack("!IBBHI", 1, protocol, 1, STATUS, error)


def vendor(version: int) -> Payload:
    """The vendor id that tells the Windows version."""
    return VID, MICROSOFT + version.to_bytes(4, "big")


def attribute(kind: int, value: int) -> bytes:
    """A short SA attribute (RFC 2408 section 3.3)."""
    return struct.pack("!HH", 0x8000 | kind, value)


def proposal_v1(transforms: Sequence[bytes]) -> Payload:
    """An SA payload with one ISAKMP proposal of these transforms' attributes (RFC 2408 section 3.5)."""
    data = b""
    for number, values in enumerate(transforms, start=1):
        more = 3 if number < len(transforms) else 0
        data += struct.pack("!BBHBBH", more, 0, 8 + len(values), number, 1, 0) + values
    proposal = struct.pack("!BBHBBBB", 0, 0, 8 + len(data), 1, 1, 0, len(transforms)) + data
    return SA, struct.pack("!II", 1, 1) + proposal


AES_256 = attribute(1, 7) + attribute(14, 256) + attribute(2, 4) + attribute(4, 20) + attribute(3, 3)
TRIPLE_DES = attribute(1, 5) + attribute(2, 2) + attribute(4, 2) + attribute(3, 1)


def proposal_v2(transforms: Sequence[tuple[int, int, int]]) -> Payload:
    """An SA payload with one IKEv2 proposal: (type, id, key bits or 0) each (RFC 7296 section 3.3)."""
    data = b""
    for place, (kind, number, bits) in enumerate(transforms, start=1):
        values = attribute(14, bits) if bits else b""
        more = 3 if place < len(transforms) else 0
        data += struct.pack("!BBHBBH", more, 0, 8 + len(values), kind, 0, number) + values
    return 33, struct.pack("!BBHBBBB", 0, 0, 8 + len(data), 1, 1, 0, len(transforms)) + data


def ikev2(
    payloads: Sequence[Payload],
    exchange: int = 34,
    response: bool = False,
    initiator: bool = True,
    message_id: int = 0,
    known: bool = True,
) -> bytes:
    """An IKEv2 message; `known` fills in the responder's SPI."""
    flags = 0x20 * response | 0x08 * initiator
    return message(payloads, exchange, 0x20, flags, (COOKIE_I, COOKIE_R if known else NO_COOKIE), message_id)


def notify_v2(kind: int, data: bytes = b"") -> Payload:
    """An IKEv2 notify without SPI."""
    return 41, struct.pack("!BBH", 0, 0, kind) + data


CLIENT, SERVER = "10.1.1.9", "131.107.0.2"
MACS = ("00:15:5d:10:0c:3f", "00:15:5d:10:0c:41")


def datagram(data: bytes, by: str = "client", port: int = 500, client: str = CLIENT, server: str = SERVER) -> bytes:
    """One frame with a UDP datagram from port to port; on 4500 the caller adds the marker."""
    ends = (client, server) if by == "client" else (server, client)
    family = IPv6 if ":" in client else IPv4
    macs = MACS if by == "client" else MACS[::-1]
    return bytes(Ethernet(*macs, family(*ends, UDP(port, port, data))))


def at(*frames: tuple[float, bytes]) -> list[Frame]:
    """Frames at seconds after a first one."""
    return [Frame(1000 * SECOND + round(time_s * SECOND), data) for time_s, data in frames]
