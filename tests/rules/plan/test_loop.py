"""Packets in a circle."""

from __future__ import annotations

from tests.support.plans import OWN_PREFIX, found
from tests.support.site_text import change

RULE = "plan-loop"
ROUTER = """    forwards-ipv6: true
    routes: [{prefix: "::/0", next-hop: "2001:db8:1::2"}]
  - name: EDGE
    forwards-ipv6: true
    adapters: [{name: inside, network: servers, ipv6: ["2001:db8:1::2/64"]}]
    routes: [{prefix: "2001:db8::/32", next-hop: "2001:db8:1::1"}]
"""
LAST = '      - {name: vlan7, network: desks, ipv6: ["2001:db8:1:7::1/64"]}\n'
CIRCLE = change(OWN_PREFIX, LAST, LAST + ROUTER)


def test_two_default_routes_that_point_at_each_other_are_a_loop() -> None:
    (finding,) = found(RULE, CIRCLE, as_is=True)
    assert "CORE → EDGE → CORE" in finding.title


def test_a_specific_route_breaks_the_circle() -> None:
    specific = 'routes: [{prefix: "2001:db8:1:1000::/64", next-hop: "2001:db8:1::10"}, {prefix: "::/0", next-hop: "2001:db8:1::2"}]'
    fixed = change(CIRCLE, 'routes: [{prefix: "::/0", next-hop: "2001:db8:1::2"}]', specific)
    assert found(RULE, fixed, as_is=True) == []
