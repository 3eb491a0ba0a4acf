"""How far an event of a log is from a frame: by the log's clock where it is known, else by the zone that fits best.

Takes a log, its time and a frame's time; gives how far they are apart. Knows no rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.processes.logs.zones import QUARTER_S, SECOND, ZONES_S

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.logs import Log

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
    return Apart((clock.to_reference(event_ns) - shown_ns) / 1e9)


def guess(difference_ns: int) -> Apart:
    """The same by the zone that brings both nearest to each other; days apart are taken as they are."""
    zone_s = round(difference_ns / SECOND / ZONE_STEP_S) * ZONE_STEP_S
    if not ZONES_S[0] <= zone_s <= ZONES_S[1]:
        return Apart(difference_ns / 1e9, 0)
    return Apart((difference_ns - zone_s * SECOND) / 1e9, zone_s)
