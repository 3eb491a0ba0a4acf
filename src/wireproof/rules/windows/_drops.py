"""Packets that a filter of the host dropped, from every source that tells: firewall log, trace lines, pktmon's text, events of an ETL.

Takes a case; gives drops with the evidence that they are. Judges nothing.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from wireproof.finding import Evidence
from wireproof.rules.evidence import frame, log_line
from wireproof.rules.windows._traces import Trace, traces

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.logs import Log
    from wireproof.logs.etl_log import EtlLog, EtlRow
    from wireproof.logs.tcpip_trace import TraceEvent

Endpoint = tuple[str, int]
FILTERED = (
    "inspection drop",
    "wfp",
    "firewall",
    "windows filtering platform",
    "administratively prohibited",
    "inspection",
)
"""What reasons say, in lower case, where a filter dropped."""
FILTER_REASONS = {
    8: "a filter",
    909: "a filter of the Windows Filtering Platform",
    911: "prohibited by an administrator",
    919: "a callout of the Windows Filtering Platform",
    1207: "a filter of the Windows Filtering Platform at the transport layer",
    1231: "a filter refused the new connection",
    1408: "an IPsec rule of the firewall",
}
"""Numbers of PktMon's reasons that mean a filter."""
DROPPED = "WfpPacketDropped"
ROWS = 5000
"""Drops of one capture that are looked at."""
CONVERSATIONS = 20_000
"""Conversations of one capture with the ports of such drops that are compared by address."""


@dataclass(frozen=True, slots=True)
class Drop:
    """One dropped packet. `by` says in words who tells; `is_traced` that the source was started for the purpose.

    `protocol` is "" where the source has none and no capture tells. `time_ns` is by the clock of `told_by`, 0 where it is not told.
    """

    protocol: str
    source: Endpoint
    target: Endpoint
    is_sent: bool
    by: str
    reason: str = ""
    host: str = ""
    is_traced: bool = True
    evidence: list[Evidence] = field(default_factory=list, compare=False)
    time_ns: int = field(default=0, compare=False)
    told_by: Log | Point | None = field(default=None, compare=False)

    @property
    def is_group(self) -> bool:
        """Whether it went to many: a multicast or broadcast address."""
        address = ipaddress.ip_address(self.target[0])
        return address.is_multicast or self.target[0].endswith(".255") or self.target[0] == "255.255.255.255"


def filter_drops(case: Case) -> Iterator[Drop]:
    """Every drop by a filter, source by source."""
    if case.logs:
        yield from _of_firewall(case)
    for trace in traces(case):
        for event in trace.of("network-drop", "transport-drop", "pktmon-drop"):
            drop = _traced(trace, event)
            if drop:
                yield drop
    for point in case.points:
        yield from _of_capture(point)
        if point.events:
            yield from _of_events(case, point, point.events)


def _of_firewall(case: Case) -> Iterator[Drop]:
    from wireproof.logs.pfirewall import FirewallLog

    for log in case.logs_of(FirewallLog):
        for one in log.entries:
            if one.action == "DROP":
                sent = one.path == "SEND"
                host = one.source[0] if sent else one.destination[0]
                piece = log_line(log, one.line, "the firewall drops it")
                yield Drop(
                    one.protocol, one.source, one.destination, sent, "the firewall log", "", host, False, [piece],
                    one.time_ns, log,
                )  # fmt: skip


def _traced(trace: Trace, event: TraceEvent) -> Drop | None:
    reason = event.reason.lower()
    if not event.local or not event.remote or not any(sign in reason for sign in FILTERED):
        return None
    # Of the transport layer's events the first end is the host's own; the others name source and destination.
    own, other = event.local, event.remote
    source, target = (other, own) if event.kind == "transport-drop" and not event.is_sent else (own, other)
    host = source[0] if event.is_sent else target[0]
    evidence = trace.evidence(event, f"dropped: {event.reason}")
    return Drop(
        event.protocol, source, target, event.is_sent, f"the trace {trace.name}", event.reason, host, True, evidence,
        event.time_ns, trace.log,
    )  # fmt: skip


def _of_capture(point: Point) -> Iterator[Drop]:
    """Drops that PktMon logged with their packets."""
    if point.capture.format != "etl":
        return
    from wireproof.capture.etl.reader import EtlReader

    capture = point.capture
    if not isinstance(capture, EtlReader) or not len(capture.drops):
        return
    chosen = capture.drops[np.isin(capture.drops["reason"], list(FILTER_REASONS)) & (capture.drops["row"] >= 0)]
    for row, reason in zip(chosen["row"][:ROWS].tolist(), chosen["reason"][:ROWS].tolist(), strict=True):
        number = int(point.packets.conversation[row])
        if number < 0:
            continue
        talk, side = point.talk(number), int(point.packets.direction[row])
        ends = [(talk.address(one), int(talk.facts["sides"][one]["port"])) for one in (side, 1 - side)]
        words = FILTER_REASONS[reason]
        sent = bool(capture.sent[row]) if row < len(capture.sent) else False
        evidence = [frame(point, row, f"dropped: {words}")]
        by, at_ns = f"pktmon in {point.name}", int(point.packets.time_ns[row])
        yield Drop(talk.protocol, ends[0], ends[1], sent, by, words, point.name, True, evidence, at_ns, point)


def _of_events(case: Case, point: Point, log: EtlLog) -> Iterator[Drop]:
    """Drops that the Windows Filtering Platform logged; not those of what the stack had discarded before, nor of a host with itself."""
    from wireproof.logs.wfp_layers import is_discard, layer_name, way_of

    found = [(number, row) for number, row in enumerate(log.rows, 1) if row.fact.name == DROPPED][:ROWS]
    spoken = _protocols(case, {frozenset((row.local, row.remote)) for _, row in found if row.local and row.remote})
    for number, row in found:
        layer, direction, filtered = (_number(row, name) for name in ("layer", "direction", "filter"))
        if not row.local or not row.remote or is_discard(layer) or _number(row, "loopback"):
            continue
        sent = way_of(layer, direction) == "out"
        source, target = (row.local, row.remote) if sent else (row.remote, row.local)
        application = str(row.fact.fields.get("application", "")).rpartition("\\")[2]
        reason = f"filter {filtered} at the layer {layer_name(layer)}{f' for {application}' if application else ''}"
        evidence = [log_line(log, number, "dropped by a filter")]
        protocol = spoken.get(frozenset((source, target)), "")
        by, host = f"WFP in {point.name}", row.local[0]
        yield Drop(protocol, source, target, sent, by, reason, host, True, evidence, row.time_ns, log)


def _number(row: EtlRow, name: str) -> int:
    value = row.fact.fields.get(name)
    return value if isinstance(value, int) else 0


def _protocols(case: Case, pairs: set[frozenset[Endpoint]]) -> dict[frozenset[Endpoint], str]:
    """The protocol of the conversations between two ends, which WFP's events do not name; none where captures show several."""
    found: dict[frozenset[Endpoint], set[str]] = defaultdict(set)
    ports = [port for ends in pairs for _, port in ends]
    for point in case.points if ports else ():
        sides = point.conversations.side_facts("port")
        for number in np.flatnonzero(np.isin(sides, ports).all(axis=1))[:CONVERSATIONS].tolist():
            talk = point.talk(number)
            ends = frozenset((talk.address(side), int(sides[number, side])) for side in (0, 1))
            if ends in pairs:
                found[ends].add(talk.protocol)
    return {ends: next(iter(protocols)) for ends, protocols in found.items() if len(protocols) == 1}
