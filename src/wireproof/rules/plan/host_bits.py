"""A prefix of the site file has bits set behind its length.

## What is seen
The address before the slash is no multiple of the prefix' size: `2131:0:0:1001::/59` means the same network as `2131:0:0:1000::/59`.

## Why it matters
Who wrote it meant another network: a longer prefix, or another address. Windows and load balancers either refuse such a prefix or silently
take the network that it lies in, which may be another server's.

## Fix
Write the prefix as the machine prints it, with the right length. Members of a cluster have one /64 each, the cluster a /59.

## Looks alike but is not
An address with its prefix length (`2001:db8::10/64` on an adapter), where the bits behind the length are the host's.

## References
RFC 4291 section 2.3 (text form of prefixes); RFC 5952; Microsoft, "Deploy Remote Access in a cluster", step 3 (/59 and /64).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Finding, Severity
from wireproof.rules.plan._stated import evidence, slips

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-host-bits"
SEVERITY = Severity.ERROR


def judge(review: Review) -> Iterator[Finding]:
    """One finding for each prefix as it is written, however often it stands there."""
    for slip in slips(review):
        if slip.understood and "host bits" in slip.problem:
            yield Finding(
                RULE,
                SEVERITY,
                Confidence.HIGH,
                title=f"{slip.text} is no prefix: it has host bits set",
                summary=f"`{slip.text}`: {slip.problem}.",
                evidence=[evidence(review, slip.place, slip.problem)],
                facts={"written": slip.text},
                fix=["Write the prefix with the length that the machine prints."],
                references=["RFC 4291 section 2.3"],
                cause=(slip.text,),
            )
