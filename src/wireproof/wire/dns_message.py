"""Whole DNS messages: flags, sections and the records' data as text (RFC 1035, RFC 6891, RFC 8914, RFC 6052).

Takes a message's bytes, as far as captured; gives what can be read of it. Knows no packets; judges nothing.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Callable
from typing import NamedTuple

from wireproof.wire.dns import HEADER, MOST_RECORDS, Record, type_name, unpack_name, unpack_records

OPCODES = {0: "query", 1: "inverse query", 2: "status", 4: "notify", 5: "update", 6: "stateful operation"}
"""RFC 1035 section 4.1.1, RFC 1996, RFC 2136, RFC 8490."""

EXTENDED_ERROR = 15
EXTENDED_ERRORS = {
    0: "other error", 1: "unsupported DNSKEY algorithm", 2: "unsupported DS digest type", 3: "stale answer", 4: "forged answer",
    5: "DNSSEC indeterminate", 6: "DNSSEC bogus", 7: "signature expired", 8: "signature not yet valid", 9: "DNSKEY missing",
    10: "RRSIGs missing", 11: "no zone key bit set", 12: "NSEC missing", 13: "cached error", 14: "not ready", 15: "blocked",
    16: "censored", 17: "filtered", 18: "prohibited", 19: "stale NXDOMAIN answer", 20: "not authoritative", 21: "not supported",
    22: "no reachable authority", 23: "network error", 24: "invalid data",
}  # fmt: skip
"""RFC 8914 section 5.2."""

WELL_KNOWN_PREFIX = bytes.fromhex("0064ff9b0000000000000000")
"""64:ff9b::/96 (RFC 6052 section 2.1)."""
DIRECTACCESS_PREFIX = bytes.fromhex("7777000000000000")
"""What stands between a site's /48 and the IPv4 address in addresses that a DirectAccess server's DNS64 makes: 7777::/96."""


class Sections(NamedTuple):
    """The records of a message by section; `whole` tells that each one that the header counts could be read."""

    answers: list[Record]
    authorities: list[Record]
    additionals: list[Record]
    whole: bool


class Edns(NamedTuple):
    """What an OPT record says: the largest answer over UDP that the sender takes, the DO bit, and an extended error."""

    edns_size: int
    dnssec_ok: bool
    extended_error: str


def unpack_header(data: bytes) -> tuple[int, int] | None:
    """Identifier and flags; None for what is no DNS message: too short, an unknown operation, or dozens of questions."""
    if len(data) < HEADER.size:
        return None
    ident, flags, questions, *_ = HEADER.unpack_from(data)
    return (ident, flags) if (flags >> 11 & 15) in OPCODES and questions <= 32 else None


def unpack_sections(data: bytes) -> Sections:
    """The records of a message; at most MOST_RECORDS, and none behind a damaged one."""
    _, _, _, answers, authorities, additionals = HEADER.unpack_from(data)
    if not answers + authorities + additionals:
        return Sections([], [], [], whole=True)
    records = unpack_records(data)
    behind = answers + authorities
    return Sections(
        records[:answers],
        records[answers:behind],
        records[behind:],
        len(records) >= min(behind + additionals, MOST_RECORDS),
    )


def unpack_edns(data: bytes, additionals: list[Record]) -> Edns | None:
    """The OPT record (RFC 6891 section 6.1.2); None without one."""
    for record in additionals:
        if record.kind == 41:
            size = int.from_bytes(data[record.data_at - 8 : record.data_at - 6], "big")
            return Edns(size, bool(record.ttl_s & 0x8000), _extended_error(data[record.data_at : record.end]))
    return None


def _extended_error(options: bytes) -> str:
    """The extended error's meaning and the sender's own words for it (RFC 8914 section 2), "" without one."""
    at = 0
    while at + 4 <= len(options):
        code, size = struct.unpack_from("!HH", options, at)
        if code == EXTENDED_ERROR and size >= 2 and at + 4 + size <= len(options):
            number = int.from_bytes(options[at + 4 : at + 6], "big")
            meaning = EXTENDED_ERRORS.get(number, f"extended error {number}")
            words = printable(options[at + 6 : at + 4 + size])
            return f"{meaning}: {words}" if words else meaning
        at += 4 + size
    return ""


def printable(text: bytes) -> str:
    r"""Text with whatever is not printable ASCII as `\DDD`: it must not move a terminal's cursor."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03d}" for byte in text)


def embedded_ipv4(address: str) -> str:
    """The IPv4 address in an IPv6 address that DNS64 made, by the prefixes that tell themselves; "" for any other."""
    if ":" not in address:
        return ""
    raw = ipaddress.IPv6Address(address).packed
    made = raw[:12] == WELL_KNOWN_PREFIX or (raw[0] == 0xFD and raw[6:12] == DIRECTACCESS_PREFIX[:6])
    return str(ipaddress.IPv4Address(raw[12:])) if made else ""


def record_text(data: bytes, record: Record) -> str:
    """`www.example.com 300 A 10.0.0.1`; data of kinds that are not read is told by its size."""
    read = DATA.get(record.kind)
    value = record.address or (read(data, record) if read else None)
    if value is None:
        value = f"({record.end - record.data_at} bytes)"
    return f"{record.name or '.'} {record.ttl_s} {type_name(record.kind)} {value}"


def target_name(data: bytes, record: Record) -> str | None:
    """The name that a CNAME, NS or PTR record's data is."""
    return _name_at(data, record.data_at)


def _name_at(data: bytes, at: int) -> str | None:
    named = unpack_name(data, at)
    return None if named is None else named[0] or "."


def _exchange(data: bytes, record: Record) -> str | None:
    """MX: preference and host."""
    if record.end - record.data_at < 3:
        return None
    name = _name_at(data, record.data_at + 2)
    return None if name is None else f"{int.from_bytes(data[record.data_at : record.data_at + 2], 'big')} {name}"


def _service(data: bytes, record: Record) -> str | None:
    """SRV: priority, weight, port and host (RFC 2782)."""
    if record.end - record.data_at < 7:
        return None
    priority, weight, port = struct.unpack_from("!3H", data, record.data_at)
    name = _name_at(data, record.data_at + 6)
    return None if name is None else f"{priority} {weight} {port} {name}"


def _authority(data: bytes, record: Record) -> str | None:
    """SOA: the first name server, the mailbox, and the five numbers."""
    first = unpack_name(data, record.data_at)
    second = unpack_name(data, first[1]) if first else None
    if first is None or second is None or second[1] + 20 > record.end:
        return None
    numbers = " ".join(map(str, struct.unpack_from("!5I", data, second[1])))
    return f"{first[0] or '.'} {second[0] or '.'} {numbers}"


def _texts(data: bytes, record: Record) -> str | None:
    """TXT: its strings, each in quotes."""
    found, at = [], record.data_at
    while at < record.end:
        size = data[at]
        part = data[at + 1 : min(at + 1 + size, record.end)]
        found.append(f'"{printable(part)}"')
        at += 1 + size
    return " ".join(found)


DATA: dict[int, Callable[[bytes, Record], str | None]] = {
    2: target_name, 5: target_name, 6: _authority, 12: target_name, 15: _exchange, 16: _texts, 33: _service,
}  # fmt: skip
"""Readers of record data by type; they give None where it is damaged."""
