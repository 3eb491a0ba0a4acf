"""Native IPv6 with prefixes of the organisation's own, entered in the wizard: what speaks against it.

Takes the ground; gives objections. Knows nothing of steps.
"""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.directaccess.method import sources
from wireproof.directaccess.method.ground import Ground, ipv6_of, names
from wireproof.directaccess.plan.model import Objection
from wireproof.directaccess.site.model import Intranet, Method, Station

THIS = Method.NATIVE_OWN


def objections(ground: Ground) -> Iterator[Objection]:
    """Why routes to own prefixes don't reach the clients here."""
    yield from needs_ipv6(ground, THIS)
    yield from tells_apart(ground, THIS)


def needs_ipv6(ground: Ground, method: Method) -> Iterator[Objection]:
    """What every method on native IPv6 needs: addresses on servers and stations, and a path between them."""
    if ground.site.intranet is not Intranet.NATIVE_IPV6:
        why = (
            f"the intranet is {ground.site.intranet.value}: an own client prefix can be entered in the wizard only where servers and intranet "
            "have native IPv6 before DirectAccess is configured"
        )
        yield Objection(method, "no-native-ipv6", why, (sources.CLUSTER, sources.JONES))
        return
    bare = [server for server, _ in ground.servers if not ipv6_of(server.internal)]
    if bare:
        why = f"{names(bare)} has no IPv6 address on the internal adapter, so no route can name it as next hop"
        yield Objection(method, "server-without-ipv6", why, (sources.CLUSTER,), place=bare[0].place)
    alone = [
        station for station in ground.site.stations if not ipv6_of(station.adapter) and not _prefix(ground, station)
    ]
    if alone:
        why = f"{names(alone)} has neither an IPv6 address nor a network with an IPv6 prefix to take one from"
        yield Objection(method, "station-without-ipv6", why, (sources.JONES,), place=alone[0].place)
    blocked = [s for s, server in ground.remote_stations() if not ground.ipv6_path(s.adapter, server.internal)]
    if blocked:
        routers = ground.ipv4_only_routers()
        through = f": {names(routers)} forwards IPv4 only" if routers else ""
        why = f"between {names(blocked)} and the server lies a network that does not carry IPv6{through}"
        yield Objection(method, "ipv4-only-path", why, (sources.JONES,), place=blocked[0].place)


def tells_apart(ground: Ground, method: Method) -> Iterator[Objection]:
    """What every method with several servers needs: a client prefix of each server that no other server has."""
    unknown = [server for server, prefixes in ground.servers if prefixes.ip_https is None]
    if unknown:
        why = (
            f"the IP-HTTPS prefix of {names(unknown)} is not known; read it on the server with `(Get-RemoteAccess).ClientIPv6Prefix` "
            "and state it as `ip-https-prefix`"
        )
        yield Objection(method, "prefix-unknown", why, (sources.F5, sources.CLUSTER), place=unknown[0].place)
    same = ground.same_prefixes()
    if same:
        one, two, network = same[0]
        more = f" (and {len(same) - 1:,} more)" if len(same) > 1 else ""
        why = f"{one} and {two} have the same IP-HTTPS prefix {network}{more}: an address does not tell which server holds the client"
        yield Objection(method, "same-prefix", why, (sources.F5_COMMENTS, sources.MULTISITE), place=_place(ground, two))
    overlapping = ground.overlapping_prefixes()
    if overlapping:
        one, two, wide, narrow = overlapping[0]
        why = f"the IP-HTTPS prefix {narrow} of {two} lies inside {wide} of {one}: prefixes must not overlap"
        yield Objection(method, "prefix-overlap", why, (sources.MULTISITE, sources.RFC_4291), place=_place(ground, two))


def _prefix(ground: Ground, station: Station) -> bool:
    network = ground.network_of(station.adapter)
    return bool(network and any(prefix.value for prefix in network.ipv6))


def _place(ground: Ground, name: str) -> tuple[str | int, ...]:
    return next((server.place for server, _ in ground.servers if server.name == name), ())
