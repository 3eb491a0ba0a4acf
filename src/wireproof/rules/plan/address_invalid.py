"""An address or prefix of the site file means nothing.

## What is seen
The text is no IPv4 or IPv6 address or prefix: a dotted part with five numbers, a number above 255, two `::`, a letter that is no digit.

## Why it matters
Everything that rests on it is left out of the model: a route that cannot be read leads nowhere. Articles and tickets pass such slips on.

## Fix
Read the address on the machine itself (`ipconfig`, `netsh interface ipv6 show address`) and copy it whole.

## Looks alike but is not
A prefix with host bits set (`plan-host-bits`), which does mean a network. An address that is valid but another machine's
(`plan-address-duplicate`).

## References
RFC 4291 section 2.2 (text forms of addresses, with an IPv4 address in the last 32 bits); RFC 5214 section 6.1 (ISATAP addresses).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Finding, Severity
from wireproof.rules.plan._stated import evidence, slips

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-address-invalid"
SEVERITY = Severity.ERROR


def judge(review: Review) -> Iterator[Finding]:
    """One finding for each text, however often it stands there."""
    for slip in slips(review):
        if not slip.understood:
            yield Finding(
                RULE,
                SEVERITY,
                Confidence.HIGH,
                title=f"{slip.text[:80]} cannot be read",
                summary=f"`{slip.text[:200]}`: {slip.problem}.",
                evidence=[evidence(review, slip.place, slip.problem)],
                facts={"written": slip.text},
                fix=["Read the address on the machine itself and copy it whole."],
                references=["RFC 4291 section 2.2"],
                cause=(slip.text,),
            )
