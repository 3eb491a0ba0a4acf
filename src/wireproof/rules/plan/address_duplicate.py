"""Two machines have the same IPv6 address.

## What is seen
One address stands on adapters of two machines, as the file states it or as the plan would set it.

## Why it matters
Windows finds the duplicate when the address comes up and leaves it unused on the later machine (duplicate address detection); on different
networks, answers go to whichever machine the routes lead to.

## Fix
Give each machine an address of its own. `…:3333::1` is the DirectAccess server's.

## Looks alike but is not
The virtual address of a cluster, which its members share. Link-local addresses, which are unique on one link only.

## References
RFC 4862 section 5.4 (duplicate address detection).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.directaccess.topology.model import Interface, Node, NodeKind
from wireproof.finding import Confidence, Finding, Severity
from wireproof.rules.evidence import joined
from wireproof.rules.plan._stated import evidence

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review

RULE = "plan-address-duplicate"
SEVERITY = Severity.ERROR


def judge(review: Review) -> Iterator[Finding]:
    """One finding for each address."""
    holders: dict[int, list[tuple[Node, Interface]]] = defaultdict(list)
    for node in review.topology.nodes.values():
        for interface in node.interfaces:
            for address in interface.addresses:
                holders[int(address.ip)].append((node, interface))
    shared = {int(one) for one in _virtual(review)}
    for value, found in holders.items():
        names = sorted({node.name for node, _ in found})
        if len(names) > 1 and value not in shared and not _may_repeat(value, found):
            yield _finding(review, value, names, found)


def _may_repeat(value: int, found: list[tuple[Node, Interface]]) -> bool:
    """Link-local ones, and addresses of tunnels: equal client prefixes are judged as overlapping prefixes."""
    tunnels = all(
        node.kind is NodeKind.SERVER and interface.index is None and interface.name != node.interfaces[0].name
        for node, interface in found
    )
    return value >> 118 == 0xFE80 >> 6 or tunnels


def _virtual(review: Review) -> Iterator[int]:
    for entry in review.site.entry_points:
        if entry.internal_vip:
            yield from (int(one.value.ip) for one in entry.internal_vip.ipv6 if one.value)


def _finding(review: Review, value: int, names: list[str], found: list[tuple[Node, Interface]]) -> Finding:
    from ipaddress import IPv6Address

    address = IPv6Address(value)
    return Finding(
        RULE,
        SEVERITY,
        Confidence.HIGH,
        title=f"{address} is the address of {joined(names)}",
        summary=f"`{address}` stands on {joined(names)}; an address belongs to one machine.",
        evidence=[
            evidence(review, interface.origin.place or node.origin.place, f"{node.name}, {interface.name}")
            for node, interface in found[:6]
        ],
        where=names[0],
        facts={"address": str(address), "machines": names[:20]},
        fix=["Give each machine an address of its own."],
        references=["RFC 4862 section 5.4"],
        cause=(str(address),),
    )
