"""The prefixes of an entry point and its servers, as plain values with where each comes from. Computes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from wireproof.directaccess.stated import Place


@dataclass(frozen=True, slots=True)
class Prefix:
    """One prefix that applies. `stated` says whether the site gives it; otherwise it is derived as `source` says.

    `differs` holds the derived one where the site states another. `assumed` marks what has to be read from the machine
    before anybody relies on it, such as which member of a cluster took which /64.
    """

    network: IPv6Network
    stated: bool
    source: str
    place: Place = ()
    differs: IPv6Network | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class ServerPrefixes:
    """What one server owns; None where it has none or nobody can tell."""

    server: str
    ip_https: Prefix | None = None
    teredo: Prefix | None = None
    six_to_four: Prefix | None = None
    isatap: Prefix | None = None
    internal: IPv6Address | None = None
    """The server's own IPv6 address on the corporate side that next hops name."""


@dataclass(frozen=True, slots=True)
class EntryPrefixes:
    """Prefixes of an entry point. `intranet` is the /64 that stations take static addresses from.

    `next_hop` is the address that routes to the whole entry point name: a single server's own, or the internal VIP.
    """

    entry_point: str
    behind_nat: bool
    single_adapter: bool
    organisation: Prefix | None
    intranet: Prefix | None
    ip_https: Prefix | None
    dns64: IPv6Address | None
    nat64: Prefix | None
    servers: tuple[ServerPrefixes, ...]
    next_hop: IPv6Address | None = None
