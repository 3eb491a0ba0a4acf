"""Stations and clients that fare alike."""

from __future__ import annotations

from ipaddress import IPv6Address

from tests.support.nets import CLIENTS_1, HALF, clients, ip, one_server, station, topology, way
from wireproof.directaccess.topology.classes import address_in, classes_of_clients, classes_of_stations
from wireproof.directaccess.topology.lookup import cut_atoms
from wireproof.directaccess.topology.model import Topology

GOOD = way(CLIENTS_1, "eth", "2001:db8:0:1::1")


def names(topo: Topology) -> list[tuple[str, ...]]:
    """The classes of stations, where there are clients to reach."""
    topo = topology(*topo.nodes.values(), clients("DA1", CLIENTS_1))
    return [one.names for one in classes_of_stations(topo, cut_atoms(topo))]


def test_stations_that_differ_in_their_address_only_are_one_class() -> None:
    assert names(topology(station("A", GOOD), station("B", GOOD, address="2001:db8:0:1::51/64"))) == [("A", "B")]


def test_another_route_metric_or_link_makes_another_class() -> None:
    others = [
        station("B", way(CLIENTS_1, "eth", "2001:db8:0:1::2")),
        station("C", way(CLIENTS_1, "eth", "2001:db8:0:1::1", 1)),
        station("D", GOOD, link="desks"),
    ]
    assert names(topology(station("A", GOOD), *others)) == [("A",), ("B",), ("C",), ("D",)]


def test_a_route_that_tells_two_addresses_apart_makes_two_classes() -> None:
    router = station("R", way("2001:db8:0:1::51/128", "eth"), link="far")
    split = topology(station("A", GOOD), station("B", GOOD, address="2001:db8:0:1::51/64"), router)
    assert ("A", "B") not in names(split)


def test_routes_that_lead_elsewhere_make_no_class() -> None:
    other = station("B", GOOD, way("fd00::/8", "eth", "2001:db8:0:1::2"), address="2001:db8:0:1::51/64")
    assert names(topology(station("A", GOOD), other)) == [("A", "B")]


def test_clients_have_a_span_for_each_part_of_their_prefix() -> None:
    topo = one_server(GOOD, way(HALF, "eth", "2001:db8:0:1::1"))
    (one,) = classes_of_clients(topo, cut_atoms(topo))
    assert one.first == "clients of DA1 by ip-https"
    assert [first for first, _ in one.spans] == [ip("2001:db8:1:1000::"), ip("2001:db8:1:1000:8000::")]


def test_the_address_of_a_part_is_inside_it() -> None:
    assert address_in((0, (1 << 64) - 1)) == IPv6Address(0x100)
    assert address_in((5, 5)) == IPv6Address(5)
