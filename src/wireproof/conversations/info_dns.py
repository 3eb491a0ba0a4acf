"""The Info column of DNS messages: kind, id, outcome, question, and the first addresses of an answer (RFC 1035).

Takes the message's bytes, as far as captured; gives text, "" for what is no DNS message. Judges nothing.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterator

DNS_PORTS = {53: "DNS", 5353: "MDNS", 5355: "LLMNR"}
TYPES = {
    1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV", 64: "SVCB",
    65: "HTTPS", 255: "ANY",
}  # fmt: skip
OUTCOMES = {1: "Format error", 2: "Server failure", 3: "No such name", 4: "Not implemented", 5: "Refused"}
OPERATIONS = {
    0: "Standard query",
    1: "Inverse query",
    2: "Server status request",
    4: "Zone change notification",
    5: "Dynamic update",
}
MOST_ANSWERS = 4
MOST_LABELS = 128


def tell_dns(message: bytes, *, multicast: bool = False) -> str:
    """`Standard query response 0x1a2b No such name A example.com`. `multicast`: classes may ask for unicast answers."""
    if len(message) < 12:
        return ""
    identity, flags, questions, answers = struct.unpack_from(">HHHH", message)
    operation = OPERATIONS.get(flags >> 11 & 15)
    if operation is None or questions > 32:
        return ""
    words = [operation + (" response" if flags & 0x8000 else ""), f"0x{identity:04x}"]
    if flags & 0x8000 and flags & 15:
        words.append(OUTCOMES.get(flags & 15, f"code {flags & 15}"))
    try:
        at = 12
        for _ in range(questions):
            name, at = read_name(message, at)
            kind, group = struct.unpack_from(">HH", message, at)
            asks_unicast = multicast and group & 0x8000
            words.append(f"{TYPES.get(kind, f'type {kind}')} {name}" + (', "QU" question' if asks_unicast else ""))
            at += 4
        words += _tell_answers(message, at, answers)
    except (IndexError, struct.error, UnicodeError):
        words.append("(cut short)")
    return " ".join(words)


def read_name(message: bytes, at: int) -> tuple[str, int]:
    """A name with compression (RFC 1035 4.1.4) and the offset behind it. Raises IndexError beyond the message."""
    labels: list[str] = []
    behind = 0
    for _ in range(MOST_LABELS):
        length = message[at]
        if length == 0:
            return ".".join(labels) or "<Root>", behind or at + 1
        if length >= 0xC0:
            behind = behind or at + 2
            at = (length & 0x3F) << 8 | message[at + 1]
            continue
        if at + 1 + length > len(message):
            raise IndexError(at)
        labels.append(_printable(message[at + 1 : at + 1 + length]))
        at += 1 + length
    raise IndexError(at)


def _printable(label: bytes) -> str:
    """A label as text: bytes that would move a terminal's cursor are escaped as RFC 4343 does."""
    return "".join(chr(byte) if 32 < byte < 127 else f"\\{byte:03d}" for byte in label)


def _tell_answers(message: bytes, at: int, answers: int) -> Iterator[str]:
    for _ in range(min(answers, MOST_ANSWERS)):
        _, at = read_name(message, at)
        kind, _, _, length = struct.unpack_from(">HHIH", message, at)
        at += 10
        value = message[at : at + length]
        if kind == 1 and len(value) == 4:
            yield f"A {ipaddress.IPv4Address(value)}"
        elif kind == 28 and len(value) == 16:
            yield f"AAAA {ipaddress.IPv6Address(value)}"
        elif kind in (5, 12):
            yield f"{TYPES[kind]} {read_name(message, at)[0]}"
        elif kind in TYPES:
            yield TYPES[kind]
        at += length
    if answers > MOST_ANSWERS:
        yield f"and {answers - MOST_ANSWERS} more"
