"""The site file does not say enough to tell what becomes of some packets.

## What is seen
Packets come to a machine of which nobody said whether it forwards IPv6, to a next hop that is no machine of the file, or to clients whose
firewall rules nobody stated.

## Why it matters
A plan is proven only as far as the file goes. What is not known may be the one thing that breaks it.

## Fix
State what the open question asks for, and run the check again.

## Looks alike but is not
A known failure: those are findings of their own.

## References
The page on site files: what each key means and what is assumed when it is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.directaccess.topology.model import Journey, Outcome
from wireproof.finding import Severity, Undecided
from wireproof.rules.plan._journeys import ending

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-unknown"
SEVERITY = Severity.INFO
NEXT = {
    "forwards-unknown": "state `forwards-ipv6: true` or `false` for {node} "
    "(or `forwarding` of its adapters, as `netsh interface ipv6 show interface INDEX` says)",
    "next-hop-unknown": "state the machine that has this next hop, under `routers` with its adapters and routes",
    "link-without-ipv6": "state whether that network carries IPv6",
    "nobody-meant": "name a station and clients of the file in the expectation",
    "": "state `client-firewall`: the inbound rules that group policy gives the clients ([] for none)",
}


def judge(review: Review) -> Iterator[Undecided]:
    """One open question for each reason."""
    if review.plan.choice.method is not None and not review.journeys and review.site.stations:
        yield Undecided(
            RULE,
            "no prefix of clients is known, so that nothing could be routed to them",
            "state `ip-https-prefix` of each server as `(Get-RemoteAccess).ClientIPv6Prefix` prints it",
        )
    told = set()
    for journey in review.journeys:
        if journey.outcome is Outcome.UNKNOWN:
            question = undecided(journey)
            if question not in told:
                told.add(question)
                yield question


def undecided(journey: Journey) -> Undecided:
    """What isn't known, and what to state."""
    trip = ending(journey)
    node = trip.hops[-1].node if trip.hops else ""
    return Undecided(RULE, journey.reason, NEXT[trip.code].format(node=node))
