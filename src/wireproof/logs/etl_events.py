"""Events that Windows logs in an ETL, in fields: what happened to a connection, a socket or a name, and whose it was.

Takes provider, event id and user data as bytes; gives names and fields. Layouts: `etl_layouts`. Knows no capture and no file.
"""

from __future__ import annotations

import functools
import ipaddress
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from wireproof.logs.etl_layout import Layout
from wireproof.logs.etl_layouts import LAYOUTS

Endpoint = tuple[str, int]
Value = int | str | Endpoint | None

AF_INET, AF_INET6 = 2, 23
LONGEST_TEXT = 4096
"""Characters of a text that are kept: names and lists of addresses are shorter."""
MOST_AUTHORITIES = 15
"""Parts of a security identifier (MS-DTYP section 2.4.2.2)."""
MOST_ALERT = 255


@dataclass(frozen=True, slots=True)
class EtlFact:
    """One event: `name` says what it is, `fields` are its values by name. Ends of connections are (address, port), None where none is set."""

    name: str
    fields: dict[str, Value]

    @property
    def pid(self) -> int:
        """The process that the event names; 0 when it names none."""
        value = self.fields.get("pid")
        return value if isinstance(value, int) else 0

    def endpoint(self, name: str) -> Endpoint | None:
        """An address with port among the fields; None when it has none of this name."""
        value = self.fields.get(name)
        return value if isinstance(value, tuple) else None


def decode_event(
    provider: uuid.UUID, event_id: int, data: bytes, pointer_size: int = 8, version: int = 0
) -> EtlFact | None:
    """One event in fields; None when no layout is known for its version, or its bytes fit none or several."""
    found = [
        fields
        for layout in layouts_of(provider, event_id, version)
        if (fields := _decode(layout, data, pointer_size)) is not None
    ]
    return found[0] if len(found) == 1 else None


def layouts_of(provider: uuid.UUID, event_id: int, version: int) -> list[Layout]:
    """The layouts that an event of this version may have; none for what is not known."""
    known = LAYOUTS.get(provider, {}).get(event_id, ())
    return [layout for layout in known if layout.first <= version <= layout.last]


def _decode(layout: Layout, data: bytes, pointer_size: int) -> EtlFact | None:
    fields: dict[str, Value] = {}
    at = 0
    for labels, read, stated in _steps(layout.fields):
        values, at = read(data, at, stated or pointer_size)
        if at < 0 or at > len(data):
            return None
        fields.update(zip(labels, values, strict=True))
    return None if layout.is_whole and at != len(data) else EtlFact(layout.name, fields)


@functools.cache
def _steps(fields: str) -> list[tuple[list[str], Reader, int]]:
    """For each field its labels, what reads it, and the size of a number, 0 for that of a pointer."""
    split = [field.partition(":") for field in fields.split()]
    return [
        (labels.split(","), READERS.get(kind, _read_number), int(kind) if kind.isdigit() else 0)
        for labels, _, kind in split
    ]


Read = tuple[list[Value], int]
"""Values of one field, and where the next one starts; below 0 or beyond the end when the bytes do not hold it."""
Reader = Callable[[bytes, int, int], Read]
"""Takes bytes, where the field starts, and the size of a number in bytes."""


def _read_number(data: bytes, at: int, size: int) -> Read:
    return [int.from_bytes(data[at : at + size], "little")], at + size


def _read_address(data: bytes, at: int, _size: int) -> Read:
    """A length and a SOCKADDR of so many bytes."""
    start, end = _read_length(data, at)
    return [unpack_sockaddr(data[start:end])], end


def _read_ip(data: bytes, at: int, _size: int) -> Read:
    """A length and an address of IPv4 or IPv6 of so many bytes."""
    start, end = _read_length(data, at)
    return [_ip_text(data[start:end])], end


def _read_length(data: bytes, at: int) -> tuple[int, int]:
    start = at + 4
    return start, start + int.from_bytes(data[at:start], "little")


def _read_ipv4(data: bytes, at: int, _size: int) -> Read:
    return [_ip_text(data[at : at + 4])], at + 4


def _ip_text(data: bytes) -> str:
    """An address as text; "" for none."""
    if len(data) not in (4, 16) or not any(data):
        return ""
    return str(ipaddress.ip_address(data))


def _read_text(data: bytes, at: int, _size: int) -> Read:
    """UTF-16 up to its zero."""
    end = data.find(b"\0\0", at)
    while end >= 0 and (end - at) % 2:
        end = data.find(b"\0\0", end + 1)
    return [data[at:end].decode("utf-16-le", "replace")[:LONGEST_TEXT]], end + 2 if end >= 0 else -1


def _read_ansi(data: bytes, at: int, _size: int) -> Read:
    """Text of single bytes up to its zero."""
    end = data.find(b"\0", at)
    return [data[at:end].decode("cp1252", "replace")[:LONGEST_TEXT]], end + 1 if end >= 0 else -1


def _read_texts(data: bytes, at: int, size: int) -> Read:
    """A number, and so many texts."""
    left, at = int.from_bytes(data[at : at + 4], "little"), at + 4
    found = []
    # Each text takes two bytes at least: what claims more is not this.
    if 2 * left > len(data) - at:
        return [""], -1
    for _ in range(left):
        values, at = _read_text(data, at, size)
        if at < 0:
            break
        found += values
    return [", ".join(map(str, found))[:LONGEST_TEXT]], at


def _read_bytes(data: bytes, at: int, _size: int) -> Read:
    """A length and so many bytes, as hexadecimal digits."""
    start, end = _read_length(data, at)
    return [data[start:end][: LONGEST_TEXT // 2].hex()], end


def _read_guid(data: bytes, at: int, _size: int) -> Read:
    """A GUID, in braces."""
    end = at + 16
    return [f"{{{uuid.UUID(bytes_le=data[at:end])}}}" if end <= len(data) else ""], end


def _read_sid(data: bytes, at: int, _size: int) -> Read:
    """A security identifier (MS-DTYP section 2.4.2.2)."""
    count = data[at + 1] if at + 1 < len(data) else 0
    start, end = at + 8, at + 8 + 4 * count
    if end > len(data) or data[at] != 1 or count > MOST_AUTHORITIES:
        return [""], -1
    parts = (data[at], int.from_bytes(data[at + 2 : start], "big"), *struct.unpack_from(f"<{count}I", data, start))
    return ["-".join(["S", *map(str, parts)])], end


def _read_alert(data: bytes, at: int, _size: int) -> Read:
    """The number of a TLS alert, which has one byte (RFC 8446 section 6)."""
    value = int.from_bytes(data[at : at + 4], "little")
    return [value], at + 4 if value <= MOST_ALERT else -1


def _read_pair4(data: bytes, at: int, _size: int) -> Read:
    return _read_pair(data, at, 4)


def _read_pair6(data: bytes, at: int, _size: int) -> Read:
    return _read_pair(data, at, 16)


def _read_pair(data: bytes, at: int, size: int) -> Read:
    """Two addresses, and the ports of both."""
    end = at + 2 * size + 4
    if end > len(data):
        return [None, None], -1
    ports = struct.unpack_from(">HH", data, end - 4)
    hosts = (str(ipaddress.ip_address(data[start : start + size])) for start in (at, at + size))
    return list(zip(hosts, ports, strict=True)), end


READERS: dict[str, Reader] = {
    "address": _read_address,
    "alert": _read_alert,
    "ansi": _read_ansi,
    "bytes": _read_bytes,
    "guid": _read_guid,
    "ip": _read_ip,
    "ipv4": _read_ipv4,
    "pair4": _read_pair4,
    "pair6": _read_pair6,
    "sid": _read_sid,
    "text": _read_text,
    "texts": _read_texts,
}
"""Readers of what is no number; numbers have their size as kind, or are as large as a pointer."""


def unpack_sockaddr(data: bytes) -> Endpoint | None:
    """The address and port of a SOCKADDR_IN or SOCKADDR_IN6 (RFC 3493), of IPv4 in IPv6 the one that packets have; None for any other."""
    if len(data) < 8:
        return None
    family, port = struct.unpack_from("<H", data)[0], struct.unpack_from(">H", data, 2)[0]
    if family == AF_INET:
        return str(ipaddress.IPv4Address(data[4:8])), port
    if family == AF_INET6 and len(data) >= 24:
        address = ipaddress.IPv6Address(data[8:24])
        return str(address.ipv4_mapped or address), port
    return None
