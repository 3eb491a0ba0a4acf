"""How the times of a SIP log lie to those of a capture: by the log's clock, else by that at another point.

Takes a case, a log and a point; gives a `Shift`. Where nothing tells, whole quarters of an hour are left open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.limits import limit
from wireproof.processes.logs.zones import QUARTER_NS, SECOND, ZONES_S, zone_of

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.messages.sip_logged import LoggedSip
    from wireproof.processes.logs.clocks import LogClock

SLACK = limit(
    "sip-server-timeout.slack_s",
    15.0,
    "clocks of hosts that log in to one domain differ by seconds; this is for captures that share no packet",
)
MATCHED_SLACK_S, EARLY_S = 2.0, 0.5
ZONE_MOST_NS = max(ZONES_S) * SECOND


@dataclass(frozen=True, slots=True)
class Shift:
    """`ns` is to be added to one clock's times to have another's, right within `slack_s` seconds; None where the zone is not known.

    `by` says what tells it. A `loose` one is told by another capture, whose clock may show another zone than this one's.
    """

    ns: int | None
    slack_s: float
    by: str = ""
    loose: bool = False

    def back(self, times_ns: NDArray[np.int64], begin_ns: int) -> NDArray[np.int64]:
        """What to take off times to have them in the first clock; with an unknown zone the quarters that bring them behind `begin_ns`."""
        if self.ns is not None:
            return np.full(len(times_ns), self.ns, np.int64)
        slack_ns = round(self.slack_s * 1e9)
        quarters = (times_ns - begin_ns + slack_ns) // QUARTER_NS * QUARTER_NS
        return np.asarray(np.clip(quarters, -ZONE_MOST_NS, ZONE_MOST_NS))

    @property
    def zone(self) -> str:
        """The zone in which the log's times are, such as `UTC+2`; "" where it is not known."""
        if self.ns is None:
            return ""
        minutes = zone_of(self.ns) // 60
        hours, rest = divmod(abs(minutes), 60)
        return "UTC" + (f"{'-' if minutes < 0 else '+'}{hours}" + f":{rest:02}" * bool(rest) if minutes else "")


def open_shift() -> Shift:
    """A shift of which nothing is known but whole quarters of an hour."""
    return Shift(None, float(SLACK.value))


def find_shift(case: Case, logged: LoggedSip, point: Point) -> Shift:
    """What to add to the log's times to have the point's: told there or stated, else told by another point, else open."""
    clock = case.log_clock(logged.log, point)
    if clock.known:
        return _shift(clock, logged, point)
    return _by_other_points(case, logged, point) or open_shift()


def _shift(clock: LogClock, logged: LoggedSip, point: Point) -> Shift:
    if clock.matched:
        by = "the same messages" if clock.kind == "sip" else f"the connection with {clock.key[0]}"
        return Shift(clock.offset_ns, MATCHED_SLACK_S, f"by {by} in {point.name}")
    return Shift(clock.offset_ns, float(SLACK.value), "since it states UTC" if logged.log.in_utc else "as stated")


def _by_other_points(case: Case, logged: LoggedSip, point: Point) -> Shift | None:
    """By another point: exactly where its clock can be compared with this one's, else by the zone that it tells."""
    others = [(other, case.log_clock(logged.log, other)) for other in case.points if other is not point]
    told = [(other, _shift(clock, logged, other)) for other, clock in others if clock.known]
    for other, shift in told:
        own, known = case.alignment.clocks[point.index], case.alignment.clocks[other.index]
        if shift.ns is not None and own.known and known.known and own.group == known.group:
            return Shift(shift.ns + int(known.offset_ns) - int(own.offset_ns), shift.slack_s, shift.by)
    for _, shift in told:
        if shift.ns is not None:
            zone_ns = -zone_of(shift.ns) * SECOND
            return Shift(zone_ns, float(SLACK.value), shift.by, loose=True)
    return None
