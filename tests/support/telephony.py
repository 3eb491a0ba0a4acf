"""SIP messages, session descriptions and STUN messages as bytes, and frames of what hosts send each other with absolute times.

Takes fields; gives bytes. Knows nothing of wireproof, so that tests built with it are an independent check.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import struct
import zlib
from collections.abc import Iterable, Sequence

from examples.files import SECOND, Frame
from examples.packets import TCP, UDP, Ethernet, IPv4, Upper, mss, sack_permitted, wscale
from tests.support.packets import IPv6
from tests.support.path import EPOCH_NS

End = tuple[str, int]
COOKIE = 0x2112A442
REQUEST, INDICATION, SUCCESS, ERROR = 0x000, 0x010, 0x100, 0x110
BINDING, ALLOCATE, REFRESH, SEND, DATA, PERMISSION, CHANNEL_BIND = 1, 3, 4, 6, 7, 8, 9


def sip(start: str, headers: Sequence[str] = (), body: str = "", kind: str = "application/sdp") -> bytes:
    """One SIP message; Content-Type and Content-Length are added."""
    data = body.replace("\n", "\r\n").encode()
    lines = [start, *headers, *([f"Content-Type: {kind}"] if body else []), f"Content-Length: {len(data)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def dialog(
    call_id: str = "a622d7b9f6464be3", answered: bool = False, number: str = "1 INVITE", host: str = "10.0.0.1"
) -> list[str]:
    """The headers that messages of one dialog share; with `answered` the other party's tag."""
    return [
        f"Via: SIP/2.0/TCP {host}:5060;branch=z9hG4bK{zlib.crc32((call_id + number).encode()):x}",
        "Max-Forwards: 70",
        "From: <sip:user1@contoso.com>;tag=2cd64ff7dc;epid=6750f01948",
        "To: <sip:user2@fabrikam.com>" + (";tag=fef0c3e438" if answered else ""),
        f"Call-ID: {call_id}",
        f"CSeq: {number}",
    ]


def sdp(address: str, media: str, lines: Iterable[str] = ()) -> str:
    """A session description with one m= section."""
    family = "IP6" if ":" in address else "IP4"
    head = ["v=0", f"o=- 0 0 IN {family} {address}", "s=session", f"c=IN {family} {address}", "t=0 0", f"m={media}"]
    return "\n".join([*head, *lines, ""])


def xor_address(end: End, transaction: bytes) -> bytes:
    """Value of an XOR-…-ADDRESS attribute."""
    raw = ipaddress.ip_address(end[0]).packed
    mask = struct.pack("!I", COOKIE) + transaction
    hidden = bytes(one ^ other for one, other in zip(raw, mask, strict=False))
    return struct.pack("!BBH", 0, 1 if len(raw) == 4 else 2, end[1] ^ (COOKIE >> 16)) + hidden


def plain_address(end: End) -> bytes:
    """Value of a MAPPED-ADDRESS attribute."""
    raw = ipaddress.ip_address(end[0]).packed
    return struct.pack("!BBH", 0, 1 if len(raw) == 4 else 2, end[1]) + raw


def transaction_of(name: str) -> bytes:
    """Twelve bytes that are the same for the same name."""
    return hashlib.sha256(name.encode()).digest()[:12]


def stun(kind: int, attributes: Sequence[tuple[int, bytes]] = (), name: str = "", key: bytes = b"") -> bytes:
    """One STUN message with padding, the cookie, MESSAGE-INTEGRITY when there is a key, and a fingerprint."""
    transaction = transaction_of(name)
    body = b"".join(
        struct.pack("!HH", code, len(value)) + value + b"\0" * (-len(value) % 4) for code, value in attributes
    )

    def head(more: int) -> bytes:
        return struct.pack("!HHI", kind, len(body) + more, COOKIE) + transaction

    if key:
        body += struct.pack("!HH", 0x0008, 20) + hmac.new(key, head(24) + body, "sha1").digest()
    checksum = zlib.crc32(head(8) + body) ^ 0x5354554E
    return head(8) + body + struct.pack("!HHI", 0x8028, 4, checksum)


def error_code(code: int, reason: str = "") -> tuple[int, bytes]:
    """The ERROR-CODE attribute."""
    return 0x0009, struct.pack("!HBB", 0, code // 100, code % 100) + reason.encode()


def check(name: str, users: str = "G/Yw:PFb1", nominate: bool = False) -> bytes:
    """A connectivity check of ICE."""
    attributes = [(0x0006, users.encode()), (0x0024, struct.pack("!I", 6556159)), (0x802A, transaction_of("role")[:8])]
    return stun(BINDING, [*attributes, *([(0x0025, b"")] if nominate else [])], name, b"EwhnzgwKgaoRuI2T2gKRRqYz")


def lync_stun(kind: int, attributes: Sequence[tuple[int, bytes]] = (), name: str = "", size: int = 0) -> bytes:
    """One message of MS-TURN: its cookie attribute first, no padding, filled up to `size` bytes by a last attribute."""
    body = struct.pack("!HHI", 0x000F, 4, 0x72C64BC6)
    body += b"".join(struct.pack("!HH", code, len(value)) + value for code, value in attributes)
    if size:
        room = size - 20 - len(body) - 4
        body += struct.pack("!HH", 0x0014, room) + (b"realm" * room)[:room]
    return struct.pack("!HH", kind, len(body)) + transaction_of("lync" + name) + transaction_of(name)[:4] + body


def lync_frame(message: bytes, control: bool = True) -> bytes:
    """The frame around a message of MS-TURN over TCP."""
    return struct.pack("!BBH", 2 if control else 3, 0, len(message)) + message


def pseudo_client_hello() -> bytes:
    """The made-up ClientHello of MS-TURN 3.1: 50 bytes, one anonymous cipher suite."""
    body = b"\x03\x01" + transaction_of("one") + transaction_of("two") + transaction_of("three")[:8]
    body += b"\x00\x00\x02\x00\x18\x01\x00"
    return b"\x16\x03\x01\x00\x2d\x01\x00\x00\x29" + body


def pseudo_server_hello() -> bytes:
    """The made-up ServerHello and ServerHelloDone: 83 bytes."""
    noise = b"".join(transaction_of(str(turn)) for turn in range(6))
    body = b"\x03\x01" + noise[:32] + b"\x20" + noise[32:64] + b"\x00\x18\x00"
    return b"\x16\x03\x01\x00\x4e\x02\x00\x00\x46" + body + b"\x0e\x00\x00\x00"


def packet(source: str, target: str, upper: Upper, ttl: int = 128, ident: int = 1) -> IPv4 | IPv6:
    """An IP packet of the addresses' version."""
    if ":" in source:
        return IPv6(source, target, upper, ttl=ttl)
    return IPv4(source, target, upper, ttl=ttl, ident=ident)


def framed(at_s: float, inner: IPv4 | IPv6) -> Frame:
    """A frame at a time counted from the epoch of tests."""
    ethernet = Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", inner)
    return Frame(EPOCH_NS + round(at_s * SECOND), bytes(ethernet))


def datagram(at_s: float, source: End, target: End, payload: bytes) -> Frame:
    """A UDP datagram."""
    return framed(
        at_s, packet(source[0], target[0], UDP(source[1], target[1], payload), ident=round(at_s * 1000) % 65536)
    )


def segment(
    at_s: float, source: End, target: End, flags: str, numbers: tuple[int, int] = (1000, 0), payload: bytes = b""
) -> Frame:
    """A TCP segment with sequence and acknowledgment number."""
    options = mss(1460) + wscale(8) + sack_permitted() if "S" in flags else b""
    tcp = TCP(source[1], target[1], *numbers, flags, 8192, options, payload)
    return framed(at_s, packet(source[0], target[0], tcp, ident=round(at_s * 1000) % 65536))


def refused(at_s: float, source: End, target: End, tries: int = 3) -> list[Frame]:
    """SYNs half a second apart, each answered with a reset."""
    found = []
    for turn in range(tries):
        found.append(segment(at_s + turn / 2, source, target, "S", (3074395695, 0)))
        found.append(segment(at_s + turn / 2 + 0.042, target, source, "RA", (0, 3074395696)))
    return found


def silent(at_s: float, source: End, target: End) -> list[Frame]:
    """SYNs at 0, 3 and 9 s without answer."""
    return [segment(at_s + wait, source, target, "S", (3074395695, 0)) for wait in (0, 3, 9)]


def spoken(at_s: float, client: End, server: End, lines: Sequence[tuple[float, str, bytes]]) -> list[Frame]:
    """A TCP connection: handshake at `at_s`, then (seconds after it, "c" or "s", bytes) in segments of at most 1400 bytes."""
    found = [
        segment(at_s, client, server, "S", (1000, 0)),
        segment(at_s + 0.001, server, client, "SA", (5000, 1001)),
        segment(at_s + 0.002, client, server, "A", (1001, 5001)),
    ]
    sent = {"c": 1001, "s": 5001}
    for after_s, by, data in lines:
        ends = (client, server) if by == "c" else (server, client)
        other = "s" if by == "c" else "c"
        for start in range(0, len(data), 1400):
            part = data[start : start + 1400]
            found.append(segment(at_s + after_s + start * 1e-7, *ends, "PA", (sent[by], sent[other]), part))
            sent[by] += len(part)
    return found
