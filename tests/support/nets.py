"""Small topologies made by hand, random ones, and a walker of single addresses that knows no classes: the oracle of the fast one.

Takes nothing from the code under test but its plain values. Slow on purpose: it looks at every route and interface each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address, IPv6Interface, IPv6Network

from hypothesis import strategies as st

from wireproof.directaccess.site.model import EntryPoint, Expectation, Server, Site
from wireproof.directaccess.topology.model import (
    Filter,
    Interface,
    Link,
    LinkKind,
    Node,
    NodeKind,
    Outcome,
    Route,
    Topology,
)  # fmt: skip

LAN, CLIENTS_1, CLIENTS_2 = "2001:db8:0:1::/64", "2001:db8:1:1000::/64", "2001:db8:1:1001::/64"
BOTH = "2001:db8:1:1000::/59"
HALF = "2001:db8:1:1000:8000::/65"


def net(text: str) -> IPv6Network:
    """A prefix."""
    return IPv6Network(text)


def ip(text: str) -> int:
    """An address as a number."""
    return int(IPv6Address(text))


def port(name: str, link: str, *addresses: str, **other: object) -> Interface:
    """An interface with addresses such as 2001:db8::1/64."""
    return Interface(name, link, tuple(IPv6Interface(one) for one in addresses), **other)  # type: ignore[arg-type]


def way(prefix: str, interface: str, next_hop: str = "", metric: int = 256) -> Route:
    """A route."""
    return Route(net(prefix), interface, IPv6Address(next_hop) if next_hop else None, metric)


def station(name: str = "MGMT", *routes: Route, address: str = "2001:db8:0:1::50/64", link: str = "lan") -> Node:
    """A station with one adapter and its connected route."""
    on_link = way(str(IPv6Interface(address).network), "eth")
    return Node(name, NodeKind.STATION, (port("eth", link, address),), (on_link, *routes))


def server(name: str, address: str, clients: str, *routes: Route, filters: tuple[Filter, ...] = ()) -> Node:
    """A DirectAccess server between the network `lan` and its clients."""
    tunnel = port("https", f"tunnel of {name}", f"{net(clients)[1]}/{net(clients).prefixlen}")
    own = (way(LAN, "corp"), way(clients, "https"))
    return Node(
        name, NodeKind.SERVER, (port("corp", "lan", f"{address}/64"), tunnel), (*own, *routes), filters, forwards=True
    )


def clients(of: str, prefix: str, *filters: Filter) -> Node:
    """The clients of a server."""
    inside = Interface("tunnel", f"tunnel of {of}", owns=(net(prefix),))
    return Node(
        f"clients of {of} by ip-https",
        NodeKind.CLIENTS,
        (inside,),
        (way("::/0", "tunnel", str(net(prefix)[1])),),
        filters,
        peer=of,
    )


def topology(*nodes: Node) -> Topology:
    """Nodes with the links that they name."""
    names = {interface.link for node in nodes for interface in node.interfaces}
    kinds = {
        name: LinkKind.IP_HTTPS
        if name.startswith("tunnel")
        else LinkKind.ISATAP
        if name == "isatap"
        else LinkKind.ETHERNET
        for name in names
    }
    return Topology({node.name: node for node in nodes}, {name: Link(name, kind) for name, kind in kinds.items()})


def one_server(*station_routes: Route, **other: object) -> Topology:
    """One station, one server with its clients, all well when the station has the route to the clients."""
    routes = station_routes or (way(CLIENTS_1, "eth", "2001:db8:0:1::1"),)
    return topology(
        station("MGMT", *routes, **other),  # type: ignore[arg-type]
        server("DA1", "2001:db8:0:1::1", CLIENTS_1),
        clients("DA1", CLIENTS_1),
    )


def asking(*expected: Expectation) -> Site:
    """A site of which only the expectations count."""
    server_ = Server.model_validate({"name": "DA1", "internal": {"name": "corp"}})
    return Site(entry_points=[EntryPoint(name="Main", servers=[server_])], expect=list(expected))


# --- random topologies -----------------------------------------------------------------------------------------------

_PREFIXES = ("::/0", CLIENTS_1, CLIENTS_2, BOTH, HALF, LAN, "2001:db8:0:2::/64", "2001:db8:0:1::50/128")
_HOPS = (
    "2001:db8:0:1::1",
    "2001:db8:0:1::2",
    "2001:db8:0:1::9",
    "2001:db8:0:2::9",
    "2001:db8:0:1::77",
    "2001:db8:0:1::50",
    "",
)


@st.composite
def _routes(draw: st.DrawFn, *interfaces: str) -> tuple[Route, ...]:
    one = st.builds(
        way,
        st.sampled_from(_PREFIXES),
        st.sampled_from(interfaces),
        st.sampled_from(_HOPS),
        st.sampled_from((100, 256)),
    )
    return tuple(draw(st.lists(one, max_size=4)))


@st.composite
def _filters(draw: st.DrawFn) -> tuple[Filter, ...]:
    prefixes = st.lists(st.sampled_from((LAN, HALF, CLIENTS_1, "2001:db8:0:2::/64")).map(net), max_size=1).map(tuple)
    ports = st.sampled_from(((), ("tcp/3389",), ("icmp",)))
    one = st.builds(Filter, st.booleans(), prefixes, prefixes, ports, st.sampled_from((None, True, False)))
    return tuple(draw(st.lists(one, max_size=1)))


@st.composite
def topologies(draw: st.DrawFn) -> Topology:
    """Two networks, a router, two servers and three stations, with routes and filters that may be nonsense."""
    second = draw(st.sampled_from((CLIENTS_2, CLIENTS_1, BOTH)))
    one = server("DA1", "2001:db8:0:1::1", CLIENTS_1, *draw(_routes("corp")), filters=draw(_filters()))
    two = server("DA2", "2001:db8:0:1::2", second, *draw(_routes("corp")))
    connected = (way(LAN, "a"), way("2001:db8:0:2::/64", "b"))
    router = Node(
        "R",
        NodeKind.ROUTER,
        (port("a", "lan", "2001:db8:0:1::9/64"), port("b", "desks", "2001:db8:0:2::9/64")),
        (*connected, *draw(_routes("a", "b"))),
        draw(_filters()),
        forwards=draw(st.sampled_from((True, True, False, None))),
        stateful=draw(st.booleans()),
    )
    stations = [
        station("S1", *draw(_routes("eth"))),
        station("S2", *draw(_routes("eth")), address="2001:db8:0:1::51/64"),
        station("S3", *draw(_routes("eth")), address="2001:db8:0:2::50/64", link="desks"),
    ]
    return topology(*stations, router, one, two, clients("DA1", CLIENTS_1, *draw(_filters())), clients("DA2", second))


# --- the oracle ------------------------------------------------------------------------------------------------------


def outcomes(net_: Topology, source: str, target: str, packet: tuple[int, int, str]) -> set[Outcome]:
    """What may become of one packet (source, destination, port): one outcome for each way through tied routes."""
    return {outcome for outcome, _ in ends(net_, source, target, packet)}


def ends(
    net_: Topology, source: str, target: str, packet: tuple[int, int, str]
) -> list[tuple[Outcome, tuple[str, ...]]]:
    """Each outcome with the nodes passed."""
    return list(_follow(net_, (source,), "", target, packet))


def _follow(
    net_: Topology, path: tuple[str, ...], entered: str, target: str, packet: tuple[int, int, str]
) -> Iterator[tuple[Outcome, tuple[str, ...]]]:
    node, destination = net_.nodes[path[-1]], IPv6Address(packet[1])
    if path[-1] in path[:-1]:
        yield Outcome.LOOP, path
        return
    holds = any(destination == one.ip for interface in node.interfaces for one in interface.addresses)
    if holds or (node.kind is NodeKind.CLIENTS and entered):
        yield _arrive(node, target, packet, {entered}), path
        return
    matching = [route for route in node.routes if destination in route.prefix]
    if entered and node.forwards is None:
        yield Outcome.UNKNOWN, path
        return
    if not matching:
        passes = node.forwards or not entered
        yield (
            _blame(
                net_,
                node,
                target,
                path,
                Outcome.NO_ROUTE if passes and not _drops(node, packet, entered, "") else Outcome.DROPPED,
            ),
            path,
        )
        return
    longest = max(route.prefix.prefixlen for route in matching)
    least = min(route.metric for route in matching if route.prefix.prefixlen == longest)
    for route in matching:
        if (route.prefix.prefixlen, route.metric) == (longest, least):
            yield from _take(net_, path, entered, target, packet, route)


def _take(
    net_: Topology, path: tuple[str, ...], entered: str, target: str, packet: tuple[int, int, str], route: Route
) -> Iterator[tuple[Outcome, tuple[str, ...]]]:  # fmt: skip
    node = net_.nodes[path[-1]]
    if entered and (not node.forwards or _drops(node, packet, entered, route.interface)):
        yield _blame(net_, node, target, path, Outcome.DROPPED), path
        return
    link = next(one.link for one in node.interfaces if one.name == route.interface)
    wanted = route.next_hop or IPv6Address(packet[1])
    for other in net_.nodes.values():
        for interface in other.interfaces:
            has = any(wanted == one.ip for one in interface.addresses) or any(wanted in one for one in interface.owns)
            if interface.link == link and other.name != node.name and has:
                yield from _follow(net_, (*path, other.name), interface.name, target, packet)
                return
    known = any(wanted == one.ip for other in net_.nodes.values() for i in other.interfaces for one in i.addresses)
    near = any(
        wanted in one.network
        for other in net_.nodes.values()
        for i in other.interfaces
        if i.link == link
        for one in i.addresses
    )
    lost = Outcome.UNKNOWN if route.next_hop and near and not known else Outcome.NO_ROUTE
    yield _blame(net_, node, target, path, lost), path


def _arrive(node: Node, target: str, packet: tuple[int, int, str], entered: set[str]) -> Outcome:
    if node.name != target:
        return Outcome.WRONG_SERVER if node.peer else Outcome.NO_ROUTE
    return Outcome.DROPPED if _drops(node, packet, *entered) else Outcome.DELIVERED


def _blame(net_: Topology, node: Node, target: str, path: tuple[str, ...], outcome: Outcome) -> Outcome:
    peer = net_.nodes[target].peer
    lost = outcome in {Outcome.NO_ROUTE, Outcome.DROPPED}
    return (
        Outcome.WRONG_SERVER
        if lost and peer and node.kind is NodeKind.SERVER and node.name != peer and len(path) > 1
        else outcome
    )


def _drops(node: Node, packet: tuple[int, int, str], entered: str, leaves: str | None = None) -> bool:
    passing = leaves is not None
    source, destination, port_ = IPv6Address(packet[0]), IPv6Address(packet[1]), packet[2]
    counting = [one for one in node.filters if one.forwarded in {None, passing}]
    counting = [one for one in counting if not one.interfaces or {entered, leaves} & set(one.interfaces)]
    for one in counting:
        fits = (not one.sources or any(source in p for p in one.sources)) and (
            not one.destinations or any(destination in p for p in one.destinations)
        )
        if not one.allow and fits and (not one.ports or port_ in one.ports):
            return True
    allowing = [one for one in counting if one.allow]
    return bool(allowing) and not any(
        (not one.sources or any(source in p for p in one.sources))
        and (not one.destinations or any(destination in p for p in one.destinations))
        and (not one.ports or not port_ or port_ in one.ports)
        for one in allowing
    )
