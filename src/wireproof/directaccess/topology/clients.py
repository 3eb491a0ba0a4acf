"""DirectAccess clients as nodes: all clients of one server and transport are one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv6Network

from wireproof.directaccess.addresses import EntryPrefixes, Prefix, ServerPrefixes
from wireproof.directaccess.embed import six_to_four_clients
from wireproof.directaccess.plan.model import AddFirewallRule
from wireproof.directaccess.site.model import Site
from wireproof.directaccess.topology.draft import ANYWHERE, Draft
from wireproof.directaccess.topology.machines import TUNNELS, tunnel_address, tunnel_link
from wireproof.directaccess.topology.model import Filter, LinkKind, NodeKind, Origin, Route, Source

NO_RULE = "the clients' firewall has no inbound rule for it"
NO_EDGE = "no inbound rule of the clients allows edge traversal, which Teredo needs"


def draft_clients(site: Site, prefixes: Sequence[EntryPrefixes], planned: Sequence[AddFirewallRule]) -> Iterator[Draft]:
    """A node for the clients of each server and transport, with the rules of their firewall."""
    rules = list(_rules(site, planned))
    known = bool(rules) or site.client_firewall is not None
    by_kind = {kind: _filters(rules, kind) if known else [] for kind in TUNNELS.values()}
    for entry in prefixes:
        for server in entry.servers:
            yield from _of_server(server, entry.organisation, by_kind, known)


def _of_server(
    server: ServerPrefixes, organisation: Prefix | None, by_kind: dict[LinkKind, list[Filter]], known: bool
) -> Iterator[Draft]:
    for field, kind in TUNNELS.items():
        prefix = getattr(server, field)
        if prefix is None:
            continue
        draft = Draft(f"clients of {server.server} by {kind}", NodeKind.CLIENTS, prefix.place, peer=server.server)
        draft.native = draft.add_interface("tunnel", tunnel_link(server.server, kind))
        own: tuple[IPv6Network, ...] = (prefix.network,)
        if kind is LinkKind.SIX_TO_FOUR and organisation is not None:
            own = tuple(six_to_four_clients(organisation.network))
        draft.own(draft.native, own)
        origin = Origin(Source.DERIVED, text="clients send everything for the intranet to their server")
        draft.routes.append(Route(ANYWHERE, draft.native, tunnel_address(prefix.network), origin=origin))
        draft.filters = by_kind[kind]
        draft.filters_known = known
        yield draft


def _rules(site: Site, planned: Sequence[AddFirewallRule]) -> Iterator[tuple[Filter, bool]]:
    """Each rule with whether it allows edge traversal."""
    for rule in site.client_firewall or ():
        scope = tuple(one.value for one in rule.scope if one.value is not None)
        origin = Origin(Source.STATED, rule.place, rule.name)
        if scope or not rule.scope:
            yield _allow(scope, tuple(rule.ports), origin), rule.edge_traversal
    for one in planned:
        yield _allow(one.scope, one.ports, Origin(Source.PLANNED, text=one.name)), one.edge_traversal


def _allow(scope: tuple[IPv6Network, ...], ports: tuple[str, ...], origin: Origin) -> Filter:
    ports = tuple(port.lower() for port in ports if port.lower() not in {"any", "all"})
    return Filter(allow=True, sources=scope, ports=ports, forwarded=False, why=origin.text, origin=origin)


def _filters(rules: Sequence[tuple[Filter, bool]], kind: LinkKind) -> list[Filter]:
    """What counts for a transport; a firewall that lets nothing in drops all."""
    counting = [one for one, edge in rules if edge or kind is not LinkKind.TEREDO]
    if counting:
        return counting
    return [Filter(allow=False, forwarded=False, why=NO_EDGE if rules else NO_RULE)]
