"""What logs say happened, beneath the strips of a timeline: a lane a log, its most telling events as ticks and as rows.

Takes a case, its outline and the time shown; gives lanes and their SVG. Only logs whose clock is known have a lane.
"""

from __future__ import annotations

import bisect
import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from markupsafe import Markup

from wireproof.report.drawing import element, percent
from wireproof.report.words import count

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.logs.log import Event, Log
    from wireproof.report.outline import Outline

LANE = 36
"""Height of a lane with its label."""
TICK_TOP, TICK_BOTTOM = 19, 30
MOST_LANES = 10
MOST_TICKS = 80
"""Events of one log that are drawn: those nearest to findings."""
MOST_ROWS = 40
"""Events of all logs that are written out."""
MOST_EVENTS = 200_000
"""Events of one log that are looked at."""
NEAR_NS = 2_000_000_000
LONGEST = 160


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event in the time shown. `reference_ns` is on the first capture's clock; `proves` tells that a finding names its line."""

    reference_ns: int
    file: str
    line: int
    text: str
    proves: bool
    near: bool

    @property
    def where(self) -> str:
        """The log and the line, or the log alone where it has no lines."""
        return f"{self.file} {self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Lane:
    """One log: its file without folders, the events drawn, and how many there are in the time shown."""

    name: str
    events: tuple[LoggedEvent, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Lanes:
    """All lanes, and the logs that have none, each with the reason in words."""

    lanes: tuple[Lane, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def rows(self) -> list[LoggedEvent]:
        """The most telling events of all logs in order of time."""
        every = [event for lane in self.lanes for event in lane.events]
        chosen = sorted(every, key=lambda event: (not event.proves, not event.near))[:MOST_ROWS]
        return sorted(chosen, key=lambda event: event.reference_ns)


def find_lanes(case: Case, report: Outline, start_ns: int, end_ns: int) -> Lanes:
    """Lanes of the logs with events between two times on the first capture's clock."""
    lanes: list[Lane] = []
    remarks: list[str] = []
    moments = sorted(row.reference_ns for item in report.items for row in item.rows if row.line is not None)
    proven = {(row.capture, row.log_line) for item in report.items for row in item.rows if row.log_line}
    for log in case.every_log:
        if next(log.events(), None) is None:
            continue
        name = log.file.replace("\\", "/").rpartition("/")[2]
        if not case.log_clock(log).known:
            remarks.append(f"The clock of {name} is not known.")
            continue
        lines = {line for file, line in proven if file == log.file}
        events, total = _choose(case, log, (start_ns, end_ns), lines, moments)
        if not total:
            remarks.append(f"No event of {name} falls into this time.")
        elif len(lanes) < MOST_LANES:
            lanes.append(Lane(name, tuple(events), total))
        else:
            remarks.append(f"{name} is left out.")
    return Lanes(tuple(lanes), tuple(remarks))


def _choose(
    case: Case, log: Log, shown: tuple[int, int], proven: set[int], moments: Sequence[int]
) -> tuple[list[LoggedEvent], int]:
    """The events of a log that are nearest to findings, in order of time, and how many the time shown holds."""
    clock, total = case.log_clock(log), 0

    def inside() -> Iterator[tuple[bool, int, int, Event]]:
        nonlocal total
        for place, event in enumerate(islice(log.events(), MOST_EVENTS)):
            time_ns = clock.to_reference(event.time_ns)
            if event.time_ns and shown[0] <= time_ns <= shown[1]:
                total += 1
                yield event.line not in proven, _distance(moments, time_ns), place, event

    best = heapq.nsmallest(MOST_TICKS, inside(), key=lambda entry: entry[:3])
    name = log.file.replace("\\", "/").rpartition("/")[2]
    made = [
        LoggedEvent(
            clock.to_reference(event.time_ns),
            name,
            event.line,
            _short(event.text),
            not beside,
            0 <= distance <= NEAR_NS,
        )
        for beside, distance, _, event in best
    ]
    return sorted(made, key=lambda event: event.reference_ns), total


def _distance(moments: Sequence[int], time_ns: int) -> int:
    """Nanoseconds to the nearest moment; -1 where there are none."""
    place = bisect.bisect(moments, time_ns)
    return min((abs(moment - time_ns) for moment in moments[max(place - 1, 0) : place + 1]), default=-1)


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def draw_lane(lane: Lane, share: Callable[[int], float], y: float) -> Markup:
    """A lane whose label begins at `y`: name, how much is drawn, a rail, a tick an event."""
    drawn = count(lane.total, "event")
    if lane.total > len(lane.events):
        drawn = f"{len(lane.events)} of {drawn}, those nearest to findings"
    parts = [
        element("text", lane.name, x="0", y=y + 12, class_="strong"),
        element("text", drawn, x="100%", y=y + 12, class_="tiny dim end"),
        element("line", x1="0", x2="100%", y1=y + TICK_BOTTOM, y2=y + TICK_BOTTOM, class_="rail"),
    ]
    parts += [_tick(event, percent(share(event.reference_ns)), y) for event in lane.events]
    return Markup("").join(parts)


def _tick(event: LoggedEvent, x: str, y: float) -> Markup:
    state = " proves" if event.proves else " near" if event.near else ""
    top = TICK_TOP - 3 if event.proves else TICK_TOP
    title = element("title", f"{event.where}: {event.text}")
    return element("line", title, x1=x, x2=x, y1=y + top, y2=y + TICK_BOTTOM, class_=f"tick{state}")
