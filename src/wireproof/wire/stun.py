"""STUN and TURN messages: RFC 8489, RFC 8656, RFC 6062, ICE's attributes (RFC 8445), RFC 3489, and Lync's dialect (MS-TURN).

Takes bytes; gives a `StunHead` with the attributes that matter, or None where the bytes are no STUN message. Knows no transport
and judges nothing.
"""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass, field

HEADER_SIZE = 20
COOKIE = 0x2112A442
COOKIE_BYTES = COOKIE.to_bytes(4, "big")
MS_COOKIE = b"\x00\x0f\x00\x04\x72\xc6\x4b\xc6"
"""The attribute that tells MS-TURN messages apart (MS-TURN 2.2.2.1): it is their first."""
ATTRIBUTES_MOST = 64

REQUEST, INDICATION, SUCCESS, ERROR = "request", "indication", "success", "error"
CLASSES = (REQUEST, INDICATION, SUCCESS, ERROR)
METHODS = {
    1: "Binding", 2: "SharedSecret", 3: "Allocate", 4: "Refresh", 6: "Send", 7: "Data", 8: "CreatePermission", 9: "ChannelBind",
    10: "Connect", 11: "ConnectionBind", 12: "ConnectionAttempt",
}  # fmt: skip
MS_TYPES = {
    0x0003: ("Allocate", REQUEST), 0x0103: ("Allocate", SUCCESS), 0x0113: ("Allocate", ERROR), 0x0004: ("Send", REQUEST),
    0x0115: ("Data", INDICATION), 0x0006: ("SetActiveDestination", REQUEST), 0x0106: ("SetActiveDestination", SUCCESS),
    0x0116: ("SetActiveDestination", ERROR), 0x0001: ("Binding", REQUEST), 0x0101: ("Binding", SUCCESS), 0x0111: ("Binding", ERROR),
    0x0002: ("SharedSecret", REQUEST), 0x0102: ("SharedSecret", SUCCESS), 0x0112: ("SharedSecret", ERROR),
}  # fmt: skip
"""Message types of MS-TURN 2.2.1, which go back to an early draft of TURN."""

ERRORS = {
    300: "Try Alternate", 400: "Bad Request", 401: "Unauthenticated", 403: "Forbidden", 405: "Mobility Forbidden",
    420: "Unknown Attribute", 430: "Stale Credentials", 431: "Integrity Check Failure", 432: "Missing Username", 433: "Use TLS",
    434: "Missing Realm", 435: "Missing Nonce", 436: "Unknown User", 437: "Allocation Mismatch", 438: "Stale Nonce",
    440: "Address Family not Supported", 441: "Wrong Credentials", 442: "Unsupported Transport Protocol",
    443: "Peer Address Family Mismatch", 446: "Connection Already Exists", 447: "Connection Timeout or Failure",
    486: "Allocation Quota Reached", 487: "Role Conflict", 500: "Server Error", 508: "Insufficient Capacity", 600: "Global Failure",
}  # fmt: skip
"""Error codes by name (IANA "STUN Error Codes", and those of RFC 3489 that Lync still sends)."""

ADDRESSES = {
    0x0001: "mapped", 0x0020: "mapped", 0x8020: "mapped", 0x0016: "relayed", 0x0012: "peer", 0x0011: "peer",
    0x000E: "alternate", 0x8023: "alternate",
}  # fmt: skip
XORED = {0x0020, 0x8020, 0x0016, 0x0012}
TEXTS = {0x0006: "username", 0x0014: "realm", 0x8022: "software"}


@dataclass(slots=True)
class StunHead:
    """One message. `kind` is one of CLASSES, `method` a name of METHODS or `method N`; `size` its bytes with the header.

    Addresses are `address:port`, IPv6 in brackets, "" without: `mapped` is the sender as the server sees it, `relayed` what TURN
    allocated, `peer` whom data goes to or comes from, `alternate` the server to ask instead. `data` is what a Send or Data
    carries. `microsoft` marks MS-TURN's dialect, `classic` a message without the cookie (RFC 3489).
    """

    method: str
    kind: str
    transaction: bytes
    size: int
    microsoft: bool = False
    classic: bool = False
    mapped: str = ""
    relayed: str = ""
    peer: str = ""
    alternate: str = ""
    username: str = ""
    realm: str = ""
    software: str = ""
    error: int = 0
    reason: str = ""
    lifetime_s: int = -1
    data: bytes = b""
    attributes: list[int] = field(default_factory=list)
    """Attribute types in order."""

    @property
    def is_check(self) -> bool:
        """Whether it is a connectivity check of ICE: PRIORITY or a role stands in it (RFC 8445 section 7.1)."""
        return not {0x0024, 0x8029, 0x802A, 0x8054}.isdisjoint(self.attributes)


def begins_stun(data: bytes) -> bool:
    """Whether the bytes begin with the header of a STUN message that has the cookie or MS-TURN's attribute."""
    if len(data) < HEADER_SIZE or data[0] & 0xC0:
        return False
    return data[4:8] == COOKIE_BYTES or data[20:28] == MS_COOKIE


def unpack_stun(data: bytes, classic: bool = False) -> StunHead | None:
    """The message with which the bytes begin. With `classic` one without cookie is taken too, if it fills the bytes exactly."""
    if not begins_stun(data) and not (classic and _is_classic(data)):
        return None
    kind, length = struct.unpack_from("!HH", data)
    microsoft = data[20:28] == MS_COOKIE
    method, group = _type(kind, microsoft)
    head = StunHead(method, group, data[4:20], HEADER_SIZE + length, microsoft, data[4:8] != COOKIE_BYTES)
    _read_attributes(head, data[HEADER_SIZE : HEADER_SIZE + length])
    return head


def _is_classic(data: bytes) -> bool:
    """A message of RFC 3489: a known type, and a length that is that of the bytes."""
    if len(data) < HEADER_SIZE:
        return False
    kind, length = struct.unpack_from("!HH", data)
    return (
        kind in {0x0001, 0x0002, 0x0101, 0x0102, 0x0111, 0x0112}
        and length % 4 == 0
        and HEADER_SIZE + length == len(data)
    )


def _type(kind: int, microsoft: bool) -> tuple[str, str]:
    """Method and class: bits 4 and 8 are the class (RFC 8489 section 5)."""
    if microsoft and kind in MS_TYPES:
        return MS_TYPES[kind]
    method = (kind & 0xF) | (kind & 0xE0) >> 1 | (kind & 0x3E00) >> 2
    return METHODS.get(method, f"method {method}"), CLASSES[(kind >> 4 & 1) | (kind >> 7 & 2)]


def _read_attributes(head: StunHead, body: bytes) -> None:
    at = 0
    while at + 4 <= len(body) and len(head.attributes) < ATTRIBUTES_MOST:
        kind, length = struct.unpack_from("!HH", body, at)
        value = body[at + 4 : at + 4 + length]
        head.attributes.append(kind)
        if len(value) < length:
            return
        _read_attribute(head, kind, value)
        # RFC 3489 had no padding, and MS-TURN has none behind DATA; both keep other lengths to multiples of four.
        at += 4 + length + (0 if head.microsoft else -length % 4)


def _read_attribute(head: StunHead, kind: int, value: bytes) -> None:
    if kind in ADDRESSES:
        plain = kind not in XORED or (head.microsoft and kind == 0x0012) or (head.classic and kind == 0x0016)
        text = read_address(value, b"" if plain else head.transaction)
        if text:
            setattr(head, ADDRESSES[kind], text)
    elif kind in TEXTS:
        setattr(head, TEXTS[kind], value[:512].rstrip(b"\0").decode("utf-8", "replace"))
    elif kind == 0x0009 and len(value) >= 4:
        head.error = (value[2] & 7) * 100 + value[3] % 100
        head.reason = value[4:].rstrip(b"\0").decode("utf-8", "replace")[:256]
    elif kind == 0x000D and len(value) == 4:
        head.lifetime_s = int.from_bytes(value, "big")
    elif kind == 0x0013:
        head.data = value
    if head.microsoft and kind == 0x0001 and head.method == "Allocate":
        head.relayed = head.mapped  # MS-TURN 2.2.2.2: MAPPED-ADDRESS of an Allocate response is the relayed address


def read_address(value: bytes, mask: bytes) -> str:
    """`address:port` of an address attribute (RFC 8489 section 14.1), XORed with `mask` unless that is empty; "" when malformed."""
    size = {1: 4, 2: 16}.get(value[1] if len(value) > 1 else 0, 0)
    if not size or len(value) < 4 + size:
        return ""
    port, raw = value[2:4], value[4 : 4 + size]
    if mask:
        port, raw = _xor(port, mask), _xor(raw, mask)
    address = ipaddress.ip_address(raw)
    number = int.from_bytes(port, "big")
    return f"[{address}]:{number}" if size == 16 else f"{address}:{number}"


def _xor(data: bytes, mask: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(data, mask.ljust(len(data), b"\0"), strict=False))


PSEUDO_HELLO_SIZES = (50, 83)
PSEUDO_HELLOS = (b"\x16\x03\x01\x00\x2d\x01\x00\x00\x29", b"\x16\x03\x01\x00\x4e\x02\x00\x00\x46")
"""Beginnings of the made-up ClientHello and ServerHello that Lync sends before TURN on port 443 (MS-TURN 3.1), and their sizes."""
CONTROL, DATA = 2, 3
"""Types of the four-byte frames of MS-TURN over TCP: a message, or media."""


def frame_of(data: bytes, framing: str) -> tuple[int, int] | None:
    """(bytes before the message, bytes of the whole frame) at the beginning of a TCP stream's bytes; None where this is no frame.

    `framing` is `plain` (messages and ChannelData one after another, RFC 8656 section 12.5), `length` (RFC 4571) or `microsoft`
    (type, zero, length). A frame without a message in it has its own size as the first number.
    """
    if len(data) < 4:
        return None
    first, second = struct.unpack_from("!HH", data)
    if framing == "length":
        return 2, 2 + first
    if framing == "microsoft":
        if data[0] not in (CONTROL, DATA) or data[1]:
            return None
        return (4 if data[0] == CONTROL else 4 + second), 4 + second
    if 0x4000 <= first < 0x5000:  # channel numbers, RFC 8656 section 12
        size = 4 + second + -second % 4
        return size, size
    return (0, HEADER_SIZE + second) if begins_stun(data) else None
