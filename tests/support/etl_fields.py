"""User data of events, packed field by field as a layout says.

Takes the name of an event and values by field; gives bytes. Fields that are not given are zero, empty or none.
"""

from __future__ import annotations

import ipaddress
import struct
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from wireproof.logs.etl_layout import Layout
from wireproof.logs.etl_layouts import LAYOUTS, TCPIP

NO_SID = bytes((1, 0)) + bytes(6)


class Logged(NamedTuple):
    """An event as the reader of ETL logs gives it."""

    event_id: int
    data: bytes
    provider: uuid.UUID = TCPIP
    time_ns: int = 1_700_000_000_123_456_700
    version: int = 0
    process_id: int = 4
    thread_id: int = 8


def logged(provider: uuid.UUID, number: int, version: int = 0, at_ns: int = 0, **values: Any) -> Logged:
    """An event with these fields, so long after the first one's time."""
    first = Logged(number, pack_event_data(provider, number, version, **values), provider, version=version)
    return first._replace(time_ns=first.time_ns + at_ns)


def layouts_named(provider: uuid.UUID, number: int) -> tuple[Layout, ...]:
    """Every layout of an event."""
    return LAYOUTS[provider][number]


def pack_data(layout: Layout, values: dict[str, Any] | None = None, pointer: int = 8) -> bytes:
    """The user data of an event of this layout."""
    values = values or {}
    packed = b""
    for field in layout.fields.split():
        labels, _, kind = field.partition(":")
        value = values.get(labels)
        if kind in PACKERS:
            packed += PACKERS[kind](value)
        else:
            packed += int(value or 0).to_bytes(int(kind) if kind.isdigit() else pointer, "little")
    return packed


def pack_event_data(provider: uuid.UUID, number: int, version: int = 0, **values: Any) -> bytes:
    """The user data of an event; of several layouts of one version the one with the most of these fields, the shortest among equals."""
    known = [one for one in layouts_named(provider, number) if one.first <= version <= one.last]
    fields = {layout: {field.partition(":")[0] for field in layout.fields.split()} for layout in known}
    assert any(set(values) <= names for names in fields.values()), values
    best = min((one for one in known if set(values) <= fields[one]), key=lambda one: len(fields[one]))
    return pack_data(best, values)


def pack_sockaddr(end: tuple[str, int] | None) -> bytes:
    """SOCKADDR_IN or SOCKADDR_IN6 behind its length; 16 zeros for none."""
    if end is None:
        return struct.pack("<I", 16) + bytes(16)
    address = ipaddress.ip_address(end[0])
    port = struct.pack(">H", end[1])
    if address.version == 4:
        body = struct.pack("<H", 2) + port + address.packed + bytes(8)
    else:
        body = struct.pack("<H", 23) + port + bytes(4) + address.packed + bytes(4)
    return struct.pack("<I", len(body)) + body


def _pack_text(value: str | None) -> bytes:
    return (value or "").encode("utf-16-le") + b"\0\0"


def _pack_bytes(value: bytes | None) -> bytes:
    return struct.pack("<I", len(value or b"")) + (value or b"")


def _pack_ip(value: str | None) -> bytes:
    return _pack_bytes(ipaddress.ip_address(value).packed if value else bytes(16))


def _pack_pair(size: int) -> Callable[[Any], bytes]:
    def pack(value: Any) -> bytes:
        ends = value or [("0.0.0.0" if size == 4 else "::", 0)] * 2
        hosts = b"".join(ipaddress.ip_address(host).packed for host, _ in ends)
        return hosts + struct.pack(">HH", *(port for _, port in ends))

    return pack


PACKERS: dict[str, Callable[[Any], bytes]] = {
    "address": pack_sockaddr,
    "alert": lambda value: struct.pack("<I", value or 0),
    "ansi": lambda value: (value or "").encode("cp1252") + b"\0",
    "bytes": _pack_bytes,
    "guid": lambda value: (value or uuid.UUID(int=0)).bytes_le,
    "ip": _pack_ip,
    "ipv4": lambda value: ipaddress.IPv4Address(value or 0).packed,
    "pair4": _pack_pair(4),
    "pair6": _pack_pair(16),
    "sid": lambda value: value or NO_SID,
    "text": _pack_text,
    "texts": lambda value: struct.pack("<I", len(value or ())) + b"".join(map(_pack_text, value or ())),
}
