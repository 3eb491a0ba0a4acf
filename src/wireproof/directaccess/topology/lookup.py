"""Longest prefix first, then lowest metric: which routes a node takes for a destination, and where prefixes cut the addresses.

Addresses are integers here, because every look-up compares them.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from ipaddress import IPv6Network

from wireproof.directaccess.topology.model import Node, Route, Topology

BITS = 128
Span = tuple[int, int]
"""First and last address of a prefix."""


def span(prefix: IPv6Network) -> Span:
    """The first and last address of a prefix."""
    first = int(prefix.network_address)
    return first, first | int(prefix.hostmask)


class RouteTable:
    """The routes of one node, ready for look-ups."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._by_length: dict[int, dict[int, list[Route]]] = {}
        for route in routes:
            first = int(route.prefix.network_address)
            self._by_length.setdefault(route.prefix.prefixlen, {}).setdefault(first, []).append(route)
        self._lengths = sorted(self._by_length, reverse=True)

    def best(self, destination: int) -> list[Route]:
        """The routes that Windows would take: of the longest prefixes those with the lowest metric. Several: a tie."""
        for length in self._lengths:
            cut = BITS - length
            found = self._by_length[length].get(destination >> cut << cut)
            if found:
                least = min(route.metric for route in found)
                return _different([route for route in found if route.metric == least])
        return []


def _different(routes: list[Route]) -> list[Route]:
    """One route for each way out: the same route entered twice is no tie."""
    return list({(route.interface, route.next_hop): route for route in reversed(routes)}.values())[::-1]


class Atoms:
    """The address space cut at every boundary of some prefixes: no route or filter tells two addresses of an atom apart."""

    def __init__(self, prefixes: Iterable[IPv6Network]) -> None:
        cuts = {0}
        for first, last in {span(prefix) for prefix in prefixes}:
            cuts.update((first, last + 1))
        cuts.discard(1 << BITS)
        self._cuts = sorted(cuts)

    def number(self, address: int) -> int:
        """Which atom an address lies in."""
        return bisect.bisect_right(self._cuts, address) - 1

    def within(self, prefix: IPv6Network) -> list[Span]:
        """The parts of a prefix, each in one atom."""
        first, last = span(prefix)
        inside = self._cuts[bisect.bisect_right(self._cuts, first) : bisect.bisect_right(self._cuts, last)]
        starts = [first, *inside]
        return list(zip(starts, [*(start - 1 for start in inside), last], strict=True))


def cut_atoms(topology: Topology) -> Atoms:
    """The atoms of a topology: boundaries of all routes, filters and owned prefixes."""
    return Atoms(prefix for node in topology.nodes.values() for prefix in _prefixes(node))


def _prefixes(node: Node) -> Iterable[IPv6Network]:
    for route in node.routes:
        yield route.prefix
    for one in node.filters:
        yield from one.sources
        yield from one.destinations
    for interface in node.interfaces:
        yield from interface.owns
