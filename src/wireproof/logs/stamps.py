"""Dates and times of day as Windows writes them in the languages and settings that tickets bring.

Takes text; gives nanoseconds. Where day and month could change places, the other dates of the same log tell the order.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from datetime import date

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
EPOCH = date(1970, 1, 1).toordinal()
FILETIME_EPOCH = 11_644_473_600 * 10_000_000
"""100 ns units between 1601 and 1970."""

DATE = r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.] ?\d{1,2}[-/.] ?(?:\d{4}|\d\d))"
CLOCK = r"\d{1,2}(?::\d\d:|\.\d\d\.)\d\d(?:[.,]\d{1,9})?(?:[ \u00a0\u202f]?[AaPp]\.?[Mm]\b\.?)?"

DATE_PARTS = re.compile(r"(\d{1,4})[-/.] ?(\d{1,2})[-/.] ?(\d{1,4})")
CLOCK_PARTS = re.compile(r"(\d{1,2})[:.](\d\d)[:.](\d\d)(?:[.,](\d{1,9}))?(?:[ \u00a0\u202f]?([AaPp])\.?[Mm]\b\.?)?")


@functools.lru_cache(1024)
def read_date(text: str, *, day_first: bool = False) -> int | None:
    """Nanoseconds from 1970 to the start of a day; None for no date. Year first always counts as such; dots mean day first."""
    match = DATE_PARTS.fullmatch(text.strip())
    if match is None:
        return None
    first, second, third = (int(part) for part in match.groups())
    if len(match[1]) == 4:
        year, month, day = first, second, third
    elif day_first or "." in text or first > 12:
        year, month, day = third, second, first
    else:
        year, month, day = third, first, second
    year += 2000 if year < 100 else 0
    try:
        return (date(year, month, day).toordinal() - EPOCH) * DAY
    except ValueError:
        return None


def read_clock(text: str) -> int | None:
    """Nanoseconds since midnight, of 12 or 24 hours; None for no time of day."""
    match = CLOCK_PARTS.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3])
    if match[5]:
        hours = hours % 12 + (12 if match[5] in "pP" else 0)
    if hours > 23 or minutes > 59 or seconds > 60:
        return None
    fraction = int(match[4].ljust(9, "0")) if match[4] else 0
    return ((hours * 60 + minutes) * 60 + seconds) * SECOND + fraction


def read_moment(day: str, clock: str, *, day_first: bool = False) -> int:
    """Nanoseconds since 1970 of a date and a time of day on the wall; 0 where either can't be read."""
    start, since = read_date(day, day_first=day_first), read_clock(clock)
    return start + since if start is not None and since is not None else 0


def from_filetime(units: int) -> int:
    """Nanoseconds since 1970 of a FILETIME (100 ns since 1601, UTC)."""
    return (units - FILETIME_EPOCH) * 100


def is_day_first(dates: Iterable[str]) -> bool:
    """Whether a log writes the day before the month, as far as its dates tell; month first where none tells."""
    return bool(find_day_order(dates))


def find_day_order(dates: Iterable[str]) -> bool | None:
    """Whether the day stands before the month: some date has no twelfth month as its first part, and none as its second; None: none tells."""
    day_first = None
    for text in dates:
        match = DATE_PARTS.fullmatch(text.strip())
        if match is None or len(match[1]) == 4:
            continue
        if int(match[2]) > 12:
            return False
        day_first = day_first or int(match[1]) > 12 or None
    return day_first


def is_open(text: str) -> bool:
    """Whether a date is another one when day and month change places."""
    match = DATE_PARTS.fullmatch(text.strip())
    return bool(match and len(match[1]) < 4 and "." not in text and match[1] != match[2] and int(match[1]) <= 12)
