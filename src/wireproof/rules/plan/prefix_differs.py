"""A stated prefix is not the one that follows from the site's other figures, or hosts and their ISATAP router disagree on it.

## What is seen
The organisation, Teredo, 6to4 or ISATAP prefix of the file differs from the one that DirectAccess derives from the servers' IPv4 addresses,
or an ISATAP router publishes another /64 than the file names as its own, or than its hosts' addresses begin with.

## Why it matters
Routes and firewall scopes rest on these prefixes. With the wrong one, answers have no way back or clients drop the packets. It is the most
common slip in copied instructions: the text says one prefix and the command another.

## Fix
Read the prefix on the machine: `(Get-DAServer).InternalIPv6Prefix`, `ipconfig`, `route print -6`. Write the same one everywhere.

## Looks alike but is not
An own prefix for IP-HTTPS clients on an intranet with native IPv6: there the administrator chooses it. A shorter prefix that contains the
derived one.

## References
RFC 3056 section 2 (6to4); RFC 4380 section 2.6 (Teredo addresses); RFC 5214 section 6.1 (ISATAP); Microsoft, DirectAccess planning, step 1
(6to4-based organisation prefix).
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Network
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Finding, Severity
from wireproof.rules.plan._stated import evidence

if TYPE_CHECKING:
    from wireproof.directaccess.prefixes import Prefix
    from wireproof.directaccess.review import Review
    from wireproof.directaccess.stated import Place

RULE = "plan-prefix-differs"
SEVERITY = Severity.WARNING


def judge(review: Review) -> Iterator[Finding]:
    """Stated against derived prefixes, then what the ISATAP router publishes against what it and its hosts have."""
    for what, prefix in _derivable(review):
        if (
            prefix.differs
            and not prefix.network.supernet_of(prefix.differs)
            and not prefix.differs.supernet_of(prefix.network)
        ):
            note = f"{prefix.differs} follows from the servers' addresses"
            yield _finding(review, f"The {what} is stated as {prefix.network}, but {note}", prefix.place, note)
    yield from _isatap(review)


def _derivable(review: Review) -> Iterator[tuple[str, Prefix]]:
    own = review.site.intranet.value == "native-ipv6"
    for entry in review.prefixes:
        if entry.organisation and not own:
            yield f"organisation prefix of {entry.entry_point}", entry.organisation
        if entry.ip_https and not own and len(entry.servers) == 1:
            yield f"IP-HTTPS prefix of {entry.entry_point}", entry.ip_https
        for server in entry.servers:
            named = {"Teredo": server.teredo, "6to4": server.six_to_four}
            yield from ((f"{name} prefix of {server.server}", prefix) for name, prefix in named.items() if prefix)


def _isatap(review: Review) -> Iterator[Finding]:
    router = review.site.isatap_router
    published = set(_published(review)) if router else set()
    if not published or router is None:
        return
    told = " and ".join(sorted(str(prefix) for prefix in published))
    note = f"{router.name} publishes {told}"
    own = router.isatap.prefix if router.isatap else None
    if own and own.value is not None and own.value not in published:
        yield _finding(
            review, f"The ISATAP prefix is stated as {own.text}, but {note}", own.place or router.place, note
        )
    for station in review.site.stations:
        its = station.isatap.prefix if station.isatap else None
        if its and its.value is not None and its.value not in published:
            title = f"Stations begin their ISATAP addresses with {its.value}, but {note}"
            yield _finding(review, title, its.place or station.place, f"{station.name}: {its.text}")


def _published(review: Review) -> Iterator[IPv6Network]:
    """On-link /64s of the router's ISATAP interface that commands or the file gave it."""
    from wireproof.directaccess.topology.draft import ISATAP_LINK

    router = review.site.isatap_router
    node = review.topology.nodes[router.name] if router else None
    for interface in node.interfaces if node else ():
        if interface.link == ISATAP_LINK and node:
            yield from (
                route.prefix
                for route in node.routes
                if route.interface == interface.name and route.next_hop is None and route.prefix.prefixlen == 64
            )


def _finding(review: Review, title: str, place: Place, note: str) -> Finding:
    return Finding(
        RULE,
        SEVERITY,
        Confidence.HIGH,
        title=title,
        summary=f"{title}. Routes and firewall scopes have to name one and the same prefix.",
        evidence=[evidence(review, place, note)],
        fix=["Read the prefix on the machine itself and write the same one everywhere."],
        references=["RFC 3056 section 2", "RFC 5214 section 6.1"],
        cause=(title,),
    )
