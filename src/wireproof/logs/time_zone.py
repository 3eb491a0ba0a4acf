"""The zone that a machine's clock runs in, as `w32tm /tz` and `timedatectl` state it.

Takes a text; gives a `ZoneLog`. Windows tells both offsets of a zone and when it changes between them, so that it is known for any date;
Linux tells the offset of one moment.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from wireproof.logs.log import Log
from wireproof.logs.stamps import DAY, SECOND
from wireproof.logs.text import LogText

BIAS = r":[ \t]{0,4}(?P<bias>[-+]?\d{1,4})[ \t]?[Mm]in"
WINDOWS = re.compile(
    r"TIME_ZONE_ID_(?P<current>STANDARD|DAYLIGHT|UNKNOWN)[ \t]+[^\s:\d]{1,20}[ \t]?" + BIAS + r"[^\n]{0,80}"
)
PERIOD = re.compile(
    r":[ \t]{0,4}\"(?P<name>[^\"\n]{0,80})\"[ \t]+[^\s:\d]{1,20}[ \t]?" + BIAS + r"[^\n(]{0,30}"
    r"\([^\s:]{1,6}:(?P<month>\d{1,2})[ \t]+[^\s:]{1,6}:(?P<week>\d{1,2})[ \t]+[^\s:]{1,8}:(?P<weekday>\d)\)"
)
"""A line of the standard or daylight time: the month, which weekday of it (5 is the last one) and the weekday, Sunday 0, of its beginning."""
LINUX = re.compile(
    r"Time zone: (?P<name>[\w/+-]{1,60}) \([\w+-]{1,8}, (?P<sign>[+-])(?P<hours>\d\d)(?P<minutes>\d\d)\)"
)
LOCAL = re.compile(r"Local time: \w{1,10} (?P<day>\d{4}-\d\d-\d\d) ")
NEAR = 400
"""Characters behind the first line in which those of both times follow."""
LONGEST = 14 * 3600


@dataclass(frozen=True, slots=True)
class Change:
    """When a time begins in any year: `week` of `weekday`s (Sunday 0) of a month; the fifth is the last one."""

    month: int
    week: int
    weekday: int

    def day(self, year: int) -> int:
        """The day of that year, counted as `datetime.toordinal` does."""
        days = [
            day
            for week in calendar.Calendar().monthdatescalendar(year, self.month)
            for day in week
            if day.month == self.month and (day.weekday() + 1) % 7 == self.weekday
        ]
        return days[min(self.week, len(days)) - 1].toordinal()


@dataclass(slots=True, kw_only=True)
class ZoneLog(Log):
    """A zone: seconds east of UTC in standard and in daylight time, and when both begin; None where it does not change.

    `only_day` is the start of the day, in ns, that alone is told of; None where all are.
    """

    title: ClassVar[str] = "clock and time zone"

    line: int
    name: str = ""
    standard_s: int = 0
    daylight_s: int = 0
    changes: tuple[Change, Change] | None = None
    """The beginning of standard time and that of daylight time."""
    only_day: int | None = None

    def zone_at(self, time_ns: int) -> int | None:
        """Seconds east of UTC at a time of the clock on the wall; None on the days of a change, and where nothing is told."""
        if self.only_day is not None:
            return self.standard_s if abs(time_ns - self.only_day) <= DAY else None
        if self.changes is None:
            return self.standard_s
        try:
            day = datetime.fromtimestamp(time_ns // SECOND, UTC)
        except (OverflowError, ValueError, OSError):
            return None
        standard, daylight = (change.day(day.year) for change in self.changes)
        today = day.toordinal()
        if today in {standard, daylight}:
            return None
        is_between = min(standard, daylight) < today < max(standard, daylight)
        return self.daylight_s if is_between == (daylight < standard) else self.standard_s


def find(text: LogText) -> ZoneLog | None:
    """The zone that a text states; None where it states none, or several that differ."""
    zones = [*_windows(text), *_linux(text)]
    if len({(zone.standard_s, zone.daylight_s, zone.changes) for zone in zones}) != 1:
        return None
    return zones[0]


def _windows(text: LogText) -> list[ZoneLog]:
    found = []
    for match in WINDOWS.finditer(text.whole):
        bias_s = -60 * int(match["bias"])
        made = ZoneLog(file=text.file, line=text.line_at(match.start()), standard_s=bias_s, daylight_s=bias_s)
        periods = list(PERIOD.finditer(text.whole, match.end(), match.end() + NEAR))[:2]
        if match["current"] != "UNKNOWN" and not _set_changes(made, periods):
            continue
        made.name = periods[0]["name"] if periods else ""
        if max(abs(made.standard_s), abs(made.daylight_s)) <= LONGEST:
            found.append(made)
    return found


def _set_changes(zone: ZoneLog, periods: list[re.Match[str]]) -> bool:
    """Take over both times of a zone that changes; False where they are not there as such."""
    if len(periods) < 2:
        return False
    changes = [Change(int(one["month"]), int(one["week"]), int(one["weekday"])) for one in periods]
    if not all(1 <= one.month <= 12 and 1 <= one.week <= 5 and one.weekday <= 6 for one in changes):
        return False
    zone.standard_s -= 60 * int(periods[0]["bias"])
    zone.daylight_s -= 60 * int(periods[1]["bias"])
    zone.changes = (changes[0], changes[1])
    return changes[0] != changes[1]


def _linux(text: LogText) -> list[ZoneLog]:
    match, local = LINUX.search(text.whole), LOCAL.search(text.whole)
    if match is None:
        return []
    east_s = (int(match["hours"]) * 60 + int(match["minutes"])) * 60 * (-1 if match["sign"] == "-" else 1)
    zone = ZoneLog(
        file=text.file,
        line=text.line_at(match.start()),
        name=match["name"],
        standard_s=east_s,
        daylight_s=east_s,
        only_day=_day(local["day"]) if local else 0,
    )
    return [zone] if abs(east_s) <= LONGEST else []


def _day(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND
    except ValueError:
        return 0
