"""Connections that a log names, and the packets that carried what it tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d6_sip_log
from tests.support.verdicts import open_case
from wireproof.case import Point
from wireproof.processes.log_connections import (
    DATA,
    NEAR_NS,
    QUARTER_NS,
    Key,
    data_times,
    find_connection,
    match_data,
    nearest,
)

SECOND = 10**9
REGISTER_NS = 1357636737600000000


@pytest.fixture
def point(tmp_path: Path) -> Point:
    return open_case({"client": d6_sip_log.build(tmp_path)["client"]}).points[0]


def events(shift_ns: int = 0, peer: str = "10.1.1.1:62973", local: str = "") -> dict[Key, int]:
    asked, answered = REGISTER_NS + shift_ns, REGISTER_NS + shift_ns + 21_013_000_000
    return {(DATA, (peer, local, "peer", "8")): asked, (DATA, (peer, local, "own", "34")): answered}


def test_a_connection_is_named_by_its_clients_end_or_by_both(point: Point) -> None:
    found = find_connection(point.tables, "", "10.1.1.1:62973")
    assert found is not None
    assert point.talk(found[0]).endpoint(found[1]) == "10.1.1.1:62973"
    assert find_connection(point.tables, "172.16.1.1:443", "10.1.1.1:62973") == found
    assert find_connection(point.tables, "10.1.1.1:62973", "172.16.1.1:443") == (found[0], 1 - found[1])


@pytest.mark.parametrize(
    "peer", ["", "fe.contoso.com", "10.1.1.1:x", "10.1.1.1:99999", "172.16.1.1:443", "10.1.1.1:62974"]
)
def test_an_end_that_names_no_single_connection_finds_none(point: Point, peer: str) -> None:
    assert find_connection(point.tables, "", peer) is None
    assert match_data(point.tables, events(peer=peer)) == {}


@pytest.mark.parametrize("quarters", [0, 8, -20, 56])
def test_the_packets_of_request_and_response_are_found_in_any_zone(point: Point, quarters: int) -> None:
    wanted = events(quarters * QUARTER_NS)
    found = match_data(point.tables, wanted)
    assert {round((time_ns - wanted[key]) / SECOND) for key, time_ns in found.items()} == {-quarters * 900}
    assert len(found) == 2


@pytest.mark.parametrize("shift_ns", [300 * SECOND, 57 * QUARTER_NS, -400 * SECOND])
def test_times_that_no_zone_brings_into_the_connections_life_match_nothing(point: Point, shift_ns: int) -> None:
    assert match_data(point.tables, events(shift_ns)) == {}


def test_other_kinds_of_events_are_left_alone(point: Point) -> None:
    assert match_data(point.tables, {("sip", ("a", "1 REGISTER", "REGISTER")): REGISTER_NS}) == {}


def test_the_nearest_time_is_near(point: Point) -> None:
    found = find_connection(point.tables, "", "10.1.1.1:62973")
    assert found is not None
    times = data_times(point.tables, *found)
    assert len(times) == 4
    assert nearest(times, int(times[1]) + 5) == times[1]
    assert nearest(times, int(times[-1]) + NEAR_NS + 1) is None
    assert nearest(times[:0], 0) is None
