"""The whole plan."""

from __future__ import annotations

import pytest

from tests.support.plans import BALANCED, BESIDE_ROUTER, ONE_SERVER, OWN_PREFIX, plan, review
from tests.support.site_text import change
from wireproof.directaccess.plan.make import make_plan
from wireproof.directaccess.plan.model import Role

SITES = (ONE_SERVER, change(ONE_SERVER, "method: auto", "method: isatap"), OWN_PREFIX, BALANCED, BESIDE_ROUTER)


@pytest.mark.parametrize("text", SITES)
def test_every_step_says_why_how_to_check_it_and_who_says_so(text: str) -> None:
    for one in plan(text).machines:
        assert one.steps
        for step in one.steps:
            assert step.why.endswith(".")
            assert step.sources
            assert step.check is not None
            assert step.check.command
            assert step.check.expect
            assert step.check.failure


@pytest.mark.parametrize("text", SITES)
def test_routers_and_servers_come_before_policies_and_stations_last(text: str) -> None:
    order = [Role.DNS, Role.ISATAP_ROUTER, Role.BALANCER, Role.SERVER, Role.ROUTER, Role.POLICY, Role.STATION]
    roles = [one.role for one in plan(text).machines]
    assert roles == sorted(roles, key=order.index)


@pytest.mark.parametrize("text", SITES)
def test_the_same_site_gives_the_same_plan(text: str) -> None:
    assert plan(text) == plan(text)


def test_a_plan_can_be_made_from_prefixes_alone() -> None:
    seen = review(ONE_SERVER)
    assert make_plan(seen.site, seen.prefixes) == seen.plan


def test_without_a_method_there_are_no_machines() -> None:
    made = plan(change(ONE_SERVER, "method: auto", "method: forwarding"))
    assert made.machines == []
    assert made.notes


FORWARDING_ROUTER = change(OWN_PREFIX, "  - name: CORE\n", "  - name: CORE\n    forwards-ipv6: true\n")
FAR = change(ONE_SERVER, "network: servers, ipv4: [10.0.0.50]", "network: desks, ipv4: [10.0.7.50]")


@pytest.mark.parametrize(
    "text",
    [
        ONE_SERVER,
        "default-route: true\n" + ONE_SERVER,
        change(ONE_SERVER, "method: auto", "method: isatap"),
        FAR,
        FORWARDING_ROUTER,
        change(FORWARDING_ROUTER, ', gateway: "2001:db8:1:7::1"', ""),
        BALANCED,
        change(BALANCED, "method: auto", "method: native-own"),
        BESIDE_ROUTER,
    ],
)
def test_with_the_plan_done_every_station_reaches_every_client_and_hears_the_answer(text: str) -> None:
    assert {journey.outcome.value for journey in review(text).journeys} == {"delivered"}
