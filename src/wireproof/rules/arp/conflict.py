"""Two machines claim the same IPv4 address at the same time.

## What is seen
ARP messages bind one address to two MACs, and both keep doing so: both answer the same request, or one speaks again soon after the
other had spoken.

## Why it matters
Every host that hears both sends to whichever spoke last. Sessions break, work for a while, and break again; to the machines
themselves it looks like a faulty network.

## Fix
Find both machines by their MACs on the switch, and give one of them another address; look for a static address inside the DHCP range.

## Looks alike but is not
Failover: the new machine announces the address once and the old one is silent from then on. VRRP, HSRP, CARP and NLB share a MAC.
A router with proxy ARP answers for very many addresses. A Linux host with two adapters in one subnet answers on both (`arp_ignore`),
and bonding in balance-alb mode tells different clients different MACs of its own: the MACs are then of one machine.

## References
RFC 5227 (address conflict detection), section 2.4 on defending an address.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.messages.arp import ArpTable, ipv4_text, mac_bytes
from wireproof.rules.arp._follow import groups, label
from wireproof.rules.evidence import count, frame, joined, seconds
from wireproof.rules.sightings import at_each_point
from wireproof.wire.arp import is_group, mac_text, shared_by

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "arp-conflict"
SEVERITY = Severity.ERROR
RETURNS_WITHIN = limit(
    "arp-conflict.return_s",
    60.0,
    "after a failover the old machine is silent; two live machines speak in turn within a minute",
)
RACE = limit("arp-conflict.race_s", 1.0, "answers to one request come within a second, or they answer another one")
PROXY = limit(
    "arp-conflict.proxy_addresses", 8, "a MAC that answers for this many addresses is a proxy (RFC 1027), not a rival"
)
SHOWN = 10

Indexes = NDArray[np.int64]


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each address in dispute."""
    yield from at_each_point(case, judge_point)


def judge_point(point: Point) -> Iterator[Finding]:
    """Addresses of this point's ARP table that two ordinary MACs claim at once."""
    for tells in disputed(point.arp):
        races, returns = find_races(point.arp, tells), find_returns(point.arp, tells)
        if races or returns:
            yield finding(point, tells, races, returns)


def disputed(arp: ArpTable) -> list[Indexes]:
    """Messages that bind one address of one segment, where at least two rival MACs do so."""
    tells = np.flatnonzero(arp.tells)
    if not len(tells):
        return []
    bindings = np.stack([arp.segment[tells], arp.sender[tells], arp.sender_mac[tells]], axis=1)
    bindings = bindings[np.lexsort(bindings.T[::-1])]
    steps = np.diff(bindings, axis=0) != 0
    ends = np.flatnonzero(~steps[:, :2].any(axis=1) & steps[:, 2])
    if not len(ends):
        return []
    bindings = bindings[np.append(True, steps.any(axis=1))]
    ends = np.flatnonzero((np.diff(bindings[:, :2], axis=0) == 0).all(axis=1))
    macs, uses = np.unique(bindings[:, 2], return_counts=True)
    rivals = np.array([is_rival(mac, int(used)) for mac, used in zip(macs.tolist(), uses, strict=True)])
    addresses = np.unique(bindings[ends, 1])
    chosen = tells[np.isin(arp.sender[tells], addresses)]
    chosen = chosen[rivals[np.searchsorted(macs, arp.sender_mac[chosen])]]
    parts = groups(np.stack([arp.segment[chosen], arp.sender[chosen]], axis=1))
    return [chosen[part] for part in parts if len(np.unique(arp.sender_mac[chosen[part]])) > 1]


def is_rival(mac: int, addresses: int) -> bool:
    """Whether a MAC is that of one machine speaking for itself."""
    raw = mac_bytes(mac)
    return not is_group(raw) and not shared_by(raw) and addresses < PROXY.value


def find_races(arp: ArpTable, tells: Indexes) -> list[tuple[int, int]]:
    """Pairs of answers by different MACs to one asker within a moment."""
    replies = tells[arp.replies[tells]]
    found = []
    for one, other in zip(replies[:-1].tolist(), replies[1:].tolist(), strict=True):
        near = arp.time_ns[other] - arp.time_ns[one] <= RACE.value * 1e9
        if near and arp.sender_mac[one] != arp.sender_mac[other] and arp.target[one] == arp.target[other]:
            found.append((one, other))
    return found


def find_returns(arp: ArpTable, tells: Indexes) -> list[tuple[int, int, int]]:
    """Where a MAC claims the address, then another, then the first again within a minute."""
    macs, times = arp.sender_mac[tells], arp.time_ns[tells]
    changes = np.flatnonzero(np.diff(macs)) + 1
    found = []
    for change, back in zip(changes[:-1].tolist(), changes[1:].tolist(), strict=True):
        if macs[back] == macs[change - 1] and times[back] - times[change - 1] <= RETURNS_WITHIN.value * 1e9:
            found.append((int(tells[change - 1]), int(tells[change]), int(tells[back])))
    return found


def finding(point: Point, tells: Indexes, races: list[tuple[int, int]], returns: list[tuple[int, int, int]]) -> Finding:
    """The finding on one address."""
    arp = point.arp
    address = ipv4_text(arp.sender[tells[0]])
    numbers = sorted({int(arp.sender_mac[index]) for pair in (*races, *returns) for index in pair})
    macs = [mac_text(mac_bytes(number)) for number in numbers]
    span_s = float(arp.time_ns[tells[-1]] - arp.time_ns[tells[0]]) / 1e9
    told = [
        f"{mac} {count(int((arp.sender_mac[tells] == number).sum()), 'time')}"
        for mac, number in zip(macs, numbers, strict=True)
    ]
    summary = f"ARP messages bind {address} to {joined(told)} within {seconds(span_s)}."
    if races:
        summary += (
            f" {count(len(races), 'request was', 'requests were')} answered by both within {seconds(RACE.value)}."
        )
    if returns:
        summary += f" {count(len(returns), 'time')} one spoke again soon after the other, so neither has taken over from the other."
    summary += " Hosts that hear both send to whichever spoke last."
    askers = [int(arp.target[index]) for index in tells if arp.target[index] != arp.sender[index]]
    return Finding(
        RULE,
        SEVERITY if len(races) + len(returns) > 1 else Severity.WARNING,
        Confidence.HIGH if returns else Confidence.MEDIUM,
        f"{address} is claimed by {joined(macs)}",
        summary,
        evidence(point, races, returns),
        where=f"in the subnet of {address}",
        talk=label(askers[0] if askers else int(arp.sender[tells[0]]), int(arp.sender[tells[0]])),
        facts={
            "count": len(races) + len(returns),
            "address": address,
            "macs": macs,
            "answered_twice": len(races),
            "returns": len(returns),
        },
        fix=[
            (
                f"Find the ports of {joined(macs)} on the switch (`show mac address-table address <MAC>`), and give one of the machines another "
                "address."
            ),
            (
                f"Check whether {address} lies in a DHCP range although a machine has it by hand, and look at the DHCP server's list of bad "
                "addresses."
            ),
            "If both MACs are adapters of one Linux machine: `sysctl net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2`.",
        ],
        references=["RFC 5227 2.4"],
        filters={point.name: f"arp.src.proto_ipv4=={address}"},
        cause=(address,),
    )


def evidence(point: Point, races: list[tuple[int, int]], returns: list[tuple[int, int, int]]) -> list[Evidence]:
    """The messages of the first disputes, in file order."""
    arp = point.arp
    indexes = sorted({index for pair in (*returns[:3], *races[:3]) for index in pair})[:SHOWN]
    return [
        frame(
            point,
            arp.row[index],
            f"{ipv4_text(arp.sender[index])} is at {mac_text(mac_bytes(int(arp.sender_mac[index])))}",
        )
        for index in indexes
    ]
