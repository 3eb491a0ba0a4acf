"""Binary events of an ETL in the form that trace lines have, so that both are asked alike.

Takes decoded events; gives `TraceEvent`s of those kinds that somebody asks for.
"""

from __future__ import annotations

from wireproof.logs.etl_events import EtlFact
from wireproof.logs.etl_layouts import PROVIDER_NAMES, TCPIP
from wireproof.logs.etl_log import NOBODY, OWN_CALLS, EtlLog, EtlRow
from wireproof.logs.tcpip_trace import TraceEvent

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
    ("TcpipNetworkPacketDrops", 11): "Administratively prohibited",
    ("TcpipTransportPacketDrops", 4): "Transport endpoint was not found",
}
"""Numbers of reasons that rules ask for, by event."""
SENT = 0
"""The path of a packet on its way out."""
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}


def trace_events(log: EtlLog) -> list[TraceEvent]:
    """The events of the stack among those of a log; `line` is the row."""
    return [
        trace_event(row, number)
        for number, row in enumerate(log.rows, 1)
        if row.fact.name in KINDS and row.provider == PROVIDER_NAMES[TCPIP]
    ]


def trace_event(row: EtlRow, line: int = 0) -> TraceEvent:
    """One event of the stack as a trace event."""
    fact, local, remote = row.fact, row.local, row.remote
    fields = fact.fields
    if local is None and fields.get("source"):
        local, remote = (str(fields["source"]), 0), (str(fields["destination"]), 0)
    elif local is None and fields.get("source_v4"):
        local, remote = (str(fields["source_v4"]), 0), (str(fields["destination_v4"]), 0)
    reason = _number(fact, "reason")
    status = _number(fact, "status")
    return TraceEvent(
        row.time_ns,
        line,
        KINDS[fact.name],
        fact.name,
        pid=fact.pid or (row.process_id if fact.name in OWN_CALLS and row.process_id not in NOBODY else 0),
        tie=f"{_number(fact, 'tcb'):x}" if "tcb" in fields else "",
        local=local,
        remote=remote,
        status=f"0x{status:08X}" if status else "",
        reason=REASONS.get((fact.name, reason), str(reason)) if "reason" in fields else "",
        protocol=PROTOCOLS.get(_number(fact, "protocol"), "") if "protocol" in fields else "tcp",
        count=_number(fact, "retransmissions") or _number(fact, "syn_attacks"),
        is_sent="path" in fields and fields["path"] == SENT,
    )


def _number(fact: EtlFact, name: str) -> int:
    value = fact.fields.get(name, 0)
    return value if isinstance(value, int) else 0
