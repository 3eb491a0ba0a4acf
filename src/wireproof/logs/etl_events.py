"""Events that Windows logs in an ETL, in fields: what happened to a connection, a socket or a name, and whose it was.

Takes provider, event id and user data as bytes; gives names and fields. Layouts: `etl_layouts`. Knows no capture and no file.
"""

from __future__ import annotations

import ipaddress
import struct
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wireproof.logs.etl_layouts import LAYOUTS

Endpoint = tuple[str, int]
Value = int | str | Endpoint | None

AF_INET, AF_INET6 = 2, 23
LONGEST_TEXT = 4096
"""Characters of a text that are kept: names and lists of addresses are shorter."""


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


def decode_event(provider: uuid.UUID, event_id: int, data: bytes, pointer_size: int = 8) -> EtlFact | None:
    """One event in fields; None when its layout is not known or its bytes do not hold all of them."""
    known = LAYOUTS.get(provider, {}).get(event_id)
    if known is None:
        return None
    name, layout = known
    fields: dict[str, Value] = {}
    at = 0
    for field in layout.split():
        labels, _, kind = field.partition(":")
        size = int(kind) if kind.isdigit() else pointer_size
        values, at = READERS.get(kind, _read_number)(data, at, size)
        if at < 0 or at > len(data):
            return None
        fields.update(zip(labels.split(","), values, strict=True))
    return EtlFact(name, fields)


Read = tuple[list[Value], int]
"""Values of one field, and where the next one starts; below 0 or beyond the end when the bytes do not hold it."""


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


READERS: dict[str, Callable[[bytes, int, int], Read]] = {
    "address": _read_address,
    "ip": _read_ip,
    "ipv4": _read_ipv4,
    "pair4": _read_pair4,
    "pair6": _read_pair6,
    "text": _read_text,
}
"""Readers of what is no number; numbers have their size as kind, or are as large as a pointer."""


def unpack_sockaddr(data: bytes) -> Endpoint | None:
    """The address and port of a SOCKADDR_IN or SOCKADDR_IN6 (RFC 3493); None for any other."""
    if len(data) < 8:
        return None
    family, port = struct.unpack_from("<H", data)[0], struct.unpack_from(">H", data, 2)[0]
    if family == AF_INET:
        return str(ipaddress.IPv4Address(data[4:8])), port
    if family == AF_INET6 and len(data) >= 24:
        return str(ipaddress.IPv6Address(data[8:24])), port
    return None


def find_owners(facts: Iterable[EtlFact]) -> dict[tuple[Endpoint, Endpoint], int]:
    """The process of each connection that events name with both its ends (local, remote); the last one said counts."""
    owners = {}
    for fact in facts:
        local, remote = fact.endpoint("local"), fact.endpoint("remote")
        if local and remote and fact.pid:
            owners[local, remote] = fact.pid
    return owners
