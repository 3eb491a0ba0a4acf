"""Native IPv6 is asked for over a path that carries IPv4 only.

## What is seen
Stations and DirectAccess servers stand on different networks, and no chain of routers that forward IPv6 joins the two.

## Why it matters
Stations can have the right address and the right routes: their packets still end at the first router or firewall that knows IPv4 only.

## Fix
Put a jump host into the servers' network and manage from there; or let the devices between forward IPv6; or use a method with a tunnel over IPv4 (`isatap`
with a single server, `isatap-router` with several).

## Looks alike but is not
Stations on the servers' own network. ISATAP: its packets cross IPv4 networks as protocol 41. Routers of which nothing is stated.

## References
Jason Jones: Windows Server 2012 DirectAccess manage out using native IPv6 (2013), with comments (jump host).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Finding, Severity
from wireproof.rules.plan._told import Told, finding

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-ipv4-only-path"
SEVERITY = Severity.ERROR
TUNNELLED = frozenset({"isatap", "isatap-router"})


def judge(review: Review) -> Iterator[Finding]:
    """One finding for all stations behind such a path, unless a tunnel is asked for or chosen."""
    ground = review.ground
    if (review.plan.choice.method or review.site.method).value in TUNNELLED:
        return
    cut = [
        (station, server)
        for station, server in ground.remote_stations()
        if not ground.ipv6_path(station.adapter, server.internal)
    ]
    if not cut:
        return
    routers = ground.ipv4_only_routers()
    shown = ", ".join(station.name for station, _ in cut[:5])
    through = (
        f" {', '.join(router.name for router in routers[:5])} forwards IPv4 only."
        if routers
        else " No router that forwards IPv6 joins them."
    )
    told = Told(
        f"IPv6 does not get from {shown}{' and others' if len(cut) > 5 else ''} to the DirectAccess server",
        f"{len(cut):,} {'station stands' if len(cut) == 1 else 'stations stand'} on other networks than the server.{through}",
        [
            "Manage from a jump host in the server's network, or let the routers between forward IPv6 (`forwards-ipv6: true`).",
            "Without IPv6 on the way: `method: isatap` with a single server, `method: isatap-router` with several.",
        ],
        [
            "Jason Jones: Windows Server 2012 DirectAccess manage out using native IPv6 (2013)",
            "Jason Jones: Windows Server 2012 DirectAccess manage out using native IPv6 (2013), comments",
        ],
        {"stations": len(cut), "routers": [router.name for router in routers]},
    )
    places = [(router.place, "forwards no IPv6") for router in routers] + [
        (station.place, f"{station.name} is on another network") for station, _ in cut
    ]
    yield finding(review, RULE, SEVERITY, told, places)
