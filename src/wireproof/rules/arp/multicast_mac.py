"""A unicast IP address is answered with a multicast MAC, which routers do not accept.

## What is seen
An ARP answer (or announcement) binds an ordinary IPv4 address to a MAC that has the group bit: 03-bf-… is Windows Network Load
Balancing in multicast mode, 01-00-5e-7f-… the same with IGMP, others are set by hand. A router that keeps asking although it is
answered each time shows that it drops the answers. The same binding in `arp -a` of a host beside the captures, or without any, and an entry
`Incomplete` for the address in `show arp` of a router.

## Why it matters
RFC 1812 section 3.3.2 forbids routers to believe such an answer. Hosts of the same subnet reach the cluster, everybody behind the
router does not: its ARP entry stays incomplete and it answers with ICMP host unreachable, or with nothing.

## Fix
Enter the binding on the router by hand, or change the cluster to unicast mode. The finding prints the lines for Cisco, Linux and
Windows.

## Looks alike but is not
NLB in unicast mode (02-bf-…), VRRP and HSRP use MACs without the group bit. Multicast IP addresses have multicast MACs by right,
and never need ARP for them. A binding that somebody has entered by hand, on the router or in every table at hand.

## References
RFC 1812 section 3.3.2; KB 4494444 (the MACs of Network Load Balancing); KB 960916 (Server 2008 before SP2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.messages.arp import ipv4_text, mac_bytes
from wireproof.rules.arp._follow import groups, label
from wireproof.rules.arp._tables import Held, held, incomplete
from wireproof.rules.evidence import count, frame, joined
from wireproof.rules.sightings import at_each_point
from wireproof.wire.arp import cluster_address, is_nlb_group, mac_dotted, mac_text

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "arp-multicast-mac"
SEVERITY = Severity.ERROR
INSISTS = limit(
    "arp-multicast-mac.requests",
    3,
    "who has an answer asks again after minutes; three requests in a row show that it was not taken",
)
INSISTS_WITHIN = limit(
    "arp-multicast-mac.window_s",
    15.0,
    "the shortest ARP lifetime in use is 15 s (Windows); a taken answer lasts as long",
)
SHOWN = 10
GROUP_BIT = 1 << 40
BROADCAST = (1 << 48) - 1


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each address and MAC, from frames, from the tables of hosts and routers, or from both."""
    found = list(at_each_point(case, judge_point))
    by_cause = {one.cause: one for one in found}
    for one in held(case):
        known = by_cause.get((one.address, mac_text(one.mac)))
        if known is not None:
            add_tables(known, one)
        elif not one.is_entered:
            found.append(table_finding(one))
    yield from found
    if not case.points and (rows := incomplete(case)):
        yield unknown(sorted({entry.address for _, entry in rows}))


def judge_point(point: Point) -> Iterator[Finding]:
    """Bindings of this point's ARP table."""
    arp = point.arp
    unicast_ip = (arp.sender >> 28) < 0xE
    bound = arp.tells & unicast_ip & (arp.sender_mac & GROUP_BIT != 0) & (arp.sender_mac != BROADCAST)
    chosen = np.flatnonzero(bound)
    for group in groups(np.stack([arp.sender[chosen], arp.sender_mac[chosen]], axis=1)):
        yield finding(point, chosen[group])


def add_tables(finding: Finding, one: Held) -> None:
    """Add what tables say to a finding from frames: who holds the entry, and which router has none."""
    finding.evidence += one.evidence()
    if one.lacking:
        finding.severity = SEVERITY
        finding.summary += f" A router's table at hand has no MAC for {one.address}."
    elif any(entry.is_of_router for _, entry in one.rows):
        finding.summary += " A router's table at hand has it, entered by hand: look at the others."


def table_finding(one: Held) -> Finding:
    """The finding on one address of which only tables tell."""
    mac = mac_text(one.mac)
    lacking = (
        f" The router's own table has no MAC for {one.address}: it has dropped the answers." if one.lacking else ""
    )
    return Finding(
        RULE,
        SEVERITY if one.lacking else Severity.WARNING,
        Confidence.HIGH,
        f"{one.address} is held with the multicast MAC {mac_text(one.mac, '-')}",
        f"{count(len(one.rows), 'entry', 'entries')} of ARP tables {'binds' if len(one.rows) == 1 else 'bind'} {one.address} to {mac}: a unicast IP "
        f"address with {describe(one.mac)}. Routers may not believe such an answer (RFC 1812 section 3.3.2), so hosts behind them can't reach "
        f"{one.address}, while hosts of the same subnet can.{lacking}",
        one.evidence(),
        where=f"at the host or cluster {one.address}, and at every router of its subnet",
        facts={
            "count": len(one.rows),
            "address": one.address,
            "mac": mac,
            "kind": describe(one.mac),
            "routers_without": len(one.lacking),
        },
        fix=fixes(one.address, one.mac),
        references=["RFC 1812 3.3.2", "KB 4494444"],
        cause=(one.address, mac),
    )


def unknown(addresses: list[str]) -> Undecided:
    """Addresses for which a router has no MAC: nobody answers, or it does not take the answer."""
    return Undecided(
        RULE,
        f"A router's table has no MAC for {joined(addresses)}: nobody answers there, or the answers have a multicast MAC, which routers drop.",
        "Capture ARP on the router's subnet while somebody behind it connects; or bring `arp -a` of a host in that subnet that reaches the address.",
    )


def stubborn_askers(
    point: Point, address: int, told: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> dict[int, list[int]]:
    """Askers that were answered and soon asked again, three times or more: address -> indexes of their requests."""
    arp, found = point.arp, {}
    asks = np.flatnonzero(arp.asks & (arp.target == address))
    for asker in np.unique(arp.sender[asks]).tolist():
        mine = asks[arp.sender[asks] == asker]
        answered = np.isin(asker, arp.target[told])
        need = int(INSISTS.value)
        if not answered or len(mine) < need:
            continue
        spans = arp.time_ns[mine[need - 1 :]] - arp.time_ns[mine[: len(mine) - need + 1]]
        if int(spans.min()) <= INSISTS_WITHIN.value * 1e9:
            found[asker] = mine.tolist()
    return found


def finding(point: Point, told: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Finding:
    """The finding on one address; `told` are the messages that bind it to its multicast MAC."""
    arp = point.arp
    address, mac = int(arp.sender[told[0]]), mac_bytes(int(arp.sender_mac[told[0]]))
    text, insisting = ipv4_text(address), stubborn_askers(point, address, told)
    first_asker = next(iter(insisting), int(arp.target[told[0]]))
    kind = describe(mac)
    summary = (
        f"{count(len(told), 'ARP message')} {'tells' if len(told) == 1 else 'tell'} that {text} is at {mac_text(mac)}: a unicast IP address "
        f"with {kind}. Routers may not believe such an answer (RFC 1812 section 3.3.2), so hosts behind them can't reach {text}, while "
        "hosts of the same subnet can."
    )
    for asker, requests in list(insisting.items())[:3]:
        summary += (
            f" {ipv4_text(asker)} asked {len(requests)} times although it was answered: it does not take the answer."
        )
    return Finding(
        RULE,
        SEVERITY if insisting else Severity.WARNING,
        Confidence.HIGH,
        f"{text} is answered with the multicast MAC {mac_text(mac, '-')}",
        summary,
        evidence(point, told, insisting),
        where=f"at the host or cluster {text}, and at every router of its subnet",
        talk=label(first_asker, address),
        facts={
            "count": len(told),
            "address": text,
            "mac": mac_text(mac),
            "kind": kind,
            "askers_not_believing": [ipv4_text(asker) for asker in insisting],
        },
        fix=fixes(text, mac),
        references=["RFC 1812 3.3.2", "KB 4494444"],
        filters={point.name: f"arp.src.proto_ipv4=={text} || arp.dst.proto_ipv4=={text}"},
        cause=(text, mac_text(mac)),
    )


def describe(mac: bytes) -> str:
    """What kind of multicast MAC it is."""
    cluster = cluster_address(mac)
    if cluster:
        return f"the multicast MAC of a Network Load Balancing cluster (03-bf and the cluster's address {'.'.join(map(str, cluster))})"
    if is_nlb_group(mac):
        return "the IGMP multicast MAC of a Network Load Balancing cluster (01-00-5e-7f)"
    return "a multicast MAC (its group bit is set), as Network Load Balancing in multicast mode uses"


def evidence(
    point: Point, told: np.ndarray[tuple[int], np.dtype[np.int64]], insisting: dict[int, list[int]]
) -> list[Evidence]:
    """The first answers, and the requests of one asker that does not take them."""
    arp = point.arp
    mac = mac_text(mac_bytes(int(arp.sender_mac[told[0]])))
    rows = {int(index): f"{ipv4_text(arp.sender[index])} is at {mac}" for index in told[: SHOWN // 2]}
    for asker, requests in list(insisting.items())[:1]:
        rows |= {
            index: f"{ipv4_text(asker)} asks {'again' if turn else 'first'}"
            for turn, index in enumerate(requests[: SHOWN // 2])
        }
    first = int(told[0])
    ordered = [first, *(index for index in sorted(rows) if index != first)]
    return [frame(point, arp.row[index], rows[index]) for index in ordered]


def fixes(address: str, mac: bytes) -> list[str]:
    """What to enter where."""
    dotted, dashed = mac_dotted(mac), mac_text(mac, "-")
    return [
        (
            f"On a Cisco router, bind the address by hand: `arp {address} {dotted} ARPA`; on its switch, name the ports of the cluster: "
            f"`mac address-table static {dotted} vlan <VLAN> interface <PORTS>`."
        ),
        (
            f"On a Linux router: `ip neigh replace {address} lladdr {mac_text(mac)} dev <INTERFACE> nud permanent`; on a Windows router: "
            f'`netsh interface ipv4 add neighbors "<INTERFACE>" {address} {dashed}`.'
        ),
        (
            "Or change the cluster to unicast mode: `Get-NlbCluster | Set-NlbCluster -OperationMode Unicast` (on Hyper-V also allow MAC "
            "address spoofing for the cluster's adapters)."
        ),
        f"Check on the router with `show arp | include {joined([address])}`: an entry `Incomplete` confirms this finding.",
    ]
