"""Prefixes that DirectAccess derives, and those that the site states.

Takes a `Site` and one of its entry points; gives prefixes, each with where it comes from. Guesses nothing: what neither
the site nor an RFC tells is None. How addresses embed others is in `embed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from itertools import islice
from typing import Any

from wireproof.directaccess import embed
from wireproof.directaccess.prefixes import EntryPrefixes, Prefix, ServerPrefixes
from wireproof.directaccess.site.model import Balancing, EntryPoint, Intranet, Layout, Server, Site
from wireproof.directaccess.stated import Stated

__all__ = ["EntryPrefixes", "Prefix", "ServerPrefixes", "derive_prefixes"]

INTRANET = 0x3333
"""Fourth group of the /64 that holds the server's and DNS64's address ::1 (Windows Server 2012 and later)."""
NAT64 = 0x7777
IP_HTTPS = 0x1000
ISATAP = 0x1
UAG_ISATAP, UAG_NAT64, UAG_IP_HTTPS = 0x8000, 0x8001, 0x8100
SITE_BITS = 48
"""Prefix length that DirectAccess lays its networks out in (a site prefix, RFC 3056 and RFC 4193)."""
CLUSTER_LENGTH = 59
"""Prefix length of a cluster's IP-HTTPS clients: each of at most 32 members takes one /64 of it."""
MOST_MEMBERS = 32


def derive_prefixes(site: Site, entry: EntryPoint) -> EntryPrefixes:
    """The prefixes of one entry point: stated values first, derived ones where nothing is stated.

    Sources: 6to4 RFC 3056, Teredo RFC 4380, ISATAP RFC 5214, NAT64 RFC 6052 and 6147, ULA RFC 4193; the fourth groups
    3333, 7777 and 1000 as Windows Server 2012 sets them, 8000, 8001 and 8100 as UAG 2010 did.
    """
    return _Derivation(site, entry).all()


class _Derivation:
    """The facts of one entry point that several prefixes rest on, found once."""

    def __init__(self, site: Site, entry: EntryPoint) -> None:
        self.site = site
        self.entry = entry
        self.uag = entry.layout is Layout.UAG_2010
        self.native = site.intranet is Intranet.NATIVE_IPV6
        self.clustered = len(entry.servers) > 1 or entry.balancing is not Balancing.NONE
        self.single_adapter = any(server.external is None for server in entry.servers)
        self.external = _external_addresses(entry)
        self.behind_nat = self._is_behind_nat()
        self.public = None if self.behind_nat else next(filter(embed.is_public, self.external), None)
        self.organisation = self._organisation()
        self.home = self.organisation.network if self.organisation else None

    def all(self) -> EntryPrefixes:
        """Everything, put together."""
        intranet = self._intranet()
        whole = self._ip_https()
        members = self._members(whole)
        servers = tuple(self._server(server, members.get(server.name), intranet) for server in self.entry.servers)
        next_hop = self._next_hop(servers, intranet)
        return EntryPrefixes(
            entry_point=self.entry.name,
            behind_nat=self.behind_nat,
            single_adapter=self.single_adapter,
            organisation=self.organisation,
            intranet=intranet,
            ip_https=whole,
            dns64=self._dns64(next_hop),
            nat64=self._nat64(),
            servers=servers,
            next_hop=next_hop,
        )

    def _is_behind_nat(self) -> bool:
        if self.entry.behind_nat is not None:
            return self.entry.behind_nat
        return self.single_adapter or any(not embed.is_public(address) for address in self.external)

    def _organisation(self) -> Prefix | None:
        derived = None
        if self.public and not self.native:
            derived = embed.six_to_four_prefix(self.public)
            if self.uag:
                derived = embed.subnet(derived, UAG_ISATAP, 49)
        stated = self.entry.organisation_prefix
        if stated and stated.value:
            if stated.value.prefixlen > SITE_BITS and not self.uag and not self.native:
                # Get-DAServer's InternalIPv6Prefix lists networks inside of it, and is easily taken for it.
                return Prefix(
                    embed.site_prefix(stated.value.network_address), False, f"the /48 of {stated.text}", stated.place
                )
            return _compare(stated, stated.value, derived)
        if derived:
            return Prefix(derived, False, f"6to4 prefix of the public address {self.public} (RFC 3056)")
        return None if self.uag else self._stated_home()

    def _stated_home(self) -> Prefix | None:
        """Behind NAT the /48 is a unique local one with a random part, which only the site's own words can tell."""
        if not self.behind_nat:
            return None
        for told in self._unique_local():
            words = f"the /48 of {told.text}; behind NAT it is a unique local prefix with a random part (RFC 4193)"
            return Prefix(embed.site_prefix(_address(told.value)), False, words, told.place)
        return None

    def _unique_local(self) -> Iterator[Stated[Any]]:
        """Unique local addresses that the servers state, those that DirectAccess itself sets first."""
        for told in self._told():
            if told is not None and told.value is not None and embed.is_unique_local(_address(told.value)):
                yield told

    def _told(self) -> Iterator[Stated[Any] | None]:
        servers = self.entry.servers
        yield self.entry.ip_https_prefix
        for server in servers:
            yield from (server.dns64, server.nat64_prefix, server.ip_https_prefix, server.internal_prefix)
            if server.isatap:
                yield from (server.isatap.prefix, server.isatap.address)
        if not self.native:
            for server in servers:
                yield from server.internal.ipv6

    def _intranet(self) -> Prefix | None:
        derived = self._intranet_derived()
        told = [address for server in self.entry.servers for address in server.internal.ipv6]
        if self.entry.internal_vip:
            told += self.entry.internal_vip.ipv6
        for address in told:
            if address.value and not address.value.is_link_local:
                network = address.value.network
                expected = derived if self._should_be_automatic(network) else None
                return _compare(address, network, expected)
        if derived is None:
            return None
        return Prefix(
            derived, False, f"{INTRANET:x}::/64 of {self.home}, as DirectAccess sets it on an IPv4-only intranet"
        )

    def _intranet_derived(self) -> IPv6Network | None:
        if self.home is None or self.native or self.uag or self.home.prefixlen > 48:
            return None
        return embed.subnet(self.home, INTRANET)

    def _should_be_automatic(self, network: IPv6Network) -> bool:
        """Whether a stated internal network looks like the automatic one with a slip."""
        automatic = self.site.intranet is Intranet.IPV4_ONLY and self.home is not None
        return (
            automatic and network.prefixlen == 64 and (not self.behind_nat or network.subnet_of(self.home or network))
        )

    def _ip_https(self) -> Prefix | None:
        derived = self._ip_https_derived()
        stated = self.entry.ip_https_prefix
        if stated and stated.value:
            return _compare(stated, stated.value, derived)
        told = [server.ip_https_prefix for server in self.entry.servers if server.ip_https_prefix]
        known = [prefix for prefix in told if prefix.value]
        if len(self.entry.servers) == 1 and known and known[0].value:
            return _compare(known[0], known[0].value, derived)
        if derived:
            return Prefix(derived, False, self._ip_https_source())
        whole = {_supernet(prefix.value) for prefix in known if prefix.value}
        if known and len(whole) == 1:
            return Prefix(
                whole.pop(), False, f"the /{CLUSTER_LENGTH} that the members' prefixes lie in", known[0].place
            )
        return None

    def _ip_https_derived(self) -> IPv6Network | None:
        if self.home is None or self.native:
            return None
        if self.uag:
            return embed.subnet(embed.site_prefix(self.home.network_address), UAG_IP_HTTPS, 56)
        if self.home.prefixlen > 48:
            return None
        return embed.subnet(self.home, IP_HTTPS, CLUSTER_LENGTH if self.clustered else 64)

    def _ip_https_source(self) -> str:
        if self.uag:
            return f"{UAG_IP_HTTPS:x}::/56 of {self.home}, as UAG 2010 sets it"
        if self.clustered:
            return f"{IP_HTTPS:x}::/{CLUSTER_LENGTH} of {self.home}; each of up to {MOST_MEMBERS} members takes a /64 of it"
        return f"{IP_HTTPS:x}::/64 of {self.home}, as DirectAccess sets it on an IPv4-only intranet"

    def _members(self, whole: Prefix | None) -> dict[str, Prefix]:
        """Each server's own part of the IP-HTTPS prefix; by the order of the file where a server does not state it."""
        found: dict[str, Prefix] = {}
        for server in self.entry.servers:
            stated = server.ip_https_prefix
            if stated and stated.value:
                found[server.name] = self._stated_member(stated, stated.value, whole)
        if whole is None:
            return found
        if not self.clustered:
            return found or {self.entry.servers[0].name: whole}
        taken = [prefix.network for prefix in found.values()]
        length = max(64, whole.network.prefixlen)
        numbered = islice(whole.network.subnets(new_prefix=length), MOST_MEMBERS)
        parts = [part for part in numbered if not any(part.overlaps(other) for other in taken)]
        waiting = [server for server in self.entry.servers if server.name not in found and not server.ip_https_prefix]
        words = f"a /64 of {whole.network} by the order in the file; read it on the server: (Get-RemoteAccess).ClientIPv6Prefix"
        for server, part in zip(waiting, parts, strict=False):
            found[server.name] = Prefix(part, False, words, whole.place, assumed=True)
        return found

    def _stated_member(self, stated: Stated[IPv6Network], network: IPv6Network, whole: Prefix | None) -> Prefix:
        inside = whole is None or network.subnet_of(whole.network)
        if inside or whole is None:
            return Prefix(network, True, "stated", stated.place)
        return Prefix(network, True, "stated", stated.place, differs=whole.network)

    def _server(self, server: Server, ip_https: Prefix | None, intranet: Prefix | None) -> ServerPrefixes:
        return ServerPrefixes(
            server=server.name,
            ip_https=ip_https,
            teredo=self._teredo(server),
            six_to_four=self._six_to_four(),
            isatap=self._isatap(server),
            internal=self._internal(server, intranet),
        )

    def _teredo(self, server: Server) -> Prefix | None:
        pair = None
        if self.site.teredo and not self.behind_nat:
            own = _values(self.entry.external_vip) or (_values(server.external.ipv4) if server.external else [])
            pair = embed.first_of_pair(own)
        derived = embed.teredo_prefix(pair) if pair else None
        stated = server.teredo_prefix
        if stated and stated.value:
            return _compare(stated, stated.value, derived)
        if derived is None:
            return None
        return Prefix(
            derived, False, f"Teredo prefix of {pair}, the first of two consecutive public addresses (RFC 4380)"
        )

    def _six_to_four(self) -> Prefix | None:
        if not self.site.six_to_four or self.public is None:
            return None
        own = embed.six_to_four_prefix(self.public)
        return Prefix(embed.SIX_TO_FOUR, False, f"all 6to4 clients but the own {own} (RFC 3056)")

    def _isatap(self, server: Server) -> Prefix | None:
        derived = None
        if self.home is not None and not self.native:
            derived = embed.subnet(embed.site_prefix(self.home.network_address), UAG_ISATAP if self.uag else ISATAP)
        for stated in self._stated_isatap(server):
            if stated.value:
                network = IPv6Network((_address(stated.value), 64), strict=False)
                return _compare(stated, network, derived)
        if derived is None:
            return None
        return Prefix(
            derived, False, f"the ISATAP prefix that DirectAccess sets in {self.home} (addresses by RFC 5214)"
        )

    def _stated_isatap(self, server: Server) -> Iterator[Stated[Any]]:
        if server.isatap:
            yield from (told for told in (server.isatap.prefix, server.isatap.address) if told)
        internal = server.internal_prefix
        if internal and internal.value and internal.value.prefixlen == 64 and not self.native:
            yield internal

    def _internal(self, server: Server, intranet: Prefix | None) -> IPv6Address | None:
        own = [address.value for address in server.internal.ipv6 if address.value and not address.value.is_link_local]
        if own:
            inside = [address for address in own if intranet and address in intranet.network]
            return (inside or own)[0].ip
        if self.clustered or intranet is None or intranet.stated:
            return None
        return intranet.network[1]

    def _next_hop(self, servers: tuple[ServerPrefixes, ...], intranet: Prefix | None) -> IPv6Address | None:
        vip = self.entry.internal_vip
        for address in vip.ipv6 if vip else ():
            if address.value:
                return address.value.ip
        if len(servers) == 1:
            return servers[0].internal
        balanced = self.entry.balancing is Balancing.NLB
        return intranet.network[1] if balanced and intranet and not intranet.stated else None

    def _dns64(self, next_hop: IPv6Address | None) -> IPv6Address | None:
        for server in self.entry.servers:
            if server.dns64 and server.dns64.value:
                return server.dns64.value
        if self.native:
            return next_hop
        automatic = self._intranet_derived()
        return automatic[1] if automatic else None

    def _nat64(self) -> Prefix | None:
        derived, words = self._nat64_derived()
        for server in self.entry.servers:
            stated = server.nat64_prefix
            if stated and stated.value:
                return _compare(stated, stated.value, derived)
        return Prefix(derived, False, words) if derived else None

    def _nat64_derived(self) -> tuple[IPv6Network | None, str]:
        if self.uag and self.home:
            home = embed.site_prefix(self.home.network_address)
            return embed.subnet(home, UAG_NAT64, 96), f"{UAG_NAT64:x}::/96 of {home}, as UAG 2010 sets it"
        local = next(self._unique_local(), None)
        if local is None or self.uag:
            return None, ""
        home = embed.site_prefix(_address(local.value))
        return embed.subnet(home, NAT64, 96), f"{NAT64:x}::/96 of the unique local {home} (RFC 6052, RFC 4193)"


def _external_addresses(entry: EntryPoint) -> list[IPv4Address]:
    """External IPv4 addresses, those of the whole cluster first."""
    own = [address for server in entry.servers if server.external for address in server.external.ipv4]
    return _values([*entry.external_vip, *own])


def _values(told: Iterable[Stated[IPv4Address]]) -> list[IPv4Address]:
    return [address.value for address in told if address.value]


def _address(value: Any) -> IPv6Address:
    """The address of an address, an interface or a network."""
    if isinstance(value, IPv6Network):
        return value.network_address
    return IPv6Address(int(value))


def _compare(stated: Stated[Any], network: IPv6Network, derived: IPv6Network | None) -> Prefix:
    return Prefix(network, True, "stated", stated.place, differs=derived if derived and derived != network else None)


def _supernet(network: IPv6Network) -> IPv6Network:
    return network.supernet(new_prefix=CLUSTER_LENGTH) if network.prefixlen > CLUSTER_LENGTH else network
