"""A node while it is being put together: addresses, routes and settings are added, then it is frozen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv6Address, IPv6Interface, IPv6Network

from wireproof.directaccess.plan.model import AdapterName
from wireproof.directaccess.site.model import Adapter
from wireproof.directaccess.stated import Place
from wireproof.directaccess.topology.model import Filter, Interface, Node, NodeKind, Origin, Route, Source

ISATAP_LINK = "ISATAP over the IPv4 intranet"
CONNECTED = 256
"""Metric of routes whose metric nobody stated; Windows gives 256 to connected and to added routes (`netsh` help)."""
ANYWHERE = IPv6Network("::/0")


@dataclass(slots=True)
class Draft:
    """One node to be. `native` is the interface towards the intranet, `isatap` the ISATAP interface, "" where there is none.

    `indexes` and `aliases` find interfaces by what commands call them. `published` are routes that its router advertisements
    carry, once `advertises`. `record` is the name that it asks for its ISATAP router.
    """

    name: str
    kind: NodeKind
    place: Place = ()
    interfaces: dict[str, Interface] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    forwards: bool | None = False
    peer: str = ""
    stateful: bool = False
    filters_known: bool = True
    ipv4: list[IPv4Address] = field(default_factory=list)
    native: str = ""
    isatap: str = ""
    indexes: dict[int, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    published: list[Route] = field(default_factory=list)
    advertises: bool | None = None
    record: str = ""

    def add_interface(self, name: str, link: str, adapter: Adapter | None = None, index: int | None = None) -> str:
        """A new interface; `adapter` states its addresses, gateway and settings. Gives its name."""
        while name in self.interfaces:
            name += " (2)"
        place = adapter.place if adapter else self.place
        origin = Origin(Source.STATED, place) if adapter else Origin(Source.DERIVED)
        index = adapter.index if adapter and index is None else index
        forwards = adapter.forwarding if adapter else None
        self.interfaces[name] = Interface(name, link, index=index, origin=origin, forwards=forwards)
        self.aliases[name.lower()] = name
        if index is not None:
            self.indexes[index] = name
        if adapter:
            self._add_adapter(name, adapter)
        return name

    def _add_adapter(self, name: str, adapter: Adapter) -> None:
        self.ipv4 += [one.value for one in adapter.ipv4 if one.value]
        for one in adapter.ipv6:
            if one.value:
                self.add_address(name, one.value, Origin(Source.STATED, one.place or adapter.place, one.text))
        if adapter.gateway and adapter.gateway.value:
            origin = Origin(Source.STATED, adapter.gateway.place or adapter.place, f"gateway {adapter.gateway.text}")
            self.routes.append(Route(ANYWHERE, name, adapter.gateway.value, CONNECTED, origin))
        if adapter.advertising is not None:
            self.advertises = adapter.advertising

    def add_address(self, name: str, address: IPv6Interface, origin: Origin) -> None:
        """An address with its connected route."""
        interface = self.interfaces[name]
        if address in interface.addresses:
            return
        self.interfaces[name] = replace(interface, addresses=(*interface.addresses, address))
        if address.network.prefixlen < address.max_prefixlen:
            self.add_route(Route(address.network, name, None, CONNECTED, origin))

    def add_route(self, route: Route) -> None:
        """A route, unless the same one is there already."""
        if not any(_same_way(route, other) for other in self.routes[-8:]):
            self.routes.append(route)

    def set_forwarding(self, name: str, forwarding: bool) -> None:
        """Whether packets that came in by an interface are passed on."""
        self.interfaces[name] = replace(self.interfaces[name], forwards=forwarding)

    def own(self, name: str, prefixes: tuple[IPv6Network, ...]) -> None:
        """Let an interface answer for whole prefixes."""
        self.interfaces[name] = replace(self.interfaces[name], owns=prefixes)

    def find(self, adapter: AdapterName | None, next_hop: IPv6Address | None = None) -> str:
        """The interface that a command means: by index, alias, the network of its next hop; the one inside otherwise."""
        if adapter and adapter.index is not None and adapter.index in self.indexes:
            return self.indexes[adapter.index]
        alias = adapter.alias.lower() if adapter else ""
        if alias in self.aliases:
            return self.aliases[alias]
        if alias.isdecimal() and int(alias) in self.indexes:
            return self.indexes[int(alias)]
        asked = adapter.ask.lower() if adapter else ""
        if ("isatap" in alias or "isatap" in asked) and self.isatap:
            return self.isatap
        return self._towards(next_hop) or self.native

    def _towards(self, next_hop: IPv6Address | None) -> str:
        if next_hop is None:
            return ""
        for name, interface in self.interfaces.items():
            if any(next_hop in address.network for address in interface.addresses):
                return name
        return ""

    def finish(self) -> Node:
        """The node, with nothing left to change."""
        return Node(
            self.name,
            self.kind,
            tuple(self.interfaces.values()),
            tuple(self.routes),
            tuple(self.filters),
            self.forwards,
            self.peer,
            Origin(Source.STATED, self.place) if self.place else Origin(Source.DERIVED),
            self.stateful,
            self.filters_known,
        )


def _same_way(one: Route, other: Route) -> bool:
    return (one.prefix, one.interface, one.next_hop, one.metric) == (
        other.prefix, other.interface, other.next_hop, other.metric,
    )  # fmt: skip
