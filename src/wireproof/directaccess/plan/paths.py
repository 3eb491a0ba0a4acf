"""Which routes a station needs: every client prefix with the next hop on its own link, and one route for a cluster where one will do.

Takes the work with the stations' addresses and the targets; gives prefixes with next hops. Makes no step.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from wireproof.directaccess.method.ground import on_link
from wireproof.directaccess.plan.targets import Target
from wireproof.directaccess.plan.ways import Ways, ways_towards
from wireproof.directaccess.plan.work import Work
from wireproof.directaccess.site.model import Station


@dataclass(frozen=True, slots=True)
class Path:
    """A route for a station. `target` is the machine that it leads to, or the first of several behind one next hop."""

    prefix: IPv6Network
    hop: IPv6Address
    target: Target


class Paths:
    """Routes of stations. Stations of one network with one gateway have the same, so those are found once."""

    def __init__(self, work: Work, targets: list[Target]) -> None:
        self._work = work
        self._targets = [(target, self._network(target)) for target in targets]
        self._ways: dict[str, Ways] = {}
        self._known: dict[object, list[Path]] = {}

    def of(self, station: Station) -> list[Path]:
        """The routes that a station needs, in the order of the targets."""
        network = self._work.ground.network_of(station.adapter)
        own = self._work.addresses.get(station.name)
        gateway = station.adapter.gateway.value if station.adapter.gateway else None
        links = tuple(one.value.network for one in station.adapter.ipv6 if one.value)
        key = (network.name if network else "", own.network if own else None, gateway, links)
        if key not in self._known:
            direct = [
                Path(target.prefix, hop, target)
                for target, name in self._targets
                if (hop := self._hop(station, target, name))
            ]
            self._known[key] = [path for path in self._joined(direct) if path.hop != gateway]
        return self._known[key]

    def _hop(self, station: Station, target: Target, network: str) -> IPv6Address | None:
        """The next hop on the station's link; None where its own gateway may know the way, or nobody does."""
        own = self._work.addresses.get(station.name)
        if (own and target.next_hop in own.network) or on_link(station.adapter, target.next_hop):
            return target.next_hop
        mine = self._work.ground.network_of(station.adapter)
        way = self._way(network) if network else None
        if mine and way and mine.name in way.networks:
            return way.networks[mine.name] or target.next_hop
        return target.next_hop if mine is None and not station.adapter.gateway else None

    def _joined(self, paths: list[Path]) -> list[Path]:
        """One route to a cluster's whole prefix instead of one for each member, where all have the same next hop and nobody else is inside."""
        for prefixes in self._work.ground.prefixes:
            whole = prefixes.ip_https.network if prefixes.ip_https else None
            members = {own.ip_https.network for own in prefixes.servers if own.ip_https}
            inside = [path for path in paths if whole and path.prefix.subnet_of(whole)]
            hops, named = {path.hop for path in inside}, {path.prefix for path in inside}
            if whole and len(inside) > 1 and len(hops) == 1 and named == members:
                place = paths.index(inside[0])
                rest = [path for path in paths if path not in inside]
                paths = [*rest[:place], Path(whole, inside[0].hop, inside[0].target), *rest[place:]]
        return paths

    def _way(self, network: str) -> Ways:
        if network not in self._ways:
            self._ways[network] = ways_towards(self._work.ground, network)
        return self._ways[network]

    def _network(self, target: Target) -> str:
        network = self._work.ground.network_of(target.adapter)
        return network.name if network else ""
