"""Stations that no router, filter or route can tell apart are one class, and so are clients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address

from wireproof.directaccess.topology.lookup import Atoms, RouteTable, Span
from wireproof.directaccess.topology.model import Node, NodeKind, Route, Topology


@dataclass(frozen=True, slots=True)
class NodeClass:
    """Nodes with equal ways through the network; the first one walks for all. `spans` are parts of the clients' prefixes."""

    names: tuple[str, ...]
    spans: tuple[Span, ...] = ()

    @property
    def first(self) -> str:
        """The node that walks for all."""
        return self.names[0]


def classes_of_stations(topology: Topology, atoms: Atoms) -> list[NodeClass]:
    """Stations by their links and filters, the routes they take to clients, and where in the cut address space they lie.

    A station that some route names as next hop is a class of its own: the route means another thing to itself.
    """
    seen = _RouteKeys({part[0] for one in classes_of_clients(topology, atoms) for part in one.spans})
    hops = {route.next_hop for node in topology.nodes.values() for route in node.routes if route.next_hop is not None}

    def key(node: Node) -> Hashable:
        is_hop = any(address.ip in hops for one in node.interfaces for address in one.addresses)
        return (node.name if is_hop else "", seen.key(node), _lies(node, atoms), _own_shape(node))

    return _group(topology, NodeKind.STATION, key, atoms)


def classes_of_clients(topology: Topology, atoms: Atoms) -> list[NodeClass]:
    """Clients by server, filters and prefixes."""

    def key(node: Node) -> Hashable:
        return (
            node.peer,
            tuple(map(id, node.filters)),
            tuple(one.owns for one in node.interfaces),
            node.interfaces[0].link,
        )

    return _group(topology, NodeKind.CLIENTS, key, atoms)


def _group(topology: Topology, kind: NodeKind, key: object, atoms: Atoms) -> list[NodeClass]:
    assert callable(key)
    groups: dict[Hashable, list[Node]] = defaultdict(list)
    for node in topology.nodes.values():
        if node.kind is kind:
            groups[key(node)].append(node)
    return [
        NodeClass(
            tuple(node.name for node in nodes),
            tuple(part for one in nodes[0].interfaces for prefix in one.owns for part in atoms.within(prefix)),
        )
        for nodes in groups.values()
    ]


class _RouteKeys:
    """Routes to clients as small numbers, so that a thousand stations with hundreds of routes compare quickly."""

    def __init__(self, destinations: Iterable[int]) -> None:
        self._destinations = sorted(destinations)
        self._numbers: dict[Hashable, int] = {}
        self._taken: dict[Hashable, Hashable] = {}

    def key(self, node: Node) -> Hashable:
        """The routes that the node takes to each part of the clients' prefixes, without where they come from."""
        routes = tuple(self._number(route) for route in node.routes)
        if routes not in self._taken:
            table = RouteTable(node.routes)
            self._taken[routes] = tuple(tuple(map(self._number, table.best(to))) for to in self._destinations)
        return self._taken[routes]

    def _number(self, route: Route) -> int:
        way = (
            int(route.prefix.network_address),
            route.prefix.prefixlen,
            route.interface,
            route.next_hop and int(route.next_hop),
            route.metric,
        )
        return self._numbers.setdefault(way, len(self._numbers))


def _lies(node: Node, atoms: Atoms) -> Hashable:
    return tuple(
        (one.name, one.link, tuple((atoms.number(int(a.ip)), a.network.prefixlen) for a in one.addresses))
        for one in node.interfaces
    )


def _own_shape(node: Node) -> Hashable:
    lists = tuple(one.isatap_routers for one in node.interfaces)
    return (tuple(map(id, node.filters)), node.forwards, lists)


def address_in(span: Span) -> IPv6Address:
    """An address of a part of a prefix that looks like a client's: neither the router anycast one nor the server's."""
    first, last = span
    return IPv6Address(min(first + 0x100, last))
