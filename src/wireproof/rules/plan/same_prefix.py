"""Several servers have the same IP-HTTPS prefix.

## What is seen
Two or more servers state (or derive) one and the same prefix for their IP-HTTPS clients. A prefix with host bits set counts as the network in which it
lies, as Windows takes it.

## Why it matters
Only the server that holds a client's tunnel can deliver to it. If an address does not tell which server that is, a route or a forwarding virtual server
sends every second packet, or all of them, to the wrong one.

## Fix
Run `(Get-RemoteAccess).ClientIPv6Prefix` on every server and state what each says. Members of a cluster that all print the cluster's /59 have one
/64 of it each: `ipconfig` shows it on the IP-HTTPS adapter. Otherwise give every entry point a prefix of its own in the wizard.

## Looks alike but is not
Members of a cluster with different /64 of one /59.

## References
F5 DevCentral 276633, comments; Microsoft: multisite deployment (a distinct prefix for every entry point).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Finding, Severity
from wireproof.rules.plan._told import Told, finding

if TYPE_CHECKING:
    from ipaddress import IPv6Network

    from wireproof.directaccess.review import Review
    from wireproof.directaccess.site.model import Server

RULE = "plan-same-prefix"
SEVERITY = Severity.ERROR


def judge(review: Review) -> Iterator[Finding]:
    """One finding for each prefix that several servers have."""
    owners: dict[IPv6Network, list[Server]] = {}
    for server, prefixes in review.ground.servers:
        if prefixes.ip_https:
            owners.setdefault(prefixes.ip_https.network, []).append(server)
    for prefix, servers in owners.items():
        if len(servers) > 1:
            yield _finding(review, prefix, servers)


def _finding(review: Review, prefix: IPv6Network, servers: list[Server]) -> Finding:
    shown = ", ".join(server.name for server in servers[:5])
    more = f" and {len(servers) - 5:,} more" if len(servers) > 5 else ""
    told = Told(
        f"{len(servers)} servers have the same IP-HTTPS prefix {prefix}",
        f"{shown}{more} have {prefix}: an address of a client does not tell which of them holds its tunnel, so manage-out can't find the right one.",
        [
            "Read each server's own prefix: `(Get-RemoteAccess).ClientIPv6Prefix`, and `ipconfig` for the /64 on the IP-HTTPS adapter.",
            "If they really are equal, the servers need distinct prefixes: members of a cluster with a /59, or entry points of their own.",
        ],
        [
            "F5 DevCentral 276633: Direct Access manage out with a hardware load balancer, comments",
            "Microsoft: Deploy multiple Remote Access servers in a multisite deployment, step 3",
        ],
        {"prefix": str(prefix), "servers": [server.name for server in servers], "count": len(servers)},
    )
    stated = [(server, server.ip_https_prefix) for server in servers]
    places = [
        (
            (*server.place, "ip-https-prefix") if text else server.place,
            f"{server.name}: {text.text if text else prefix}",
        )
        for server, text in stated
    ]
    return finding(review, RULE, SEVERITY, told, places)
