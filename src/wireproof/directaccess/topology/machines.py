"""Machines of a site file as drafts: what they have before any command or plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv6Address, IPv6Interface, IPv6Network

from wireproof.directaccess.addresses import EntryPrefixes, Prefix, ServerPrefixes
from wireproof.directaccess.site.model import Adapter, Balancer, Balancing, EntryPoint, Intranet, Machine, Server, Site
from wireproof.directaccess.topology.draft import CONNECTED, Draft
from wireproof.directaccess.topology.isatap import isatap_interfaces
from wireproof.directaccess.topology.model import Filter, LinkKind, NodeKind, Origin, Route, Source

INTRANET = "intranet"
INTERNET = "internet"
TUNNELS = {"ip_https": LinkKind.IP_HTTPS, "teredo": LinkKind.TEREDO, "six_to_four": LinkKind.SIX_TO_FOUR}
ALIASES = {
    LinkKind.IP_HTTPS: "IPHTTPSInterface",
    LinkKind.TEREDO: "Teredo Tunneling Pseudo-Interface",
    LinkKind.SIX_TO_FOUR: "6TO4 Adapter",
}
SINGLE_NIC = (
    "the WFP filter 'Forwarding block filter in single NIC' drops forwarded native IPv6 on a server with one adapter"
)


def draft_machines(site: Site, prefixes: Sequence[EntryPrefixes], *, own_prefix: bool) -> Iterator[Draft]:
    """Every machine that the site names. `own_prefix`: the organisation's own IPv6 prefixes were given to the wizard."""
    for station in site.stations:
        yield _inside(site, station, station.adapter, NodeKind.STATION, forwards=False)
    for router in site.routers:
        draft = Draft(router.name, NodeKind.ROUTER, router.place, forwards=router.forwards_ipv6)
        for number, adapter in enumerate(router.adapters):
            draft.add_interface(adapter.name or f"adapter {number + 1}", _link(site, adapter), adapter)
        draft.native = next(iter(draft.interfaces))
        yield _with_routes(draft, router)
    if site.isatap_router:
        yield _inside(site, site.isatap_router, site.isatap_router.adapter, NodeKind.ISATAP_ROUTER, forwards=None)
    for entry, derived in zip(site.entry_points, prefixes, strict=True):
        yield from _entry_point(site, entry, derived, own_prefix)


def _inside(site: Site, machine: Machine, adapter: Adapter, kind: NodeKind, *, forwards: bool | None) -> Draft:
    draft = Draft(machine.name, kind, machine.place, forwards=forwards)
    draft.native = draft.add_interface(adapter.name or "intranet adapter", _link(site, adapter), adapter)
    if machine.isatap is not None or kind is NodeKind.ISATAP_ROUTER:
        isatap_interfaces(draft, machine.isatap)
    return _with_routes(draft, machine)


def _link(site: Site, adapter: Adapter) -> str:
    """The network that an adapter is in: as stated, or the one that its addresses lie in."""
    if adapter.network:
        return adapter.network
    for network in site.networks:
        inside = any(
            four.value and any(p.value and four.value in p.value for p in network.ipv4) for four in adapter.ipv4
        )
        if inside or any(
            six.value and any(p.value and six.value in p.value for p in network.ipv6) for six in adapter.ipv6
        ):
            return network.name
    return INTRANET


def _with_routes(draft: Draft, machine: Machine) -> Draft:
    for one in machine.routes:
        if one.prefix.value is None or (one.next_hop and one.next_hop.value is None):
            continue
        next_hop = one.next_hop.value if one.next_hop else None
        name = _named(draft, one.interface) or draft.find(None, next_hop)
        text = f"{one.prefix.text} {one.next_hop.text if one.next_hop else 'on-link'}"
        origin = Origin(Source.STATED, one.place, text)
        metric = CONNECTED if one.metric is None else one.metric
        route = Route(one.prefix.value, name, next_hop, metric, origin)
        draft.routes.append(route)
        if one.publish:
            draft.published.append(route)
    return draft


def _named(draft: Draft, interface: str | int | None) -> str:
    if isinstance(interface, int):
        return draft.indexes.get(interface, "")
    return draft.aliases.get(interface.lower(), interface) if interface else ""


def _entry_point(site: Site, entry: EntryPoint, derived: EntryPrefixes, own_prefix: bool) -> Iterator[Draft]:
    own = own_prefix or site.intranet is Intranet.NATIVE_IPV6
    servers = []
    for server, its in zip(entry.servers, derived.servers, strict=True):
        servers.append(_server(site, server, its, derived))
        if server.external is None and not own:
            block = Filter(allow=False, forwarded=True, why=SINGLE_NIC, interfaces=(servers[-1].native,))
            servers[-1].filters.append(block)
    yield from servers
    if entry.balancer:
        yield _balancer(site, entry.balancer, entry.internal_vip)
    elif entry.internal_vip and entry.balancing is not Balancing.NONE:
        yield _shared_address(site, entry, entry.internal_vip, servers)


def _server(site: Site, server: Server, its: ServerPrefixes, derived: EntryPrefixes) -> Draft:
    draft = Draft(server.name, NodeKind.SERVER, server.place, forwards=True, advertises=True)
    draft.native = draft.add_interface(
        server.internal.name or "internal adapter", _link(site, server.internal), server.internal
    )
    if server.external:
        draft.add_interface(server.external.name or "external adapter", INTERNET, server.external)
    if its.internal:
        length = (
            derived.intranet.network.prefixlen if derived.intranet and its.internal in derived.intranet.network else 64
        )
        address = IPv6Interface((its.internal, length))
        if all(address.ip != one.ip for one in draft.interfaces[draft.native].addresses):
            draft.add_address(
                draft.native, address, Origin(Source.DERIVED, text="address that DirectAccess gives itself")
            )
    for name, kind in TUNNELS.items():
        prefix: Prefix | None = getattr(its, name)
        if prefix:
            _add_tunnel(draft, kind, prefix)
    if server.isatap or its.isatap:
        isatap_interfaces(draft, server.isatap, its.isatap.network if its.isatap else None)
    return _with_routes(draft, server)


def _add_tunnel(draft: Draft, kind: LinkKind, prefix: Prefix) -> None:
    name = draft.add_interface(ALIASES[kind], tunnel_link(draft.name, kind))
    origin = Origin(Source.STATED if prefix.stated else Source.DERIVED, prefix.place, prefix.source)
    draft.add_address(name, IPv6Interface((tunnel_address(prefix.network), prefix.network.prefixlen)), origin)
    draft.published.append(Route(prefix.network, name, None, CONNECTED, origin))


def tunnel_link(server: str, kind: LinkKind) -> str:
    """The link between a server and its clients."""
    return f"{kind} of {server}"


def tunnel_address(prefix: IPv6Network) -> IPv6Address:
    """The server's own address towards its clients."""
    return prefix.network_address + 1


def _balancer(site: Site, balancer: Balancer, vip: Adapter | None) -> Draft:
    draft = Draft(balancer.name, NodeKind.BALANCER, balancer.place, forwards=True, stateful=True)
    adapter = balancer.internal or vip
    if adapter:
        draft.native = draft.add_interface(adapter.name or "internal", _link(site, adapter), adapter)
    else:
        draft.native = draft.add_interface("internal", INTRANET)
    if vip and vip is not adapter:
        draft.add_interface("internal VIP", _link(site, vip), vip)
    for one in balancer.virtual_servers:
        if one.prefix.value is None:
            continue
        origin = Origin(Source.STATED, one.place, f"virtual server {one.name or one.prefix.text}")
        for member in one.pool:
            if member.value:
                draft.routes.append(
                    Route(one.prefix.value, draft.find(None, member.value), member.value, CONNECTED, origin)
                )
        if one.source_nat:
            why = f"source NAT on {balancer.name} replaces the station's address, which IPsec and the clients' firewall know"
            draft.filters.append(
                Filter(allow=False, destinations=(one.prefix.value,), forwarded=True, why=why, origin=origin)
            )
    return _with_routes(draft, balancer)


def _shared_address(site: Site, entry: EntryPoint, vip: Adapter, servers: Sequence[Draft]) -> Draft:
    """A cluster's internal address: Network Load Balancing hands packets to the member that owns the client's prefix."""
    draft = Draft(f"internal address of {entry.name}", NodeKind.BALANCER, vip.place, forwards=True)
    draft.native = draft.add_interface("internal VIP", _link(site, vip), vip)
    for server in servers:
        inside = server.interfaces[server.native].addresses
        for route in server.published if inside else ():
            draft.routes.append(Route(route.prefix, draft.native, inside[0].ip, CONNECTED, route.origin))
    return draft
