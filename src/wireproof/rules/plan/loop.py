"""Packets between stations and DirectAccess clients go round in a circle.

## What is seen
Two or more machines name each other as the next hop for a client prefix or for the stations' prefix, so that a packet comes back to a
machine that it has passed already.

## Why it matters
Each packet circles until its hop limit is used up: nothing arrives, and links and machines carry every packet dozens of times.

## Fix
Find the machine in the trace whose route points back to where the packet came from. It is usually a default route that stands in for the
missing specific route to the server that owns the prefix.

## Looks alike but is not
A detour by way of one more router, and answers that take another way than the questions (`plan-asymmetric`).

## References
RFC 8200 section 3 (hop limit); RFC 4443 section 3.3 (time exceeded).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.directaccess.topology.model import Outcome
from wireproof.finding import Finding, Severity
from wireproof.rules.plan._journeys import ending, finding, groups

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-loop"
SEVERITY = Severity.ERROR


def judge(review: Review) -> Iterator[Finding]:
    """One finding a cause."""
    for group in groups(review, Outcome.LOOP):
        trip = ending(group.first)
        names = [hop.node for hop in trip.hops]
        circle = " → ".join(names[names.index(names[-1]) :])
        yield finding(
            review,
            group,
            RULE,
            SEVERITY,
            title=f"Routing loop: {circle}",
            summary=f"From {group.who}: {trip.reason}.",
            fix=["Give one machine of the circle the specific route to the server that owns the prefix."],
            references=["RFC 8200 section 3"],
        )
