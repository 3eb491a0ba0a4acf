"""A header arrives with other values than it left with, other than what every router changes.

## What is seen
The same packets at two points differ in addresses or ports (NAT), in the MSS or other options of the SYN, in sequence numbers by a constant,
in DSCP, or in a field that nobody should touch: an ack number in a SYN that carried none. TTL steps are told as figures only.

## Why it matters
Most of it is meant: NAT, MSS clamping at a tunnel, DSCP remarking. It tells that a device works on these packets, where its effect begins, and
what each end believes about the other: a server that reads MSS 1380 does not know that the client said 1460. Options that are stripped (SACK,
timestamps, window scale) cost throughput. A changed ack field in a SYN is the fingerprint of a firewall that handles the handshake itself.

## Fix
Nothing, where the change is meant. Where options vanish, find the device's TCP normalisation (Cisco ASA `tcp-map`, others call it TCP option
stripping or scrubbing) and let SACK, timestamps and window scaling pass.

## Looks alike but is not
TTL that falls on the way and checksums that change with it. Segments cut otherwise by offload.

## References
RFC 9293 section 3.7.1 (MSS); RFC 7323 (window scale, timestamps); RFC 2018 (SACK); RFC 3022 (NAT); RFC 2474 (DSCP).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from wireproof.align import Change
from wireproof.case import Case
from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.evidence import count, frame
from wireproof.rules.path._hops import Way, ways

SEVERITY = Severity.WARNING
LOOKED_AT = limit("path-header-rewritten.conversations", 400, "a device treats conversations alike; some hundred of a hop tell what it does")
ROUTINE = ("ttl", "ip_id", "window")
"""Changes that say nothing by themselves; TTL steps are given as figures."""
SUSPICIOUS = ("ack_field",)
STRIPPED = ("SACK permitted", "timestamps", "window scale")
WORDS = {
    "source_address": "source address",
    "destination_address": "destination address",
    "mss": "MSS",
    "options": "TCP option",
    "tos": "DSCP",
    "ack_field": "ack number of the SYN",
    "sequence_shift": "sequence numbers",
}


@dataclass(slots=True)
class Stretch:
    """All changes between two points in one direction, by kind; the first way that shows each is its example."""

    ways: list[Way] = field(default_factory=list)
    changes: dict[str, list[tuple[Way, Change]]] = field(default_factory=lambda: defaultdict(list))
    ttl_steps: set[int] = field(default_factory=set)


def judge(case: Case) -> Iterator[Finding]:
    """One finding for each pair of points, with everything that changes between them."""
    stretches: dict[tuple[int, int], Stretch] = defaultdict(Stretch)
    for way in ways(case):
        if way.flow.toward == "server":
            stretch = stretches[way.hop.near[0], way.hop.far[0]]
            if len(stretch.ways) < LOOKED_AT.value:
                _collect(stretch, way)
    for stretch in stretches.values():
        if stretch.changes:
            yield _finding(stretch)


def _collect(stretch: Stretch, way: Way) -> None:
    stretch.ways.append(way)
    for change in way.hop.changes:
        if change.what == "ttl":
            stretch.ttl_steps.add(int(change.before) - int(change.after))
        if change.what not in ROUTINE:
            stretch.changes[change.what].append((way, change))


def _is_suspicious(what: str, found: list[tuple[Way, Change]]) -> bool:
    if what in SUSPICIOUS:
        return True
    return what == "options" and any(change.after.endswith("absent") and change.after.startswith(STRIPPED) for _, change in found)


def _finding(stretch: Stretch) -> Finding:
    odd = [what for what, found in stretch.changes.items() if _is_suspicious(what, found)]
    order = sorted(stretch.changes, key=lambda what: (what not in odd, list(WORDS).index(what) if what in WORDS else 99))
    example = stretch.changes[order[0]][0][0]
    names = list(dict.fromkeys(WORDS.get(what, what) for what in order))
    return Finding(
        rule="path-header-rewritten",
        severity=Severity.WARNING if odd else Severity.INFO,
        confidence=example.certainty if not odd else Confidence.HIGH,
        title=f"{'; '.join(names)} changed {example.where}",
        summary=" ".join(_sentence(stretch, what) for what in order),
        evidence=[piece for what in order for piece in _evidence(*stretch.changes[what][0])],
        where=example.where,
        toward=stretch.changes[order[0]][0][1].toward,
        talk=example.label(),
        facts=_facts(stretch),
        fix=_fixes(odd),
        references=["RFC 9293 3.7.1", "RFC 7323", "RFC 3022"],
        filters=example.filters(),
        cause=(example.sender.name, example.receiver.name),
        conversations=[one for way in {id(way): way for found in stretch.changes.values() for way, _ in found}.values() for one in way.conversations()],
    )


def _sentence(stretch: Stretch, what: str) -> str:
    way, change = stretch.changes[what][0]
    both = {found.toward for _, found in stretch.changes[what]}
    direction = "in both directions" if len(both) == 2 else f"toward the {change.toward}"
    many = len({id(found_way) for found_way, _ in stretch.changes[what]})
    extent = f" ({count(many, 'conversation')})" if many > 1 else ""
    if what == "ack_field":
        return f"SYNs toward the {change.toward} arrive with ack number {change.after} where the sender wrote {change.before}{extent}."
    if what == "sequence_shift":
        return f"Sequence numbers are shifted by {change.after} {direction}{extent}."
    return f"{WORDS.get(what, what).capitalize() if what != 'mss' else 'MSS'} {change.before} arrives as {change.after} {direction}{extent}."


def _facts(stretch: Stretch) -> dict[str, object]:
    facts: dict[str, object] = {
        "changes": [
            {"what": what, "toward": change.toward, "before": change.before, "after": change.after, "packets": change.packets}
            for what, found in stretch.changes.items()
            for _, change in {change.toward: (way, change) for way, change in reversed(found)}.values()
        ],
        "conversations_compared": len(stretch.ways),
    }
    if stretch.ttl_steps:
        facts["ttl_steps"] = sorted(stretch.ttl_steps)
    return facts


def _evidence(way: Way, change: Change) -> list[Evidence]:
    sender, receiver = (way.sender, way.receiver) if change.toward == way.flow.toward else (way.receiver, way.sender)
    what = WORDS.get(change.what, change.what)
    return [
        frame(sender, change.near_row, f"{what} {change.before}", "seen"),
        frame(receiver, change.far_row, f"the same packet: {what} {change.after}", "seen"),
    ]


def _fixes(odd: list[str]) -> list[str]:
    fixes = []
    if "ack_field" in odd:
        fixes.append("Find the device that handles TCP handshakes here (SYN cookies, TCP intercept, normalisation, IPS) and exempt this path for a test.")
    if "options" in odd:
        fixes.append("Let the device pass SACK, timestamps and window scaling; look for TCP normalisation or option stripping.")
    return fixes or ["Nothing, if the change is meant; know that the ends see each other's packets this way."]
