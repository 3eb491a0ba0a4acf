"""Both ways of every class, against an oracle that walks single addresses and knows no classes."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Interface

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import nets
from tests.support.nets import (
    CLIENTS_1,
    CLIENTS_2,
    LAN,
    asking,
    clients,
    net,
    one_server,
    server,
    station,
    topology,
    way,
)
from wireproof.directaccess.site.model import Expectation
from wireproof.directaccess.topology.classes import classes_of_clients, classes_of_stations
from wireproof.directaccess.topology.lookup import cut_atoms
from wireproof.directaccess.topology.model import Filter, Journey, Node, NodeKind, Outcome, Topology
from wireproof.directaccess.topology.verify import Traveller, agrees, verify


def outcomes(topo: Topology, *expected: Expectation) -> list[Outcome]:
    """The outcome of each class, then of each expectation."""
    return [journey.outcome for journey in verify(asking(*expected), topo)]


def expect(source: str, port: str, server_name: str = "") -> Expectation:
    """A line of the site file."""
    return Expectation.model_validate({"from": source, "port": port, "to": {"server": server_name}})


def only(topo: Topology) -> Journey:
    """The one journey of a topology with one station and one group of clients."""
    (journey,) = verify(asking(), topo)
    return journey


def test_a_station_with_the_route_reaches_the_clients_and_they_answer() -> None:
    journey = only(one_server())
    assert journey.outcome is Outcome.DELIVERED
    assert [hop.node for hop in journey.there.hops] == ["MGMT", "DA1", "clients of DA1 by ip-https"]
    assert journey.back is not None
    assert [hop.node for hop in journey.back.hops] == ["clients of DA1 by ip-https", "DA1", "MGMT"]


def test_without_a_route_the_trace_ends_on_the_station() -> None:
    journey = only(one_server(way("2001:db8:ffff::/48", "eth", "2001:db8:0:1::1")))
    assert journey.outcome is Outcome.NO_ROUTE
    assert [hop.node for hop in journey.there.hops] == ["MGMT"]
    assert journey.back is None


def test_a_station_without_address_has_no_route() -> None:
    bare = Node("MGMT", NodeKind.STATION, (nets.port("eth", "lan"),), (way("::/0", "eth", "2001:db8:0:1::1"),))
    topo = topology(bare, server("DA1", "2001:db8:0:1::1", CLIENTS_1), clients("DA1", CLIENTS_1))
    assert (only(topo).outcome, only(topo).there.code) == (Outcome.NO_ROUTE, "no-address")


def test_answers_without_a_way_back_are_told_as_such() -> None:
    far = station("MGMT", way("::/0", "eth", "2001:db8:0:2::9"), address="2001:db8:0:2::50/64", link="desks")
    router = Node(
        "R", NodeKind.ROUTER,
        (nets.port("a", "lan", "2001:db8:0:1::9/64"), nets.port("b", "desks", "2001:db8:0:2::9/64")),
        (way(LAN, "a"), way("2001:db8:0:2::/64", "b"), way(CLIENTS_1, "a", "2001:db8:0:1::1")), forwards=True,
    )  # fmt: skip
    journey = only(topology(far, router, server("DA1", "2001:db8:0:1::1", CLIENTS_1), clients("DA1", CLIENTS_1)))
    assert journey.outcome is Outcome.NO_ROUTE
    assert journey.reason.startswith("on the way back: DA1 has no route")


def test_clients_of_another_server_are_the_wrong_ones() -> None:
    routes = (way(nets.BOTH, "eth", "2001:db8:0:1::1"),)
    topo = topology(
        station("MGMT", *routes),
        server("DA1", "2001:db8:0:1::1", CLIENTS_1), server("DA2", "2001:db8:0:1::2", CLIENTS_2),
        clients("DA1", CLIENTS_1), clients("DA2", CLIENTS_2),
    )  # fmt: skip
    assert outcomes(topo) == [Outcome.DELIVERED, Outcome.WRONG_SERVER]


def test_equal_prefixes_behind_two_servers_reach_one_of_them_only() -> None:
    topo = topology(
        station("MGMT", way(CLIENTS_1, "eth", "2001:db8:0:1::1")),
        server("DA1", "2001:db8:0:1::1", CLIENTS_1), server("DA2", "2001:db8:0:1::2", CLIENTS_1),
        clients("DA1", CLIENTS_1), clients("DA2", CLIENTS_1),
    )  # fmt: skip
    assert outcomes(topo) == [Outcome.DELIVERED, Outcome.WRONG_SERVER]


def test_two_machines_that_name_each_other_make_a_loop() -> None:
    one = server("DA1", "2001:db8:0:1::1", CLIENTS_1, way(CLIENTS_2, "corp", "2001:db8:0:1::2"))
    two = server("DA2", "2001:db8:0:1::2", "2001:db8:5::/64", way(CLIENTS_2, "corp", "2001:db8:0:1::1"))
    lost = clients("DA3", CLIENTS_2)
    topo = topology(station("MGMT", way(CLIENTS_2, "eth", "2001:db8:0:1::1")), one, two, lost)
    assert outcomes(topo) == [Outcome.LOOP]


def test_answers_past_a_balancer_that_the_questions_did_not_pass_are_asymmetric() -> None:
    far = station("MGMT", way("::/0", "eth", "2001:db8:0:2::9"), address="2001:db8:0:2::50/64", link="desks")

    def between(name: str, lan: str, desks: str, *, stateful: bool) -> Node:
        return Node(
            name, NodeKind.BALANCER, (nets.port("a", "lan", lan), nets.port("b", "desks", desks)),
            (way(LAN, "a"), way("2001:db8:0:2::/64", "b"), way(CLIENTS_1, "a", "2001:db8:0:1::1")), forwards=True, stateful=stateful,
        )  # fmt: skip

    def routed(*, stateful: bool) -> Topology:
        return topology(
            far,
            between("LB", "2001:db8:0:1::9/64", "2001:db8:0:2::9/64", stateful=stateful),
            between("R", "2001:db8:0:1::8/64", "2001:db8:0:2::8/64", stateful=False),
            server("DA1", "2001:db8:0:1::1", CLIENTS_1, way("2001:db8:0:2::/64", "corp", "2001:db8:0:1::8")),
            clients("DA1", CLIENTS_1),
        )

    assert only(routed(stateful=True)).outcome is Outcome.ASYMMETRIC
    assert only(routed(stateful=False)).outcome is Outcome.DELIVERED


def test_a_more_specific_route_inside_a_client_prefix_makes_a_journey_of_its_own() -> None:
    inside = (way(CLIENTS_1, "eth", "2001:db8:0:1::1"), way(nets.HALF, "eth", "2001:db8:0:1::77"))
    assert outcomes(one_server(*inside)) == [Outcome.DELIVERED, Outcome.UNKNOWN]


@pytest.mark.parametrize(("port", "outcome"), [("tcp/3389", Outcome.DELIVERED), ("tcp/445", Outcome.DROPPED)])
def test_an_expectation_asks_for_its_port(port: str, outcome: Outcome) -> None:
    rule = Filter(True, (net(LAN),), ports=("tcp/3389",), forwarded=False)
    topo = topology(
        station("MGMT", way(CLIENTS_1, "eth", "2001:db8:0:1::1")),
        server("DA1", "2001:db8:0:1::1", CLIENTS_1),
        clients("DA1", CLIENTS_1, rule),
    )
    expected = expect("MGMT", port, "DA1")
    assert outcomes(topo, expected) == [Outcome.DELIVERED, outcome]


def test_a_port_on_clients_whose_firewall_nobody_stated_is_not_known() -> None:
    topo = one_server()
    name = "clients of DA1 by ip-https"
    node = topo.nodes[name]
    topo.nodes[name] = Node(node.name, node.kind, node.interfaces, node.routes, peer="DA1", filters_known=False)
    assert outcomes(topo, expect("MGMT", "tcp/3389")) == [Outcome.DELIVERED, Outcome.UNKNOWN]


def test_an_expectation_of_nobody_is_not_known() -> None:
    expected = expect("stations", "icmp", "DA9")
    (_, asked) = verify(asking(expected), one_server())
    assert (asked.outcome, asked.place) == (Outcome.UNKNOWN, ("expect", 0))


@pytest.mark.parametrize(
    ("expected", "outcome", "holds"),
    [
        ("delivered", Outcome.DELIVERED, True),
        ("delivered", Outcome.UNKNOWN, False),
        ("not delivered", Outcome.NO_ROUTE, True),
        ("not delivered", Outcome.DELIVERED, False),
        ("not delivered", Outcome.UNKNOWN, False),
        ("wrong-server", Outcome.WRONG_SERVER, True),
        ("dropped by filter", Outcome.DROPPED, True),
    ],
)
def test_expected_words_agree_with_outcomes(expected: str, outcome: Outcome, *, holds: bool) -> None:
    assert agrees(expected, outcome) is holds


@settings(max_examples=150)
@given(nets.topologies(), st.integers(min_value=0x100, max_value=(1 << 69) - 1), st.sampled_from(["", "tcp/3389"]))
def test_every_client_address_fares_as_the_oracle_says(topo: Topology, offset: int, port: str) -> None:
    atoms, traveller = cut_atoms(topo), Traveller(topo)
    for client in classes_of_clients(topo, atoms):
        for name in client.names:
            prefix = topo.nodes[name].interfaces[0].owns[0]
            address = int(prefix.network_address) + offset % prefix.num_addresses
            if offset % prefix.num_addresses < 0x100:
                continue  # servers have their own addresses at the beginning
            parts = [part for part in client.spans if part[0] <= address <= part[1]]
            assert len(parts) == 1
            for one in classes_of_stations(topo, atoms):
                journey = traveller.journey(one, client, parts[0], port)
                for member in one.names:
                    compare(topo, journey, (member, name), (address, port))


def compare(topo: Topology, journey: Journey, pair: tuple[str, str], packet: tuple[int, str]) -> None:
    """One member of the class by the oracle: the same outcome, or one that a tie allows."""
    own: IPv6Interface = topo.nodes[pair[0]].interfaces[0].addresses[0]
    there = nets.outcomes(topo, *pair, (int(own.ip), *packet))
    failed = there - {Outcome.DELIVERED}
    if failed:
        assert journey.there.outcome in failed, IPv6Address(packet[0])
        assert journey.outcome is journey.there.outcome
        return
    assert journey.there.outcome is Outcome.DELIVERED
    back = nets.outcomes(topo, *pair[::-1], (packet[0], int(own.ip), packet[1])) - {Outcome.DELIVERED}
    assert journey.outcome in (back or {Outcome.DELIVERED, Outcome.ASYMMETRIC})


@settings(max_examples=60)
@given(nets.topologies())
def test_every_station_and_group_of_clients_is_in_exactly_one_class(topo: Topology) -> None:
    atoms = cut_atoms(topo)
    for kind, classes in (
        (NodeKind.STATION, classes_of_stations(topo, atoms)),
        (NodeKind.CLIENTS, classes_of_clients(topo, atoms)),
    ):
        names = sorted(name for one in classes for name in one.names)
        assert names == sorted(node.name for node in topo.nodes.values() if node.kind is kind)
