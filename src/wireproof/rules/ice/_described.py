"""Where the descriptions of a media session stand: in frames of a capture or in lines of a log.

A session counts its sources through: first the capture points of the case, then its logs. Takes such a number; gives evidence and words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.rules.evidence import frame, log_line
from wireproof.rules.sip_log_clock import find_shift

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.finding import Evidence
    from wireproof.messages.sip import SipMessage
    from wireproof.messages.sip_logged import LoggedSip
    from wireproof.messages.sip_sessions import Description
    from wireproof.messages.table import MessageTable


def tables(case: Case) -> list[MessageTable[SipMessage]]:
    """The SIP messages of all sources, in their order."""
    return [*(point.said.sip for point in case.points), *(logged.messages for logged in case.logged_sip)]


def point_of(case: Case, source: int) -> Point | None:
    """The capture point that a source is; None for a log."""
    return case.points[source] if source < len(case.points) else None


def log_of(case: Case, source: int) -> LoggedSip:
    """The log that a source is."""
    return case.logged_sip[source - len(case.points)]


def row_of(case: Case, source: int, message: SipMessage, note: str) -> Evidence:
    """The frame or line of a message."""
    point = point_of(case, source)
    return frame(point, message.row, note) if point else log_line(log_of(case, source).log, message.row, note)


def where(case: Case, source: int, message: SipMessage) -> str:
    """`INVITE in client frame 61`, `200 OK in uccapi.log line 35`."""
    what = message.method if message.is_request else f"{message.status} {message.reason}"
    point = point_of(case, source)
    if point:
        return f"{what} in {point.name} frame {point.packets.number(message.row)}"
    return f"{what} in {log_of(case, source).name} line {message.row}"


def clock_words(case: Case, sides: list[Description], point: Point) -> str:
    """How the times of a log that describes media lie to those of a point, as a sentence; "" where captures describe all."""
    logs = [log_of(case, described.capture) for described in sides if point_of(case, described.capture) is None]
    shift = find_shift(case, logs[0], point) if logs else None
    if shift is None:
        return ""
    if shift.by and shift.zone:
        return f" The times of {logs[0].name} are {shift.zone}, {shift.by}."
    return f" {logs[0].name} does not state its zone: addresses and ports are what tie it to {point.name}."


def end_ns(case: Case, source: int) -> int:
    """When a source ends, in its own clock."""
    point = point_of(case, source)
    if point:
        return int(point.packets.time_ns.max())
    return max(message.time_ns for message in log_of(case, source).messages)
