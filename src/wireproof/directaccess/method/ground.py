"""The site as the choice of a method sees it: who stands on which network, and which prefixes are told apart.

Takes a site and its prefixes; gives answers to questions that several methods ask. Judges nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Interface, IPv6Network

from wireproof.directaccess.addresses import EntryPrefixes, ServerPrefixes
from wireproof.directaccess.method.done import DoneRoute, done_routes, isatap_names
from wireproof.directaccess.site.model import (
    Adapter,
    Balancing,
    EntryPoint,
    Machine,
    Network,
    Router,
    Server,
    Site,
    Station,
)
from wireproof.directaccess.stated import Place


@dataclass(frozen=True)
class Ground:
    """A site with the prefixes of its entry points, in the file's order."""

    site: Site
    prefixes: tuple[EntryPrefixes, ...]

    @property
    def pairs(self) -> list[tuple[EntryPoint, EntryPrefixes]]:
        """Each entry point with its prefixes."""
        return list(zip(self.site.entry_points, self.prefixes, strict=False))

    @property
    def servers(self) -> Iterator[tuple[Server, ServerPrefixes]]:
        """Each server of each entry point with its prefixes."""
        for entry, prefixes in self.pairs:
            yield from zip(entry.servers, prefixes.servers, strict=False)

    @property
    def multisite(self) -> bool:
        """Whether there are several entry points."""
        return len(self.site.entry_points) > 1

    @property
    def single_adapter(self) -> list[EntryPoint]:
        """Entry points whose servers have one adapter only."""
        return [entry for entry, prefixes in self.pairs if prefixes.single_adapter]

    def balanced(self, how: Balancing) -> list[EntryPoint]:
        """Entry points whose servers share the load in this way."""
        return [entry for entry in self.site.entry_points if entry.balancing is how]

    def crowded(self) -> list[EntryPoint]:
        """Entry points with several servers, whatever shares the load."""
        return [entry for entry in self.site.entry_points if len(entry.servers) > 1]

    def entry_of(self, station: Station) -> tuple[EntryPoint, EntryPrefixes]:
        """The entry point that a station gets its address from; the first where it names none."""
        for entry, prefixes in self.pairs:
            if entry.name == station.entry_point:
                return entry, prefixes
        return self.pairs[0]

    @functools.cached_property
    def _networks(self) -> dict[str, Network]:
        return {network.name: network for network in self.site.networks}

    def network_of(self, adapter: Adapter) -> Network | None:
        """The network that an adapter is in: named, or found by its addresses. None where nobody said."""
        if adapter.network:
            return self._networks.get(adapter.network)
        own4 = [address.value for address in adapter.ipv4 if address.value]
        own6 = [address.value for address in adapter.ipv6 if address.value]
        for network in self.site.networks:
            four = [prefix.value for prefix in network.ipv4 if prefix.value]
            six = [prefix.value for prefix in network.ipv6 if prefix.value]
            if any(a in n for a in own4 for n in four) or any(a.ip in n for a in own6 for n in six):
                return network
        return None

    def apart(self, station: Adapter, server: Adapter) -> bool:
        """Whether the two are known to stand on different networks; False where nobody said."""
        mine, theirs = self.network_of(station), self.network_of(server)
        return mine is not None and theirs is not None and mine.name != theirs.name

    def remote_stations(self) -> list[tuple[Station, Server]]:
        """Stations that are known to stand on another network than the server of their entry point."""
        found = []
        for station in self.site.stations:
            server = self.entry_of(station)[0].servers[0]
            if self.apart(station.adapter, server.internal):
                found.append((station, server))
        return found

    @functools.cached_property
    def _ipv6_neighbours(self) -> dict[str, set[str]]:
        """Networks joined by a router that is not known to leave IPv6 behind."""
        joined: dict[str, set[str]] = {}
        for router in self.site.routers:
            if router.forwards_ipv6 is False:
                continue
            names = {network.name for network in map(self.network_of, router.adapters) if network}
            for name in names:
                joined.setdefault(name, set()).update(names)
        return joined

    def ipv6_path(self, station: Adapter, server: Adapter) -> bool | None:
        """Whether IPv6 gets from one adapter to the other: on one network, or over routers. None where nobody said."""
        mine, theirs = self.network_of(station), self.network_of(server)
        if mine is None or theirs is None:
            return None
        reached, edge = {mine.name}, [mine.name]
        while edge:
            for name in self._ipv6_neighbours.get(edge.pop(), set()) - reached:
                reached.add(name)
                edge.append(name)
        return theirs.name in reached

    def ipv4_only_routers(self) -> list[Router]:
        """Routers and firewalls that are stated to leave IPv6 behind."""
        return [router for router in self.site.routers if router.forwards_ipv6 is False]

    def routes_of(self, machine: Machine) -> list[DoneRoute]:
        """Routes that a machine has already, stated as such or by commands."""
        return list(done_routes(machine))

    def isatap_names(self) -> list[tuple[str, Place]]:
        """Names in use for ISATAP routers and in DNS, with their places."""
        return list(isatap_names(self.site))

    def same_prefixes(self) -> list[tuple[str, str, IPv6Network]]:
        """Pairs of servers that have the very same IP-HTTPS prefix, each named once beside the first that has it."""
        first: dict[IPv6Network, str] = {}
        pairs = []
        for server, prefixes in self.servers:
            if prefixes.ip_https is None:
                continue
            network = prefixes.ip_https.network
            if network in first:
                pairs.append((first[network], server.name, network))
            first.setdefault(network, server.name)
        return pairs

    def overlapping_prefixes(self) -> list[tuple[str, str, IPv6Network, IPv6Network]]:
        """Pairs of servers whose IP-HTTPS prefixes overlap without being equal, found in order of the networks."""
        known = [(p.ip_https.network, s.name) for s, p in self.servers if p.ip_https is not None]
        open_ones: list[tuple[IPv6Network, str]] = []
        found = []
        for network, name in sorted(known, key=lambda pair: (int(pair[0].network_address), pair[0].prefixlen)):
            open_ones = [pair for pair in open_ones if network.subnet_of(pair[0])]
            found += [(other, name, wide, network) for wide, other in open_ones[:1] if wide != network]
            open_ones.append((network, name))
        return found

    def isatap_prefix(self) -> IPv6Network | None:
        """The /64 of ISATAP hosts.

        What the servers' own interfaces begin with goes before what the ISATAP router states: clients' IPsec rules name the servers' prefix.
        """
        own = [prefixes.isatap for _, prefixes in self.servers if prefixes.isatap]
        router = self.site.isatap_router
        stated = router.isatap.prefix.value if router and router.isatap and router.isatap.prefix else None
        sure = next((prefix.network for prefix in own if not prefix.assumed), None)
        return sure or stated or next((prefix.network for prefix in own), None)


def ipv6_of(adapter: Adapter | None) -> list[IPv6Interface]:
    """The adapter's stated IPv6 addresses that mean something, link-local ones left out."""
    if adapter is None:
        return []
    return [address.value for address in adapter.ipv6 if address.value and not address.value.ip.is_link_local]


def on_link(adapter: Adapter, address: IPv6Address) -> bool:
    """Whether an address lies in a prefix of the adapter's own addresses."""
    return any(address in own.network for own in ipv6_of(adapter))


def names(things: Iterable[object], most: int = 5) -> str:
    """Names for a sentence, the first few of them: `A, B and 3 more`."""
    words: Sequence[str] = [str(getattr(thing, "name", thing)) for thing in things]
    shown, more = list(words[:most]), len(words) - most
    if more > 0:
        return f"{', '.join(shown)} and {more:,} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
