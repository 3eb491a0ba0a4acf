"""Next hops through the intranet."""

from __future__ import annotations

from tests.support.plans import OWN_PREFIX, review
from tests.support.site_text import change
from wireproof.directaccess.plan.ways import ways_towards

FARTHER = change(
    change(
        OWN_PREFIX,
        "entry-points:\n",
        '  - name: EDGE\n    adapters: [{network: desks, ipv6: ["2001:db8:1:7::2/64"]}, {network: lab, ipv6: ["2001:db8:1:9::1/64"]}]\nentry-points:\n',
    ),
    "routers:\n",
    '  - {name: lab, ipv6: ["2001:db8:1:9::/64"]}\nrouters:\n',
)


def test_each_network_names_its_own_router_and_each_router_the_next_one() -> None:
    ways = ways_towards(review(FARTHER).ground, "servers")
    assert {name: str(hop) for name, hop in ways.networks.items()} == {
        "servers": "None",
        "desks": "2001:db8:1:7::1",
        "lab": "2001:db8:1:9::1",
    }
    assert {name: str(hop) for name, (_, hop) in ways.routers.items()} == {"CORE": "None", "EDGE": "2001:db8:1:7::1"}


def test_a_router_that_forwards_ipv4_only_leads_nowhere() -> None:
    ways = ways_towards(
        review(change(FARTHER, "name: CORE\n", "name: CORE\n    forwards-ipv6: false\n")).ground, "servers"
    )
    assert list(ways.networks) == ["servers"]
    assert ways.routers == {}
