"""The endpoint mapper (C706 appendix O, [MS-RPCE] 2.2.1.2): protocol towers, and the stubs of ept_map.

Takes stub bytes; gives the towers in them, as far as the bytes go. Judges nothing.
"""

from __future__ import annotations

import ipaddress
import struct
from typing import NamedTuple

from wireproof.wire.ndr import NdrError, NdrReader, uuid_text

INTERFACE = "e1af8308-5d1f-11c9-91a4-08002b14a0fa"
OPERATIONS: dict[int, str] = {
    0: "ept_insert",
    1: "ept_delete",
    2: "ept_lookup",
    3: "ept_map",
    4: "ept_lookup_handle_free",
    5: "ept_inq_object",
    6: "ept_mgmt_delete",
    7: "ept_map_auth",
    8: "ept_map_auth_async",
}
MAP = 3
NOT_REGISTERED = 0x16C9A0D6
"""ept_s_not_registered: no server has registered the interface that was asked for."""
STATUS_NAMES: dict[int, str] = {
    0: "ok",
    0x16C9A0CC: "ept_s_cant_perform_op",
    0x16C9A0CD: "ept_s_no_memory",
    0x16C9A0CE: "ept_s_database_invalid",
    0x16C9A0CF: "ept_s_cant_create",
    0x16C9A0D0: "ept_s_cant_access",
    0x16C9A0D4: "ept_s_invalid_entry",
    0x16C9A0D5: "ept_s_invalid_context",
    NOT_REGISTERED: "ept_s_not_registered",
    0x16C9A0D7: "ept_s_server_unavailable",
    0x16C9A0D8: "ept_s_underspecified_name",
    0x16C9A0D9: "ept_s_invalid_ns_handle",
}
MOST_TOWERS = 500
MOST_FLOORS = 16
MOST_TOWER_BYTES = 4096

TCP, UDP, IP, UUID_FLOOR, HTTP = 0x07, 0x08, 0x09, 0x0D, 0x1F
NETBIOS_NAME, NAMED_PIPE, LOCAL_PIPE, LRPC, DATAGRAM, CONNECTION = 0x11, 0x0F, 0x10, 0x0C, 0x0A, 0x0B
SEQUENCES: dict[int, str] = {
    TCP: "ncacn_ip_tcp",
    UDP: "ncadg_ip_udp",
    HTTP: "ncacn_http",
    NAMED_PIPE: "ncacn_np",
    LOCAL_PIPE: "ncalrpc",
    LRPC: "ncalrpc",
}


class Tower(NamedTuple):
    """One protocol tower: interface, the protocol sequence, and where it is served.

    `port` is 0 where the sequence has none, `address` "" where no floor names one; `endpoint` is the port or the pipe as text.
    """

    interface: str
    version: str
    sequence: str
    address: str
    endpoint: str
    port: int


class MapAnswer(NamedTuple):
    """Towers of an ept_map response and its status; -1 where the bytes end before it."""

    towers: tuple[Tower, ...]
    status: int


def unpack_map_request(stub: bytes, order: str, *, wide: bool = False) -> Tower | None:
    """The tower that a client asks to be completed."""
    reader = NdrReader(stub, order, wide=wide)
    try:
        if reader.pointer():
            reader.uuid()
        return unpack_tower(_tower_bytes(reader)) if reader.pointer() else None
    except NdrError:
        return None


def unpack_map_answer(stub: bytes, order: str, *, wide: bool = False) -> MapAnswer | None:
    """Towers and status of a response; None when not even their number can be read."""
    reader = NdrReader(stub, order, wide=wide)
    towers: list[Tower] = []
    status = -1
    try:
        reader.take(20)
        reader.long()
        for _ in range(_given(reader)):
            tower = unpack_tower(_tower_bytes(reader))
            towers += [tower] if tower else []
        status = reader.long()
    except NdrError:
        return MapAnswer(tuple(towers), status) if len(stub) >= 24 else None
    return MapAnswer(tuple(towers), status)


def _given(reader: NdrReader) -> int:
    """How many towers follow: entries of the array that are no null pointers."""
    reader.count(1 << 32)
    reader.count(1 << 32)
    return sum(reader.pointer() for _ in range(reader.count(MOST_TOWERS)))


def _tower_bytes(reader: NdrReader) -> bytes:
    """A twr_t: its size as an array, its length, its octets."""
    reader.count(MOST_TOWER_BYTES)
    return reader.take(reader.long())


def unpack_tower(data: bytes) -> Tower | None:
    """The floors of a tower (C706 appendix I, L); lengths and versions are little-endian always, ports and addresses big-endian."""
    floors = _unpack_floors(data)
    if not floors or len(floors[0][0]) < 19 or floors[0][0][0] != UUID_FLOOR:
        return None
    first = floors[0]
    major = struct.unpack_from("<H", first[0], 17)[0]
    minor = struct.unpack_from("<H", first[1])[0] if len(first[1]) >= 2 else 0
    sequence, endpoint, address, port = "", "", "", 0
    for left, right in floors[2:]:
        kind = left[0] if left else -1
        if kind in SEQUENCES and not sequence:
            sequence = SEQUENCES[kind]
            port = int.from_bytes(right[:2], "big") if kind in (TCP, UDP, HTTP) else 0
            endpoint = str(port) if kind in (TCP, UDP, HTTP) else _text(right)
        elif kind == IP and len(right) in (4, 16):
            address = str(ipaddress.ip_address(right))
        elif kind == NETBIOS_NAME:
            address = _text(right)
    return Tower(uuid_text(first[0][1:17], "<"), f"{major}.{minor}", sequence, address, endpoint, port)


def _unpack_floors(data: bytes) -> list[tuple[bytes, bytes]]:
    """Left and right side of each floor, as far as the bytes go."""
    floors: list[tuple[bytes, bytes]] = []
    if len(data) < 2:
        return floors
    at = 2
    for _ in range(min(struct.unpack_from("<H", data)[0], MOST_FLOORS)):
        sides = []
        for _ in range(2):
            size = struct.unpack_from("<H", data, at)[0] if at + 2 <= len(data) else -1
            if size < 0 or at + 2 + size > len(data):
                return floors
            sides.append(data[at + 2 : at + 2 + size])
            at += 2 + size
        floors.append((sides[0], sides[1]))
    return floors


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("ascii", "replace")
