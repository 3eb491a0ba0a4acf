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
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.evidence import count, display_filter, frame, joined, label

if TYPE_CHECKING:
    from wireproof.align.journeys import Change, Hop, Journey
    from wireproof.case import Case, Point

SEVERITY = Severity.WARNING
LOOKED_AT = limit(
    "path-header-rewritten.conversations",
    400,
    "a device treats conversations alike; some hundred of a hop tell what it does",
)
ROUTINE = ("ttl", "ip_id", "window")
"""Changes that say nothing by themselves; TTL steps are given as figures."""
SUSPICIOUS = ("ack_field",)
STRIPPED = ("SACK permitted", "timestamps", "window scale")
WORDS = {
    "ack_field": "ack number of the SYN",
    "options": "TCP options",
    "source_address": "addresses",
    "destination_address": "addresses",
    "mss": "MSS",
    "sequence_shift": "sequence numbers",
    "tos": "DSCP",
}
"""Kinds of change in the order in which they are told."""


@dataclass(slots=True)
class Stretch:
    """All changes between two points, by kind, each with the conversation that shows it."""

    near: Point
    far: Point
    compared: list[tuple[Journey, Hop]] = field(default_factory=list)
    changes: dict[str, list[Sample]] = field(default_factory=lambda: defaultdict(list))
    ttl_steps: set[int] = field(default_factory=set)

    @property
    def where(self) -> str:
        """`between NEAR and FAR`."""
        return f"between {self.near.name} and {self.far.name}"


@dataclass(frozen=True, slots=True)
class Sample:
    """One change in one conversation."""

    journey: Journey
    hop: Hop
    change: Change


def judge(case: Case) -> Iterator[Finding]:
    """One finding for each pair of points, with everything that changes between them."""
    if len(case.points) < 2:
        return
    stretches: dict[tuple[int, int], Stretch] = {}
    for journey in case.alignment.journeys:
        for hop in journey.hops:
            ends = hop.near[0], hop.far[0]
            stretch = stretches.setdefault(ends, Stretch(case.points[ends[0]], case.points[ends[1]]))
            if len(stretch.compared) < LOOKED_AT.value:
                _collect(stretch, journey, hop)
    for stretch in stretches.values():
        if stretch.changes:
            yield _finding(case, stretch)


def _collect(stretch: Stretch, journey: Journey, hop: Hop) -> None:
    stretch.compared.append((journey, hop))
    for change in hop.changes:
        if change.what == "ttl":
            stretch.ttl_steps.add(int(change.before) - int(change.after))
        if change.what not in ROUTINE:
            stretch.changes[change.what].append(Sample(journey, hop, change))


def _is_suspicious(what: str, found: list[Sample]) -> bool:
    """What no device should do, or what costs throughput."""
    return what in SUSPICIOUS or (what == "options" and any(_strips(sample.change) for sample in found))


def _strips(change: Change) -> bool:
    return change.after.endswith("absent") and change.after.startswith(STRIPPED)


def _finding(case: Case, stretch: Stretch) -> Finding:
    odd = [what for what, found in stretch.changes.items() if _is_suspicious(what, found)]
    order = sorted(stretch.changes, key=lambda what: (what not in odd, list(WORDS).index(what)))
    example = stretch.changes[order[0]][0]
    names = list(dict.fromkeys(WORDS[what] for what in order))
    near, far = stretch.near, stretch.far
    talks = near.talk(example.hop.near[1]), far.talk(example.hop.far[1])
    members = {id(sample.journey): sample.journey.members for found in stretch.changes.values() for sample in found}
    return Finding(
        rule="path-header-rewritten",
        severity=Severity.WARNING if odd else Severity.INFO,
        confidence=Confidence.HIGH if example.journey.certain == "high" or "ack_field" in odd else Confidence.MEDIUM,
        title=_capital(f"{joined(names, 9)} changed {stretch.where}"),
        summary=" ".join(dict.fromkeys(_sentence(stretch, what) for what in order)),
        evidence=[piece for what in order for piece in _evidence(stretch, what)],
        where=stretch.where,
        toward=example.change.toward,
        talk=label(talks[0], [(far.name, talks[1])]),
        facts=_facts(stretch),
        fix=_fixes(odd),
        references=["RFC 9293 3.7.1", "RFC 7323", "RFC 3022"],
        filters={near.name: display_filter(talks[0]), far.name: display_filter(talks[1])},
        cause=(near.name, far.name),
        conversations=[(case.points[point].name, number) for own in members.values() for point, number in own],
    )


def _capital(text: str) -> str:
    """With a capital letter in front, and the rest as it is."""
    return text[:1].upper() + text[1:]


def _sentence(stretch: Stretch, what: str) -> str:
    """What changes, from what to what, in which direction, and in how many conversations."""
    found = stretch.changes[what]
    change = found[0].change
    both = {sample.change.toward for sample in found}
    direction = "in both directions" if len(both) == 2 else f"toward the {change.toward}"
    many = len({id(sample.journey) for sample in found})
    extent = f" ({many:,} of {count(len(stretch.compared), 'conversation')})" if len(stretch.compared) > 1 else ""
    if what in ("source_address", "destination_address"):
        return _translation(stretch, what, extent)
    if what == "options":
        return f"TCP options of the SYN {direction}: {_option_list(found)}{extent}."
    if what == "ack_field":
        return f"SYNs toward the {change.toward} arrive with ack number {change.after} where the sender wrote {change.before}{extent}."
    if what == "sequence_shift":
        return f"Sequence numbers are shifted {direction}, here by {change.after}: a firewall chooses initial numbers of its own{extent}."
    if what == "tos":
        return f"DSCP {int(change.before)} arrives as {int(change.after)} {direction}{extent}."
    return f"{_capital(WORDS[what])} {change.before} arrives as {change.after} {direction}{extent}."


def _option_list(found: list[Sample]) -> str:
    """Each option once: `window scale 8 removed`, `MSS 1460 added`."""
    told: dict[str, None] = {}
    for sample in found:
        before, after = sample.change.before, sample.change.after
        name, _, value = after.rpartition(" ")
        if value == "absent":
            told[f"{before.removesuffix(' present')} removed"] = None
        elif before.endswith(" absent"):
            told[f"{after.removesuffix(' present')} added"] = None
        else:
            told[f"{before} arrives as {name} {value}"] = None
    return ", ".join(told)


def _translation(stretch: Stretch, what: str, extent: str) -> str:
    """NAT in the words of the conversation's ends. The source of one direction is the destination of the other."""
    sample = next((one for one in stretch.changes[what] if one.change.toward == "server"), stretch.changes[what][0])
    change = sample.change
    of_client = (what == "source_address") == (change.toward == "server")
    near, far = (change.before, change.after) if change.toward == "server" else (change.after, change.before)
    who = "client" if of_client else "server"
    return f"The {who} is {near} at {stretch.near.name} and {far} at {stretch.far.name}{extent}."


def _facts(stretch: Stretch) -> dict[str, object]:
    facts: dict[str, object] = {
        "changes": [
            {
                "what": what,
                "toward": change.toward,
                "before": change.before,
                "after": change.after,
                "packets": change.packets,
            }
            for what, found in stretch.changes.items()
            for change in _distinct(what, found)
        ],
        "conversations_compared": len(stretch.compared),
    }
    if stretch.ttl_steps:
        facts["ttl_steps"] = sorted(stretch.ttl_steps)
    return facts


def _distinct(what: str, found: list[Sample]) -> list[Change]:
    """One example a direction; of options one each."""
    examples: dict[tuple[str, str], Change] = {}
    for sample in found:
        change = sample.change
        examples.setdefault((change.toward, change.before if what == "options" else ""), change)
    return list(examples.values())


def _evidence(stretch: Stretch, what: str) -> list[Evidence]:
    """One packet as both points show it."""
    change = stretch.changes[what][0].change
    sender, receiver = (stretch.near, stretch.far) if change.toward == "server" else (stretch.far, stretch.near)
    word = what.replace("_", " ") if what.endswith("address") else WORDS[what]
    return [
        frame(sender, change.near_row, f"{word} {change.before}", "seen"),
        frame(receiver, change.far_row, f"the same packet: {word} {change.after}", "seen"),
    ]


def _fixes(odd: list[str]) -> list[str]:
    fixes = []
    if "ack_field" in odd:
        fixes.append(
            "Find the device that handles TCP handshakes here (SYN cookies, TCP intercept, normalisation, IPS) and exempt this path for a test."
        )
    if "options" in odd:
        fixes.append(
            "Let the device pass SACK, timestamps and window scaling; look for TCP normalisation or option stripping."
        )
    return fixes or ["Nothing, if the change is meant; know that the ends see each other's packets this way."]
