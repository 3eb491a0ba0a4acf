"""Every class of packets routed both ways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from wireproof.directaccess.site.model import Expectation, Site
from wireproof.directaccess.topology.classes import NodeClass, address_in, classes_of_clients, classes_of_stations
from wireproof.directaccess.topology.filters import ANY_PORT, Packet
from wireproof.directaccess.topology.lookup import Span, cut_atoms
from wireproof.directaccess.topology.model import Hop, Journey, NodeKind, Outcome, Topology, Trip
from wireproof.directaccess.topology.sources import source_address
from wireproof.directaccess.topology.walk import Walker

NOT_DELIVERED = "not delivered"


def verify(site: Site, topology: Topology) -> Iterator[Journey]:
    """Every class of stations to every class of clients and back, then one journey for each expectation."""
    atoms = cut_atoms(topology)
    traveller = Traveller(topology)
    stations, clients = classes_of_stations(topology, atoms), classes_of_clients(topology, atoms)
    for station in stations:
        for client in clients:
            yield from traveller.journeys(station, client, ANY_PORT)
    asked = Asked(site, stations, clients, traveller)
    for number, expectation in enumerate(site.expect):
        yield replace(asked.journey(expectation), place=expectation.place or ("expect", number))


def agrees(expected: str, outcome: Outcome) -> bool:
    """Whether an outcome is what an expectation asks for; `not delivered` takes every known failure."""
    words = expected.strip().lower().replace("-", " ").replace("_", " ")
    if words in {NOT_DELIVERED, "blocked"}:
        return outcome not in {Outcome.DELIVERED, Outcome.UNKNOWN}
    return words == outcome.value or (words == "dropped" and outcome is Outcome.DROPPED)


class Traveller:
    """Sends packets of station classes to client classes and back."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.walker = Walker(topology)

    def journeys(self, station: NodeClass, client: NodeClass, port: str) -> Iterator[Journey]:
        """One journey for each part of the clients' prefixes that fares differently."""
        told: set[tuple[object, ...]] = set()
        for part in client.spans:
            journey = self.journey(station, client, part, port)
            key = (journey.outcome, _ways(journey.there), _ways(journey.back))
            if key not in told:
                told.add(key)
                yield journey

    def journey(self, station: NodeClass, client: NodeClass, part: Span, port: str) -> Journey:
        """Both ways between a station and one address of the clients."""
        destination = int(address_in(part))
        source = source_address(self.walker, self.topology.nodes[station.first], destination)
        if source is None:
            lost = _nowhere(station.first, client.first)
            return Journey(station.names, client.names, port or "any", lost, None, lost.outcome, lost.reason)
        there = self.walker.walk(station.first, client.first, Packet(source, destination, port))
        back = None
        if there.outcome is Outcome.DELIVERED:
            back = self.walker.walk(client.first, station.first, Packet(destination, source, port))
        outcome, reason = self._judge(there, back, port)
        return Journey(station.names, client.names, port or "any", there, back, outcome, reason)

    def _judge(self, there: Trip, back: Trip | None, port: str) -> tuple[Outcome, str]:
        if back is None:
            return there.outcome, there.reason
        if back.outcome is not Outcome.DELIVERED:
            return back.outcome, f"on the way back: {back.reason}"
        one, other = self._watchers(there), self._watchers(back)
        if one != other:
            odd = ", ".join(sorted(one ^ other))
            return Outcome.ASYMMETRIC, f"only one direction passes {odd}"
        if port and not self.topology.nodes[there.destination].filters_known:
            return Outcome.UNKNOWN, "nobody said what the clients' firewall lets in"
        return Outcome.DELIVERED, ""

    def _watchers(self, trip: Trip) -> set[str]:
        """Nodes on the way that keep state: DirectAccess servers (IPsec), and balancers that stand between two links.

        A balancer with one arm is passed one way only by design: replies go straight to a neighbour on the same link.
        """
        found = set()
        for before, hop in zip((None, *trip.hops), trip.hops, strict=False):
            node = self.topology.nodes[hop.node]
            if node.kind is NodeKind.SERVER or (node.stateful and before and not self._turns_back(before, hop)):
                found.add(node.name)
        return found

    def _turns_back(self, before: Hop, hop: Hop) -> bool:
        return before.route is not None and hop.route is not None and self._link(before) == self._link(hop)

    def _link(self, hop: Hop) -> str:
        interfaces = self.topology.nodes[hop.node].interfaces
        return next((one.link for one in interfaces if hop.route and one.name == hop.route.interface), "")


class Asked:
    """Expectations of the file, each answered by the journey that fails it, or the first that holds."""

    def __init__(
        self, site: Site, stations: Sequence[NodeClass], clients: Sequence[NodeClass], traveller: Traveller
    ) -> None:
        self._stations = stations
        self._clients = clients
        self._traveller = traveller
        self._entry_points = {server.name: entry.name for entry in site.entry_points for server in entry.servers}

    def journey(self, expectation: Expectation) -> Journey:
        """The journey that answers one expectation."""
        sources = [_part(one, expectation.source) for one in self._stations]
        wanted = [one for one in sources if one.names]
        targets = [one for one in self._clients if self._is_meant(one, expectation)]
        if not wanted or not targets:
            nobody = f"station is named {expectation.source!r}" if not wanted else "clients are as `to` says"
            trip = Trip(expectation.source, "", Outcome.UNKNOWN, (), f"no {nobody}", "nobody-meant")
            return Journey((), (), expectation.port, trip, None, Outcome.UNKNOWN, trip.reason)
        first: Journey | None = None
        for station in wanted:
            for target in targets:
                for journey in self._traveller.journeys(station, target, expectation.port):
                    if not agrees(expectation.outcome, journey.outcome):
                        return journey
                    first = first or journey
        assert first is not None
        return replace(first, stations=_names(wanted), clients=_names(targets))

    def _is_meant(self, client: NodeClass, expectation: Expectation) -> bool:
        node, to = self._traveller.topology.nodes[client.first], expectation.to
        return (
            to.server in {"", node.peer}
            and to.entry_point in {"", self._entry_points.get(node.peer, "")}
            and (to.transport is None or node.name.endswith(f" by {to.transport.value}"))
        )


def _part(one: NodeClass, source: str) -> NodeClass:
    return one if source == "stations" else NodeClass(tuple(name for name in one.names if name == source))


def _names(classes: Sequence[NodeClass]) -> tuple[str, ...]:
    return tuple(name for one in classes for name in one.names)


def _ways(trip: Trip | None) -> object:
    return trip and (trip.outcome, trip.code, tuple((hop.node, hop.route) for hop in trip.hops))


def _nowhere(source: str, destination: str) -> Trip:
    reason = f"{source} has no IPv6 address to send from"
    return Trip(source, destination, Outcome.NO_ROUTE, (Hop(source, None, reason),), reason, "no-address")
