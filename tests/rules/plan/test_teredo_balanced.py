"""Teredo behind a load balancer."""

from __future__ import annotations

from tests.support.plans import BALANCED, ONE_SERVER, found
from tests.support.site_text import change
from wireproof.finding import Severity

RULE = "plan-teredo-balanced"


def test_teredo_behind_a_balancer_is_told() -> None:
    (finding,) = found(RULE, change(BALANCED, "teredo: false", "teredo: true"))
    assert finding.severity is Severity.WARNING
    assert any("F5 DevCentral 276633" in source for source in finding.references)
    assert finding.evidence[0].line == 4


def test_teredo_with_one_server_and_a_balancer_without_teredo_are_fine() -> None:
    assert found(RULE, ONE_SERVER) == []
    assert found(RULE, BALANCED) == []
