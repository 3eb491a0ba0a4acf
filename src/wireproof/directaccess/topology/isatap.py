"""ISATAP: addresses with an IPv4 address inside, and what hosts learn from their ISATAP router (RFC 5214)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, IPv6Interface, IPv6Network

from wireproof.directaccess.site.model import IsatapInterface
from wireproof.directaccess.topology.draft import CONNECTED, ISATAP_LINK, Draft
from wireproof.directaccess.topology.model import NodeKind, Origin, Route, Source

_MARK_PRIVATE, _MARK_GLOBAL = 0x00005EFE, 0x02005EFE
LINK_LOCAL = IPv6Network("fe80::/64")


def embed(prefix: IPv6Network, ipv4: IPv4Address) -> IPv6Address:
    """The ISATAP address of an IPv4 address in a /64: RFC 5214 section 6.1."""
    mark = _MARK_PRIVATE if ipv4.is_private else _MARK_GLOBAL
    return IPv6Address(int(prefix.network_address) | mark << 32 | int(ipv4))


def isatap_interfaces(draft: Draft, stated: IsatapInterface | None, prefix: IPv6Network | None = None) -> None:
    """Give a machine its ISATAP interface, with the addresses and own route that are known of it."""
    if draft.isatap or (stated and stated.state.lower() == "disabled"):
        return
    name = stated.name if stated and stated.name else "isatap"
    draft.isatap = draft.add_interface(name, ISATAP_LINK, index=stated.index if stated else None)
    for ipv4 in draft.ipv4[:1]:
        local = IPv6Interface((embed(LINK_LOCAL, ipv4), 128))
        draft.add_address(draft.isatap, local, Origin(Source.DERIVED, text="link-local ISATAP address"))
    prefix = stated.prefix.value if stated and stated.prefix and stated.prefix.value else prefix
    origin = Origin(
        Source.STATED if stated and stated.prefix else Source.DERIVED, stated.place if stated else (), "ISATAP prefix"
    )
    if stated and stated.address and stated.address.value:
        _add(draft, IPv6Interface((stated.address.value, 64)), stated, origin)
    elif prefix and draft.kind is not NodeKind.ISATAP_ROUTER and draft.ipv4:
        _add(draft, IPv6Interface((embed(prefix, draft.ipv4[0]), 64)), stated, origin)


def _add(draft: Draft, address: IPv6Interface, stated: IsatapInterface | None, origin: Origin) -> None:
    draft.add_address(draft.isatap, IPv6Interface((address.ip, 128)), origin)
    metric = CONNECTED if stated is None or stated.metric is None else stated.metric
    draft.routes.append(Route(address.network, draft.isatap, None, metric, origin))
    if draft.kind is NodeKind.SERVER:
        draft.published.append(draft.routes[-1])


def learn(host: Draft, routers: Iterable[Draft]) -> None:
    """What an ISATAP host hears from its routers: prefixes for addresses of its own, and routes by way of the router."""
    isatap_interfaces(host, None)
    if not host.ipv4:
        return
    heard = [router for router in routers if router.isatap and router.advertises and router is not host]
    for router in heard:
        _give_router_address(router)
        for route in router.published:
            _hear(host, router, route)
    if heard:
        listed = tuple(router.name for router in heard)
        host.interfaces[host.isatap] = replace(host.interfaces[host.isatap], isatap_routers=listed)


def _hear(host: Draft, router: Draft, route: Route) -> None:
    if route.interface == router.isatap and route.next_hop is None:
        address = IPv6Interface((embed(route.prefix, host.ipv4[0]), 64))
        if route.prefix.prefixlen == 64 and address not in host.interfaces[host.isatap].addresses:
            host.add_address(host.isatap, address, replace(route.origin, text=f"learnt from {router.name}"))
        return
    by = embed(LINK_LOCAL, router.ipv4[0])
    host.routes.append(
        Route(route.prefix, host.isatap, by, CONNECTED, replace(route.origin, text=f"learnt from {router.name}"))
    )


def _give_router_address(router: Draft) -> None:
    """A router takes an address of each /64 that it publishes on its own ISATAP interface."""
    for route in router.published:
        if route.interface == router.isatap and route.next_hop is None and route.prefix.prefixlen == 64 and router.ipv4:
            address = IPv6Interface((embed(route.prefix, router.ipv4[0]), 128))
            router.add_address(router.isatap, address, route.origin)
