"""One packet from node to node until it arrives or ends, with what each node did.

Routing is remembered by node and destination; filters and forwarding are looked at on every walk, for they depend on where
a packet comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv6Address
from itertools import islice

from wireproof.directaccess.topology.filters import Packet, Passage, dropped_by
from wireproof.directaccess.topology.links import Links
from wireproof.directaccess.topology.lookup import RouteTable
from wireproof.directaccess.topology.model import Hop, Interface, Node, NodeKind, Outcome, Route, Topology, Trip

PATHS_MOST = 64
"""Ways that are tried where routes tie; more only repeat what these show."""


@dataclass(frozen=True, slots=True)
class End:
    """What becomes of a packet: `code` says which of the causes behind the outcome."""

    outcome: Outcome
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What a node does with a destination: take `route` to `node`, which it enters by `enters`, or end."""

    route: Route | None
    node: str = ""
    enters: str = ""
    end: End | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """The hops so far: nodes visited, and the interface by which the last one was entered (empty at the source)."""

    hops: tuple[Hop, ...]
    visited: frozenset[str]
    node: str
    enters: str = ""


class Walker:
    """Walks packets through a topology. The topology must not change meanwhile."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.links = Links(topology)
        self._tables: dict[str, RouteTable] = {}
        self._steps: dict[tuple[str, int], list[Step]] = {}

    def walk(self, source: str, target: str, packet: Packet) -> Trip:
        """From node to node. Where routes tie every way is tried and the first that fails is told."""
        trips = list(islice(self._trips(source, target, packet), PATHS_MOST))
        failed = next((trip for trip in trips if trip.outcome is not Outcome.DELIVERED), None)
        if failed is None:
            return trips[0]
        if len(trips) > 1:
            return replace(failed, reason=f"routes of equal metric tie, and one of the ways fails: {failed.reason}")
        return failed

    def steps(self, node: str, destination: int) -> list[Step]:
        """What a node does with a destination; more than one where routes tie."""
        key = (node, destination)
        if key not in self._steps:
            self._steps[key] = self._find_steps(self.topology.nodes[node], destination)
        return self._steps[key]

    def table(self, node: Node) -> RouteTable:
        """The node's routes, ready for look-ups."""
        if node.name not in self._tables:
            self._tables[node.name] = RouteTable(node.routes)
        return self._tables[node.name]

    def _trips(self, source: str, target: str, packet: Packet) -> Iterator[Trip]:
        waiting = [Way((), frozenset(), source)]
        while waiting:
            way = waiting.pop()
            node = self.topology.nodes[way.node]
            end = self._ends(node, target, packet, way)
            if end:
                yield self._trip(source, target, way, None, end)
                continue
            for step in reversed(self.steps(way.node, packet.destination)):
                stopped = self._stops(node, packet, way, step)
                if stopped:
                    yield self._trip(source, target, way, step, stopped)
                else:
                    hop = Hop(node.name, step.route, step.note)
                    waiting.append(Way((*way.hops, hop), way.visited | {node.name}, step.node, step.enters))

    def _ends(self, node: Node, target: str, packet: Packet, way: Way) -> End | None:
        """The packet's end at a node that it has reached, before the node looks at its routes."""
        if way.node in way.visited:
            return End(Outcome.LOOP, "loop", f"{node.name} sees it a second time")
        if not self._is_own(node, packet.destination) and (node.kind is not NodeKind.CLIENTS or not way.enters):
            return None
        if node.name != target:
            at = f" behind {node.peer}" if node.peer else ""
            outcome = Outcome.WRONG_SERVER if node.peer else Outcome.NO_ROUTE
            return End(outcome, "wrong-server" if node.peer else "wrong-node", f"it arrives at {node.name}{at}")
        dropped = dropped_by(node, packet, Passage(forwarded=False, interfaces=frozenset({way.enters})))
        if dropped:
            return End(Outcome.DROPPED, "filter", dropped)
        return End(Outcome.DELIVERED)

    def _stops(self, node: Node, packet: Packet, way: Way, step: Step) -> End | None:
        """Why the packet gets no further than this node; None when it does."""
        if way.enters:
            stopped = self._stops_in_passing(node, packet, way, step)
            if stopped:
                return stopped
        if step.end or step.route is None:
            return step.end
        return self._refused_by_isatap(way, step, node)

    @staticmethod
    def _stops_in_passing(node: Node, packet: Packet, way: Way, step: Step) -> End | None:
        forwards = next((one.forwards for one in node.interfaces if one.name == way.enters), None)
        forwards = node.forwards if forwards is None else forwards
        if forwards is None:
            return End(Outcome.UNKNOWN, "forwards-unknown", f"nobody said whether {node.name} passes IPv6 on")
        if not forwards:
            reason = f"{node.name} does not pass on IPv6 packets that come in by its interface {way.enters}"
            return End(Outcome.DROPPED, "forwarding-off", reason)
        leaves = {step.route.interface} if step.route else set()
        dropped = dropped_by(node, packet, Passage(forwarded=True, interfaces=frozenset({way.enters, *leaves})))
        return End(Outcome.DROPPED, "filter", dropped) if dropped else None

    def _refused_by_isatap(self, way: Way, step: Step, node: Node) -> End | None:
        """RFC 5214 section 7.3: what did not come from a router on the list has to come from its own source address."""
        entered = self._interface(step.node, step.enters)
        if not self.links.is_isatap(entered.link) or not way.hops or not entered.isatap_routers:
            return None
        if node.name in entered.isatap_routers:
            return None
        routers = ", ".join(entered.isatap_routers)
        reason = f"{step.node} takes ISATAP packets of others from its router {routers} only, not from {node.name}"
        return End(Outcome.DROPPED, "isatap-not-from-router", reason)

    def _find_steps(self, node: Node, destination: int) -> list[Step]:
        routes = self.table(node).best(destination)
        if not routes:
            address = IPv6Address(destination)
            return [Step(None, end=End(Outcome.NO_ROUTE, "no-route", f"{node.name} has no route to {address}"))]
        return [self._take(node, route, destination) for route in routes]

    def _take(self, node: Node, route: Route, destination: int) -> Step:
        interface = next((one for one in node.interfaces if one.name == route.interface), None)
        if interface is None:
            reason = f"{node.name} has no interface {route.interface!r}"
            return Step(route, end=End(Outcome.NO_ROUTE, "no-interface", reason))
        link = self.topology.links[interface.link]
        if link.carries_ipv6 is not True:
            said = "does not carry IPv6" if link.carries_ipv6 is False else "may or may not carry IPv6; nobody said"
            outcome = Outcome.DROPPED if link.carries_ipv6 is False else Outcome.UNKNOWN
            return Step(route, end=End(outcome, "link-without-ipv6", f"{link.name} {said}"))
        target = destination if route.next_hop is None else int(route.next_hop)
        owners = self.links.owners(interface.link, target, but=node.name)
        if owners:
            return Step(route, *owners[0], note=self._note(route, owners[0][0]))
        return Step(route, end=self._nobody(node, interface, route, target))

    def _nobody(self, node: Node, interface: Interface, route: Route, target: int) -> End:
        address = IPv6Address(target)
        elsewhere = self.links.elsewhere(address)
        where = f"; it belongs to {elsewhere[0]} on {elsewhere[1]}" if elsewhere else ""
        if route.next_hop is None:
            reason = f"nobody on {interface.link} answers for {address}{where}"
            return End(Outcome.NO_ROUTE, "nobody-answers", reason)
        if elsewhere or not self.links.is_on_link(interface.link, target):
            reason = f"next hop {address} of {node.name} is not on {interface.link}{where}"
            return End(Outcome.NO_ROUTE, "next-hop", reason)
        reason = f"next hop {address} of {node.name} is no machine that the file states"
        return End(Outcome.UNKNOWN, "next-hop-unknown", reason)

    def _trip(self, source: str, target: str, way: Way, step: Step | None, end: End) -> Trip:
        node = self.topology.nodes[way.node]
        end = self._blamed_on_server(node, target, way, end)
        hops = (*way.hops, Hop(way.node, step.route if step else None, end.reason or "arrives"))
        return Trip(source, target, end.outcome, hops, end.reason, end.code)

    def _blamed_on_server(self, node: Node, target: str, way: Way, end: End) -> End:
        """A packet for clients that ends on a server which doesn't hold their tunnels was sent to the wrong one."""
        peer = self.topology.nodes[target].peer
        lost = end.outcome in {Outcome.NO_ROUTE, Outcome.DROPPED}
        if not lost or not peer or node.kind is not NodeKind.SERVER or node.name == peer or not way.enters:
            return end
        return End(
            Outcome.WRONG_SERVER, "wrong-server", f"it reaches {node.name}, but {peer} holds the tunnels of {target}"
        )

    def _is_own(self, node: Node, destination: int) -> bool:
        return self.links.is_own(node.name, destination)

    def _interface(self, node: str, name: str) -> Interface:
        return next(one for one in self.topology.nodes[node].interfaces if one.name == name)

    @staticmethod
    def _note(route: Route, node: str) -> str:
        by = f"next hop {route.next_hop}" if route.next_hop else "on-link"
        return f"{route.prefix} {by} by {route.interface} to {node}"
