"""ISATAP addresses, and what hosts learn."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network

from tests.support.nets import way
from wireproof.directaccess.site.model import Adapter, IsatapInterface
from wireproof.directaccess.topology.draft import Draft
from wireproof.directaccess.topology.isatap import embed, isatap_interfaces, learn
from wireproof.directaccess.topology.model import NodeKind

PREFIX = IPv6Network("fd9c:30c:2da4:1::/64")


def machine(name: str, kind: NodeKind, ipv4: str) -> Draft:
    """A machine with an IPv4 address."""
    made = Draft(name, kind)
    made.native = made.add_interface("LAN", "lan", Adapter.model_validate({"name": "LAN", "ipv4": [ipv4]}))
    return made


def router(*, advertises: bool = True) -> Draft:
    """An ISATAP router that publishes its prefix and a route to clients."""
    made = machine("R", NodeKind.ISATAP_ROUTER, "10.0.0.31")
    isatap_interfaces(made, None)
    made.advertises = advertises
    made.published = [way(str(PREFIX), "isatap"), way("fd9c:30c:2da4:1000::/64", "LAN", "fd9c:30c:2da4:111::25")]
    return made


def test_private_and_global_addresses_have_marks_of_their_own() -> None:
    assert embed(PREFIX, IPv4Address("10.0.0.5")) == IPv6Address("fd9c:30c:2da4:1:0:5efe:10.0.0.5")
    assert embed(PREFIX, IPv4Address("131.107.0.2")) == IPv6Address("fd9c:30c:2da4:1:200:5efe:131.107.0.2")


def test_a_host_learns_address_routes_and_whom_to_trust() -> None:
    host = machine("H", NodeKind.STATION, "10.0.0.50")
    learn(host, [router()])
    node = host.finish()
    inside = node.interfaces[1]
    assert IPv6Address("fd9c:30c:2da4:1:0:5efe:10.0.0.50") in [one.ip for one in inside.addresses]
    assert inside.isatap_routers == ("R",)
    (learnt,) = [one for one in node.routes if one.prefix == IPv6Network("fd9c:30c:2da4:1000::/64")]
    assert learnt.next_hop == IPv6Address("fe80::5efe:10.0.0.31")


def test_a_router_that_does_not_advertise_teaches_nothing() -> None:
    host = machine("H", NodeKind.STATION, "10.0.0.50")
    learn(host, [router(advertises=False)])
    assert host.finish().interfaces[1].isatap_routers == ()
    assert [one.prefix for one in host.routes if one.prefix == PREFIX] == []


def test_a_server_has_its_own_route_with_the_stated_metric() -> None:
    server = machine("DA1", NodeKind.SERVER, "10.0.0.25")
    isatap_interfaces(server, IsatapInterface.model_validate({"prefix": str(PREFIX), "metric": 306}))
    assert [(one.prefix, one.metric) for one in server.routes] == [(PREFIX, 306)]


def test_a_disabled_interface_is_none() -> None:
    host = machine("H", NodeKind.STATION, "10.0.0.50")
    isatap_interfaces(host, IsatapInterface.model_validate({"state": "disabled"}))
    assert host.isatap == ""
