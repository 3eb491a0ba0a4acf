"""The TCP/IP stack of a Windows host entered its SYN attack state, as its own trace says.

## What is seen
A trace with the provider Microsoft-Windows-TCPIP holds the event with which the stack enters SYN attack resistance mode, or pktmon drops
SYNs for that reason. The rule tells when it began, when it ended where the trace says so, and how many half-open connections the capture
shows at that time.

## Why it matters
In this state the stack drops new connection requests. Windows Vista and later decide by processors and memory when that is, offer no
setting for it, and write nothing to the event log: this trace is the only place that tells.

## Fix
Find who sends the SYNs: in a capture of the same time `tcp-syn-flood` names the endpoint and counts the sources. Filter them upstream. Where
they are real clients, find what keeps their handshakes from being finished.

## Looks alike but is not
A flood in a capture without such a trace: that is `tcp-syn-flood`, and whether the stack minded is not known. Land attacks and violated
connection rates, which the stack counts in other events. A refused connection.

## References
RFC 4987. Trace events TcpGlobalSynAttackEntry (1055) and TcpGlobalSynAttackExit of Microsoft-Windows-TCPIP.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.rules.endpoints import NAMED_MOST
from wireproof.rules.evidence import count, frame, seconds
from wireproof.rules.tcp.syn_flood import half_open
from wireproof.rules.windows._clock import in_time
from wireproof.rules.windows._traces import Trace, traces

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.logs.tcpip_trace import TraceEvent

RULE = "windows-syn-attack"
SEVERITY = Severity.ERROR
ENTERED, LEFT, DROPPED = "syn-attack-entered", "syn-attack-left", "pktmon-drop"
DROP_REASON = "syn attack"
SHOWN = 3


def judge(case: Case) -> Iterator[Finding]:
    """One finding a trace."""
    for trace in traces(case):
        began = trace.of(ENTERED) or [one for one in trace.of(DROPPED) if DROP_REASON in one.reason.lower()]
        if began:
            yield _finding(case, trace, began)


def _finding(case: Case, trace: Trace, began: list[TraceEvent]) -> Finding:
    points = [point for point in _points(case, trace) if _ran_then(case, trace, began, point)]
    pending = [(point, half_open(point)) for point in points]
    total = sum(len(numbers) for _, numbers in pending)
    lasted = _lasted_s(trace, began[0])
    summary = f"{trace.name} says that the stack entered its SYN attack state"
    summary += f" {count(len(began), 'time')}" if len(began) > 1 else ""
    summary += f" and left it {seconds(lasted)} later" if lasted is not None else ", and not that it left it"
    summary += ". In this state it drops new connection requests, and no event log tells it."
    if total:
        summary += f" The capture shows {count(total, 'connection')} that {'was' if total == 1 else 'were'} asked for and never finished."
    return Finding(
        RULE,
        SEVERITY,
        Confidence.HIGH,
        f"The TCP/IP stack of {_host(trace)} entered its SYN attack state",
        summary,
        [*_evidence(trace, began), *_half_open_rows(pending)],
        where=f"at {_host(trace)}",
        facts={"count": len(began), "attacks": max(one.count for one in began), "lasted_s": lasted, "half_open": total},
        fix=[
            "Find the sources of the SYNs in a capture of this time, and filter them upstream.",
            "There is no setting to tune on Windows Vista and later; more memory and processors move the threshold.",
        ],
        references=["RFC 4987"],
        cause=(trace.name, "attack state"),
        conversations=[
            (point.name, number) for point, numbers in pending for number in numbers[: int(NAMED_MOST.value)].tolist()
        ],
    )


def _points(case: Case, trace: Trace) -> list[Point]:
    """Where the SYNs may be: in the trace's own capture, or at the point that its file was named for."""
    if trace.point:
        return [trace.point]
    named = [point for point in case.points if point.name == trace.log.point]
    return named or case.points


def _ran_then(case: Case, trace: Trace, began: list[TraceEvent], point: Point) -> bool:
    """Whether a point may have captured while the stack was in that state."""
    times_ns = point.packets.time_ns[: point.packets.count]
    if not len(times_ns):
        return False
    span_ns = (int(times_ns.min()), int(times_ns.max()))
    return any(in_time(case, trace.log, one.time_ns, point, span_ns) is not False for one in began)


def _host(trace: Trace) -> str:
    return trace.point.name if trace.point else (trace.log.point or "the traced host")


def _lasted_s(trace: Trace, began: TraceEvent) -> float | None:
    for one in trace.of(LEFT):
        if one.since_s is not None and began.since_s is not None and one.since_s >= began.since_s:
            return one.since_s - began.since_s
        if one.time_ns >= began.time_ns > 0:
            return (one.time_ns - began.time_ns) / 1e9
    return None


def _evidence(trace: Trace, began: list[TraceEvent]) -> list[Evidence]:
    """The lines; for a binary trace the last frame before the event."""
    found = [piece for one in began[:SHOWN] for piece in trace.evidence(one, "the stack enters its attack state")]
    found += [piece for one in trace.of(LEFT)[:1] for piece in trace.evidence(one, "the stack leaves it")]
    if trace.point and trace.point.packets.count:
        times = trace.point.packets.time_ns[: trace.point.packets.frames]
        row = max(int(np.searchsorted(times, began[0].time_ns, side="right")) - 1, 0)
        found.append(frame(trace.point, row, "the stack enters its attack state after this frame"))
    return found


def _half_open_rows(pending: list[tuple[Point, NDArray[np.int64]]]) -> list[Evidence]:
    return [
        frame(point, int(point.talk(number).client["syn_row"]) - 1, "SYN of a connection that is never finished")
        for point, numbers in pending
        for number in numbers[:SHOWN].tolist()
    ]
