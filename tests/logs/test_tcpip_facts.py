"""Binary events of the stack in the form of trace lines."""

from __future__ import annotations

import struct

from tests.support.etl_fields import Logged, logged
from wireproof.logs.etl_layouts import AFD, TCPIP
from wireproof.logs.etl_log import read_events
from wireproof.logs.tcpip_facts import trace_events
from wireproof.logs.tcpip_trace import TraceEvent


def events_of(*logged: Logged) -> list[TraceEvent]:
    """What a log of these events tells of the stack."""
    return trace_events(read_events(logged, "a.etl"))


def sockaddr(address: bytes, port: int) -> bytes:
    return struct.pack("<IH", 16, 2) + struct.pack(">H", port) + address + bytes(8)


ENDS = sockaddr(bytes((10, 7, 3, 187)), 3389) + sockaddr(bytes((10, 0, 107, 58)), 59210)


def test_a_drop_says_that_nobody_was_found() -> None:
    (event,) = events_of(Logged(1214, struct.pack("<II", 6, 2) + ENDS + struct.pack("<II", 4, 1)))
    assert (event.kind, event.reason, event.protocol) == ("transport-drop", "Transport endpoint was not found", "tcp")
    assert (event.local, event.remote, event.line) == (("10.7.3.187", 3389), ("10.0.107.58", 59210), 1)


def test_a_failed_connection_has_status_process_and_its_object() -> None:
    data = ENDS + struct.pack("<IIIQ", 0xC00000B5, 1504, 1, 0x829C860)
    (event,) = events_of(Logged(1034, data))
    assert (event.kind, event.status, event.pid, event.tie) == ("connect-failed", "0xC00000B5", 1504, "829c860")


def test_the_attack_state_is_told() -> None:
    (event,) = events_of(Logged(1055, struct.pack("<6I", 3, 0, 0, 0, 0, 0)))
    assert (event.kind, event.count) == ("syn-attack-entered", 3)


def test_a_drop_of_the_network_layer_has_addresses_only() -> None:
    data = (
        struct.pack("<II", 1, 2)
        + bytes((192, 168, 5, 68, 192, 168, 5, 88))
        + struct.pack("<II", 0, 0)
        + struct.pack("<II", 9, 1)
    )
    (event,) = events_of(Logged(1215, data))
    assert (event.local, event.remote, event.reason) == (("192.168.5.68", 0), ("192.168.5.88", 0), "Inspection drop")
    assert event.protocol == "icmp"


def test_other_events_and_providers_are_passed() -> None:
    assert events_of(Logged(1188, bytes(16)), Logged(1055, bytes(24), AFD), Logged(1055, b"")) == []


def test_a_syn_has_the_ends_and_a_request_the_caller() -> None:
    ends = {"local": ("192.0.2.1", 50000), "remote": ("192.0.2.2", 443)}
    asked = logged(TCPIP, 1002, tcb=0x10, **ends)._replace(process_id=1504)
    request, syn = events_of(asked, logged(TCPIP, 1004, tcb=0x10))
    assert (request.kind, request.pid, syn.kind, syn.pid) == ("connect-requested", 1504, "syn-sent", 0)
    assert (syn.local, syn.remote, syn.line) == (*ends.values(), 2)


def test_newer_drops_of_the_network_layer_say_which_way_the_packet_went() -> None:
    ends = {"source_v4": "192.0.2.1", "destination_v4": "192.0.2.2", "protocol": 6, "reason": 11}
    sent, received, old = events_of(
        logged(TCPIP, 1215, 2, **ends, path=0), logged(TCPIP, 1215, 1, **ends, path=1), logged(TCPIP, 1215, **ends)
    )
    assert [(one.is_sent, one.reason) for one in (sent, received, old)] == [
        (True, "Administratively prohibited"), (False, "Administratively prohibited"), (False, "Administratively prohibited"),
    ]  # fmt: skip
