"""Segments written down row by row: who sends what when, for tests that need exactly these numbers and no honest TCP.

Takes rows with relative sequence numbers; gives frames with real bytes.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import NamedTuple

from examples.files import SECOND, Frame
from examples.packets import TCP, Ethernet, IPv4
from tests.support.packets import IPv6
from tests.support.path import EPOCH_NS

CLIENT, SERVER = ("10.0.0.1", 50000), ("10.9.0.2", 80)
CLIENT_ISN, SERVER_ISN = 0xFFFFFF00, 0x1000
"""The client's numbers wrap after 256 bytes, so that every test passes the wrap."""


class Row(NamedTuple):
    """One segment: seconds, sender (`c` or `s`), flag letters, relative numbers, payload bytes; the rest seldom matters."""

    at_s: float
    by: str
    flags: str
    seq: int = 0
    ack: int = 0
    size: int = 0
    window: int = 8192
    options: bytes = b""
    ttl: int = 64
    ident: int = 0
    mac: str = ""


def frames(rows: Iterable[Row], client: tuple[str, int] = CLIENT, server: tuple[str, int] = SERVER) -> list[Frame]:
    """One frame a row. The acknowledgment field is 0 without the flag; IP identifications count up unless given."""
    found = []
    for turn, row in enumerate(rows):
        upward = row.by == "c"
        (source, port), (target, to_port) = (client, server) if upward else (server, client)
        own, other = (CLIENT_ISN, SERVER_ISN) if upward else (SERVER_ISN, CLIENT_ISN)
        ack = other + row.ack if "A" in row.flags else 0
        segment = TCP(port, to_port, own + row.seq, ack, row.flags, row.window, row.options, b"x" * row.size)
        mac = row.mac or f"02:00:00:00:00:0{1 if upward else 2}"
        if ipaddress.ip_address(source).version == 6:
            packet: IPv4 | IPv6 = IPv6(source, target, segment, ttl=row.ttl)
        else:
            packet = IPv4(source, target, segment, ttl=row.ttl, ident=row.ident or 1 + turn)
        frame = Ethernet(mac, f"02:00:00:00:00:0{2 if upward else 1}", packet)
        found.append(Frame(EPOCH_NS + round(row.at_s * SECOND), bytes(frame)))
    return found


def handshake(round_trip_s: float = 0.001, options: tuple[bytes, bytes] = (b"", b""), at_s: float = 0.0) -> list[Row]:
    """SYN, SYN/ACK, ACK, captured at the client."""
    return [
        Row(at_s, "c", "S", options=options[0]),
        Row(at_s + round_trip_s, "s", "SA", 0, 1, options=options[1]),
        Row(at_s + round_trip_s + 0.00002, "c", "A", 1, 1),
    ]
