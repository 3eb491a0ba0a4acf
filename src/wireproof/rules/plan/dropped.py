"""A filter, or a machine that does not forward, drops packets between stations and DirectAccess clients.

## What is seen
Routes lead on, but a machine on the way drops the packets: the forwarding filter of a server with a single adapter, forwarding that is
switched off on an interface, a router that carries IPv4 only, source NAT on a load balancer, an ISATAP host that takes packets from its own
router only, or clients whose firewall has no inbound rule for the stations' addresses.

## Why it matters
These stations reach none of these clients on any port, whatever the routes say.

## Fix
The finding names the machine and the reason. Clients need an inbound rule by group policy with the stations' prefix as scope, and edge
traversal for Teredo. A Windows router needs `forwarding=enabled` on every interface that packets come in by. A DirectAccess server with its
own ISATAP interface needs a route to the ISATAP prefix by way of the ISATAP router with a metric below its own.

## Looks alike but is not
A missing route (`plan-no-route`). Single ports that are closed: only an `expect` line asks for a port (`plan-expectation-failed`).

## References
RFC 5214 section 7.3 (which ISATAP packets a host takes); Jason Jones, "Windows Server 2012 DirectAccess Manage Out using Native IPv6",
comments ("Forwarding block filter in single NIC"); Microsoft, DirectAccess planning (edge traversal for Teredo clients).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.directaccess.topology.model import Outcome
from wireproof.finding import Finding, Severity
from wireproof.rules.plan._journeys import ending, finding, groups

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-dropped"
SEVERITY = Severity.ERROR
FIXES = {
    "forwarding-off": "Enable IPv6 forwarding there: netsh interface ipv6 set interface INDEX forwarding=enabled",
    "isatap-not-from-router": "Give the server a route to the ISATAP prefix by way of the ISATAP router, with a metric below that of its own ISATAP route.",
    "link-without-ipv6": "Use a method that carries IPv6 inside IPv4 on this part of the network, such as ISATAP.",
    "filter": "Change or remove the filter, or choose a way that does not pass it.",
}


def judge(review: Review) -> Iterator[Finding]:
    """One finding a cause."""
    for group in groups(review, Outcome.DROPPED):
        trip = ending(group.first)
        yield finding(
            review,
            group,
            RULE,
            SEVERITY,
            title=f"Packets are dropped at {trip.hops[-1].node}",
            summary=f"From {group.who}: {trip.reason}.",
            fix=[FIXES[trip.code]],
            references=["RFC 5214 section 7.3"] if trip.code == "isatap-not-from-router" else [],
        )
