"""Expect lines as tests."""

from __future__ import annotations

import pytest

from tests.support.plans import ONE_SERVER, found

RULE = "plan-expectation-failed"


def test_an_expectation_that_fails_is_found_on_its_line() -> None:
    text = ONE_SERVER + "expect:\n  - {from: MGMT1, port: tcp/3389}\n"
    (finding,) = found(RULE, text, as_is=True)
    assert finding.evidence[0].line == len(text.splitlines())
    assert "expected from mgmt1 on tcp/3389: delivered" in finding.title.lower()


@pytest.mark.parametrize("port", ["tcp/3389", "icmp"])
def test_a_planned_site_holds_what_it_expects(port: str) -> None:
    assert found(RULE, ONE_SERVER + f"expect:\n  - {{from: stations, port: {port}}}\n") == []


def test_who_must_not_reach_the_clients_is_tested_too() -> None:
    forbidden = ONE_SERVER + "expect:\n  - {from: MGMT1, port: tcp/3389, outcome: not delivered}\n"
    assert found(RULE, forbidden, as_is=True) == []
    assert len(found(RULE, forbidden)) == 1
