"""Steps on a separate ISATAP router: its own name, its interface, and a route to each server's clients.

Takes the work; gives the router's plan.
"""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.directaccess.method import sources
from wireproof.directaccess.plan.model import AddRoute, Check, MachinePlan, Role, SetForwarding, SetIsatapRouter, Step
from wireproof.directaccess.plan.targets import find_targets
from wireproof.directaccess.plan.work import Work, adapter_name, has_route, isatap_name, route_check
from wireproof.directaccess.site.model import IsatapRouter, Method

LOST = "It may be gone after a restart: run the step again then, or at every start."


def plan_isatap_router(work: Work) -> list[MachinePlan]:
    """The router's steps; none with other methods."""
    router = work.site.isatap_router
    if work.method is not Method.ISATAP_ROUTER or router is None:
        return []
    return [
        MachinePlan(router.name, Role.ISATAP_ROUTER, [*_tunnel(work, router), *_routes(work, router)], router.place)
    ]


def _tunnel(work: Work, router: IsatapRouter) -> Iterator[Step]:
    prefix = work.ground.isatap_prefix()
    assert prefix is not None
    adapter = isatap_name(router)
    yield Step(
        SetIsatapRouter(work.record),
        f"{router.name} has to know itself as the ISATAP router: the name must resolve to its own IPv4 address.",
        Check(
            "Get-NetIsatapConfiguration",
            f"Router {work.record}, State Enabled",
            "the ISATAP interface stays `Media disconnected`: the name does not resolve",
        ),
        (sources.ISATAP_ROUTER_POST,),
    )
    yield Step(
        SetForwarding(adapter, forwarding=True, advertising=True),
        f"The ISATAP interface has to pass packets on and to answer stations that ask for a prefix. {LOST}",
        Check(
            f"netsh interface ipv6 show interface {adapter.index or '<index>'}",
            "Forwarding enabled, Advertising enabled",
            "Advertising disabled: stations get no prefix; Forwarding disabled: they get one and reach only the router",
        ),
        (sources.ISATAP_ROUTER_POST, sources.HICKS_ISATAP_ROUTER),
    )
    if not has_route(router, prefix, None):
        yield Step(
            AddRoute(adapter, prefix, publish=True),
            f"Stations take the published prefix for their ISATAP addresses; it has to be the one of the servers' ISATAP interfaces. {LOST}",
            Check(
                "netsh interface ipv6 show route",
                f"{prefix} with Publish Yes on the ISATAP interface",
                "stations get no ISATAP address",
            ),
            (sources.ISATAP_ROUTER_POST, sources.HICKS_ISATAP_ROUTER),
        )


def _routes(work: Work, router: IsatapRouter) -> Iterator[Step]:
    adapter = adapter_name(router.adapter)
    yield Step(
        SetForwarding(adapter, forwarding=True),
        "Packets leave the tunnel here and go on to the servers, so this adapter has to pass them on as well.",
        Check(
            f"netsh interface ipv6 show interface {adapter.index or '<index>'}",
            "Forwarding enabled",
            "the router reaches clients, stations don't",
        ),
        (sources.ISATAP_ROUTER_POST,),
    )
    for target in find_targets(work):
        if has_route(router, target.prefix, target.next_hop):
            continue
        failure = f"`tracert -6` to a client ends at {router.name}, or goes to a server that does not hold the client's tunnel"
        yield Step(
            AddRoute(adapter, target.prefix, target.next_hop, publish=True),
            f"{target.what} are behind {target.next_hop} only; the published route also tells the stations.",
            route_check(target.prefix, target.next_hop, failure),
            (sources.ISATAP_ROUTER_POST,),
        )
