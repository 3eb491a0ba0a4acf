"""Trace events of all sources, with the evidence that they are for reports.

Takes a case; gives its traces. Rules ask here and need not know whether a line or a binary event said it.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.finding import Evidence
from wireproof.rules.evidence import log_line

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.logs import Log
    from wireproof.logs.tcpip_trace import TraceEvent


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """The events of one trace, and the log that they are lines or rows of; `point` is set where that is a capture point too."""

    events: list[TraceEvent]
    log: Log
    point: Point | None = None

    @property
    def name(self) -> str:
        """What it is called in sentences."""
        return self.point.name if self.point else self.log.file.replace("\\", "/").rpartition("/")[2]

    def of(self, *kinds: str) -> list[TraceEvent]:
        """Its events of these kinds."""
        return [one for one in self.events if one.kind in kinds]

    def evidence(self, event: TraceEvent, note: str) -> list[Evidence]:
        """The line or row of an event."""
        return [log_line(self.log, event.line, note)]


_TRACES: weakref.WeakKeyDictionary[Case, list[Trace]] = weakref.WeakKeyDictionary()


def traces(case: Case) -> list[Trace]:
    """All traces of a case."""
    if case not in _TRACES:
        _TRACES[case] = [*_of_logs(case), *_of_captures(case.points)]
    return _TRACES[case]


def _of_logs(case: Case) -> list[Trace]:
    if not case.logs:
        return []
    from wireproof.logs.tcpip_trace import TcpipTraceLog  # loads patterns that few cases need

    return [Trace(log.records, log=log) for log in case.logs_of(TcpipTraceLog) if log.records]


def _of_captures(points: Iterable[Point]) -> Iterator[Trace]:
    for point in points:
        if point.capture.format != "etl":
            continue
        from wireproof.logs.tcpip_facts import trace_events

        events = trace_events(point.events) if point.events else []
        if point.events and events:
            yield Trace(events, point.events, point)


def ends_text(event: TraceEvent) -> str:
    """`local to remote` of an event, as far as it has them."""
    return " to ".join(end_text(end) for end in (event.local, event.remote) if end)


def end_text(end: tuple[str, int] | None) -> str:
    """`address:port`, IPv6 in brackets; the bare address where the port is not known."""
    if end is None:
        return "?"
    address, port = end
    if not port:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
