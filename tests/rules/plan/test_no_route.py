"""Where no route leads on."""

from __future__ import annotations

from tests.support.plans import ONE_SERVER, OWN_PREFIX, found
from tests.support.site_text import change

RULE = "plan-no-route"


def test_a_router_without_the_client_prefix_is_named_with_its_line() -> None:
    (finding,) = found(RULE, OWN_PREFIX.replace("name: CORE\n", "name: CORE\n    forwards-ipv6: true\n"), as_is=True)
    assert finding.where == "CORE"
    assert finding.facts["trace"][-1].startswith("CORE: CORE has no route to 2001:db8:1:1000:")


def test_a_server_without_a_way_back_is_named() -> None:
    routed = "    forwards-ipv6: true\n    routes: [{prefix: 2001:db8:1:1000::/64, next-hop: 2001:db8:1::10}]\n"
    (finding,) = found(RULE, OWN_PREFIX.replace("name: CORE\n", "name: CORE\n" + routed), as_is=True)
    assert (finding.where, finding.facts["way"]) == ("DA1", "back")


def test_a_thousand_stations_without_address_are_one_finding() -> None:
    more = "".join(
        f"  - {{name: S{number}, adapter: {{name: LAN, network: servers, ipv4: [10.0.0.{number % 200 + 52}]}}}}\n"
        for number in range(998)
    )
    (finding,) = found(RULE, ONE_SERVER + more, as_is=True)
    assert finding.facts["stations"] == 1000
    assert finding.facts["clients"] == 2


def test_a_planned_site_has_every_route() -> None:
    assert found(RULE, ONE_SERVER) == []
    assert found(RULE, change(OWN_PREFIX, "name: CORE\n", "name: CORE\n    forwards-ipv6: true\n")) == []
