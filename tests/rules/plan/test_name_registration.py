"""Clients that don't register."""

from __future__ import annotations

from tests.support.plans import BALANCED, ONE_SERVER, found
from wireproof.finding import Severity

RULE = "plan-name-registration"


def test_a_site_as_it_is_with_windows_10_is_told() -> None:
    (finding,) = found(RULE, ONE_SERVER, as_is=True)
    assert finding.severity is Severity.INFO
    assert "DisableNRPTForAdapterRegistration" in finding.fix[0]


def test_a_plan_and_older_clients_stay_quiet() -> None:
    assert found(RULE, ONE_SERVER) == []
    assert found(RULE, BALANCED, as_is=True) == []
