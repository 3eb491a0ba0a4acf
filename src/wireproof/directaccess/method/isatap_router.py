"""A separate computer as ISATAP router before several DirectAccess servers: what speaks against it.

Takes the ground; gives objections. Knows nothing of steps.
"""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.directaccess.method import sources
from wireproof.directaccess.method.ground import Ground, ipv6_of, names
from wireproof.directaccess.method.native_own import tells_apart
from wireproof.directaccess.plan.model import Objection
from wireproof.directaccess.site.model import Balancing, IsatapRouter, Method

THIS = Method.ISATAP_ROUTER


def objections(ground: Ground) -> Iterator[Objection]:
    """Why a separate ISATAP router does not reach the clients here."""
    router = ground.site.isatap_router
    if router is None:
        why = "no `isatap-router` is stated; it has to be a computer beside the servers that is no DirectAccess server itself"
        yield Objection(THIS, "no-isatap-router", why, (sources.CLUSTER, sources.ISATAP_ROUTER_POST))
    else:
        yield from _router(ground, router)
    if ground.multisite:
        why = "ISATAP is not supported in a multisite deployment, and one router's way back is written for the servers of one site"
        yield Objection(THIS, "multisite", why, (sources.UNSUPPORTED, sources.ISATAP_ROUTER_POST))
    bare = [server for server, _ in ground.servers if not ipv6_of(server.internal)]
    if bare:
        why = (
            f"{names(bare)} {'has' if len(bare) == 1 else 'have'} no stated IPv6 address on the internal adapter: router and servers need "
            "native IPv6 between each other before DirectAccess is configured"
        )
        yield Objection(THIS, "server-without-ipv6", why, (sources.CLUSTER,), place=bare[0].place)
    for entry in ground.balanced(Balancing.NLB):
        why = (
            f"{entry.name} is an NLB cluster; the router is described for servers behind an external load balancer only"
        )
        yield Objection(
            THIS, "nlb-cluster", why, (sources.ISATAP_ROUTER_POST, sources.UNSUPPORTED), fatal=False, place=entry.place
        )
    yield from tells_apart(ground, THIS)
    yield Objection(
        THIS, "documents-disagree", sources.CONTRADICTION, (sources.PLANNING, sources.UNSUPPORTED), fatal=False
    )


def _router(ground: Ground, router: IsatapRouter) -> Iterator[Objection]:
    if not ipv6_of(router.adapter):
        why = f"{router.name} has no stated IPv6 address, and the servers need one as next hop of their way back"
        yield Objection(THIS, "router-without-ipv6", why, (sources.CLUSTER,), place=router.place)
    if ground.isatap_prefix() is None:
        why = f"the ISATAP prefix is not known: state `isatap: {{prefix: ...}}` of {router.name}, or `isatap` of a server as `ipconfig` shows it"
        yield Objection(THIS, "prefix-unknown", why, (sources.ISATAP_ROUTER_POST, sources.RFC_5214), place=router.place)
    cut = [server for server, _ in ground.servers if ground.ipv6_path(router.adapter, server.internal) is False]
    if cut:
        why = f"IPv6 does not get from {router.name} to {names(cut)}: put the router into the servers' network"
        yield Objection(THIS, "ipv4-only-path", why, (sources.CLUSTER, sources.ISATAP_ROUTER_POST), place=router.place)
    unbeatable = [server for server, _ in ground.servers if server.isatap and (server.isatap.metric or 2) < 2]
    if unbeatable:
        why = f"{names(unbeatable)} has its own route to the ISATAP prefix with metric 1 or less: no other can be below it"
        yield Objection(THIS, "isatap-metric", why, (sources.ISATAP_ROUTER_POST,), place=unbeatable[0].place)
