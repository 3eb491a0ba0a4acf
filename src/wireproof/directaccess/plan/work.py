"""What every role's file needs while a plan is made: the ground, the method, and names of adapters.

Takes nothing but values; holds the addresses that stations get. Makes no step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv6Address, IPv6Interface, IPv6Network

from wireproof.directaccess.addresses import EntryPrefixes, ServerPrefixes
from wireproof.directaccess.method.ground import Ground, ipv6_of
from wireproof.directaccess.plan.model import AdapterName, Check
from wireproof.directaccess.site.model import Adapter, IsatapInterface, Machine, Method, Server, Site

FIND_ADAPTER = "netsh interface ipv6 show interface"
"""The command that shows names and indexes of adapters."""

ISATAP_METHODS = frozenset({Method.ISATAP, Method.ISATAP_ROUTER})
"""Methods whose stations have an ISATAP address."""


@dataclass
class Work:
    """A plan in the making. `addresses` are the stations' IPv6 addresses by name, planned or stated."""

    ground: Ground
    method: Method
    addresses: dict[str, IPv6Interface] = field(default_factory=dict)

    @property
    def site(self) -> Site:
        """The site."""
        return self.ground.site

    @property
    def by_isatap(self) -> bool:
        """Whether stations reach clients through an ISATAP tunnel."""
        return self.method in ISATAP_METHODS

    @property
    def record(self) -> str:
        """The full DNS name of the ISATAP router; never one whose first label is `isatap`."""
        stated = self.site.isatap_router.record if self.site.isatap_router else ""
        if stated and stated.partition(".")[0].lower() != "isatap":
            return stated
        return f"da-isatap.{self.site.domain}" if self.site.domain else "da-isatap"

    def full_name(self, machine: str) -> str:
        """A machine's name in the site's domain."""
        return f"{machine}.{self.site.domain}" if self.site.domain and "." not in machine else machine


def adapter_name(adapter: Adapter | IsatapInterface | None, what: str = "internal adapter") -> AdapterName:
    """Name and index of an adapter, with the command that finds them where neither is stated."""
    name, index = (adapter.name, adapter.index) if adapter else ("", None)
    ask = "" if name or index else f"index of the {what}, see {FIND_ADAPTER}"
    return AdapterName(name, index, ask)


def isatap_name(machine: Machine) -> AdapterName:
    """Name and index of a machine's ISATAP interface."""
    return adapter_name(machine.isatap, "ISATAP interface (isatap.{...})")


def next_hop_of(server: Server, prefixes: ServerPrefixes) -> IPv6Address | None:
    """The address on the corporate side by which others name a server."""
    stated = ipv6_of(server.internal)
    return prefixes.internal or (stated[0].ip if stated else None)


def automatic_next_hop(server: Server, entry: EntryPrefixes) -> IPv6Address:
    """The server's address in the automatic /64: what is stated or derived in it, else ...::1."""
    assert entry.intranet is not None
    network: IPv6Network = entry.intranet.network
    known = [interface.ip for interface in ipv6_of(server.internal)]
    known += [address for address in (entry.servers[0].internal, entry.dns64) if address]
    return next((address for address in known if address in network), network[1])


def has_route(machine: Machine, prefix: IPv6Network, next_hop: IPv6Address | None) -> bool:
    """Whether the site states this very route for a machine."""
    return any(
        route.prefix.value == prefix and (route.next_hop.value if route.next_hop else None) == next_hop
        for route in machine.routes
        if not route.prefix.problem
    )


def route_check(prefix: IPv6Network, next_hop: IPv6Address | None, failure: str) -> Check:
    """Look for a route in the table."""
    by = f" with gateway {next_hop}" if next_hop else " as on-link"
    return Check("route print -6", f"{prefix}{by}, under active and under persistent routes", failure)
