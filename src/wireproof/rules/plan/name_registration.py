r"""Clients since Windows 10 2004 do not register their addresses in DNS by themselves.

## What is seen
The clients include Windows 10 or 11, and the site is judged as it is (`--as-is`): no step of a plan turns registration on.

## Why it matters
Since the Windows 10 May 2020 Update a client does not register its addresses on DNS servers that the NRPT names. A station then finds no AAAA
record or an old one, and manage-out by name fails although every route is right.

## Fix
Set the registry value DisableNRPTForAdapterRegistration to 0 under HKLM\System\CurrentControlSet\Services\Dnscache\Parameters on clients,
by group policy. A plan holds this step.

## Looks alike but is not
Windows 7 and 8 clients: they register. A site with its plan applied.

## References
Microsoft: DirectAccess Known Issues (DNS registration of DirectAccess client IPv6 addresses).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Finding, Severity
from wireproof.rules.plan._told import Told, finding

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-name-registration"
SEVERITY = Severity.INFO
CONCERNED = frozenset({"windows-10", "windows-11"})


def judge(review: Review) -> Iterator[Finding]:
    """One finding for the site, as long as no plan is applied to it."""
    concerned = sorted({client.value for client in review.site.clients} & CONCERNED)
    if not review.as_is or not concerned:
        return
    told = Told(
        "Clients may not register their addresses in DNS",
        f"The clients include {' and '.join(concerned)}. Since version 2004 they do not register their IPv6 addresses unless a registry value says so; "
        "a site file can't tell whether it is set.",
        [
            "On a client: `Get-ItemProperty HKLM:\\System\\CurrentControlSet\\Services\\Dnscache\\Parameters`: DisableNRPTForAdapterRegistration has to be 0.",
            "From a station: `Resolve-DnsName <client> -Type AAAA` has to give the client's address of today.",
        ],
        ["Microsoft: DirectAccess Known Issues (DNS registration of DirectAccess client IPv6 addresses)"],
        {"clients": concerned},
        Confidence.LOW,
    )
    yield finding(review, RULE, SEVERITY, told, [(("clients",), ", ".join(concerned))])
