"""The ISATAP router has the name `isatap`.

## What is seen
The router's record, a DNS record or a command gives the ISATAP router a name whose first label is `isatap`.

## Why it matters
Every Windows machine of the domain looks that name up by itself. As soon as it resolves, all of them become ISATAP hosts and prefer the tunnel to
IPv4 wherever both ends have an address: traffic of the whole network goes through one computer. DNS servers keep the name from being answered
through the Global Query Block List, and Microsoft says to leave it there; so it either harms everybody or works for nobody.

## Fix
Give the router another name, such as `da-isatap`, and tell it to the management stations only, by a group policy that is filtered to their group.

## Looks alike but is not
Names that merely contain the word, such as `da-isatap` or `isatap01`: no machine asks for them by itself.

## References
Microsoft: da-adv-plan-s1 (Global Query Block List); Jason Jones: limited ISATAP; RFC 5214 section 8.3.2 (potential router list by name).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Finding, Severity
from wireproof.rules.plan._told import Told, finding

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-isatap-name"
SEVERITY = Severity.ERROR


def judge(review: Review) -> Iterator[Finding]:
    """One finding for all places that use the name."""
    used = [(name, place) for name, place in review.ground.isatap_names() if name.partition(".")[0].lower() == "isatap"]
    if not used:
        return
    name = used[0][0]
    told = Told(
        f"The ISATAP router's name is {name}: every machine of the domain would use it",
        f"{name} is the name that every Windows machine looks up by itself. If DNS answers it, all of them become ISATAP hosts; if the Global Query "
        "Block List holds it back, the management stations find no router either.",
        [
            "Use another name, such as `da-isatap`, and set it on management stations only (group policy `Set ISATAP Router Name`, filtered to a group)."
        ],
        [
            "Microsoft: Step 1, plan the advanced DirectAccess infrastructure (da-adv-plan-s1)",
            "Jason Jones: Limiting ISATAP services to UAG DirectAccess manage out clients",
            "RFC 5214 8.3.2",
        ],
        {"names": sorted({name for name, _ in used})},
    )
    yield finding(review, RULE, SEVERITY, told, [(place, f"the name {name}") for name, place in used])
