"""Steps on DirectAccess servers: ways back to the stations, the ISATAP interface, and the list of management servers.

Takes the work with the stations' addresses; gives one machine's plan per server that has something to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address, IPv6Network

from wireproof.directaccess.method import sources
from wireproof.directaccess.method.ground import ipv6_of, on_link
from wireproof.directaccess.plan.model import (
    AddManagementServer,
    AddRoute,
    Check,
    MachinePlan,
    Role,
    RunCommand,
    SetForwarding,
    Step,
)
from wireproof.directaccess.plan.ways import Ways, ways_towards
from wireproof.directaccess.plan.work import Work, adapter_name, has_route, isatap_name, route_check
from wireproof.directaccess.site.model import Method, Server, Station, StationRole

USUAL_METRIC = 200
"""Route metric of the way back to an ISATAP router: below the 256 that Windows gives to on-link routes, with room for the adapter's own."""

ROOM = 56
"""How far below the server's own metric the new one stays: Windows adds the adapter's metric to the route's."""


def plan_servers(work: Work) -> list[MachinePlan]:
    """The steps of every server. The first one also gets what is set once for the whole deployment."""
    ways_back = _ways_back(work)
    plans = []
    for number, (server, _) in enumerate(work.ground.servers):
        steps: list[Step] = []
        if work.method is Method.ISATAP_ROUTER:
            steps += _way_to_router(work, server)
        elif work.method is Method.ISATAP:
            steps += _isatap_interface(work, server)
        else:
            steps += _routes_back(work, server, ways_back)
        if number == 0:
            steps += _management_list(work)
        if steps:
            plans.append(MachinePlan(server.name, Role.SERVER, steps, server.place))
    return plans


# --- the way back ----------------------------------------------------------------------------------------------------


def planned_metric(own: int | None) -> int:
    """A route metric below the server's own route to the ISATAP prefix."""
    return USUAL_METRIC if own is None else max(1, min(USUAL_METRIC, own - ROOM))


def _way_to_router(work: Work, server: Server) -> Iterator[Step]:
    router, prefix = work.site.isatap_router, work.ground.isatap_prefix()
    assert router is not None
    assert prefix is not None
    hop = ipv6_of(router.adapter)[0].ip
    if has_route(server, prefix, hop):
        return
    own = server.isatap.metric if server.isatap else None
    metric = planned_metric(own)
    why = (
        f"Answers to {prefix} have to go to {router.name}. The server has a route of its own to that prefix through its ISATAP interface"
        + (f" with metric {own}" if own is not None else "")
        + f"; the lowest sum of route and adapter metric wins, so this one gets {metric}."
    )
    check = Check(
        "route print -6",
        f"two active routes to {prefix}: the one with gateway {hop} has the lower metric",
        "the server's own ISATAP route wins and answers never reach the stations: choose a lower metric",
    )
    yield Step(AddRoute(adapter_name(server.internal), prefix, hop, metric), why, check, (sources.ISATAP_ROUTER_POST,))


def _ways_back(work: Work) -> list[tuple[Ways, str, IPv6Network]]:
    """Networks of stations with the ways towards them and the prefix that their addresses come from."""
    if work.by_isatap:
        return []
    found: dict[tuple[str, IPv6Network], None] = {}
    for station in work.site.stations:
        network, address = work.ground.network_of(station.adapter), work.addresses.get(station.name)
        if network and address:
            found[(network.name, address.network)] = None
    return [(ways_towards(work.ground, name), name, prefix) for name, prefix in found]


def _routes_back(work: Work, server: Server, ways_back: list[tuple[Ways, str, IPv6Network]]) -> Iterator[Step]:
    mine = work.ground.network_of(server.internal)
    for ways, name, prefix in ways_back:
        if mine is None or mine.name == name or on_link(server.internal, prefix.network_address):
            continue
        hop = ways.networks.get(mine.name)
        if hop is None or _covered(server, prefix, hop):
            continue
        why = (
            f"Stations in {name} have addresses of {prefix}. The server's default route leads to the internet side, so the way back through "
            f"the intranet's router {hop} has to be named."
        )
        failure = "packets from stations arrive and answers leave by the wrong side: connections time out while the client sees them"
        yield Step(
            AddRoute(adapter_name(server.internal), prefix, hop),
            why,
            route_check(prefix, hop, failure),
            (sources.CLUSTER,),
        )


def _covered(server: Server, prefix: IPv6Network, hop: IPv6Address) -> bool:
    """Whether a stated route or the internal adapter's gateway leads there already."""
    if server.internal.gateway and server.internal.gateway.value == hop:
        return True
    return any(
        route.prefix.value and prefix.subnet_of(route.prefix.value) and route.next_hop and route.next_hop.value == hop
        for route in server.routes
    )


# --- the server as ISATAP router -------------------------------------------------------------------------------------


def _isatap_interface(work: Work, server: Server) -> Iterator[Step]:
    prefix = work.ground.isatap_prefix()
    assert prefix is not None
    adapter = isatap_name(server)
    lost = "These settings may be gone after a restart: run the step again then, or at every start."
    yield Step(
        AddRoute(adapter, prefix, publish=True),
        f"Stations take the published prefix for their ISATAP addresses. {lost}",
        Check(
            "netsh interface ipv6 show route",
            f"{prefix} with Publish Yes on the ISATAP interface",
            "stations get no address: nothing is advertised",
        ),
        (sources.HICKS_ISATAP_ROUTER,),
    )
    yield Step(
        SetForwarding(adapter, forwarding=True, advertising=True),
        f"The ISATAP interface has to pass packets on and to answer stations that ask for a prefix. {lost}",
        Check(
            f"netsh interface ipv6 show interface {adapter.index or '<index>'}",
            "Forwarding enabled, Advertising enabled",
            "Advertising disabled: Microsoft's page repeats forwarding=enabled where it means advertise=enabled; set both",
        ),
        (sources.HICKS_ISATAP_ROUTER, sources.TROUBLESHOOTING),
    )


# --- set once --------------------------------------------------------------------------------------------------------


def _management_list(work: Work) -> Iterator[Step]:
    listed = {name.lower() for name in work.site.management_servers or []}
    automatic = [station for station in work.site.stations if station.role is not StationRole.STATION]
    for station in work.site.stations:
        name = work.full_name(station.name)
        if station not in automatic and not {name.lower(), station.name.lower()} & listed:
            yield _listed(station, name)
    if automatic:
        yield _refreshed(automatic)


def _listed(station: Station, name: str) -> Step:
    why = (
        f"Only machines in the list of management servers reach clients through the infrastructure tunnel, before a user has logged on. "
        f"{station.name} is none that DirectAccess finds by itself. The list is one for the whole deployment."
    )
    check = Check(
        "Get-DAMgmtServer",
        name,
        "without it the client has no tunnel for the station: ping is answered (ICMP is exempt from IPsec), everything else is not",
    )
    return Step(AddManagementServer(name), why, check, (sources.JONES, sources.MANAGEMENT_LIST))


def _refreshed(stations: list[Station]) -> Step:
    shown = ", ".join(station.name for station in stations[:5])
    why = (
        f"DirectAccess finds Configuration Manager servers and domain controllers by itself ({shown}), but takes their new IPv6 addresses into "
        "the clients' policy only when the list is refreshed (Refresh Management Servers in the console)."
    )
    check = Check(
        "Get-DAMgmtServer -Type All",
        shown,
        "the name has no AAAA record yet: register it (`ipconfig /registerdns`) and refresh again",
    )
    return Step(RunCommand("", "Update-DAMgmtServer"), why, check, (sources.JONES, sources.REFRESH_LIST))
