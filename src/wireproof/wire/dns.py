"""DNS messages (RFC 1035) read fast: header, question, response code, and addresses with their TTL.

Takes bytes and offsets; gives fields, or None where bytes are missing or impossible. Names are followed through compression
pointers only backwards, so that no message makes a loop. For every record of a message in full, use dnspython.
"""

from __future__ import annotations

import ipaddress
import struct
from typing import NamedTuple

HEADER = struct.Struct("!6H")
RESPONSE, TRUNCATED, RECURSION_DESIRED = 0x8000, 0x0200, 0x0100

NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = range(6)

RCODES: dict[int, str] = {
    0: "NOERROR",
    1: "FORMERR",
    2: "SERVFAIL",
    3: "NXDOMAIN",
    4: "NOTIMP",
    5: "REFUSED",
    6: "YXDOMAIN",
    7: "YXRRSET",
    8: "NXRRSET",
    9: "NOTAUTH",
    10: "NOTZONE",
    16: "BADVERS",
    23: "BADCOOKIE",
}
"""RFC 6895 section 2.3."""

TYPES: dict[int, str] = {
    1: "A",
    2: "NS",
    5: "CNAME",
    6: "SOA",
    12: "PTR",
    15: "MX",
    16: "TXT",
    28: "AAAA",
    33: "SRV",
    35: "NAPTR",
    43: "DS",
    48: "DNSKEY",
    64: "SVCB",
    65: "HTTPS",
    255: "ANY",
}

MOST_LABELS = 128
MOST_RECORDS = 200
"""Records of one message that are looked at; more do not fit a sane answer, and a hostile one could state 65,535."""


class Question(NamedTuple):
    """What a message asks. `name` has no final dot; `end` is the offset after the question."""

    name: str
    kind: int
    klass: int
    end: int


class Record(NamedTuple):
    """One resource record. `address` is text for A and AAAA records and "" for others; `data_at` is its data's offset."""

    name: str
    kind: int
    ttl_s: int
    address: str
    data_at: int
    end: int


def unpack_name(data: bytes, at: int, start: int = 0) -> tuple[str, int] | None:
    """The name at an offset and the offset after it; `start` is where the message starts.

    None when it leaves the bytes, a pointer does not lead backwards, or it is longer than RFC 1035 section 2.3.4 allows.
    """
    labels: list[str] = []
    end, total, lowest = -1, 0, at
    while len(labels) < MOST_LABELS and total <= 255:
        if at >= len(data):
            return None
        size = data[at]
        if size >= 0xC0:
            target = _pointed(data, at, start)
            end = end if end >= 0 else at + 2
            if target is None or target >= lowest:
                return None
            at = lowest = target
            continue
        if size > 63 or at + 1 + size > len(data):
            return None
        at += 1
        if size == 0:
            return ".".join(labels), end if end >= 0 else at
        labels.append(label_text(data[at : at + size]))
        total += size + 1
        at += size
    return None


def _pointed(data: bytes, at: int, start: int) -> int | None:
    """Where a compression pointer leads (RFC 1035 section 4.1.4)."""
    if at + 2 > len(data):
        return None
    return start + ((data[at] & 0x3F) << 8 | data[at + 1])


def label_text(label: bytes) -> str:
    r"""A label as zone files write it: bytes beyond printable ASCII, dots and backslashes as `\DDD` (RFC 1035 5.1)."""
    return "".join(chr(byte) if 0x20 < byte < 0x7F and byte not in b".\\" else f"\\{byte:03d}" for byte in label)


def unpack_question(data: bytes, start: int = 0) -> Question | None:
    """The first question of the message that starts at `start`; None when it has none or it is cut."""
    if len(data) < start + 12 or data[start + 4 : start + 6] == b"\0\0":
        return None
    named = unpack_name(data, start + 12, start)
    if named is None or len(data) < named[1] + 4:
        return None
    kind, klass = struct.unpack_from("!HH", data, named[1])
    return Question(named[0], kind, klass, named[1] + 4)


def unpack_records(data: bytes, start: int = 0) -> list[Record]:
    """The records of all sections, as far as they can be read: at most MOST_RECORDS, and none after a damaged one."""
    if len(data) < start + 12:
        return []
    questions, answers, authorities, additionals = struct.unpack_from("!4H", data, start + 4)
    at: int | None = start + 12
    for _ in range(min(questions, MOST_RECORDS)):
        named = unpack_name(data, at, start) if at is not None else None
        at = named[1] + 4 if named else None
    records: list[Record] = []
    while at is not None and len(records) < min(answers + authorities + additionals, MOST_RECORDS):
        record = _record(data, at, start)
        if record is None:
            break
        records.append(record)
        at = record.end
    return records


def _record(data: bytes, at: int, start: int) -> Record | None:
    named = unpack_name(data, at, start)
    if named is None or len(data) < named[1] + 10:
        return None
    kind, _, ttl, size = struct.unpack_from("!HHIH", data, named[1])
    data_at = named[1] + 10
    if len(data) < data_at + size:
        return None
    address = ""
    if (kind, size) in {(1, 4), (28, 16)}:
        address = str(ipaddress.ip_address(data[data_at : data_at + size]))
    return Record(named[0], kind, ttl, address, data_at, data_at + size)


def unpack_rcode(data: bytes, start: int = 0) -> int:
    """The response code, with the upper bits of an OPT record where there is one (RFC 6891 section 6.1.3)."""
    if len(data) < start + 4:
        return 0
    low = data[start + 3] & 15
    for record in unpack_records(data, start):
        if record.kind == 41:
            return (record.ttl_s >> 24) << 4 | low
    return low


def rcode_name(code: int) -> str:
    """`SERVFAIL`, or the number where no name is known."""
    return RCODES.get(code, f"response code {code}")


def type_name(kind: int) -> str:
    """`AAAA`, or `TYPE65280` (RFC 3597) where no name is known."""
    return TYPES.get(kind, f"TYPE{kind}")
