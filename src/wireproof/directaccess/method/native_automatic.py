"""Native IPv6 with the prefix that DirectAccess made by itself: what speaks against it.

Takes the ground; gives objections. Knows nothing of steps.
"""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.directaccess.method import sources
from wireproof.directaccess.method.ground import Ground, names
from wireproof.directaccess.plan.model import Objection
from wireproof.directaccess.site.model import Balancing, Intranet, Layout, Method

THIS = Method.NATIVE_AUTOMATIC


def objections(ground: Ground) -> Iterator[Objection]:
    """Why stations can't simply take addresses from ...:3333::/64 and route to ...:3333::1 here."""
    yield from _servers(ground)
    yield from _stations(ground)


def _servers(ground: Ground) -> Iterator[Objection]:
    for entry in ground.balanced(Balancing.EXTERNAL):
        why = (
            f"{entry.name} has an external load balancer: the one next hop ...:3333::1 can't stand for several servers, and only the server "
            "that holds the client's security association can deliver"
        )
        yield Objection(THIS, "external-balancer", why, (sources.JONES, sources.F5), place=entry.place)
    for entry in ground.balanced(Balancing.NLB):
        why = f"{entry.name} is an NLB cluster: no document says that the automatic prefix serves one, so it is not planned"
        yield Objection(THIS, "nlb-cluster", why, (sources.UNSUPPORTED, sources.JONES), place=entry.place)
    for entry in ground.crowded():
        if entry.balancing is Balancing.NONE:
            why = f"{entry.name} has {len(entry.servers)} servers, and one next hop ...:3333::1 can't stand for all of them"
            yield Objection(THIS, "several-servers", why, (sources.JONES, sources.F5), place=entry.place)
    if ground.multisite:
        why = "a multisite deployment needs own prefixes, entered in the wizard, with routes for each entry point"
        yield Objection(THIS, "multisite", why, (sources.JONES, sources.MULTISITE))
    for entry in ground.single_adapter:
        why = (
            f'{entry.name} has a single adapter: Windows then holds a filter named "Forwarding block filter in single NIC", '
            "and ...:3333::1 does not pass packets on"
        )
        yield Objection(THIS, "single-adapter", why, (sources.JONES, sources.JONES_COMMENTS), place=entry.place)


def _stations(ground: Ground) -> Iterator[Objection]:
    if ground.site.intranet is Intranet.NATIVE_IPV6:
        why = (
            "the intranet has native IPv6 already: DirectAccess then makes no prefix ...:3333::/64, DNS64 answers on the server's own "
            "address, and clients get the prefix that was entered in the wizard"
        )
        yield Objection(THIS, "intranet-has-ipv6", why, (sources.CLUSTER,))
    for entry, prefixes in ground.pairs:
        if entry.layout is Layout.UAG_2010:
            why = f"{entry.name} was laid out by UAG 2010, which makes no prefix ...:3333::/64: its intranet prefix ...:8000::/64 belongs to ISATAP"
            yield Objection(THIS, "uag-layout", why, (sources.UAG,), place=entry.place)
        elif prefixes.intranet is None and ground.site.intranet is not Intranet.NATIVE_IPV6:
            how = (
                "behind NAT a part of it is random; read `(Get-DAServer).InternalIPv6Prefix` on the server and state it as its `internal-prefix`"
                if prefixes.behind_nat
                else "state its public IPv4 address or `organisation-prefix`"
            )
            why = f"the automatic prefix of {entry.name} is not known: {how}"
            yield Objection(THIS, "prefix-unknown", why, (sources.JONES,), place=entry.place)
    remote = ground.remote_stations()
    blocked = [station for station, server in remote if not ground.ipv6_path(station.adapter, server.internal)]
    if blocked:
        why = (
            f"between {names(blocked)} and the server lies a network that does not carry IPv6"
            f"{_through(ground)}; the path has to forward native IPv6"
        )
        yield Objection(THIS, "ipv4-only-path", why, (sources.JONES,), place=blocked[0].place)
    routed = [station for station, server in remote if ground.ipv6_path(station.adapter, server.internal)]
    if routed:
        why = (
            f"{names(routed)} {'stands' if len(routed) == 1 else 'stand'} on another network than the server: an address of ...:3333::/64 "
            "is on the link of the server only. A jump host in the server's network would do"
        )
        yield Objection(THIS, "other-subnet", why, (sources.JONES_COMMENTS, sources.RFC_4291), place=routed[0].place)


def _through(ground: Ground) -> str:
    routers = ground.ipv4_only_routers()
    return f" ({names(routers)} {'forwards' if len(routers) == 1 else 'forward'} IPv4 only)" if routers else ""
