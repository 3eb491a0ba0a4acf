"""How far an event of a log is from a frame: by the log's clock where it is known, else by the zone that fits best.

Takes a log, its time and a frame's time; gives how far they are apart. Knows no rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.case import Point
from wireproof.processes.logs.zones import QUARTER_S, SECOND, ZONE_SLACK_S, ZONES_S, within_zones
from wireproof.rules.endpoints import Group

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.logs.log import Log

UNDATED_NS = 315_532_800 * SECOND
"""Times before 1980 count from some start: the text that they come from has no dates."""
LISTING = "listing"
"""The format of captures that are text, whose times are of an unknown zone."""
ZONE_STEP_S = 2 * QUARTER_S
"""Zones are whole half hours from UTC, but for two that are quarters."""


@dataclass(frozen=True, slots=True)
class Apart:
    """`seconds` from the frame to the event; `zone_s` the zone that was assumed for the log, None where its clock was known."""

    seconds: float
    zone_s: int | None = None

    @property
    def words(self) -> str:
        """What was assumed, for a sentence; "" for nothing."""
        if self.zone_s is None:
            return ""
        hours = self.zone_s / 3600
        return "if the clocks agree" + (f" and the log was written in UTC{hours:+g}" if hours else "")


def is_clock_known(case: Case, log: Log) -> bool:
    """Whether the log states its zone, `case.toml` does, or events that captures show too tell it."""
    return case.log_clock(log).known


def apart(case: Case, log: Log, event_ns: int, point: Point, frame_ns: int) -> Apart:
    """How long after a frame of a point an event of a log was; a log whose clock no capture shows is taken to be of that point's host."""
    clock = case.log_clock(log)
    if not clock.known:
        return guess(event_ns - frame_ns)
    shown_ns = case.reference_ns(point, frame_ns) if clock.matched else frame_ns
    # A file that lies beside the log tells the zone of its machine, and that both are of one machine is assumed.
    return Apart(
        (clock.to_reference(event_ns) - shown_ns) / 1e9, log.zone_s if clock.by and not clock.matched else None
    )


def guess(difference_ns: int) -> Apart:
    """The same by the zone that brings both nearest to each other; days apart are taken as they are."""
    zone_s = round(difference_ns / SECOND / ZONE_STEP_S) * ZONE_STEP_S
    if not ZONES_S[0] <= zone_s <= ZONES_S[1]:
        return Apart(difference_ns / 1e9, 0)
    return Apart((difference_ns - zone_s * SECOND) / 1e9, zone_s)


def in_time(case: Case, source: Log | Point, event_ns: int, point: Point, span_ns: tuple[int, int]) -> bool | None:
    """Whether an event of a log, or of another capture, falls into a span of a point's time, as far apart as clocks of one site are at most.

    None where the clock is not known, or the event has no time, and no zone speaks against it: what is further apart than zones are
    is of another day.
    """
    begin_ns, end_ns = span_ns
    if event_ns < UNDATED_NS or begin_ns < UNDATED_NS:
        return None
    apart_ns = _offset_ns(case, source, event_ns, point, begin_ns)
    if apart_ns is None:
        return None if any(within_zones(at_ns - event_ns) for at_ns in span_ns) else False
    slack_ns = int(ZONE_SLACK_S.value * SECOND)
    return begin_ns - slack_ns <= event_ns + apart_ns <= end_ns + slack_ns


def in_time_of(case: Case, source: Log | Point, event_ns: int, point: Point, number: int) -> bool | None:
    """The same for the time in which a conversation of a point had packets."""
    return in_time(case, source, event_ns, point, span_of(Group(point, np.array([number]))))


def span_of(group: Group) -> tuple[int, int]:
    """From the first packet of some conversations to their last one."""
    sides = group.point.conversations.facts[group.numbers]["sides"]
    begun = sides["first_ns"][sides["packets"] > 0]
    return int(begun.min(initial=np.iinfo(np.int64).max)), int(sides["last_ns"].max(initial=0))


def _offset_ns(case: Case, source: Log | Point, event_ns: int, point: Point, near_ns: int) -> int | None:
    """What is to be added to an event's time to have the point's; None where that is not known. `near_ns` is a time of the point."""
    to_first_ns = case.reference_ns(point, near_ns) - near_ns if _is_compared(case, point) else None
    if isinstance(source, Point):
        if source is point:
            return 0
        moved_ns = case.reference_ns(source, event_ns) - event_ns if _is_compared(case, source) else None
        return None if moved_ns is None or to_first_ns is None else moved_ns - to_first_ns
    clock = case.log_clock(source)
    if clock.known and to_first_ns is not None and (clock.matched or source.of_capture):
        return clock.offset_ns - to_first_ns
    own = case.log_clock(source, point)
    # A zone that another file states is assumed, and so is that of a text's times.
    is_sure = own.known and (own.matched or not (own.by or point.capture.format == LISTING))
    return own.offset_ns if is_sure else None


def _is_compared(case: Case, point: Point) -> bool:
    """Whether a point's clock is set beside the first one's."""
    return point.index == 0 or case.alignment.clocks[point.index].group == 0
