"""Teredo is on while a hardware load balancer stands before the servers.

## What is seen
The site has `teredo: true`, and an entry point has an external load balancer.

## Why it matters
Teredo clients of all servers have addresses that do not tell which server holds their tunnel, so no route or virtual server can send a packet to the
right one. Those clients stay out of reach, each at the moment when it happens to use Teredo.

## Fix
Turn Teredo off, on the servers and by policy on the clients. They then come by IP-HTTPS, whose prefix is each server's own.

## Looks alike but is not
Teredo with a single server: its prefix 2001:0:WWXX:YYZZ::/64 leads to that server. A balancer with Teredo off.

## References
F5 DevCentral 276633: Direct Access manage out with a hardware load balancer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Finding, Severity
from wireproof.rules.plan._told import Told, finding

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-teredo-balanced"
SEVERITY = Severity.WARNING


def judge(review: Review) -> Iterator[Finding]:
    """One finding for all entry points with a balancer."""
    entries = [entry for entry in review.site.entry_points if entry.balancing.value == "external"]
    if not (review.site.teredo and entries):
        return
    told = Told(
        "Teredo clients can't be reached behind a load balancer",
        f"{len(entries)} {'entry point has' if len(entries) == 1 else 'entry points have'} an external load balancer, and Teredo is on. A Teredo client's "
        "address does not tell which server holds its tunnel.",
        [
            "Turn Teredo off on every server and client: `Set-NetTeredoConfiguration -Type Disabled`, or the group policy `Set Teredo State`.",
            "State `teredo: false` and plan again.",
        ],
        ["F5 DevCentral 276633: Direct Access manage out with a hardware load balancer"],
        {"entry_points": [entry.name for entry in entries]},
    )
    yield finding(
        review,
        RULE,
        SEVERITY,
        told,
        [(("teredo",), "Teredo is on"), *((e.place, "external load balancer") for e in entries)],
    )
