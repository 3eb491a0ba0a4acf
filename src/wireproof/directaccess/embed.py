"""IPv4 addresses inside IPv6 addresses and prefixes, as the transition technologies of DirectAccess put them there.

Takes and gives addresses; knows nothing of sites.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

SIX_TO_FOUR = IPv6Network("2002::/16")
TEREDO = IPv6Network("2001::/32")
UNIQUE_LOCAL = IPv6Network("fc00::/7")
_NOT_PUBLIC = tuple(
    IPv4Network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8")
)


def is_public(address: IPv4Address) -> bool:
    """Whether an address is none of RFC 1918, RFC 6598, RFC 3927 and loopback.

    Documentation addresses (RFC 5737) count as public: examples use them so.
    """
    return not any(address in network for network in _NOT_PUBLIC)


def is_unique_local(address: IPv6Address) -> bool:
    """Whether an address is of fc00::/7 (RFC 4193)."""
    return address in UNIQUE_LOCAL


def site_prefix(address: IPv6Address) -> IPv6Network:
    """The /48 that an address lies in: a site's prefix for 6to4 (RFC 3056 section 2) and ULA (RFC 4193 section 3.1)."""
    return IPv6Network((address, 48), strict=False)


def subnet(prefix: IPv6Network, number: int, length: int = 64) -> IPv6Network:
    """Of a /48, the prefix of `length` whose fourth group is `number`: 0x3333 of 2002:836b:2:: is 2002:836b:2:3333::."""
    return IPv6Network((int(prefix.network_address) | number << 64, length))


def six_to_four_prefix(address: IPv4Address) -> IPv6Network:
    """2002:WWXX:YYZZ::/48 of the public address w.x.y.z (RFC 3056 section 2)."""
    return IPv6Network((0x2002 << 112 | int(address) << 80, 48))


def teredo_prefix(server: IPv4Address) -> IPv6Network:
    """2001:0:WWXX:YYZZ::/64 of the Teredo server w.x.y.z (RFC 4380 section 4)."""
    return IPv6Network((int(TEREDO.network_address) | int(server) << 64, 64))


def first_of_pair(addresses: Iterable[IPv4Address]) -> IPv4Address | None:
    """The first of two consecutive public addresses: a Teredo server needs both (RFC 4380 section 5.3); None without."""
    known = {address for address in addresses if is_public(address)}
    return min((address for address in known if int(address) < 0xFFFFFFFF and address + 1 in known), default=None)


def isatap_address(prefix: IPv6Network, address: IPv4Address) -> IPv6Address:
    """The ISATAP address of a host: ::0:5efe:w.x.y.z, with the u bit ::200:5efe: for a global IPv4 (RFC 5214 section 6.1)."""
    marker = 0x02005EFE if is_public(address) else 0x00005EFE
    return IPv6Address(int(prefix.network_address) | marker << 32 | int(address))


def isatap_scopes(prefix: IPv6Network) -> tuple[IPv6Network, IPv6Network]:
    """Both /96 that hold all ISATAP hosts of a /64: private IPv4 first, then global (RFC 5214 section 6.1)."""
    private = isatap_address(prefix, IPv4Address("10.0.0.0"))
    public = isatap_address(prefix, IPv4Address("192.0.2.0"))
    return IPv6Network((private, 96), strict=False), IPv6Network((public, 96), strict=False)


def six_to_four_clients(own: IPv6Network) -> Iterator[IPv6Network]:
    """2002::/16 without the organisation's own /48: where 6to4 clients are (RFC 3056 section 5.1), biggest first."""
    if not own.subnet_of(SIX_TO_FOUR):
        return iter((SIX_TO_FOUR,))
    return iter(sorted(SIX_TO_FOUR.address_exclude(own), key=lambda part: part.prefixlen))
