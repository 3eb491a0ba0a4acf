"""The one offset between a log and captures, and every reason for which there is none."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.logs.log import Anchor, pair_key
from wireproof.processes.logs.estimate import Estimate, Missing, Sight, estimate, is_possible
from wireproof.processes.logs.zones import SECOND, zone_of

START = 1_358_000_000 * SECOND
DAY = 86_400
SPAN = [(START - DAY * SECOND, START + DAY * SECOND)]
"""A capture of two days."""


def reset(at_s: float, number: int, kind: str = "tcp-reset") -> Anchor:
    """An event of a connection; ports do not count up with their numbers."""
    ends = pair_key(f"10.1.1.1:{49152 + number * 7919 % 16384}", "10.2.2.2:445")
    return Anchor(START + int(at_s * SECOND), number, kind, ends)


def said(at_s: float, number: int) -> Anchor:
    return Anchor(START + int(at_s * SECOND), number, "sip", (f"call-{number}", "1 INVITE", "INVITE"))


def sights(anchors: list[Anchor], shown: dict[int, list[float]]) -> list[Sight]:
    """What a capture shows of the anchors, by their numbers, in seconds."""
    return [
        Sight(anchor, START + int(at * SECOND), row=turn)
        for anchor in anchors
        for turn, at in enumerate(shown.get(anchor.line, []))
    ]


def told(anchors: list[Anchor], shown: dict[int, list[float]]) -> Estimate:
    return estimate(anchors, sights(anchors, shown), SPAN)


def test_events_that_agree_tell_offset_number_and_spread() -> None:
    found = told([reset(7200 + at, at) for at in (1, 5, 9)], {1: [1.01], 5: [5.02], 9: [9.25]})
    assert (found.missing, found.matched, found.shown) == (None, 3, 3)
    assert zone_of(found.offset_ns) == 7200
    assert found.offset_ns == -7200 * SECOND + int(0.02 * SECOND)
    assert found.spread_s == pytest.approx(0.23)
    assert found.example is not None
    assert found.example.anchor.line == 5


@pytest.mark.parametrize(
    ("anchors", "shown", "missing"),
    [
        ([], {}, Missing.NOTHING),
        ([reset(7200, 1)], {}, Missing.UNSEEN),
        ([reset(0, 1), reset(0, 2), reset(0, 3)], {1: [100], 2: [333], 3: [555]}, Missing.APART),
        ([reset(0, 1), reset(1, 2), reset(2, 3), reset(3, 4)], {1: [0.0], 2: [1.0], 3: [2000], 4: [5555]}, Missing.APART),
        ([reset(0, 1)], {1: [0.1, 900.1]}, Missing.SEVERAL),
        ([reset(0, 1), reset(5, 2)], {1: [0.1, 431.1], 2: [5.1, 436.1]}, Missing.SEVERAL),
        ([reset(200, 1)], {1: [0.4]}, Missing.CHANCE),
        ([reset(at, 1 + at) for at in range(9)], {1: [0.1]}, Missing.GAPS),
    ],
    ids=["no anchor", "no sight", "all apart", "half apart", "used twice", "all used twice", "no zone", "others missing"],
)  # fmt: skip
def test_in_doubt_there_is_no_offset_and_a_reason(
    anchors: list[Anchor], shown: dict[int, list[float]], missing: Missing
) -> None:
    assert told(anchors, shown).missing is missing


def test_most_are_more_than_half() -> None:
    found = told([reset(0, 1), reset(1, 2), reset(2, 3)], {1: [0.0], 2: [1.0], 3: [2000.0]})
    assert (found.missing, found.matched, found.shown) == (None, 2, 3)


def test_one_event_tells_a_zone_that_it_hits() -> None:
    assert zone_of(told([reset(19800, 1)], {1: [0.4]}).offset_ns) == 19800


def test_a_clock_that_is_wrong_by_minutes_is_told_by_several_events() -> None:
    assert told([reset(431 + at, at) for at in (1, 5)], {1: [1.0], 5: [5.0]}).offset_ns == -431 * SECOND


def test_a_message_that_nobody_sends_again_tells_a_clock_that_strays() -> None:
    assert told([said(3600 + 70, 1)], {1: [0.0]}).missing is None
    assert told([said(3600 + 400, 1)], {1: [0.0]}).missing is Missing.CHANCE
    assert told([said(40 * DAY + 400, 1), said(40 * DAY + 409, 2)], {1: [0.0], 2: [9.0]}).missing is None


def test_connections_of_another_day_are_none_of_these() -> None:
    assert not is_possible("tcp-syn", DAY * SECOND)
    assert is_possible("sip", DAY * SECOND)
    assert told([reset(DAY + at, at) for at in (1, 5, 9)], {1: [1], 5: [5], 9: [9]}).missing is Missing.UNSEEN


def test_data_that_comes_every_moment_tells_nothing() -> None:
    anchors = [Anchor(START + at * SECOND, at, "tcp-data", ("10.1.1.1:5", "", "peer", str(at))) for at in (1, 5, 9)]
    busy = [Sight(anchor, anchor.time_ns, crowd=0.9) for anchor in anchors]
    assert estimate(anchors, busy, SPAN).missing is Missing.CHANCE
    assert estimate(anchors, [Sight(anchor, anchor.time_ns, crowd=0.1) for anchor in anchors], SPAN).matched == 3


def test_an_event_told_in_two_ways_counts_once_by_the_stronger() -> None:
    anchors = [said(1, 1), Anchor(START + SECOND, 1, "tcp-data", ("10.1.1.1:5", "", "peer", "1"))]
    found = estimate(anchors, [Sight(anchor, anchor.time_ns) for anchor in anchors], SPAN)
    assert found.matched == 1
    assert found.example is not None
    assert found.example.anchor.kind == "sip"


def test_events_before_and_after_a_capture_are_not_missed_in_it() -> None:
    anchors = [reset(at, 100 + at) for at in range(-50, 50)]
    spans = [(START - SECOND, START + 5 * SECOND)]
    shown = [Sight(anchor, anchor.time_ns) for anchor in anchors if 0 <= anchor.time_ns - START <= 4 * SECOND]
    assert estimate(anchors, shown, spans).matched == 5


def test_a_later_round_through_the_ports_of_a_host_is_no_zone() -> None:
    def counted(at_s: int) -> Anchor:
        return Anchor(START + at_s * SECOND, at_s, "tcp-syn", pair_key(f"10.1.1.1:{50000 + at_s}", "10.2.2.2:80"))

    anchors = [counted(at) for at in range(1, 61)]
    later = [Sight(anchor, anchor.time_ns + 16_384 * SECOND) for anchor in anchors]
    assert estimate(anchors, later, [(START, START + DAY * SECOND)]).missing is Missing.CHANCE
    same = [Sight(anchor, anchor.time_ns + 7200 * SECOND) for anchor in anchors]
    assert estimate(anchors, same, SPAN).matched == 60


@given(
    zone=st.integers(-48, 56).map(lambda quarters: quarters * 900),
    stray=st.floats(-60, 60),
    late=st.lists(st.floats(0, 0.9), min_size=3, max_size=30),
    outliers=st.lists(st.integers(-40_000, 40_000), max_size=30),
)
def test_the_offset_is_found_among_outliers_that_are_fewer(
    zone: int, stray: float, late: list[float], outliers: list[int]
) -> None:
    true_s = -zone - stray
    good = [Sight(reset(0, turn), START + int((true_s + each) * SECOND)) for turn, each in enumerate(late)]
    away = [each for each in outliers if abs(each - true_s) > 10][: (len(good) - 1) // 2]
    bad = [Sight(reset(0, 100 + turn), START + each * SECOND) for turn, each in enumerate(away)]
    found = estimate([sight.anchor for sight in (*good, *bad)], [*bad, *good], SPAN)
    assert found.missing is None
    assert abs(found.offset_ns / SECOND - true_s) <= 2.0
    assert found.matched == len(good)


@given(st.integers(0, 10**6), st.integers(0, 200), st.integers(0, 200))
def test_a_log_of_another_time_that_shares_ports_by_chance_tells_nothing(seed: int, logged: int, captured: int) -> None:
    chance = random.Random(seed)
    anchors = [reset(chance.uniform(0, 3600), chance.randrange(16384), "tcp-syn") for _ in range(logged)]
    shown = {chance.randrange(16384): [chance.uniform(20_000, 23_600)] for _ in range(captured)}
    spans = [(START + 20_000 * SECOND, START + 23_600 * SECOND)]
    found = estimate(anchors, sights(anchors, shown), spans)
    # One connection in common at a whole quarter hour, with nothing else in the log near it, is what a single event looks like.
    assert found.missing is not None or found.matched == 1


@given(st.lists(st.tuples(st.integers(-(10**15), 10**15), st.integers(0, 9), st.booleans()), max_size=40))
def test_whatever_differs_an_offset_has_most_events_behind_it(apart: list[tuple[int, int, bool]]) -> None:
    anchors = [said(0, 100 + number) if sip else reset(0, 1 + number) for _, number, sip in apart]
    seen = [Sight(anchor, START + each[0]) for anchor, each in zip(anchors, apart, strict=True)]
    found = estimate(anchors, seen, SPAN)
    assert found.missing is not None or 2 * found.matched > found.shown
    assert found.spread_s <= 2.0
