"""A firewall or filter of a Windows host drops packets, as its own log or trace says.

## What is seen
`pfirewall.log` has DROP lines, a trace of the TCP/IP stack says "Inspection drop", an ETL holds drops that the Windows Filtering Platform (WFP)
logged, or pktmon names one of its filters as the reason. The rule compares them with the captures: a drop that fits a conversation without an
answer is why it has none.

## Why it matters
The packets reached the host, or never left it; no capture on the path can show that. Without this proof the network is blamed.

## Fix
Find the rule: `netsh wfp show netevents` names the filter, `netsh advfirewall monitor show firewall rule name=all` the rules in force. Allow
the program or port in the profile that the adapter has now. Filters of other products are in `netsh wfp show filters` too.

## Looks alike but is not
Drops of conversations that work all the same (copies, late segments). Drops at WFP's layers of what the stack discarded itself: nobody listened
there, and a filter hides only that. What goes to many at once (broadcast, multicast): nobody waits for an
answer to it. Drops of another day, between ends whose ports have come round again. Scans in a firewall log that no capture shows. ICMP errors
and resets that a host would send for closed ports: Windows hides them on purpose (stealth mode), told as info.

## References
Windows Filtering Platform: FWPM_LAYER_INBOUND_TRANSPORT, stealth mode. Trace events TcpipNetworkPacketDrops, TcpipTransportPacketDrops;
Microsoft-Windows-WFP event 1001.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.endpoints import Group
from wireproof.rules.evidence import count, display_filter, frame, joined, label, sentence
from wireproof.rules.windows._clock import in_time, span_of
from wireproof.rules.windows._drops import Drop, filter_drops
from wireproof.rules.windows._talks import find_talks, is_unanswered
from wireproof.rules.windows._traces import end_text

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "windows-firewall-drop"
SEVERITY = Severity.ERROR
REPEATS = limit(
    "windows-firewall-drop.repeats",
    3,
    "without a capture one drop may be a stray; who wants something tries three times",
)
LOOKED_AT = 200
SHOWN = 4
UNTIMED = "their ends are the same, and nothing proves how the clock of the log lies to the captures'"
COMPARED = 500
"""Drops between two ends that are compared with the times of their conversations."""


@dataclass(slots=True)
class Place:
    """A conversation, and the dropped packets that belong to it by their ends and their times.

    `in_time` is None where the clock of none of them is known, False where all are of another time.
    """

    point: Point
    number: int
    drops: list[Drop]
    in_time: bool | None

    @property
    def name(self) -> tuple[str, int]:
        """As a finding names it."""
        return self.point.name, self.number


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding a protocol and destination that a filter drops; a question where only drops of another time fit what has no answer."""
    groups: dict[tuple[object, ...], list[Drop]] = defaultdict(list)
    for drop in filter_drops(case):
        if drop.is_group:
            continue
        groups[drop.protocol, drop.target, drop.is_sent, drop.by].append(drop)
    for drops in list(groups.values())[:LOOKED_AT]:
        every = _places(case, drops)
        places = [place for place in every if place.in_time is not False]
        failed = [place for place in places if is_unanswered(place.point, place.number)]
        if failed:
            own = {id(drop) for place in failed for drop in place.drops}
            yield _finding([drop for drop in drops if id(drop) in own], failed, SEVERITY)
        elif not places and _is_stealth(drops[0]):
            yield _finding(drops, [], Severity.INFO)
        elif not every and (drops[0].is_traced or not case.points) and _matters(drops):
            yield _finding(drops, [], Severity.WARNING)
        elif not places and any(is_unanswered(place.point, place.number) for place in every):
            yield _of_another_time(drops)


def _places(case: Case, drops: list[Drop]) -> list[Place]:
    """Conversations between the ends of dropped packets."""
    by_source: dict[tuple[str, int], list[Drop]] = defaultdict(list)
    for drop in drops:
        by_source[drop.source].append(drop)
    found: dict[tuple[int, int], Place] = {}
    for source, own in list(by_source.items())[: SHOWN * 5]:
        for point, number in find_talks(case, drops[0].protocol, source, drops[0].target)[:LOOKED_AT]:
            span_ns = span_of(Group(point, np.array([number])))
            told = [(drop, _in_time(case, drop, point, span_ns)) for drop in own[:COMPARED]]
            sure = [drop for drop, fits in told if fits]
            fitting = sure or [drop for drop, fits in told if fits is None]
            found[point.index, number] = Place(point, number, fitting, bool(sure) or (None if fitting else False))
    return list(found.values())


def _in_time(case: Case, drop: Drop, point: Point, span_ns: tuple[int, int]) -> bool | None:
    return in_time(case, drop.told_by, drop.time_ns, point, span_ns) if drop.told_by else None


def _is_stealth(drop: Drop) -> bool:
    return drop.is_sent and drop.protocol in {"icmp", "icmpv6"}


def _matters(drops: list[Drop]) -> bool:
    """Whether somebody wanted something: the same was dropped several times."""
    return len(drops) >= REPEATS.value


def _finding(drops: list[Drop], places: list[Place], severity: Severity) -> Finding:
    first = drops[0]
    target, what = end_text(first.target), first.protocol.upper()
    named = f" ({what})" if what else ""
    sources = list(dict.fromkeys(drop.source[0] for drop in drops))
    way = "leave for" if first.is_sent else "arrive for"
    reasons = joined(dict.fromkeys(drop.reason for drop in drops if drop.reason))
    summary = f"{sentence(first.by)} says that {count(len(drops), 'packet')} from {joined(sources)} that would {way} {target}{named} "
    summary += f"{'was' if len(drops) == 1 else 'were'} dropped" + (f": {reasons}." if reasons else ".")
    is_sure = any(place.in_time for place in places)
    if places:
        summary += f" {count(len(places), 'conversation')} in the captures got no answer for it"
        summary += "." if is_sure else f", if they are the same ones: {UNTIMED}."
    elif severity is Severity.INFO:
        summary += " Windows keeps such errors to itself (stealth mode); by itself this is no fault."
    else:
        summary += " No capture shows what became of these conversations."
    shown = places[0] if places else None
    talk = shown.point.talk(shown.number) if shown else None
    return Finding(
        RULE,
        severity,
        Confidence.HIGH if is_sure else Confidence.MEDIUM,
        f"A filter of the host drops {what or 'packets'} to {target} ({count(len(drops), 'packet')})",
        summary,
        [*[piece for drop in drops[:SHOWN] for piece in drop.evidence], *_frames(places)],
        where=f"at {first.host}" if first.host else "at the host itself",
        talk=label(talk) if talk else None,
        facts={"count": len(drops), "sources": len(sources), "sent": first.is_sent, "conversations": len(places)},
        fix=[
            "`netsh wfp show netevents` right after a try names the filter and its rule; allow the program or port in the profile in force.",
            "`netsh advfirewall show currentprofile` tells which profile that is; a domain adapter in the public profile is a usual cause.",
        ],
        references=["Windows Filtering Platform"],
        filters={shown.point.name: display_filter(talk)} if shown and talk else {},
        cause=(what, target, str(first.is_sent), first.by),
        conversations=[place.name for place in places],
    )


def _frames(places: list[Place]) -> list[Evidence]:
    """The first packet of each conversation."""
    found = []
    for place in places[:SHOWN]:
        rows = place.point.conversations.rows(place.number)
        found += [frame(place.point, int(rows[0]), "first packet; nothing came back")] if len(rows) else []
    return found


def _of_another_time(drops: list[Drop]) -> Undecided:
    first = drops[0]
    lines = joined(dict.fromkeys(piece.line for drop in drops[:SHOWN] for piece in drop.evidence if piece.line))
    return Undecided(
        RULE,
        f"whether a filter of the host drops what goes to {end_text(first.target)} without an answer: {first.by} has such drops"
        f"{f' (line {lines})' if lines else ''}, between the same ends even, but at another time than the capture",
        "bring the firewall log of the time of the capture, or capture and log again at the same time",
    )
