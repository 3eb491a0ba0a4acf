"""A method that was asked for and can't work."""

from __future__ import annotations

import pytest

from tests.support.plans import BALANCED, ONE_SERVER, found
from tests.support.site_text import change
from wireproof.finding import Severity

RULE = "plan-method-refused"


def test_a_method_that_the_topology_rules_out_is_refused_with_reasons_sources_and_a_way_out() -> None:
    (finding,) = found(RULE, change(BALANCED, "method: auto", "method: isatap"))
    assert finding.severity is Severity.ERROR
    assert {"external-balancer", "intranet-has-ipv6"} <= set(finding.facts["reasons"])
    assert finding.facts["working"] == ["native-own", "forwarding"]
    assert any("Unsupported DirectAccess configurations" in source for source in finding.references)
    assert "method: native-own" in finding.fix[0]
    assert finding.evidence[0].line == 5


@pytest.mark.parametrize("method", ["auto", "native-automatic", "isatap"])
def test_a_method_that_works_is_not_refused(method: str) -> None:
    assert found(RULE, change(ONE_SERVER, "method: auto", f"method: {method}")) == []


def test_where_nothing_was_asked_for_nothing_is_refused() -> None:
    assert found(RULE, change(BALANCED, "native-ipv6", "ipv4-only")) == []
