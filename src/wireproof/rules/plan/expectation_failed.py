"""An `expect` line of the site file does not hold.

## What is seen
The file says what has to become of packets from stations to clients on a port. Routed through the model, with filters and firewalls,
something else becomes of them.

## Why it matters
Expectations are the site's tests: they turn the plan into something that a pipeline can check before anybody touches a machine.

## Fix
Read the trace: its last line names the machine and the reason. Change the site, or the expectation if it asks for the wrong thing.

## Looks alike but is not
An expectation that the file does not say enough about (`plan-unknown`). ICMP that passes while other ports do not: DirectAccess exempts ICMP
from IPsec, so that an expectation of `icmp` proves little.

## References
The page on site files, key `expect`; Jason Jones, "Windows Server 2012 DirectAccess Manage Out using Native IPv6" (what ping proves).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.directaccess.topology.model import Journey, Outcome
from wireproof.finding import Finding, Severity
from wireproof.rules.plan._journeys import Group, finding
from wireproof.rules.plan._stated import evidence

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-expectation-failed"
SEVERITY = Severity.ERROR


def judge(review: Review) -> Iterator[Finding]:
    """One finding an expectation."""
    from wireproof.directaccess.topology.verify import agrees

    asked = [journey for journey in review.journeys if journey.place]
    for expectation, journey in zip(review.site.expect, asked, strict=True):
        if not agrees(expectation.outcome, journey.outcome) and journey.outcome is not Outcome.UNKNOWN:
            yield failed(review, expectation.source, expectation.outcome, journey)


def failed(review: Review, source: str, outcome: str, journey: Journey) -> Finding:
    """The finding on one expectation, which begins at its own line."""
    group = Group([journey], ("expect", *map(str, journey.place)))
    reason = f": {journey.reason}" if journey.reason else ""
    made = finding(
        review,
        group,
        RULE,
        SEVERITY,
        title=f"Expected from {source} on {journey.port}: {outcome}; it is: {journey.outcome.value}",
        summary=f"From {group.who} on {journey.port}{reason}.",
        fix=["Follow the trace to the machine that it ends on, and correct that machine or the expectation."],
        references=[],
    )
    made.evidence.insert(0, evidence(review, journey.place, f"expects {outcome}"))
    return made
