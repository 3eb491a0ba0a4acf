"""Dates and times of day in the forms that tickets bring."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.logs.stamps import (
    find_day_order,
    from_filetime,
    is_day_first,
    is_open,
    read_clock,
    read_date,
    read_moment,
)


def told(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("day", "clock", "moment"),
    [
        ("1/6/2013", "8:54:40 AM", "2013-01-06 08:54:40"),
        ("1/6/2013", "12:00:01 AM", "2013-01-06 00:00:01"),
        ("1/6/2013", "12:30:00 PM", "2013-01-06 12:30:00"),
        ("2025/03/27", "16:12:13.966003800", "2025-03-27 16:12:13"),
        ("2013-01-06", "23:59:59", "2013-01-06 23:59:59"),
        ("06.01.2013", "08:54:40", "2013-01-06 08:54:40"),
        ("27/03/2025", "16:12:13", "2025-03-27 16:12:13"),
        ("6.1.13", "8:54:40", "2013-01-06 08:54:40"),
    ],
)
def test_a_moment_is_read(day: str, clock: str, moment: str) -> None:
    assert told(read_moment(day, clock)) == moment


def test_italian_and_finnish_times_of_day_have_dots() -> None:
    assert read_clock("13.18.57") == read_clock("13:18:57")


def test_dates_that_change_with_the_order_of_day_and_month_are_open() -> None:
    assert [is_open(text) for text in ("8/1/2013", "8/8/2013", "13/1/2013", "1.8.2013", "2013/8/1", "x")] == [
        True, False, False, False, False, False,
    ]  # fmt: skip
    assert find_day_order(["8/1/2013"]) is None
    assert find_day_order(["8/1/2013", "13/1/2013"]) is True
    assert find_day_order(["8/1/2013", "1/13/2013"]) is False


def test_fractions_are_nanoseconds() -> None:
    assert read_clock("00:00:00.5") == 500_000_000
    assert read_clock("0:00:01,000000007") == 1_000_000_007


def test_the_order_of_day_and_month_comes_from_the_other_dates() -> None:
    assert is_day_first(["06/01/2013", "27/01/2013"])
    assert not is_day_first(["06/01/2013", "01/27/2013"])
    assert not is_day_first(["06/01/2013"])
    assert told(read_moment("06/01/2013", "1:00:00", day_first=True)) == "2013-01-06 01:00:00"


@pytest.mark.parametrize("text", ["31.02.2013", "2013", "13/13/2013", "", "0/0/0"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize("text", ["25:00:00", "1:61:00", "noon", ""])
def test_what_is_no_time_of_day_is_none(text: str) -> None:
    assert read_clock(text) is None


def test_filetime_counts_from_1601() -> None:
    assert told(from_filetime(129079416141424158)) == "2010-01-14 11:20:14"


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_read_or_refused(day: str, clock: str) -> None:
    read_moment(day, clock)
