"""Network Monitor captures: versions 1.x and 2.0 to 2.3, with process table, comments, holes, and tables in any order.

Takes records, gives a file's bytes. Knows the file format and no protocol.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from tests.support.files import SECOND

NO_PROCESS = 0xFFFFFFFF
START_NS = 1_600_000_000 * SECOND
FILETIME_1970 = 116_444_736_000_000_000
"""1 January 1970 in units of 100 ns since 1601."""
HEADER = 128


class Record(NamedTuple):
    """One record: `after_us` is its time after the capture's start, in microseconds; `original` its length on the wire."""

    data: bytes
    after_us: int = 0
    original: int | None = None
    media: int = 1
    process: int = NO_PROCESS


class Owner(NamedTuple):
    """One entry of the process table; the addresses are 4 or 16 bytes each, as they stand in a packet."""

    path: str
    pid: int
    local: bytes = bytes(4)
    local_port: int = 0
    remote: bytes = bytes(4)
    remote_port: int = 0
    icon: bytes = b""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is laid out. `order` lists which record each table entry stands for; None for all, in order."""

    major: int = 2
    minor: int = 3
    media: int = 1
    hole: int = 0
    order: Sequence[int] | None = None
    owners: Sequence[Owner] = ()
    comments: Sequence[tuple[int, str, str]] = field(default=())
    """(record number from 0, title, description)."""
    utc_ahead_s: int | None = None
    """By how much UTC was ahead of the local time that the header states; None for a file without time zones."""
    start_ns: int = START_NS
    """The local time that the header states; full milliseconds are kept."""


def netmon_bytes(records: Iterable[Record], layout: Layout | None = None) -> bytes:
    """A Network Monitor file: header, records with a hole of so many bytes behind each, comments, processes, frame table."""
    layout = layout or Layout()
    body = bytearray(HEADER)
    offsets = []
    for record in records:
        offsets.append(len(body))
        body += pack_record(record, layout) + b"\xee" * layout.hole
    comments = b"".join(pack_comment(offsets[number], *texts) for number, *texts in layout.comments)
    sections = [(len(body), len(comments))]
    body += comments
    sections.append((len(body), len(layout.owners)))
    body += struct.pack("<H", 2) + b"".join(pack_owner(owner) for owner in layout.owners)
    if layout.utc_ahead_s is not None:
        utc = struct.pack("<HQ", 1, (layout.start_ns // 100) + layout.utc_ahead_s * 10**7 + FILETIME_1970)
        sections.append((len(body), len(utc)))
        body += utc
    order = range(len(offsets)) if layout.order is None else layout.order
    table = (len(body), 4 * len(order))
    body += struct.pack(f"<{len(order)}I", *(offsets[number] for number in order))
    magic = b"RTSS" if layout.major == 1 else b"GMBU"
    head = magic + struct.pack("<BBH8H", layout.minor, layout.major, layout.media, *system_time(layout.start_ns))
    known = [table, (0, 0), *(sections if layout.minor > 1 and layout.major > 1 else [(0, 0), (0, 0)])]
    packed = head + b"".join(struct.pack("<II", *section) for section in known)
    body[: len(packed)] = packed
    return bytes(body)


def system_time(time_ns: int) -> tuple[int, ...]:
    """SYSTEMTIME: year, month, day of the week, day, hour, minute, second, millisecond."""
    at = datetime.fromtimestamp(time_ns // SECOND, UTC)
    day = at.isoweekday() % 7
    return at.year, at.month, day, at.day, at.hour, at.minute, at.second, time_ns % SECOND // 1_000_000


def pack_record(record: Record, layout: Layout) -> bytes:
    """One record with the head and trailer of the file's version."""
    original = len(record.data) if record.original is None else record.original
    if layout.major == 1:
        return struct.pack("<IHH", record.after_us // 1000, original, len(record.data)) + record.data
    packed = struct.pack("<qII", record.after_us, original, len(record.data)) + record.data
    if layout.minor > 0:
        packed += struct.pack("<H", record.media)
    if layout.minor > 1:
        packed += struct.pack("<I", record.process)
    if layout.minor > 2:
        packed += struct.pack("<QB", (layout.start_ns + record.after_us * 1000) // 100 + FILETIME_1970, 0)
    return packed


def pack_owner(owner: Owner) -> bytes:
    """One entry of the process table."""
    path = owner.path.encode("utf-16-le") + b"\0\0"
    wide = len(owner.local) == 16
    ports = struct.pack("<IHHHHI", owner.pid, owner.local_port, 0, owner.remote_port, 0, wide)
    sides = (side if wide else side[::-1] + b"\xcd" * 12 for side in (owner.local, owner.remote))
    return (
        struct.pack("<I", len(path)) + path + struct.pack("<I", len(owner.icon)) + owner.icon + ports + b"".join(sides)
    )


def pack_comment(offset: int, title: str, text: str) -> bytes:
    """One comment on the record at `offset`."""
    wide, words = title.encode("utf-16-le") + b"\0\0", text.encode()
    return struct.pack("<III", 1, offset, len(wide)) + wide + struct.pack("<I", len(words)) + words
