"""Windows 7 clients do not change over between entry points.

## What is seen
The clients include Windows 7, and the site has several entry points.

## Why it matters
A Windows 7 client belongs to one entry point by policy. Servers tell their clients apart by distinct prefixes only if they are in entry points of
their own; whoever splits a cluster into entry points to get distinct prefixes takes failover from the Windows 7 clients.

## Fix
Decide what matters more: keep the servers in one entry point where Windows 7 clients must survive the loss of one, or move those clients to
Windows 10 or later. Give each entry point its own group of Windows 7 clients.

## Looks alike but is not
Several servers in one entry point: the balancer moves clients of every generation. Windows 8 and later choose an entry point by themselves.

## References
F5 DevCentral 276633, comments; Microsoft: multisite deployment (Windows 7 clients).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Finding, Severity
from wireproof.rules.plan._told import Told, finding

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-windows-7-failover"
SEVERITY = Severity.WARNING


def judge(review: Review) -> Iterator[Finding]:
    """One finding for the site."""
    entries = review.site.entry_points
    if len(entries) < 2 or "windows-7" not in {client.value for client in review.site.clients}:
        return
    told = Told(
        f"Windows 7 clients stay with one of {len(entries)} entry points",
        "A Windows 7 client is bound to one entry point and does not move to another when that one fails. Distinct prefixes by distinct entry points "
        "cost these clients their failover.",
        [
            "Keep servers that must replace each other for Windows 7 in one entry point, or move these clients to a later Windows."
        ],
        [
            "F5 DevCentral 276633: Direct Access manage out with a hardware load balancer, comments",
            "Microsoft: Deploy multiple Remote Access servers in a multisite deployment, step 3",
        ],
        {"entry_points": len(entries)},
    )
    yield finding(
        review, RULE, SEVERITY, told, [(("clients",), "Windows 7"), (("entry-points",), f"{len(entries)} entry points")]
    )
