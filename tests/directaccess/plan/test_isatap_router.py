"""Steps on a separate ISATAP router."""

from __future__ import annotations

from tests.support.plans import BESIDE_ROUTER, ONE_SERVER, machine, operations, plan, review
from wireproof.directaccess.plan.isatap_router import plan_isatap_router
from wireproof.directaccess.plan.model import AddRoute, SetForwarding, SetIsatapRouter
from wireproof.directaccess.plan.work import Work
from wireproof.directaccess.site.model import Method


def test_the_router_names_itself_advertises_and_publishes() -> None:
    made = plan(BESIDE_ROUTER)
    assert [one.record for one in operations(made, "ISATAP01", SetIsatapRouter)] == ["da-isatap.corp.example"]
    assert [
        (one.adapter.index, one.forwarding, one.advertising) for one in operations(made, "ISATAP01", SetForwarding)
    ] == [
        (6, True, True),
        (10, True, None),
    ]


def test_it_publishes_the_isatap_prefix_and_a_route_for_each_servers_clients() -> None:
    routes = operations(plan(BESIDE_ROUTER), "ISATAP01", AddRoute)
    assert [(str(one.prefix), one.adapter.index, str(one.next_hop), one.publish) for one in routes] == [
        ("fd9c:30c:2da4:1::/64", 6, "None", True),
        ("fd9c:30c:2da4:1000::/64", 10, "fd9c:30c:2da4:111::25", True),
        ("fd9c:30c:2da4:1001::/64", 10, "fd9c:30c:2da4:111::26", True),
    ]


def test_what_a_restart_may_undo_says_so() -> None:
    steps = machine(plan(BESIDE_ROUTER), "ISATAP01").steps
    assert sum("after a restart" in step.why for step in steps) == 2


def test_other_methods_leave_the_router_alone() -> None:
    assert plan_isatap_router(Work(review(ONE_SERVER).ground, Method.ISATAP)) == []
    assert plan_isatap_router(Work(review(BESIDE_ROUTER).ground, Method.NATIVE_OWN)) == []
