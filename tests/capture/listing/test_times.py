"""Time columns in the forms of Wireshark, Network Monitor and tcpdump."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from wireproof.capture.listing.times import settle_dates, unpack_times


def at(*fields: int) -> int:
    """Nanoseconds since 1970 of a date and time."""
    return int(datetime(*fields, tzinfo=UTC).timestamp()) * 10**9  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("word", "wall_ns"),
    [
        ("2013-01-06 09:52:15.407", at(2013, 1, 6, 9, 52, 15) + 407_000_000),
        ("8:53:53 PM 1/6/2013", at(2013, 1, 6, 20, 53, 53)),
        ("14:42:47 05.09.2012", at(2012, 9, 5, 14, 42, 47)),
        ("14:42:47 05/09/2012", at(2012, 5, 9, 14, 42, 47)),
        ("2:42:47 PM 5/9/2012", at(2012, 5, 9, 14, 42, 47)),
        ("14:42:47 25/09/2012", at(2012, 9, 25, 14, 42, 47)),
        ("Jan  6, 2013 09:52:15.5", at(2013, 1, 6, 9, 52, 15) + 500_000_000),
        ("1357466735.25", at(2013, 1, 6, 10, 5, 35) + 250_000_000),
    ],
)
def test_dates_are_read_in_every_form(word: str, wall_ns: int) -> None:
    assert unpack_times([word]).wall_ns == wall_ns


def test_a_time_of_day_and_two_counts_of_seconds_stand_side_by_side() -> None:
    clocks = unpack_times(["15:13:43.441664", "463.087187", "0.002359"])
    assert (clocks.wall_ns, clocks.day_ns, clocks.seconds) == (None, 54_823_441_664_000, (463_087_187_000, 2_359_000))


def test_a_date_that_does_not_exist_is_a_time_of_day() -> None:
    clocks = unpack_times(["2013-02-31 00:00:01"])
    assert (clocks.wall_ns, clocks.day_ns) == (None, 10**9)


def test_a_date_that_tells_the_order_settles_the_open_ones() -> None:
    clocks = [unpack_times([word]) for word in ("23:59:59 5/9/2012", "0:00:01 25/9/2012")]
    assert clocks[0].open_date == "5/9/2012"
    settle_dates(clocks)
    assert (clocks[0].wall_ns, clocks[0].open_date) == (at(2012, 9, 5, 23, 59, 59), "")


@pytest.mark.parametrize("word", ["10:12:01 2/7/2023", "10:12:01 AM 2/7/2023"])
def test_a_date_stays_open_where_none_tells_the_order(word: str) -> None:
    clocks = [unpack_times([word]), unpack_times(["10:12:01 7/7/2023"]), unpack_times(["10:12:01 08.07.2023"])]
    settle_dates(clocks)
    assert [one.open_date for one in clocks] == ["2/7/2023", "", ""]
    assert clocks[2].wall_ns == at(2023, 7, 8, 10, 12, 1)
