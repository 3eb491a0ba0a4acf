"""Names in a site that have to be unique, and names that have to be those of something in it.

Takes a read `Site`, gives problems with their places.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from wireproof.directaccess.site.model import Adapter, Expectation, Item, Machine, Site
from wireproof.directaccess.stated import Place

ALL_STATIONS = "stations"
"""What `from:` of an expectation says for every station."""
_MOST_NAMES = 12

_MOST_COMPARED = 2_000

Problem = tuple[Place, str]
Known = dict[str, None]
"""Names in their order; a dict, for there may be thousands to look up."""


def find_name_problems(site: Site) -> Iterator[Problem]:
    """Two machines, entry points or networks of one name, and names of nothing."""
    servers = [server for entry in site.entry_points for server in entry.servers]
    machines: list[Machine] = [*site.stations, *servers, *site.routers]
    machines += [entry.balancer for entry in site.entry_points if entry.balancer]
    machines += [site.isatap_router] if site.isatap_router else []
    yield from _repeated((machine.name, machine) for machine in machines)
    yield from _repeated((entry.name, entry) for entry in site.entry_points)
    yield from _repeated((network.name, network) for network in site.networks)
    networks = dict.fromkeys(network.name for network in site.networks)
    entries = dict.fromkeys(entry.name for entry in site.entry_points)
    for adapter in _adapters(site):
        yield from _unknown(adapter, "network", adapter.network, networks)
    for station in site.stations:
        yield from _unknown(station, "entry-point", station.entry_point, entries)
    stations = dict.fromkeys([ALL_STATIONS, *(station.name for station in site.stations)])
    names = dict.fromkeys(server.name for server in servers)
    for expectation in site.expect:
        yield from _expected(expectation, stations, entries, names)


def _expected(expectation: Expectation, stations: Known, entries: Known, servers: Known) -> Iterator[Problem]:
    yield from _unknown(expectation, "from", expectation.source, stations)
    yield from _unknown(expectation.to, "entry-point", expectation.to.entry_point, entries)
    yield from _unknown(expectation.to, "server", expectation.to.server, servers)


def _adapters(site: Site) -> Iterator[Adapter]:
    for entry in site.entry_points:
        inside = [entry.internal_vip, entry.balancer.internal if entry.balancer else None]
        for server in entry.servers:
            inside += [server.internal, server.external]
        yield from (adapter for adapter in inside if adapter)
    yield from chain.from_iterable(router.adapters for router in site.routers)
    yield from (station.adapter for station in site.stations)
    if site.isatap_router:
        yield site.isatap_router.adapter


def _repeated(named: Iterable[tuple[str, Item]]) -> Iterator[Problem]:
    seen: dict[str, Item] = {}
    for name, item in named:
        if not name.strip():
            yield (*item.place, "name"), "a name can't be empty"
        elif name.casefold() in seen:
            yield (*item.place, "name"), f"{name[:60]!r} is the name of something else already; names are unique"
        seen.setdefault(name.casefold(), item)


def _unknown(item: Item, key: str, name: str, known: Known) -> Iterator[Problem]:
    if not name or name in known:
        return
    close = difflib.get_close_matches(name[:60], islice(known, _MOST_COMPARED), n=1)
    shown = ", ".join(one[:60] for one in islice(known, _MOST_NAMES)) or "none"
    shown += ", …" if len(known) > _MOST_NAMES else ""
    nearest = f"; did you mean {close[0]}?" if close else ""
    yield (*item.place, key), f"{name[:60]!r} is the name of nothing here; there are: {shown}{nearest}"
