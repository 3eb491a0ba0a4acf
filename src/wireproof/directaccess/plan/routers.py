"""Steps on the intranet's routers: the way to each server's clients.

Takes the work; gives one machine's plan per router that stations need.
"""

from __future__ import annotations

from wireproof.directaccess.method import sources
from wireproof.directaccess.plan.model import AddRoute, MachinePlan, Role, Step
from wireproof.directaccess.plan.targets import EVERYTHING, Target, find_targets
from wireproof.directaccess.plan.ways import Ways, ways_towards
from wireproof.directaccess.plan.work import Work, adapter_name, has_route, route_check
from wireproof.directaccess.site.model import Method, Router

ROUTED = frozenset({Method.NATIVE_OWN, Method.FORWARDING})
"""Methods whose client prefixes are routed through the intranet."""


def plan_routers(work: Work) -> list[MachinePlan]:
    """Routes of every router that may forward IPv6 and knows no better; none with other methods."""
    if work.method not in ROUTED:
        return []
    ways: dict[str, Ways] = {}
    steps: dict[str, list[Step]] = {}
    for target in find_targets(work):
        network = work.ground.network_of(target.adapter)
        if network is None or target.prefix == EVERYTHING:
            continue
        way = ways.setdefault(network.name, ways_towards(work.ground, network.name))
        for router in work.site.routers:
            step = _route(router, target, way)
            if step:
                steps.setdefault(router.name, []).append(step)
    by_name = {router.name: router for router in work.site.routers}
    return [MachinePlan(name, Role.ROUTER, found, by_name[name].place) for name, found in steps.items()]


def _route(router: Router, target: Target, way: Ways) -> Step | None:
    if router.name not in way.routers:
        return None
    door, hop = way.routers[router.name]
    hop = hop or target.next_hop
    if has_route(router, target.prefix, hop):
        return None
    failure = "stations on other networks get `destination unreachable`, or their packets leave for the internet"
    return Step(
        AddRoute(adapter_name(door), target.prefix, hop),
        f"{target.what} are behind {target.next_hop}; every router between stations and servers has to know it.",
        route_check(target.prefix, hop, failure),
        (sources.CLUSTER, sources.MULTISITE),
    )
