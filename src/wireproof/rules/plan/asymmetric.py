"""Answers of DirectAccess clients come back past another server or balancer than the questions went.

## What is seen
Both ways lead to their end, but one of them passes a DirectAccess server, or a load balancer between two networks, that the other does not
pass.

## Why it matters
Such machines keep state. A balancer that sees one half of a TCP conversation ends it, and a server on one way only adds a point of failure
that nobody looks for. It may work for ping and fail for all else.

## Fix
Route the stations' prefix on the server back by way of the same balancer, or let the stations' route name the server itself.

## Looks alike but is not
Stateless routers that differ on the two ways. A load balancer with one arm in the network of stations and servers: answers go round it by
design, which forwarding virtual servers with the FastL4 profile bear.

## References
RFC 6092 section 3.3.1 (filters that keep TCP state see both directions); F5, nPath routing with the FastL4 profile.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.directaccess.topology.model import Outcome
from wireproof.finding import Finding, Severity
from wireproof.rules.plan._journeys import finding, groups

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-asymmetric"
SEVERITY = Severity.WARNING


def judge(review: Review) -> Iterator[Finding]:
    """One finding a cause."""
    for group in groups(review, Outcome.ASYMMETRIC):
        yield finding(
            review,
            group,
            RULE,
            SEVERITY,
            title="Questions and answers take different ways",
            summary=f"From {group.who}: {group.first.reason}.",
            fix=["Route the stations' prefix back by way of the same machines, or leave them out on the way there."],
            references=["RFC 6092 section 3.3.1"],
        )
