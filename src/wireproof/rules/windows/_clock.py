"""How far an event of a log is from a frame: by the log's clock where it is known, else by the zone that fits best.

Takes a log, its time and a frame's time; gives how far they are apart. Knows no rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.logs import Log

ZONE_STEP_NS = 1800 * 1_000_000_000
"""Zones are whole half hours from UTC, but for two that are quarters."""
ZONE_MOST = 28
"""Half hours that a zone is from UTC at most."""


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
    """How long after a frame of a point an event of a log was."""
    clock, reference_ns = case.log_clock(log), case.reference_ns(point, frame_ns)
    if clock.known:
        return Apart((clock.to_reference(event_ns) - reference_ns) / 1e9)
    return guess(event_ns - reference_ns)


def guess(difference_ns: int) -> Apart:
    """The same by the zone that brings both nearest to each other; days apart are taken as they are."""
    steps = round(difference_ns / ZONE_STEP_NS)
    if abs(steps) > ZONE_MOST:
        return Apart(difference_ns / 1e9, 0)
    return Apart((difference_ns - steps * ZONE_STEP_NS) / 1e9, steps * 1800)
