"""Steps on the intranet's routers."""

from __future__ import annotations

from tests.support.plans import BALANCED, ONE_SERVER, OWN_PREFIX, operations, plan
from tests.support.site_text import change
from wireproof.directaccess.plan.model import AddRoute, Role


def test_the_router_between_learns_the_way_to_the_clients() -> None:
    (route,) = operations(plan(OWN_PREFIX), "CORE", AddRoute)
    assert (str(route.prefix), str(route.next_hop), route.adapter.alias) == (
        "2001:db8:1:1000::/64",
        "2001:db8:1::10",
        "vlan1",
    )


def test_a_route_that_the_router_has_is_not_planned_again() -> None:
    there = '  - name: CORE\n    routes: [{prefix: "2001:db8:1:1000::/64", next-hop: "2001:db8:1::10"}]\n'
    assert operations(plan(change(OWN_PREFIX, "  - name: CORE\n", there)), "CORE", AddRoute) == []


def test_sites_without_routers_and_methods_without_routing_plan_none() -> None:
    for text in (BALANCED, ONE_SERVER):
        assert Role.ROUTER not in {one.role for one in plan(text).machines}
