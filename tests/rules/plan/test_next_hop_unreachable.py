"""Next hops in other networks."""

from __future__ import annotations

from tests.support.plans import ONE_SERVER, found
from tests.support.site_text import change

RULE = "plan-next-hop-unreachable"
NATIVE = 'ipv6: ["2002:836b:2:3333::50/64"], gateway: "2002:836b:2:3333::1"}}'
FAR = change(ONE_SERVER, "network: servers, ipv4: [10.0.0.50]}}", f"network: desks, ipv4: [10.0.7.50], {NATIVE}")


def test_the_server_as_gateway_of_stations_in_another_subnet_is_found() -> None:
    (finding,) = found(RULE, FAR, as_is=True)
    assert (finding.facts["next_hop"], finding.facts["machines"]) == ("2002:836b:2:3333::1", ["MGMT1"])


def test_the_missing_route_is_not_told_twice() -> None:
    assert not any("MGMT1" in one.title for one in found("plan-no-route", FAR, as_is=True))


def test_the_server_as_gateway_of_its_own_network_is_fine() -> None:
    near = change(ONE_SERVER, "ipv4: [10.0.0.50]}}", f"ipv4: [10.0.0.50], {NATIVE}")
    assert found(RULE, near, as_is=True) == []


def test_an_unstated_neighbour_is_no_finding() -> None:
    near = change(ONE_SERVER, "ipv4: [10.0.0.50]}}", f"ipv4: [10.0.0.50], {NATIVE.replace('::1', '::fe')}")
    assert found(RULE, near, as_is=True) == []
