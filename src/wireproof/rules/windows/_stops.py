"""Stops of services, of every kind of event log that a case holds.

Takes a case; gives stops in the order of the logs. Knows no capture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.logs import Log
    from wireproof.logs.event_lines import EventLinesLog, EventRecord

HOW = {
    7023: "terminated with an error",
    7024: "terminated with an error of its own",
    7031: "terminated unexpectedly",
    7034: "terminated unexpectedly",
    7036: "entered the stopped state",
}


@dataclass(frozen=True, slots=True)
class Stop:
    """A service that stopped, by its display name; `line` is where its log says so, in a binary log the record.

    `host` is the computer that the event names, "" where it names none; `quoted` what a report shows of it where its line says less.
    """

    log: Log
    line: int
    time_ns: int
    service: str
    event_id: int
    host: str = ""
    quoted: str = ""

    @property
    def how(self) -> str:
        """What the log says became of it, in words that follow its name."""
        return HOW.get(self.event_id, "stopped")


def stops(case: Case) -> list[Stop]:
    """Every stop whose time is known."""
    return [_stop(log, one, one.stopped_service) for log, one in _records(case) if one.stopped_service]


def starts(case: Case) -> list[Stop]:
    """The same for services that came to run."""
    return [_stop(log, one, one.started_service) for log, one in _records(case) if one.started_service]


def _records(case: Case) -> Iterator[tuple[EventLinesLog, EventRecord]]:
    if not case.logs:
        return
    from wireproof.logs.event_lines import EventLinesLog

    for log in case.logs_of(EventLinesLog):
        yield from ((log, one) for one in log.records if one.time_ns)


def _stop(log: EventLinesLog, one: EventRecord, service: str) -> Stop:
    return Stop(
        log, one.line or int(getattr(one, "number", 0)), one.time_ns, service, one.event_id, one.host, one.quoted
    )
