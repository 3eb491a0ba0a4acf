"""Site and plan as a topology."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.plans import ONE_SERVER, review
from tests.support.site_text import change
from wireproof.directaccess.review import Review
from wireproof.directaccess.site.read import read_site
from wireproof.directaccess.topology.build import machines_of
from wireproof.directaccess.topology.model import LinkKind, Outcome, Source

EXAMPLES = Path(__file__).parents[3] / "examples" / "plan"
HEALTHY = (
    "balancer-fixed",
    "isatap-router-fixed",
    "multisite",
    "nat",
    "native-ipv6",
    "nlb",
    "own-prefix",
    "teredo",
    "uag",
)


@pytest.mark.parametrize("name", HEALTHY)
def test_the_plan_of_an_example_delivers_every_class(name: str) -> None:
    text = (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")
    assert {journey.outcome for journey in Review(read_site(text, name)).journeys} == {Outcome.DELIVERED}


def test_without_the_plan_nothing_of_it_is_done() -> None:
    planned, bare = review(ONE_SERVER).topology, review(ONE_SERVER, as_is=True).topology
    assert {one.origin.source for one in planned.nodes["MGMT1"].routes} == {Source.PLANNED}
    assert bare.nodes["MGMT1"].routes == ()


def test_commands_of_the_file_count_as_done_with_their_line() -> None:
    line = "netsh int ipv6 add route 2002:836b:2:1000::/64 LAN 2002:836b:2:3333::1"
    text = change(ONE_SERVER, "ipv4: [10.0.0.51]}}", f"ipv4: [10.0.0.51]}}, commands: [{line}]}}")
    (route,) = review(text, as_is=True).topology.nodes["MGMT2"].routes
    assert (str(route.next_hop), route.origin.source, route.origin.place[-2:]) == (
        "2002:836b:2:3333::1",
        Source.STATED,
        ("commands", 0),
    )


def test_links_have_their_kinds() -> None:
    kinds = {name: link.kind for name, link in review(ONE_SERVER).topology.links.items()}
    assert (kinds["servers"], kinds["ip-https of DA1"], kinds["teredo of DA1"]) == (
        LinkKind.ETHERNET,
        LinkKind.IP_HTTPS,
        LinkKind.TEREDO,
    )


def test_every_machine_of_the_file_is_there() -> None:
    judged = review(ONE_SERVER)
    assert [one.name for one in machines_of(judged.site)] == ["MGMT1", "MGMT2", "DA1"]
    assert {one.name for one in machines_of(judged.site)} <= set(judged.topology.nodes)
