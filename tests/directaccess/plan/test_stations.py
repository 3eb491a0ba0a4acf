"""Steps on stations."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Interface, IPv6Network

from tests.support.plans import BALANCED, BESIDE_ROUTER, ONE_SERVER, OWN_PREFIX, machine, operations, plan
from tests.support.site_text import change
from wireproof.directaccess.plan.model import AddAddress, AddRoute, RunCommand, SetIsatapRouter

SERVER = IPv6Address("2002:836b:2:3333::1")


def test_stations_get_addresses_of_the_automatic_prefix_and_a_route_for_each_kind_of_client() -> None:
    made = plan(ONE_SERVER)
    assert [one.address for one in operations(made, "MGMT1", AddAddress)] == [IPv6Interface("2002:836b:2:3333::2/64")]
    assert [one.address for one in operations(made, "MGMT2", AddAddress)] == [IPv6Interface("2002:836b:2:3333::3/64")]
    assert [(one.prefix, one.next_hop) for one in operations(made, "MGMT2", AddRoute)] == [
        (IPv6Network("2002:836b:2:1000::/64"), SERVER),
        (IPv6Network("2001:0:836b:2::/64"), SERVER),
    ]


def test_an_address_that_a_station_has_is_kept_and_given_to_nobody_else() -> None:
    made = plan(change(ONE_SERVER, "ipv4: [10.0.0.51]", 'ipv4: [10.0.0.51], ipv6: ["2002:836b:2:3333::2/64"]'))
    assert operations(made, "MGMT2", AddAddress) == []
    assert [str(one.address) for one in operations(made, "MGMT1", AddAddress)] == ["2002:836b:2:3333::3/64"]


def test_a_thousand_stations_get_a_thousand_addresses() -> None:
    more = "".join(f"  - {{name: S{n}, adapter: {{name: LAN, network: servers}}}}\n" for n in range(1000))
    made = plan(ONE_SERVER + more)
    addresses = [
        step.operation.address for one in made.machines for step in one.steps if isinstance(step.operation, AddAddress)
    ]
    assert len(addresses) == len(set(addresses)) == 1002
    assert SERVER not in {address.ip for address in addresses}


def test_a_route_that_is_there_is_not_planned_again() -> None:
    there = 'network: servers, ipv4: [10.0.0.50]}, routes: [{prefix: "2002:836b:2:1000::/64", next-hop: "2002:836b:2:3333::1"}]}'
    made = plan(change(ONE_SERVER, "network: servers, ipv4: [10.0.0.50]}}", there))
    assert [one.prefix for one in operations(made, "MGMT1", AddRoute)] == [IPv6Network("2001:0:836b:2::/64")]


def test_a_station_whose_gateway_is_on_the_way_needs_no_route() -> None:
    assert operations(plan(OWN_PREFIX), "MGMT1", AddRoute) == []
    without = change(OWN_PREFIX, ', gateway: "2001:db8:1:7::1"', "")
    assert [str(one.next_hop) for one in operations(plan(without), "MGMT1", AddRoute)] == ["2001:db8:1:7::1"]


def test_stations_send_to_the_balancer() -> None:
    assert {str(one.next_hop) for one in operations(plan(BALANCED), "SCANNER", AddRoute)} == {"2131::1"}


def test_isatap_stations_learn_the_routers_name_and_get_no_address_and_no_route() -> None:
    made = plan(BESIDE_ROUTER)
    assert [one.record for one in operations(made, "MGMT1", SetIsatapRouter)] == ["da-isatap.corp.example"]
    assert not operations(made, "MGMT1", AddAddress)
    assert not operations(made, "MGMT1", AddRoute)


def test_every_station_applies_group_policy_last() -> None:
    last = machine(plan(ONE_SERVER), "MGMT1").steps[-1].operation
    assert isinstance(last, RunCommand)
    assert last.netsh == "gpupdate /force"
