"""Single packets, hop by hop."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.nets import CLIENTS_1, ip, one_server, port, server, station, topology, way
from tests.support.nets import clients as clients_of
from wireproof.directaccess.topology.filters import Packet
from wireproof.directaccess.topology.model import Link, Node, NodeKind, Outcome, Topology, Trip
from wireproof.directaccess.topology.walk import Walker

TARGET = "clients of DA1 by ip-https"


def walk(topo: Topology, target: str = TARGET) -> Trip:
    """A packet from the station to a client."""
    return Walker(topo).walk("MGMT", target, Packet(ip("2001:db8:0:1::50"), ip("2001:db8:1:1000::100")))


def test_every_hop_says_which_route_it_took() -> None:
    trip = walk(one_server())
    assert [hop.route and str(hop.route.prefix) for hop in trip.hops] == [CLIENTS_1, CLIENTS_1, None]
    assert trip.hops[0].note == f"{CLIENTS_1} next hop 2001:db8:0:1::1 by eth to DA1"


@pytest.mark.parametrize(
    ("next_hop", "outcome", "code"),
    [
        ("2001:db8:0:1::77", Outcome.UNKNOWN, "next-hop-unknown"),
        ("2001:db8:0:2::1", Outcome.NO_ROUTE, "next-hop"),
        ("2001:db8:1:1000::1", Outcome.NO_ROUTE, "next-hop"),
        ("", Outcome.NO_ROUTE, "nobody-answers"),
    ],
)
def test_next_hops_that_do_not_answer(next_hop: str, outcome: Outcome, code: str) -> None:
    trip = walk(one_server(way(CLIENTS_1, "eth", next_hop)))
    assert (trip.outcome, trip.code) == (outcome, code)


@pytest.mark.parametrize(("carries", "outcome"), [(False, Outcome.DROPPED), (None, Outcome.UNKNOWN)])
def test_a_link_that_carries_no_ipv6_ends_the_way(carries: bool | None, outcome: Outcome) -> None:
    topo = one_server()
    topo.links["lan"] = Link("lan", carries_ipv6=carries)
    assert (walk(topo).outcome, walk(topo).code) == (outcome, "link-without-ipv6")


@pytest.mark.parametrize(
    ("forwards", "outcome"), [(None, Outcome.UNKNOWN), (False, Outcome.DROPPED), (True, Outcome.DELIVERED)]
)
def test_a_node_has_to_forward_what_is_not_its_own(forwards: bool | None, outcome: Outcome) -> None:
    topo = one_server()
    topo.nodes["DA1"] = replace(topo.nodes["DA1"], forwards=forwards)
    assert walk(topo).outcome is outcome


def test_forwarding_of_the_interface_counts_before_that_of_the_node() -> None:
    topo = one_server()
    first, second = topo.nodes["DA1"].interfaces
    topo.nodes["DA1"] = replace(topo.nodes["DA1"], forwards=True, interfaces=(replace(first, forwards=False), second))
    assert walk(topo).code == "forwarding-off"


def test_a_route_by_an_interface_that_is_not_there_leads_nowhere() -> None:
    assert walk(one_server(way(CLIENTS_1, "wlan", "2001:db8:0:1::1"))).code == "no-interface"


def test_of_tied_routes_the_one_that_fails_is_told() -> None:
    tied = (way(CLIENTS_1, "eth", "2001:db8:0:1::1"), way(CLIENTS_1, "eth", "2001:db8:0:9::1"))
    trip = walk(one_server(*tied))
    assert trip.outcome is Outcome.NO_ROUTE
    assert "tie" in trip.reason


def test_packets_that_end_on_another_server_went_to_the_wrong_one() -> None:
    topo = topology(
        station("MGMT", way(CLIENTS_1, "eth", "2001:db8:0:1::2")),
        server("DA1", "2001:db8:0:1::1", CLIENTS_1), server("DA2", "2001:db8:0:1::2", "2001:db8:9::/64"),
        clients_of("DA1", CLIENTS_1),
    )  # fmt: skip
    assert (walk(topo).outcome, walk(topo).hops[-1].node) == (Outcome.WRONG_SERVER, "DA2")


def test_an_isatap_host_takes_packets_of_others_from_its_router_only() -> None:
    def host(*routers: str) -> Topology:
        inside = port("isatap", "isatap", "2001:db8:7::5efe:10.0.0.5/128", isatap_routers=routers)
        router = Node("R", NodeKind.ROUTER, (port("a", "lan", "2001:db8:0:1::9/64"), port("i", "isatap", "fe80::5efe:10.0.0.9/128")),
                      (way("2001:db8:7::/64", "i"),), forwards=True)  # fmt: skip
        sender = station("MGMT", way("2001:db8:7::/64", "eth", "2001:db8:0:1::9"))
        return topology(sender, router, Node("H", NodeKind.STATION, (inside,)))

    packet = Packet(ip("2001:db8:0:1::50"), ip("2001:db8:7::5efe:10.0.0.5"))
    assert Walker(host("R")).walk("MGMT", "H", packet).outcome is Outcome.DELIVERED
    assert Walker(host("OTHER")).walk("MGMT", "H", packet).code == "isatap-not-from-router"
