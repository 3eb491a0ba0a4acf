"""Static addresses for stations, from one /64 and without collision.

Takes the prefix and every address that is taken; gives the next free ones in order. Knows no machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv6Address, IPv6Interface, IPv6Network

from wireproof.directaccess.method.ground import ipv6_of
from wireproof.directaccess.site.model import Adapter, Site


def free_addresses(prefix: IPv6Network, taken: Iterable[IPv6Address]) -> Iterator[IPv6Interface]:
    """Addresses of `prefix` from ::2 on that nobody has. ::0 is the routers' anycast address (RFC 4291 2.6.1), ::1 the server's."""
    used = set(taken)
    for number in range(2, prefix.num_addresses):
        address = prefix[number]
        if address not in used:
            yield IPv6Interface((address, prefix.prefixlen))


def stated_addresses(site: Site) -> set[IPv6Address]:
    """Every IPv6 address that the site gives to somebody."""
    found = {interface.ip for adapter in _adapters(site) for interface in ipv6_of(adapter)}
    found |= {adapter.gateway.value for adapter in _adapters(site) if adapter.gateway and adapter.gateway.value}
    for entry in site.entry_points:
        found |= {server.dns64.value for server in entry.servers if server.dns64 and server.dns64.value}
    return found


def _adapters(site: Site) -> Iterator[Adapter]:
    for entry in site.entry_points:
        doors = [door for server in entry.servers for door in (server.internal, server.external)]
        doors += [entry.internal_vip, entry.balancer.internal if entry.balancer else None]
        yield from (door for door in doors if door)
    yield from (station.adapter for station in site.stations)
    yield from (door for router in site.routers for door in router.adapters)
    if site.isatap_router:
        yield site.isatap_router.adapter
