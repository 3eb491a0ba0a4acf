"""How far an event of a log is from a frame, with and without a known clock."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.path import EPOCH_NS, Link, Point, World
from tests.support.scripted import Row, frames
from tests.support.talk import Close, Host, Send, Talk
from tests.support.verdicts import make_case
from wireproof.case import Case
from wireproof.logs import Log
from wireproof.rules.endpoints import Group
from wireproof.rules.windows._clock import apart, guess, in_time, in_time_of, is_clock_known, span_of

HOUR = 3600 * 10**9


@pytest.mark.parametrize(
    ("hours", "zone_s", "words"),
    [
        (0, 0, "if the clocks agree"),
        (-8, -28800, "if the clocks agree and the log was written in UTC-8"),
        (5.5, 19800, "if the clocks agree and the log was written in UTC+5.5"),
    ],
)
def test_an_unknown_zone_is_the_one_that_fits(hours: float, zone_s: int, words: str) -> None:
    found = guess(int(hours * HOUR) + 59 * 10**9)
    assert (found.seconds, found.zone_s, found.words) == (59.0, zone_s, words)


def test_days_apart_are_no_zone() -> None:
    assert guess(20 * HOUR).seconds == 20 * 3600.0


def seconds(case: Case, log: Log) -> tuple[float, str]:
    found = apart(case, log, EPOCH_NS + 2 * 10**9, case.points[0], EPOCH_NS)
    return found.seconds, found.words


def test_a_known_clock_is_taken_as_it_is(tmp_path: Path) -> None:
    case = make_case(tmp_path, {"one": frames([Row(0.0, "c", "S")])})
    stated, utc, unknown = Log(file="a", zone_s=3600), Log(file="b", in_utc=True), Log(file="c")
    assert [is_clock_known(case, log) for log in (stated, utc, unknown)] == [True, True, False]
    assert seconds(case, stated) == (-3598.0, "")
    assert seconds(case, utc) == (2.0, "")
    assert seconds(case, unknown) == (2.0, "if the clocks agree")


def test_a_zone_that_a_file_beside_the_log_states_is_told_as_assumed(tmp_path: Path) -> None:
    case = make_case(tmp_path, {"one": frames([Row(0.0, "c", "S")])})
    beside = Log(file="a", zone_s=3600, zone_file="clock.txt")
    assert is_clock_known(case, beside)
    assert seconds(case, beside) == (-3598.0, "if the clocks agree and the log was written in UTC+1")


def test_a_log_whose_clock_nothing_tells_is_taken_to_be_of_the_points_host(tmp_path: Path) -> None:
    world = World([Point("client", at="client"), Link(5), Point("server", at="server", offset_s=40.0)])
    Talk(world, Host("10.0.0.1"), Host("10.0.0.2"), [Send("client", 300), Send("server", 900), Close("client")])
    case = make_case(tmp_path, world.captures())
    server_ns = int(case.points[1].packets.time_ns[0])
    unknown, stated = Log(file="c"), Log(file="a", zone_s=3600)
    found = apart(case, unknown, server_ns + 3600 * 10**9, case.points[1], server_ns)
    assert (found.seconds, found.zone_s) == (0.0, 3600)
    assert apart(case, stated, server_ns + 3600 * 10**9, case.points[1], server_ns).seconds == 0.0


@pytest.mark.parametrize(
    ("log", "seconds", "fits"),
    [
        (Log(file="a", in_utc=True), 100, True),
        (Log(file="a", in_utc=True), -130, False),
        (Log(file="a", in_utc=True), 1130, False),
        (Log(file="a", zone_s=3600), 3600 + 100, True),
        (Log(file="a", zone_s=3600), 100, False),
        (Log(file="a"), 100, None),
        (Log(file="a"), 14 * 3600 + 60, None),
        (Log(file="a"), -72 * 3600, False),
        (Log(file="a"), -(EPOCH_NS // 10**9) + 60, None),
    ],
)
def test_an_event_falls_into_a_conversations_time_or_not(
    tmp_path: Path, log: Log, seconds: float, *, fits: bool | None
) -> None:
    case = make_case(tmp_path, {"one": frames([Row(0.0, "c", "S"), Row(1000.0, "c", "S")])})
    assert in_time_of(case, log, EPOCH_NS + int(seconds * 10**9), case.points[0], 0) is fits


def test_events_without_a_time_may_be_of_any(tmp_path: Path) -> None:
    case = make_case(tmp_path, {"one": frames([Row(0.0, "c", "S"), Row(8.0, "c", "S")])})
    point = case.points[0]
    assert in_time_of(case, Log(file="a", in_utc=True), 0, point, 0) is None
    group = Group(point, np.array([0]))
    assert span_of(group) == (EPOCH_NS, EPOCH_NS + 8 * 10**9)
    assert in_time(case, point, EPOCH_NS, point, span_of(group)) is True
    assert in_time(case, point, EPOCH_NS - 3600 * 10**9, point, span_of(group)) is False


def test_events_of_another_capture_are_set_by_both_clocks(tmp_path: Path) -> None:
    world = World([Point("client", at="client"), Link(5), Point("server", at="server", offset_s=3600.0)])
    Talk(world, Host("10.0.0.1"), Host("10.0.0.2"), [Send("client", 300), Send("server", 900), Close("client")])
    case = make_case(tmp_path, world.captures())
    client, server = case.points
    at_ns = int(client.packets.time_ns[0])
    assert in_time_of(case, client, at_ns, server, 0) is True
    assert in_time_of(case, client, at_ns + 3600 * 10**9, server, 0) is False
