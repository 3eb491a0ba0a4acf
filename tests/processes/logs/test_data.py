"""The packets that carried what a log tells of a connection."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import d6_sip_log
from tests.support.verdicts import open_case
from wireproof.case import Point
from wireproof.logs.log import Anchor
from wireproof.processes.logs.connections import find_connection
from wireproof.processes.logs.data import DATA, crowd_of, data_rows, find_data
from wireproof.processes.logs.estimate import EXACT_S
from wireproof.processes.logs.zones import QUARTER_NS, SECOND

REGISTER_NS = 1357636737600000000


@pytest.fixture
def point(tmp_path: Path) -> Point:
    return open_case({"client": d6_sip_log.build(tmp_path)["client"]}).points[0]


def events(shift_ns: int = 0, peer: str = "10.1.1.1:62973", local: str = "") -> list[Anchor]:
    asked, answered = REGISTER_NS + shift_ns, REGISTER_NS + shift_ns + 21_013_000_000
    return [Anchor(asked, 8, DATA, (peer, local, "peer", "8")), Anchor(answered, 34, DATA, (peer, local, "own", "34"))]


@pytest.mark.parametrize("quarters", [0, 8, -20, 56])
def test_the_packets_of_request_and_response_are_found_in_any_zone(point: Point, quarters: int) -> None:
    found = list(find_data(point.tables, events(quarters * QUARTER_NS), 3))
    assert {round(sight.apart_ns / SECOND) for sight in found} == {-quarters * 900}
    assert [(sight.anchor.line, sight.witness) for sight in found] == [(8, 3), (34, 3)]
    assert {point.packets.direction[sight.row] for sight in found} == {0, 1}


@pytest.mark.parametrize("shift_ns", [300 * SECOND, 57 * QUARTER_NS, -400 * SECOND])
def test_times_that_no_zone_brings_near_a_packet_match_nothing(point: Point, shift_ns: int) -> None:
    assert list(find_data(point.tables, events(shift_ns))) == []


def test_other_ends_and_other_kinds_of_events_are_left_alone(point: Point) -> None:
    assert list(find_data(point.tables, events(peer="10.9.9.9:1"))) == []
    assert list(find_data(point.tables, [Anchor(REGISTER_NS, 1, "sip", ("a", "1 REGISTER", "REGISTER"))])) == []


def test_rows_are_those_of_one_side_with_payload(point: Point) -> None:
    found = find_connection(point.tables, "", "10.1.1.1:62973")
    assert found is not None
    rows = data_rows(point.tables, *found)
    assert len(rows) == 4
    assert (point.packets.length[rows] > 0).all()


def test_packets_one_after_the_other_are_no_larger_crowd_than_one() -> None:
    alone, near = 2 * EXACT_S * SECOND / QUARTER_NS, SECOND // 100
    assert crowd_of(np.array([10**18])) == pytest.approx(alone)
    assert crowd_of(np.array([10**18, 10**18 + near])) == pytest.approx(alone, rel=0.02)
    assert crowd_of(10**18 + np.arange(0, QUARTER_NS, SECOND)) == pytest.approx(1.0)


@given(st.lists(st.integers(0, 10**18), min_size=1, max_size=200))
def test_a_crowd_is_a_part_of_all_moments(times: list[int]) -> None:
    assert 0 < crowd_of(np.array(sorted(times))) <= 1.0
