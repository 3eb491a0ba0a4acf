"""A route names a next hop that is not on the link of its interface.

## What is seen
The next hop of a route lies in no prefix of the network that the route's interface is in, or it belongs to a machine in another network.

## Why it matters
A next hop has to be a neighbour. The machine asks its own network for it, nobody answers, and every packet by this route is lost. It is
what happens when stations in another subnet than the DirectAccess server are given the server as their gateway.

## Fix
Name a router in the machine's own network as the next hop, and give that router the route to the server; or put the station (a jump host)
into the server's network; or carry IPv6 inside IPv4 with ISATAP.

## Looks alike but is not
A next hop that would be a neighbour, but that no machine of the file has: it may be a router that nobody stated (`plan-unknown`).

## References
RFC 4861 section 5.2 (a next hop is on-link); Jason Jones, "Windows Server 2012 DirectAccess Manage Out using Native IPv6", comment on
stations in other subnets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Finding, Severity
from wireproof.rules.evidence import count
from wireproof.rules.plan._stated import evidence

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review
    from wireproof.directaccess.topology.links import Links
    from wireproof.directaccess.topology.model import Node, Route

RULE = "plan-next-hop-unreachable"
SEVERITY = Severity.ERROR


def judge(review: Review) -> Iterator[Finding]:
    """One finding for each next hop and network that asks for it."""
    from wireproof.directaccess.topology.links import Links

    links = Links(review.topology)
    lost: dict[tuple[str, int], list[tuple[Node, Route]]] = defaultdict(list)
    reached: dict[tuple[str, int], bool] = {}
    for node in review.topology.nodes.values():
        on = {interface.name: interface.link for interface in node.interfaces}
        for route in node.routes:
            if route.next_hop is None or route.interface not in on:
                continue
            key = (on[route.interface], int(route.next_hop))
            if key not in reached:
                reached[key] = _reaches(links, *key)
            if not reached[key]:
                lost[key].append((node, route))
    for (link, _), found in lost.items():
        yield _finding(review, link, found)


def _reaches(links: Links, link: str, address: int) -> bool:
    from ipaddress import IPv6Address

    if links.owners(link, address):
        return True
    return links.is_on_link(link, address) and links.elsewhere(IPv6Address(address)) is None


def _finding(review: Review, link: str, found: list[tuple[Node, Route]]) -> Finding:
    node, route = found[0]
    names = list(dict.fromkeys(one.name for one, _ in found))
    who = node.name if len(names) == 1 else count(len(names), "machine")
    return Finding(
        RULE,
        SEVERITY,
        Confidence.HIGH,
        title=f"Next hop {route.next_hop} is not on {link}",
        summary=f"{who} would send to next hop `{route.next_hop}` by the network {link}, which it is not in.",
        evidence=[
            evidence(review, route.origin.place or node.origin.place, f"{one.name}: {route.prefix}")
            for one, route in found[:6]
        ],
        where=node.name,
        facts={"next_hop": str(route.next_hop), "link": link, "machines": names[:20], "routes": len(found)},
        fix=[f"Name a router in {link} as next hop, or put the machine into the network of {route.next_hop}."],
        references=["RFC 4861 section 5.2"],
        cause=(link, str(route.next_hop)),
    )
