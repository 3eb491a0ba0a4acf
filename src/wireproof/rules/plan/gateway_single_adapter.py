"""Stations send their packets to ...:3333::1 of a server with a single adapter.

## What is seen
A station's gateway or route names the server's address in the automatic prefix (...:3333::1) as next hop, and that server has one adapter.

## Why it matters
That address belongs to DNS64 and answers ping, but packets for clients end there: nobody has seen it pass them on with a single adapter. `tracert`
shows it as the first hop and nothing after.

## Fix
Name an address of the server's own that lies in its internal prefix and that stations can reach, and use an own client prefix; or give the server a
second adapter.

## Looks alike but is not
The same next hop on a server with two adapters: that is the documented way.

## References
Jason Jones: Windows Server 2012 DirectAccess manage out using native IPv6 (2013), comments.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Finding, Severity
from wireproof.rules.plan._told import Told, finding

if TYPE_CHECKING:
    from ipaddress import IPv6Address

    from wireproof.directaccess.review import Review
    from wireproof.directaccess.stated import Place

RULE = "plan-gateway-single-adapter"
SEVERITY = Severity.ERROR


def judge(review: Review) -> Iterator[Finding]:
    """One finding for each such address, however many stations use it."""
    for address in _addresses(review):
        used = _users(review, address)
        if used:
            yield _finding(review, address, used)


def _addresses(review: Review) -> list[IPv6Address]:
    """...:3333::1 of entry points whose servers have one adapter."""
    found = []
    for entry in review.prefixes:
        network = entry.intranet.network if entry.intranet else None
        if network is not None and entry.single_adapter and (int(network.network_address) >> 64) & 0xFFFF == 0x3333:
            found.append(network[1])
    return found


def _users(review: Review, address: IPv6Address) -> list[tuple[Place, str]]:
    used: list[tuple[Place, str]] = []
    for station in review.site.stations:
        gateway = station.adapter.gateway
        if gateway and gateway.value == address:
            used.append(((*station.adapter.place, "gateway"), f"{station.name}: gateway {address}"))
        used += [
            (r.place, f"{station.name}: {r.prefix} by {address}")
            for r in review.ground.routes_of(station)
            if r.next_hop == address
        ]
    return used


def _finding(review: Review, address: IPv6Address, used: list[tuple[Place, str]]) -> Finding:
    told = Told(
        f"{address} of a server with a single adapter passes no packets on",
        f"{len(used):,} {'gateway or route names' if len(used) == 1 else 'gateways or routes name'} {address} as next hop. With a single adapter it answers "
        "ping, and packets for clients end there.",
        [
            "Add an address in the server's own internal prefix, reach it from the stations, and name that one; users report both success and failure.",
            "Better: a second adapter, or native IPv6 with own prefixes.",
        ],
        ["Jason Jones: Windows Server 2012 DirectAccess manage out using native IPv6 (2013), comments"],
        {"next_hop": str(address), "count": len(used)},
    )
    return finding(review, RULE, SEVERITY, told, used)
