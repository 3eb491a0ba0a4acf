"""Connections that a log names by their ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d6_sip_log
from tests.support.verdicts import open_case
from wireproof.case import Point
from wireproof.processes.logs.connections import find_connection


@pytest.fixture
def point(tmp_path: Path) -> Point:
    return open_case({"client": d6_sip_log.build(tmp_path)["client"]}).points[0]


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
