"""All that is expected of the site is that ping is answered.

## What is seen
The site has `expect` lines, and every one of them is about ICMP.

## Why it matters
ICMP is exempt from DirectAccess' IPsec tunnels. An answered ping shows addresses and routes; it shows neither that the client has a tunnel for the
station (list of management servers) nor that its firewall lets a real port in.

## Fix
Expect a port that you need, such as `port: tcp/3389`, and test with `Test-NetConnection <client> -Port 3389`.

## Looks alike but is not
Expectations on ICMP beside others. A site without expectations.

## References
Jason Jones: Windows Server 2012 DirectAccess manage out using native IPv6 (2013).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Finding, Severity
from wireproof.rules.plan._told import Told, finding

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-ping-proves-little"
SEVERITY = Severity.INFO


def judge(review: Review) -> Iterator[Finding]:
    """One finding for the site."""
    expected = review.site.expect
    if not expected or any(expectation.port != "icmp" for expectation in expected):
        return
    told = Told(
        "Only ping is expected, which proves little",
        f"All {len(expected):,} expectations are about ICMP, which is exempt from the IPsec tunnels: it is answered where every other port may fail."
        if len(expected) > 1
        else "The only expectation is about ICMP, which is exempt from the IPsec tunnels: it is answered where every other port may fail.",
        ["Add an expectation with a port that you need, such as `port: tcp/3389`."],
        ["Jason Jones: Windows Server 2012 DirectAccess manage out using native IPv6 (2013)"],
        {"expectations": len(expected)},
    )
    yield finding(review, RULE, SEVERITY, told, [(expectation.place, "icmp") for expectation in expected])
