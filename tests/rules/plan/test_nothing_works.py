"""A site without any method."""

from __future__ import annotations

from tests.support.plans import BALANCED, ONE_SERVER, found
from tests.support.site_text import change
from wireproof.finding import Severity

STUCK = change(BALANCED, "native-ipv6", "ipv4-only")

RULE = "plan-nothing-works"


def test_a_site_without_any_method_hears_what_is_nearest_and_why() -> None:
    (finding,) = found(RULE, STUCK)
    assert set(finding.facts["reasons"]) == {"native-automatic", "native-own", "isatap", "isatap-router", "forwarding"}
    assert finding.facts["nearest"] in finding.fix[0]
    assert finding.references


def test_one_method_is_enough() -> None:
    assert found(RULE, BALANCED) == []
    assert found(RULE, ONE_SERVER) == []


def test_a_method_that_was_asked_for_is_another_matter() -> None:
    assert found(RULE, change(STUCK, "method: auto", "method: forwarding")) == []


def test_a_site_whose_prefix_has_to_be_read_first_hears_what_to_state() -> None:
    text = change(ONE_SERVER, "131.107.0.2", "192.168.9.2")
    (finding,) = found(RULE, text)
    assert finding.severity is Severity.WARNING
    assert finding.facts["wanting"] == {"native-automatic": "prefix-unknown", "isatap": "prefix-unknown"}
    assert "read `(Get-DAServer).InternalIPv6Prefix`" in finding.fix[0]
