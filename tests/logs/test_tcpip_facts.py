"""Binary events of the stack in the form of trace lines."""

from __future__ import annotations

import struct
import uuid
from typing import NamedTuple

from wireproof.logs.etl_layouts import AFD, TCPIP
from wireproof.logs.tcpip_facts import trace_events


class Logged(NamedTuple):
    """An event as an ETL has it."""

    event_id: int
    data: bytes
    provider: uuid.UUID = TCPIP
    time_ns: int = 5


def sockaddr(address: bytes, port: int) -> bytes:
    return struct.pack("<IH", 16, 2) + struct.pack(">H", port) + address + bytes(8)


ENDS = sockaddr(bytes((10, 7, 3, 187)), 3389) + sockaddr(bytes((10, 0, 107, 58)), 59210)


def test_a_drop_says_that_nobody_was_found() -> None:
    (event,) = trace_events([Logged(1214, struct.pack("<II", 6, 2) + ENDS + struct.pack("<II", 4, 1))])
    assert (event.kind, event.reason, event.protocol) == ("transport-drop", "Transport endpoint was not found", "tcp")
    assert (event.local, event.remote, event.line) == (("10.7.3.187", 3389), ("10.0.107.58", 59210), 0)


def test_a_failed_connection_has_status_process_and_its_object() -> None:
    data = ENDS + struct.pack("<IIIQ", 0xC00000B5, 1504, 1, 0x829C860)
    (event,) = trace_events([Logged(1034, data)])
    assert (event.kind, event.status, event.pid, event.tie) == ("connect-failed", "0xC00000B5", 1504, "829c860")


def test_the_attack_state_is_told() -> None:
    (event,) = trace_events([Logged(1055, struct.pack("<6I", 3, 0, 0, 0, 0, 0))])
    assert (event.kind, event.count) == ("syn-attack-entered", 3)


def test_a_drop_of_the_network_layer_has_addresses_only() -> None:
    data = (
        struct.pack("<II", 1, 2)
        + bytes((192, 168, 5, 68, 192, 168, 5, 88))
        + struct.pack("<II", 0, 0)
        + struct.pack("<II", 9, 1)
    )
    (event,) = trace_events([Logged(1215, data)])
    assert (event.local, event.remote, event.reason) == (("192.168.5.68", 0), ("192.168.5.88", 0), "Inspection drop")
    assert event.protocol == "icmp"


def test_other_events_and_providers_are_passed() -> None:
    assert trace_events([Logged(1188, bytes(16)), Logged(1055, bytes(24), AFD), Logged(1055, b"")]) == []
