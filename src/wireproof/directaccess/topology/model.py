"""What packets meet: nodes with interfaces and routes, links between them, filters on them.

Plain values without judgement. `Origin` says where each came from, so that a finding can point at it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from ipaddress import IPv6Address, IPv6Interface, IPv6Network

from wireproof.directaccess.stated import Place


class Source(enum.StrEnum):
    """Who put something there."""

    STATED = "stated"
    PLANNED = "planned"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Origin:
    """`place` in the site file (empty for what the plan adds); `text` as somebody wrote it, or why it is there."""

    source: Source
    place: Place = ()
    text: str = ""


class LinkKind(enum.StrEnum):
    """How neighbours on a link find each other."""

    ETHERNET = "ethernet"
    ISATAP = "isatap"
    IP_HTTPS = "ip-https"
    TEREDO = "teredo"
    SIX_TO_FOUR = "6to4"


class NodeKind(enum.StrEnum):
    """What a node does for a living."""

    STATION = "station"
    SERVER = "server"
    ROUTER = "router"
    ISATAP_ROUTER = "isatap-router"
    BALANCER = "balancer"
    CLIENTS = "clients"


@dataclass(frozen=True, slots=True)
class Link:
    """`carries_ipv6` is False where IPv6 frames don't pass, None where nobody said."""

    name: str
    kind: LinkKind = LinkKind.ETHERNET
    carries_ipv6: bool | None = True


@dataclass(frozen=True, slots=True)
class Interface:
    """`owns` are whole prefixes that this interface answers for: the addresses of all clients behind one server.

    `forwards` says whether packets that came in here are passed on; None: as the node does. `isatap_routers` are the nodes
    on the potential router list of an ISATAP interface (RFC 5214 section 8.3.2).
    """

    name: str
    link: str
    addresses: tuple[IPv6Interface, ...] = ()
    index: int | None = None
    owns: tuple[IPv6Network, ...] = ()
    origin: Origin = Origin(Source.DERIVED)
    forwards: bool | None = None
    isatap_routers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """`next_hop` None means on-link. `metric` is the sum that Windows compares: interface metric plus route metric."""

    prefix: IPv6Network
    interface: str
    next_hop: IPv6Address | None = None
    metric: int = 256
    origin: Origin = Origin(Source.DERIVED)


@dataclass(frozen=True, slots=True)
class Filter:
    """Packets from `sources` to `destinations` (empty: all) on `ports` (empty: all) are dropped (`allow` False) or let in.

    `ports` are such as "tcp/3389" and "icmp". A node that has any allowing filter drops what none allows; a dropping one wins.
    `forwarded` True limits it to packets that pass through, False to packets for the node itself; `interfaces` to packets
    that come or go through one of them.
    """

    allow: bool
    sources: tuple[IPv6Network, ...] = ()
    destinations: tuple[IPv6Network, ...] = ()
    ports: tuple[str, ...] = ()
    forwarded: bool | None = None
    why: str = ""
    origin: Origin = Origin(Source.DERIVED)
    interfaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """`forwards` says whether it passes packets on that are not its own; None: nobody said.

    `peer` of a node of clients is the server that holds their tunnels and security associations. `stateful` nodes have to
    see both directions. `filters_known` is False where nobody said what is filtered.
    """

    name: str
    kind: NodeKind
    interfaces: tuple[Interface, ...] = ()
    routes: tuple[Route, ...] = ()
    filters: tuple[Filter, ...] = ()
    forwards: bool | None = False
    peer: str = ""
    origin: Origin = Origin(Source.DERIVED)
    stateful: bool = False
    filters_known: bool = True


@dataclass(slots=True)
class Topology:
    """Nodes and links by name. Clients of one server and transport are one node, named `clients of DA1 by ip-https`."""

    nodes: dict[str, Node] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)


class Outcome(enum.StrEnum):
    """What becomes of a class of packets; exactly one holds."""

    DELIVERED = "delivered"
    WRONG_SERVER = "wrong server"
    NO_ROUTE = "no route"
    LOOP = "loop"
    DROPPED = "dropped by filter"
    ASYMMETRIC = "asymmetric"
    UNKNOWN = "not enough known"


@dataclass(frozen=True, slots=True)
class Hop:
    """One node on the way and what it did: `route` is None where the packet ends. `note` says it in words."""

    node: str
    route: Route | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Trip:
    """One direction of one class of packets."""

    source: str
    destination: str
    outcome: Outcome
    hops: tuple[Hop, ...]
    reason: str = ""
    code: str = ""
    """Which of the causes behind an outcome it is, in kebab case; empty when delivered."""


@dataclass(frozen=True, slots=True)
class Journey:
    """A class of stations to a class of clients and back. `stations` and `clients` are the names of all nodes in the class."""

    stations: tuple[str, ...]
    clients: tuple[str, ...]
    port: str
    there: Trip
    back: Trip | None
    outcome: Outcome
    reason: str = ""
    place: Place = ()
    """The expectation that asked for it; empty for the classes that are always routed."""
