"""The site asks for a method that can't work in it.

## What is seen
`method` names one way to reach the clients, and the topology rules it out: servers that share an address space, a single adapter, a path
without IPv6, a prefix that two servers have. Every reason is listed with its source, and with it the methods that nothing speaks against.

## Why it matters
The commands would run without an error, ping might even be answered, and clients would stay out of reach. So no plan is made.

## Fix
Take one of the methods that work here, or change what the reasons name. `method: auto` lets wireproof choose.

## Looks alike but is not
A method that needs care but works: its cautions are in the plan. A site in which no method works at all (`plan-nothing-works`).

## References
Every reason names its own: Microsoft's lists of supported configurations, Jason Jones, Richard Hicks, F5.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Finding, Severity
from wireproof.rules.plan._told import Told, finding

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-method-refused"
SEVERITY = Severity.ERROR


def judge(review: Review) -> Iterator[Finding]:
    """One finding for the method that the site asks for."""
    choice, asked = review.plan.choice, review.site.method
    if asked.value == "auto" or choice.method is not None:
        return
    fatal = [objection for objection in choice.against(asked) if objection.fatal]
    refused = {objection.method for objection in choice.objections if objection.fatal}
    working = [method.value for method in type(asked) if method.value != "auto" and method not in refused]
    instead = f"These work here: {', '.join(working)}." if working else "No other method works here either."
    told = Told(
        f"{asked.value} can't work here: {len(fatal)} {'reason' if len(fatal) == 1 else 'reasons'}",
        f"The site asks for {asked.value}. {'. '.join(objection.reason for objection in fatal)}. {instead}",
        [
            f"Set `method: {working[0]}` or `method: auto`."
            if working
            else "Change what the reasons name; then plan again."
        ],
        [source for objection in fatal for source in objection.sources],
        {"method": asked.value, "reasons": [objection.key for objection in fatal], "working": working},
    )
    places = [(objection.place, objection.reason) for objection in fatal if objection.place]
    yield finding(review, RULE, SEVERITY, told, [(("method",), f"asks for {asked.value}"), *places])
