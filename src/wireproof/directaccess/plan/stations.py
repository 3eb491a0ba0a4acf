"""Steps on management stations: an address, routes to the clients, or the ISATAP router's name.

Takes the work; gives one machine's plan per station.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address, IPv6Interface, IPv6Network

from wireproof.directaccess.method import sources
from wireproof.directaccess.method.ground import ipv6_of
from wireproof.directaccess.plan.assign import free_addresses, stated_addresses
from wireproof.directaccess.plan.model import (
    AddAddress,
    AddRoute,
    Check,
    MachinePlan,
    Role,
    RunCommand,
    SetIsatapRouter,
    Step,
)
from wireproof.directaccess.plan.paths import Path, Paths
from wireproof.directaccess.plan.targets import EVERYTHING, find_targets
from wireproof.directaccess.plan.work import Work, adapter_name, automatic_next_hop, has_route, route_check
from wireproof.directaccess.site.model import Method, Station


def plan_stations(work: Work) -> list[MachinePlan]:
    """The steps of every station, in the site's order. Fills `work.addresses`."""
    new = _assign(work)
    paths = Paths(work, [] if work.by_isatap else find_targets(work))
    return [_plan(work, station, paths, station.name in new) for station in work.site.stations]


def _plan(work: Work, station: Station, paths: Paths, new: bool) -> MachinePlan:
    steps: list[Step] = []
    if work.by_isatap:
        steps.append(_isatap(work))
    else:
        steps += [_address(work, station)] if new else []
        steps += [step for path in paths.of(station) if (step := _route(work, station, path))]
    return MachinePlan(station.name, Role.STATION, [*steps, _refresh_policy()], station.place)


# --- addresses -------------------------------------------------------------------------------------------------------


def _assign(work: Work) -> set[str]:
    """Give every station an address that it has or gets; names of those that get a new one."""
    if work.by_isatap:
        return set()
    taken = stated_addresses(work.site)
    taken |= {own.internal for _, own in work.ground.servers if own.internal}
    pools: dict[IPv6Network, Iterator[IPv6Interface]] = {}
    new: set[str] = set()
    for station in work.site.stations:
        prefix = _pool(work, station)
        own = [address for address in ipv6_of(station.adapter) if prefix is None or address.ip in prefix]
        if own:
            work.addresses[station.name] = own[0]
        elif prefix is not None:
            used = taken | _servers_in(work, station)
            free = pools.setdefault(prefix, free_addresses(prefix, used))
            work.addresses[station.name] = next(free)
            new.add(station.name)
    return new


def _pool(work: Work, station: Station) -> IPv6Network | None:
    """The /64 that a station takes its address from."""
    if work.method is Method.NATIVE_AUTOMATIC:
        intranet = work.ground.entry_of(station)[1].intranet
        return intranet.network if intranet else None
    if ipv6_of(station.adapter):
        return None
    network = work.ground.network_of(station.adapter)
    return next((prefix.value for prefix in network.ipv6 if prefix.value), None) if network else None


def _servers_in(work: Work, station: Station) -> set[IPv6Address]:
    """Addresses of the entry point that nobody states and that are taken all the same."""
    entry, prefixes = work.ground.entry_of(station)
    taken = {prefixes.dns64} if prefixes.dns64 else set()
    if work.method is Method.NATIVE_AUTOMATIC:
        taken.add(automatic_next_hop(entry.servers[0], prefixes))
    return taken


def _address(work: Work, station: Station) -> Step:
    address = work.addresses[station.name]
    why = (
        f"Clients speak IPv6 only, so {station.name} needs an IPv6 address that the DirectAccess server can answer to. It comes from "
        f"{address.network}; no other machine of the site has it."
    )
    check = Check(
        "netsh interface ipv6 show addresses",
        f"{address.ip}, type Manual, state Preferred",
        "state Duplicate: another machine has the address, take the next free one; not listed: wrong adapter, or IPv6 is unbound from it",
    )
    return Step(AddAddress(adapter_name(station.adapter), address), why, check, (sources.JONES,))


# --- routes ----------------------------------------------------------------------------------------------------------


def _route(work: Work, station: Station, path: Path) -> Step | None:
    target, hop = path.target, path.hop
    if has_route(station, path.prefix, hop):
        return None
    if path.prefix == EVERYTHING:
        what = "All IPv6 packets"
    elif path.prefix == target.prefix:
        what = f"Packets to {target.what}"
    else:
        what = f"Packets to {target.what} and of the other servers in {path.prefix}"
    why = f"{what} must reach {target.next_hop}, which brings them to the server that holds the clients' tunnels."
    if hop != target.next_hop:
        why = f"{what} must reach the server that holds the clients' tunnels; {hop} is the router on the way."
    failure = (
        f"the route is missing or on the wrong adapter; `ping {hop}` has to be answered before anything else can work"
    )
    return Step(
        AddRoute(adapter_name(station.adapter), path.prefix, hop),
        why,
        route_check(path.prefix, hop, failure),
        (sources.JONES,) if work.method is Method.NATIVE_AUTOMATIC else (sources.CLUSTER, sources.F5),
    )


# --- ISATAP and policy -----------------------------------------------------------------------------------------------


def _isatap(work: Work) -> Step:
    prefix = work.ground.isatap_prefix()
    why = (
        f"The station asks {work.record} for a prefix and tunnels IPv6 over IPv4 to it. The group policy does the same for the whole group; "
        "this line does it now, on this machine."
    )
    check = Check(
        "Get-NetIsatapConfiguration; netsh interface ipv6 show addresses",
        f"Router {work.record}, State Enabled, and an address that begins with {prefix} and ends in 5efe:<its IPv4 address>",
        f"no such address: {work.record} does not resolve, protocol 41 is blocked on the way to the router, or the router does not advertise",
    )
    return Step(
        SetIsatapRouter(work.record),
        why,
        check,
        (sources.ISATAP_ROUTER_POST, sources.HICKS_ISATAP_ROUTER, sources.RFC_5214),
    )


def _refresh_policy() -> Step:
    check = Check(
        "gpresult /r /scope computer",
        "a time of last application after the changes, and the policies of this plan under applied objects",
        "the machine is not in the group that the policy is filtered to (a restart is needed after joining it), or reaches no domain controller",
    )
    why = "Connection security rules and ISATAP settings come by group policy; they change when it is applied again."
    return Step(RunCommand("gpupdate /force", "gpupdate /force"), why, check, (sources.JONES,))
