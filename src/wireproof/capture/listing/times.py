"""The time columns of a record: dates, times of day, seconds, in the forms of Wireshark, Network Monitor and tcpdump.

Takes the words; gives `Clocks`. Which of them is the time of the frame is settled once all records of a listing are known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
EPOCH_LEAST = 300_000_000 * SECOND
"""Seconds beyond this are counted from 1970: nobody captures for ten years."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

CLOCK = r"\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?"
DATED = (
    rf"\d{{4}}[-/.]\d\d?[-/.]\d\d?[ T]{CLOCK}(?:Z|[+-]\d\d:?\d\d)?",
    rf"[A-Z][a-z]{{2}} {{1,2}}\d{{1,2}}, \d{{4}} {CLOCK}(?: [A-Z]{{3,5}}| [A-Z][\w ]{{2,40}}Time)?",
    rf"{CLOCK}(?: [AP]M)? \d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}",
    rf"\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{4}},? {CLOCK}(?: [AP]M)?",
)
SECONDS = r"-?\d{1,10}[.,]\d{1,9}"
TIME = rf"(?:{'|'.join(DATED)}|{CLOCK}(?: [AP]M)?|{SECONDS})"
"""One time column."""

_CLOCK = re.compile(r"(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ([AP])M)?")
_DATE = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})")
_ORDERED = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2\d{2,4}(?:,)?")
"""A date in which day and month could stand in either order."""
_NAMED_DATE = re.compile(r"([A-Z][a-z]{2}) {1,2}(\d{1,2}), (\d{4})")


@dataclass(slots=True)
class Clocks:
    """What the time columns say, in nanoseconds: since 1970 of the clock on the wall, since midnight, and other counts of seconds in
    their order. `digits` is how many digits of the second `wall_ns` or `day_ns` has.

    `day_first` is whether the date tells that the day stands before the month; None where it does not. `open_date` is a date that is
    another one when both change places, read with the month first, and `swapped_ns` what `wall_ns` is then.
    """

    wall_ns: int | None = None
    day_ns: int | None = None
    seconds: tuple[int, ...] = ()
    digits: int = 0
    day_first: bool | None = None
    open_date: str = ""
    swapped_ns: int | None = None


def unpack_times(words: list[str]) -> Clocks:
    """The clocks of a record from its time columns."""
    clocks = Clocks()
    for word in words:
        if ":" not in word:
            value = _seconds(word)
            if value >= EPOCH_LEAST and clocks.wall_ns is None:
                clocks.wall_ns, clocks.digits = value, len(word.partition(".")[2])
            else:
                clocks.seconds += (value,)
        else:
            _add_clock(clocks, word)
    return clocks


def _add_clock(clocks: Clocks, word: str) -> None:
    found = _CLOCK.search(word)
    if found is None:
        return
    hour, minute, second = (int(found[place]) for place in (1, 2, 3))
    if found[5]:
        hour = hour % 12 + (12 if found[5] == "P" else 0)
    day_ns = ((hour * 60 + minute) * 60 + second) * SECOND + int((found[4] or "0").ljust(9, "0"))
    clocks.digits = len(found[4] or "")
    days = word.replace(found[0], " ").strip()
    day = _date(days)
    if day is None:
        clocks.day_ns = day_ns
        return
    clocks.wall_ns = _midnight(day) + day_ns
    order = _ORDERED.fullmatch(days)
    if order is None or int(order[1]) == int(order[3]):
        return
    swapped = _make_date(day.year, day.day, day.month)
    if swapped is None:
        clocks.day_first = int(order[1]) > 12
    else:
        clocks.open_date, clocks.swapped_ns = days, _midnight(swapped) + day_ns


def settle_dates(clocks: list[Clocks]) -> None:
    """Read the open dates of one text with the day first where its other dates tell that it stands there; none stays open where one tells."""
    told = {one.day_first for one in clocks if one.day_first is not None}
    if len(told) != 1:
        return
    for one in clocks:
        if one.swapped_ns is not None:
            one.wall_ns = one.swapped_ns if True in told else one.wall_ns
            one.open_date, one.swapped_ns = "", None


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * SECOND


def _date(text: str) -> date | None:
    named = _NAMED_DATE.search(text)
    if named and named[1].lower() in MONTHS:
        return _make_date(int(named[3]), MONTHS.index(named[1].lower()) + 1, int(named[2]))
    found = _DATE.search(text)
    if found is None:
        return None
    one, mark, two, three = int(found[1]), found[2], int(found[3]), int(found[4])
    if one > 31:
        return _make_date(one, two, three)
    # With dots the day comes first everywhere; other marks leave it open.
    month, day = (two, one) if mark == "." or one > 12 else (one, two)
    return _make_date(three if three > 99 else 2000 + three, month, day)


def _make_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1970 <= year < 2110 else None
    except ValueError:
        return None


def _seconds(word: str) -> int:
    whole, _, fraction = word.replace(",", ".").partition(".")
    value = abs(int(whole)) * SECOND + int(fraction.ljust(9, "0"))
    return -value if whole.startswith("-") else value
