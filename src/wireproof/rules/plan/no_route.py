"""Packets between stations and DirectAccess clients end where no route leads on.

## What is seen
Routed through the model of the site, packets from a station to clients, or their answers, come to a machine that has no route to the
destination, no address to send from, or a route onto a link where nobody answers for the destination.

## Why it matters
These stations reach none of these clients. Nothing is logged anywhere: connections time out.

## Fix
Add the missing route on the machine that is named, with the next hop that leads to the server which holds the clients' tunnels. On the way
back it is the server that needs a route to the stations' prefix. A station without an IPv6 address needs one first.

## Looks alike but is not
A next hop that cannot be reached (`plan-next-hop-unreachable`), a filter (`plan-dropped`), and packets that end on another server than the
one that holds the tunnels (`plan-wrong-server`).

## References
RFC 4861 section 5.2 (next-hop determination); RFC 6724 section 5 (choice of the source address); RFC 4291 section 2.3 (prefixes).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.directaccess.topology.model import Outcome
from wireproof.finding import Finding, Severity
from wireproof.rules.plan._journeys import Group, ending, finding, groups

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-no-route"
SEVERITY = Severity.ERROR
FIXES = {
    "no-address": "Give each station an IPv6 address: a static one from the intranet prefix, or ISATAP.",
    "nobody-answers": "Correct the prefix length or the network: the route says that the destination is a neighbour, and it is none.",
    "no-interface": "Name an adapter of the machine in the route.",
    "wrong-node": "Give each machine its own address.",
}


def judge(review: Review) -> Iterator[Finding]:
    """One finding a cause."""
    for group in groups(review, Outcome.NO_ROUTE, but=["next-hop"]):
        yield finding(review, group, RULE, SEVERITY, **words(group))


def words(group: Group) -> dict[str, object]:
    """Title, text and fix."""
    trip = ending(group.first)
    back = trip is group.first.back
    way = "on the way back " if back else ""
    fix = FIXES.get(
        trip.code, f"Add a route on {trip.hops[-1].node} towards {'the stations' if back else 'the clients'}."
    )
    return {
        "title": f"No route {way}at {trip.hops[-1].node}"
        if trip.code != "no-address"
        else "Stations have no IPv6 address",
        "summary": f"From {group.who}: {way}{trip.reason}.",
        "fix": [fix],
        "references": ["RFC 4861 section 5.2", "RFC 6724 section 5"],
    }
