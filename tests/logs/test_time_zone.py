"""Zones as `w32tm /tz` and `timedatectl` state them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.logs.reading import read_logs
from wireproof.logs.time_zone import Change, ZoneLog

BERLIN = """Mon 03/18/2024  9:15:00.11
Time zone: Current:TIME_ZONE_ID_STANDARD Bias: -60min (UTC=LocalTime+Bias)
  [Standard Name:"W. Europe Standard Time" Bias:0min Date:(M:10 D:5 DoW:0)]
  [Daylight Name:"W. Europe Daylight Time" Bias:-60min Date:(M:3 D:5 DoW:0)]
Leap Indicator: 0(no warning)
Stratum: 4 (secondary reference - syncd by (S)NTP)
"""
PACIFIC = """Time zone: Current:TIME_ZONE_ID_DAYLIGHT Bias: 480min (UTC=LocalTime+Bias)
  [Standard Name:"Pacific Standard Time" Bias:0min Date:(M:11 D:1 DoW:0)]
  [Daylight Name:"Pacific Daylight Time" Bias:-60min Date:(M:3 D:2 DoW:0)]
"""
SYDNEY = """Time zone: Current:TIME_ZONE_ID_DAYLIGHT Bias: -600min (UTC=LocalTime+Bias)
  [Standard Name:"AUS Eastern Standard Time" Bias:0min Date:(M:4 D:1 DoW:0)]
  [Daylight Name:"AUS Eastern Daylight Time" Bias:-60min Date:(M:10 D:1 DoW:0)]
"""
TOKYO = """Time zone: Current:TIME_ZONE_ID_UNKNOWN Bias: -540min (UTC=LocalTime+Bias)
  [Standard Name:"Tokyo Standard Time" Bias:0min Date:(M:0 D:0 DoW:0)]
  [Daylight Name:"Tokyo Daylight Time" Bias:-60min Date:(M:0 D:0 DoW:0)]
"""
LINUX = """2024-03-18T09:15:00,110000000+01:00
               Local time: Mon 2024-03-18 09:15:00 CET
           Universal time: Mon 2024-03-18 08:15:00 UTC
                 RTC time: Mon 2024-03-18 08:15:00
                Time zone: Europe/Berlin (CET, +0100)
System clock synchronized: yes
"""


def read(text: str) -> ZoneLog | None:
    return next((log for log in read_logs(text.encode(), "clock.txt") if isinstance(log, ZoneLog)), None)


def hours(text: str, year: int, month: int, day: int) -> float | None:
    zone = read(text)
    assert zone is not None
    found = zone.zone_at(int(datetime(year, month, day, 12, tzinfo=UTC).timestamp()) * 1_000_000_000)
    return None if found is None else found / 3600


@pytest.mark.parametrize(
    ("text", "month", "day", "offset"),
    [
        (BERLIN, 3, 18, 1),
        (BERLIN, 7, 1, 2),
        (BERLIN, 12, 24, 1),
        (PACIFIC, 3, 9, -8),
        (PACIFIC, 3, 11, -7),
        (PACIFIC, 11, 4, -8),
        (SYDNEY, 1, 15, 11),
        (SYDNEY, 6, 15, 10),
        (TOKYO, 6, 15, 9),
    ],
)
def test_the_offset_is_that_of_the_date_east_being_positive(text: str, month: int, day: int, offset: int) -> None:
    assert hours(text, 2024, month, day) == offset


def test_on_the_day_of_a_change_nothing_is_told() -> None:
    assert hours(BERLIN, 2024, 3, 31) is None
    assert hours(BERLIN, 2024, 3, 30) == 1
    assert hours(BERLIN, 2024, 4, 1) == 2


def test_the_second_and_the_last_sunday_of_a_month_are_found() -> None:
    assert datetime.fromordinal(Change(3, 2, 0).day(2024)).day == 10
    assert datetime.fromordinal(Change(10, 5, 0).day(2024)).day == 27


def test_linux_tells_the_offset_of_its_day_only() -> None:
    assert hours(LINUX, 2024, 3, 18) == 1
    assert hours(LINUX, 2024, 7, 1) is None


def test_a_zone_that_changes_at_an_unknown_time_is_none() -> None:
    assert read(BERLIN.replace("M:10 D:5", "M:10 D:27")) is None
    assert read(BERLIN.partition("  [Daylight")[0]) is None


def test_two_zones_in_one_text_are_none() -> None:
    assert read(BERLIN + TOKYO) is None
    assert read(BERLIN + BERLIN) is not None


def test_words_about_zones_are_none() -> None:
    assert read("Time zone: unknown to us, TIME_ZONE_ID_STANDARD it may be\n") is None


@given(st.text('TIME_ZONEDSAYLUNK :-0123456789min()[]MDow"\n', max_size=300))
def test_any_text_behind_a_sign_is_taken_without_harm(rest: str) -> None:
    read("Time zone: Current:TIME_ZONE_ID_DAYLIGHT Bias: 480min" + rest)
