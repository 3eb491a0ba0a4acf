"""A plan's operations, methods and prefixes as people read them, shared by all renderers.

Takes plain values of a plan; gives text. Knows no tool: commands come from `report/plan/scripts.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.directaccess.plan.model import (
    AdapterName,
    AddAddress,
    AddDnsRecord,
    AddFirewallRule,
    AddForwardingServer,
    AddManagementServer,
    AddRoute,
    DoByHand,
    Operation,
    Role,
    RunCommand,
    SetForwarding,
    SetGroupPolicy,
    SetIsatapRouter,
)  # fmt: skip
from wireproof.directaccess.site.model import Method
from wireproof.directaccess.topology.model import Outcome

if TYPE_CHECKING:
    from wireproof.directaccess.addresses import EntryPrefixes, Prefix

METHODS = {
    Method.AUTO: "the method that fits",
    Method.NATIVE_AUTOMATIC: "native IPv6 with the automatic prefix",
    Method.NATIVE_OWN: "native IPv6 with an own prefix",
    Method.ISATAP: "ISATAP for a limited group of stations",
    Method.ISATAP_ROUTER: "ISATAP with a separate router",
    Method.FORWARDING: "forwarding virtual servers on the load balancer",
}
"""The methods' names in a sentence."""

ROLES = {
    Role.STATION: "management station",
    Role.SERVER: "DirectAccess server",
    Role.ISATAP_ROUTER: "ISATAP router",
    Role.BALANCER: "load balancer",
    Role.ROUTER: "router",
    Role.DNS: "DNS",
    Role.POLICY: "group policy",
}
"""Whose machine it is, in words."""

SIGNS = {
    Outcome.DELIVERED: "✓", Outcome.WRONG_SERVER: "✗", Outcome.NO_ROUTE: "✗", Outcome.LOOP: "✗", Outcome.DROPPED: "✗",
    Outcome.ASYMMETRIC: "✗", Outcome.UNKNOWN: "?",
}  # fmt: skip
"""What tells outcomes apart without colour."""


@dataclass(frozen=True, slots=True)
class PrefixLine:
    """One prefix or address of an entry point or server: who owns it, what it is for, and where it comes from."""

    owner: str
    purpose: str
    value: str
    source: str


def list_prefixes(entries: Iterable[EntryPrefixes]) -> Iterator[PrefixLine]:
    """Every prefix that is known, entry points in order, each followed by its servers."""
    for entry in entries:
        for purpose, prefix in (
            ("organisation", entry.organisation), ("stations", entry.intranet), ("IP-HTTPS clients", entry.ip_https), ("NAT64", entry.nat64),
        ):  # fmt: skip
            yield from _prefix(entry.entry_point, purpose, prefix)
        if entry.dns64:
            yield PrefixLine(entry.entry_point, "DNS64", str(entry.dns64), "")
        for server in entry.servers:
            for purpose, prefix in (
                ("IP-HTTPS clients", server.ip_https), ("Teredo clients", server.teredo), ("6to4 clients", server.six_to_four),
                ("ISATAP", server.isatap),
            ):  # fmt: skip
                if prefix and (purpose, prefix.network) != (
                    "IP-HTTPS clients",
                    entry.ip_https and entry.ip_https.network,
                ):
                    yield from _prefix(server.server, purpose, prefix)
            if server.internal:
                yield PrefixLine(server.server, "next hop", str(server.internal), "")


def _prefix(owner: str, purpose: str, prefix: Prefix | None) -> Iterator[PrefixLine]:
    if prefix is None:
        return
    source = prefix.source or ("stated" if prefix.stated else "derived")
    differs = f"; derived it would be {prefix.differs}" if prefix.differs else ""
    yield PrefixLine(owner, purpose, str(prefix.network), source + differs)


def adapter_words(adapter: AdapterName) -> str:
    """How a sentence names an adapter."""
    return adapter.alias or (f"interface {adapter.index}" if adapter.index else adapter.ask or "the adapter")


def describe(operation: Operation) -> str:
    """One operation as an instruction, without any tool's words."""
    match operation:
        case AddAddress(adapter, address):
            return f"Assign {address} to {adapter_words(adapter)}"
        case AddRoute():
            return _describe_route(operation)
        case SetForwarding(adapter, forwarding, advertising):
            return f"{_switches(forwarding, advertising)} on {adapter_words(adapter)}"
        case SetIsatapRouter(record, state):
            return f"Set ISATAP to {state}" + (f" with {record} as its router" if record else "")
        case AddDnsRecord(zone, name, address):
            return f"Add the {'A' if address.version == 4 else 'AAAA'} record {name}.{zone} = {address}"
        case _:
            return _describe_service(operation)


def _describe_service(operation: Operation) -> str:
    match operation:
        case AddFirewallRule(name, ports, scope, edge_traversal, profiles):
            edge = ", with edge traversal" if edge_traversal else ""
            return f"Let {', '.join(ports) or 'all ports'} in from {_some(scope)} ({', '.join(profiles)}{edge}): rule {name!r}"
        case AddManagementServer(name):
            return f"Add {name} to DirectAccess' management servers"
        case SetGroupPolicy(policy, key, value):
            return f"Set {key} = {value} in the group policy object {policy!r}"
        case AddForwardingServer(kind, name, prefix, member):
            return f"Forward {prefix} to {member} by the virtual server {name} ({kind.value}), without source NAT"
        case RunCommand(netsh, powershell):
            return f"Run {netsh or powershell}"
        case DoByHand(text):
            return text
    return type(operation).__name__


def _describe_route(route: AddRoute) -> str:
    way = f"to {route.next_hop}" if route.next_hop else "on-link"
    metric = f", metric {route.metric}" if route.metric is not None else ""
    publish = ", published" if route.publish else ""
    return f"Route {route.prefix} {way} on {adapter_words(route.adapter)}{metric}{publish}"


def _switches(forwarding: bool | None, advertising: bool | None) -> str:
    """`Turn forwarding on and advertising off`; what is None stays as it is."""
    given = [(name, on) for name, on in (("forwarding", forwarding), ("advertising", advertising)) if on is not None]
    return (
        "Turn " + " and ".join(f"{name} {'on' if on else 'off'}" for name, on in given)
        if given
        else "Leave forwarding as it is"
    )


def _some(values: Iterable[object], most: int = 4) -> str:
    texts = [str(value) for value in values]
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return (", ".join(texts[:most]) or "anywhere") + more


def name_some(names: tuple[str, ...], most: int = 3) -> str:
    """`DESK1, DESK2, DESK3 and 997 more`."""
    return _some(names, most)
