"""How the times of a SIP log lie to those of a capture: by messages that both have, by a connection that both name, or by the zone stated.

Takes a case, a log and a point; gives a `Shift`. Where nothing tells, whole quarters of an hour are left open.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.limits import limit
from wireproof.processes.log_connections import DATA, QUARTER_NS, ZONE_MOST_NS, match_data

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.messages.sip_logged import LoggedSip

SLACK = limit(
    "sip-server-timeout.slack_s",
    15.0,
    "clocks of hosts that log in to one domain differ by seconds; this is for captures that share no packet",
)
MATCHED_SLACK_S, EARLY_S = 2.0, 0.5


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
        minutes = round(-self.ns / QUARTER_NS) * 15
        hours, rest = divmod(abs(minutes), 60)
        return "UTC" + (f"{'-' if minutes < 0 else '+'}{hours}" + f":{rest:02}" * bool(rest) if minutes else "")


def open_shift() -> Shift:
    """A shift of which nothing is known but whole quarters of an hour."""
    return Shift(None, float(SLACK.value))


_FOUND: weakref.WeakKeyDictionary[Case, dict[tuple[int, int], Shift]] = weakref.WeakKeyDictionary()


def find_shift(case: Case, logged: LoggedSip, point: Point) -> Shift:
    """What to add to the log's times to have the point's."""
    found = _FOUND.setdefault(case, {})
    key = (id(logged), point.index)
    if key not in found:
        found[key] = (
            _told_here(logged, point) or _stated(logged) or _by_other_points(case, logged, point) or open_shift()
        )
    return found[key]


def _told_here(logged: LoggedSip, point: Point) -> Shift | None:
    return _by_messages(logged, point) or _by_connection(logged, point)


def _stated(logged: LoggedSip) -> Shift | None:
    if logged.log.in_utc:
        return Shift(0, float(SLACK.value), "since it states UTC")
    if logged.log.zone_s is not None:
        return Shift(-logged.log.zone_s * 1_000_000_000, float(SLACK.value), "as stated")
    return None


def _by_messages(logged: LoggedSip, point: Point) -> Shift | None:
    """By messages that the capture shows in clear."""
    captured: dict[tuple[object, ...], int] = {}
    if not len(point.said.sip):
        return None
    for message in point.said.sip:
        if not message.repeat:
            captured.setdefault((message.call_id, message.cseq, message.method, message.status), message.time_ns)
    differences = []
    for message in logged.messages:
        time_ns = captured.get((message.call_id, message.cseq, message.method, message.status))
        if time_ns is not None and message.call_id:
            differences.append(time_ns - message.time_ns)
    if not differences:
        return None
    return Shift(median(differences), MATCHED_SLACK_S, f"by the same messages in {point.name}")


def _by_connection(logged: LoggedSip, point: Point) -> Shift | None:
    """By connections whose ends the log names: the data that carried a message, encrypted or not, came when the log says."""
    events = {(anchor.kind, anchor.key): anchor.time_ns for anchor in logged.log.anchors() if anchor.kind == DATA}
    matched = match_data(point.tables, events) if events else {}
    if not matched:
        return None
    differences = [time_ns - events[key] for key, time_ns in matched.items()]
    peer = next(iter(matched))[1][0]
    return Shift(median(differences), MATCHED_SLACK_S, f"by the connection with {peer} in {point.name}")


def _by_other_points(case: Case, logged: LoggedSip, point: Point) -> Shift | None:
    """By another point: exactly where its clock can be compared with this one's, else by the zone that it tells."""
    told = [(other, shift) for other in case.points if other is not point and (shift := _told_here(logged, other))]
    for other, shift in told:
        own, known = case.alignment.clocks[point.index], case.alignment.clocks[other.index]
        if shift.ns is not None and own.known and known.known and own.group == known.group:
            return Shift(shift.ns + int(known.offset_ns) - int(own.offset_ns), shift.slack_s, shift.by)
    for _, shift in told:
        if shift.ns is not None:
            return Shift(round(shift.ns / QUARTER_NS) * QUARTER_NS, float(SLACK.value), shift.by, loose=True)
    return None


def median(values: list[int]) -> int:
    """The middle one; of two the lower."""
    return sorted(values)[(len(values) - 1) // 2]
