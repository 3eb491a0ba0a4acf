"""Binary events of an ETL in the form that trace lines have, so that both are asked alike.

Takes decoded events; gives `TraceEvent`s of those kinds that somebody asks for.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Protocol

from wireproof.limits import limit
from wireproof.logs.etl_events import EtlFact, decode_event
from wireproof.logs.etl_layouts import TCPIP
from wireproof.logs.tcpip_trace import TraceEvent

EVENTS = limit(
    "trace.events", 2_000_000, "events of an ETL that are looked through; beyond it a check would take minutes"
)

KINDS = {
    "TcpRequestConnect": "connect-requested",
    "TcpTcbSynSend": "syn-sent",
    "TcpConnectTcbComplete": "connect-completed",
    "TcpConnectRetransmit": "connect-retransmitted",
    "TcpConnectTcbTimeout": "connect-timeout",
    "TcpConnectTcbFailedRcvdRst": "connect-refused",
    "TcpConnectTcbFailure": "connect-failed",
    "TcpDisconnectTcbRtoTimeout": "retransmission-timeout",
    "TcpDisconnectTcbKeepaliveTimeout": "keepalive-timeout",
    "TcpConnectionTerminatedRcvdRst": "reset-received",
    "TcpShutdownTcb": "shutdown",
    "TcpGlobalSynAttackEntry": "syn-attack-entered",
    "TcpipTransportPacketDrops": "transport-drop",
    "TcpipNetworkPacketDrops": "network-drop",
    "TcpConnectionRundown": "rundown",
}
"""What the events of the stack are called in traces."""
REASONS = {
    ("TcpipNetworkPacketDrops", 9): "Inspection drop",
    ("TcpipTransportPacketDrops", 4): "Transport endpoint was not found",
}
"""Numbers of reasons that rules ask for, by event."""
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}


class BinaryEvent(Protocol):
    """An event as an ETL holds it."""

    @property
    def time_ns(self) -> int:
        """When it was logged, nanoseconds since 1970, UTC."""

    @property
    def provider(self) -> uuid.UUID:
        """Who logged it."""

    @property
    def event_id(self) -> int:
        """Its number among those of the provider."""

    @property
    def data(self) -> bytes:
        """Its fields, packed."""


def trace_events(events: Iterable[BinaryEvent], pointer_size: int = 8) -> list[TraceEvent]:
    """The events of the stack among those of a log."""
    found = []
    for turn, event in enumerate(events):
        if turn >= EVENTS.value:
            break
        fact = (
            decode_event(event.provider, event.event_id, event.data, pointer_size) if event.provider == TCPIP else None
        )
        if fact and fact.name in KINDS:
            found.append(trace_event(fact, event.time_ns))
    return found


def trace_event(fact: EtlFact, time_ns: int) -> TraceEvent:
    """One decoded event of the stack as a trace event."""
    fields = fact.fields
    local, remote = fact.endpoint("local"), fact.endpoint("remote")
    if local is None and fields.get("source"):
        local, remote = (str(fields["source"]), 0), (str(fields["destination"]), 0)
    elif local is None and fields.get("source_v4"):
        local, remote = (str(fields["source_v4"]), 0), (str(fields["destination_v4"]), 0)
    reason = _number(fact, "reason")
    status = _number(fact, "status")
    return TraceEvent(
        time_ns,
        0,
        KINDS[fact.name],
        fact.name,
        pid=fact.pid,
        tie=f"{_number(fact, 'tcb'):x}" if "tcb" in fields else "",
        local=local,
        remote=remote,
        status=f"0x{status:08X}" if status else "",
        reason=REASONS.get((fact.name, reason), str(reason)) if "reason" in fields else "",
        protocol=PROTOCOLS.get(_number(fact, "protocol"), "") if "protocol" in fields else "tcp",
        count=_number(fact, "retransmissions") or _number(fact, "syn_attacks"),
    )


def _number(fact: EtlFact, name: str) -> int:
    value = fact.fields.get(name, 0)
    return value if isinstance(value, int) else 0
