"""Packets for clients have to pass a server with a single adapter.

## What is seen
A server has no external adapter, and the method sends native IPv6 or ISATAP packets through it.

## Why it matters
With one adapter Windows holds a filter named "Forwarding block filter in single NIC". With the automatic prefix it keeps packets of stations from
being passed on to clients, while the server's own addresses answer ping. For ISATAP and for own prefixes the sources disagree.

## Fix
Give the server a second adapter. Otherwise use an own prefix, entered in the wizard, and try it with one station before you count on it.

## Looks alike but is not
A server with two adapters behind NAT: it passes packets on.

## References
Jason Jones: Windows Server 2012 DirectAccess manage out using native IPv6 (2013), with comments.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Finding, Severity
from wireproof.rules.plan._told import Told, finding

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-single-adapter"
SEVERITY = Severity.WARNING


def judge(review: Review) -> Iterator[Finding]:
    """One finding for all entry points with one adapter; an error with the automatic prefix, which is known to fail."""
    entries = review.ground.single_adapter
    if not entries:
        return
    method = (review.plan.choice.method or review.site.method).value
    automatic = method == "native-automatic"
    shown = ", ".join(entry.name for entry in entries[:5])
    what = "drops packets for clients" if automatic else "may drop packets for clients"
    told = Told(
        f"A server with a single adapter {what}: {shown}",
        f'{shown}: the servers have one adapter. Windows then holds a filter named "Forwarding block filter in single NIC".'
        + (
            " Users with the automatic prefix saw their packets reach the server and go no further."
            if automatic
            else " Sources disagree on whether it stops ISATAP and own prefixes as well: one copy of Jason Jones' post calls the topology not suitable, "
            "another does not name it, and users report both."
        ),
        [
            "Give the server a second adapter.",
            "Otherwise test with one station and a real port, not with ping, before you go on.",
        ],
        [
            "Jason Jones: Windows Server 2012 DirectAccess manage out using native IPv6 (2013)",
            "Jason Jones: Windows Server 2012 DirectAccess manage out using native IPv6 (2013), comments",
        ],
        {"entry_points": [entry.name for entry in entries], "method": method},
        Confidence.HIGH if automatic else Confidence.LOW,
    )
    severity = Severity.ERROR if automatic else SEVERITY
    yield finding(
        review, RULE, severity, told, [(entry.servers[0].place, "no `external` adapter") for entry in entries]
    )
