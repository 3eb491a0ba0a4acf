"""Native IPv6 over a path that carries none."""

from __future__ import annotations

from tests.support.plans import ONE_SERVER, OWN_PREFIX, found
from tests.support.site_text import change

CUT = change(OWN_PREFIX, "name: CORE\n", "name: CORE\n    forwards-ipv6: false\n")
FAR = change(ONE_SERVER, "network: servers, ipv4: [10.0.0.50]", "network: desks, ipv4: [10.0.7.50]")

RULE = "plan-ipv4-only-path"


def test_a_router_that_forwards_ipv4_only_is_named() -> None:
    (finding,) = found(RULE, CUT)
    assert finding.facts == {"stations": 1, "routers": ["CORE"]}
    assert "CORE" in CUT.splitlines()[finding.evidence[0].line - 1]


def test_networks_that_nothing_joins_are_told_where_native_ipv6_is_asked_for() -> None:
    (finding,) = found(RULE, change(FAR, "method: auto", "method: native-automatic"))
    assert finding.facts["stations"] == 1


def test_a_tunnel_and_a_router_that_may_forward_are_fine() -> None:
    assert found(RULE, FAR) == []
    assert found(RULE, OWN_PREFIX) == []
