"""Packets to DirectAccess clients arrive at a server that does not hold their tunnels.

## What is seen
The routes lead packets for the clients of one server to another server, because prefixes overlap or are equal, because several next hops
tie, or because a route or virtual server names the wrong member.

## Why it matters
A client's tunnel and its IPsec security associations end on one server. Any other server has no way to it and drops the packets.

## Fix
Each server needs its own client prefix, and one route (or one forwarding virtual server with one pool member) from that prefix to that
server. Read each server's prefix on the server itself: `(Get-RemoteAccess).ClientIPv6Prefix`. Do not balance traffic to clients.

## Looks alike but is not
A server that passes the packets on to the right one (delivered, though perhaps `plan-asymmetric`). Equal prefixes that nothing routes to.

## References
RFC 4301 section 4.1 (a security association is between two ends); F5 DevCentral, "Direct Access on Windows 2012 R2: Manage Out with a
Hardware Load Balancer"; Microsoft, "Deploy Remote Access in a cluster", step 3 (one /64 of the /59 for each member).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.directaccess.topology.model import Outcome
from wireproof.finding import Finding, Severity
from wireproof.rules.plan._journeys import ending, finding, groups

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-wrong-server"
SEVERITY = Severity.ERROR


def judge(review: Review) -> Iterator[Finding]:
    """One finding a cause."""
    for group in groups(review, Outcome.WRONG_SERVER):
        trip = ending(group.first)
        yield finding(
            review,
            group,
            RULE,
            SEVERITY,
            title="Packets for clients reach a server that does not hold their tunnels",
            summary=f"From {group.who}: {trip.reason}.",
            fix=[
                "Read each server's own prefix on it: (Get-RemoteAccess).ClientIPv6Prefix.",
                "Route each prefix to its own server only: one route or one forwarding virtual server with one pool member each.",
            ],
            references=[
                "RFC 4301 section 4.1",
                "F5 DevCentral: Direct Access, Manage Out with a Hardware Load Balancer",
            ],
        )
