"""Two hosts agreed on IPsec, and ESP goes one way only.

## What is seen
IKE or AuthIP messages go both ways between two hosts. One of them then sends ESP packets for some seconds, and not one comes back, neither as IP
protocol 50 nor in UDP 4500.

## Why it matters
Everything looks as if it were up: main mode, quick mode, the interface. Nothing gets through. Programs wait for their own timeouts.

## Fix
IKE and ESP are let through separately. Firewalls that let UDP 500 pass often drop IP protocol 50, in one direction or both; a router with address
translation can't translate it at all, and then both ends have to use UDP 4500. Capture at the peer at the same time to see which half is missing.

## Looks alike but is not
Traffic that is one-way by design and never answered inside the tunnel. A capture that shows one direction only: then IKE is one-sided too. An
association that had just been made when the capture ended.

## References
RFC 4303 section 2 (IP protocol 50); RFC 3948 (ESP in UDP); RFC 3947 (NAT detection).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.evidence import count, display_filter, frame, joined, label, seconds

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.messages.esp import EspFlow

RULE = "ike-esp-one-way"
SEVERITY = Severity.ERROR
PACKETS = limit(
    "ike-esp-one-way.packets",
    5,
    "a few packets may be the first of an association whose other half has nothing to say yet",
)
LASTED = limit(
    "ike-esp-one-way.lasted_s",
    2.0,
    "TCP repeats its first segment after a second: whoever is answered is so within two",
)


@dataclass(slots=True)
class Pair:
    """ESP between two addresses at one point: flows by the sender's address, and the frames in which each side spoke IKE."""

    point: Point
    flows: dict[str, list[EspFlow]] = field(default_factory=lambda: defaultdict(list))
    ike: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


def judge(case: Case) -> Iterator[Finding]:
    """One finding a pair of hosts, at the first capture that shows it."""
    seen: dict[frozenset[str], list[Pair]] = defaultdict(list)
    for point in case.points:
        for addresses, pair in _pairs(point).items():
            seen[addresses].append(pair)
    for pairs in seen.values():
        one_way = next(filter(_is_one_way, pairs), None)
        if one_way:
            yield _finding(one_way, [pair for pair in pairs if pair is not one_way])


def _pairs(point: Point) -> dict[frozenset[str], Pair]:
    """Pairs of addresses that have ESP or IKE."""
    found: dict[frozenset[str], Pair] = {}
    for flow in point.said.esp:
        pair = found.setdefault(frozenset((flow.source, flow.destination)), Pair(point))
        pair.flows[flow.source].append(flow)
    for message in point.said.ike:
        talk = point.talk(message.conversation)
        sender, receiver = talk.address(message.side), talk.address(1 - message.side)
        pair = found.setdefault(frozenset((sender, receiver)), Pair(point))
        pair.ike[sender].append(message.row)
    return found


def _is_one_way(pair: Pair) -> bool:
    """Enough ESP of one side for long enough, after IKE of both."""
    if len(pair.flows) != 1 or len(pair.ike) != 2:
        return False
    [flows] = pair.flows.values()
    lasted_s = (max(flow.time_ns for flow in flows) - min(flow.first_ns for flow in flows)) / 1e9
    return sum(flow.packets for flow in flows) >= PACKETS.value and lasted_s >= LASTED.value


def _finding(pair: Pair, elsewhere: list[Pair]) -> Finding:
    [(sender, flows)] = pair.flows.items()
    first, point = min(flows, key=lambda flow: flow.first_ns), pair.point
    peer, talk = first.destination, point.talk(first.conversation)
    packets = sum(flow.packets for flow in flows)
    lasted_s = (max(flow.time_ns for flow in flows) - first.first_ns) / 1e9
    how = "in UDP 4500" if first.encapsulated else "as IP protocol 50"
    return Finding(
        rule=RULE,
        severity=SEVERITY,
        confidence=Confidence.MEDIUM,
        title=f"{sender} sends ESP to {peer} and none comes back ({count(packets, 'packet')})",
        summary=(
            f"Both hosts exchanged IKE messages. {sender} then sent {count(packets, 'ESP packet')} {how} within {seconds(lasted_s)} "
            f"(SPI {joined([f'0x{flow.spi:08x}' for flow in flows], 4)}). This capture has no ESP packet of {peer}. "
        )
        + (
            " ".join(_tell(other, sender, flows) for other in elsewhere)
            or "Either those do not arrive there, or the answers do not come back."
        ),
        evidence=_evidence(pair, sender, peer, flows),
        where=f"between {sender} and {peer}",
        toward="server" if talk.address(talk.client_side) == sender else "client",
        talk=label(talk),
        facts={
            "packets": packets,
            "lasted_s": round(lasted_s, 3),
            "encapsulated": first.encapsulated,
            "flows": len(flows),
        },
        fix=[
            f"Let IP protocol 50 through between {sender} and {peer} in both directions, and UDP 4500 where an address is translated on the way.",
            f"Capture at {peer} at the same time: do the ESP packets arrive there, and does it send any?",
            "If it sends none: is the quick mode there too (`Get-NetIPsecQuickModeSA`, `ip xfrm state`), and does its own firewall let the inner packets in?",
        ],
        references=["RFC 4303 2", "RFC 3948"],
        filters={point.name: display_filter(talk) if first.encapsulated else f"esp && {_addresses(sender, peer)}"},
        cause=(sender, peer),
        conversations=[(point.name, number) for number in dict.fromkeys(flow.conversation for flow in flows)],
    )


def _tell(other: Pair, sender: str, flows: list[EspFlow]) -> str:
    """What another capture shows of the same two hosts."""
    name = other.point.name
    if not {flow.spi for flow in flows} & {flow.spi for flow in other.flows.get(sender, [])}:
        return f"{name} shows their IKE messages and none of these ESP packets: they are dropped before it."
    back = sum(flow.packets for source, theirs in other.flows.items() if source != sender for flow in theirs)
    if back:
        return f"{name} shows them, and {count(back, 'ESP packet')} back: those are dropped on the way to {sender}."
    return f"{name} shows them too, and nothing back."


def _addresses(*addresses: str) -> str:
    return " && ".join(f"{'ipv6' if ':' in address else 'ip'}.addr=={address}" for address in addresses)


def _evidence(pair: Pair, sender: str, peer: str, flows: list[EspFlow]) -> list[Evidence]:
    point = pair.point
    found = [
        frame(point, pair.ike[sender][0], f"IKE of {sender}"),
        frame(point, pair.ike[peer][0], f"IKE of {peer}: it can be heard"),
    ]
    for flow in flows[:3]:
        found.append(frame(point, flow.row, f"first ESP packet with SPI 0x{flow.spi:08x}"))
        found.append(frame(point, flow.last_row, f"last one, number {flow.highest}; none came back"))
    return sorted(found, key=lambda evidence: evidence.frame)
