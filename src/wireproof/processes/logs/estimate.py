"""The one offset that brings events of a log onto those of captures, where it is beyond doubt.

Takes what captures show of the events of a log (`Sight`s); gives an `Estimate`, or why there is none. Knows neither files nor captures.

A pairing counts only where nothing else explains it: most of the events that captures show must agree, no other offset may fit half as
well, unrelated times must be unlikely to agree so, and what the log tells of the same connections while captures ran must be in them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from wireproof.limits import limit
from wireproof.logs.log import CONNECTIONS, Anchor
from wireproof.processes.logs.ports import gap_share
from wireproof.processes.logs.zones import QUARTER_S, SECOND, ZONE_SLACK_S, stray_s, within_zones

TOLERANCE_S = limit(
    "log-clock.tolerance_s",
    2.0,
    "logs that write whole seconds are up to one second early, and a program logs a moment late",
)
ALONE_S = limit(
    "log-clock.alone_s",
    5.0,
    "one event tells a zone only where it hits a quarter hour, which chance does once in ninety times",
)
CHANCE = limit(
    "log-clock.chance",
    0.02,
    "unrelated events would agree as well in so many cases out of one; a single SYN that hits a quarter hour has 0.011",
)

EXACT_S = 0.5
"""Within this a packet and the record of what it carried are written."""
UNIQUE = frozenset(("sip",))
"""Kinds whose keys nobody uses again: the same event in log and capture is the same event, whatever the clocks say."""

Key = tuple[str, tuple[str, ...]]
"""Kind and key of an anchor."""
Span = tuple[int, int]
"""From when to when a capture ran."""


class Missing(Enum):
    """Why no offset is told."""

    NOTHING = "the log names no event that captures show at the same moment"
    UNSEEN = "no capture shows any of its events"
    APART = "its events are in captures at other distances each"
    SEVERAL = "several offsets fit about as well"
    CHANCE = "unrelated events could agree as well"
    GAPS = "most of what it tells of the same connections is not in the captures"


@dataclass(frozen=True, slots=True)
class Sight:
    """An event of a log, and a packet that may be it: seen at `shown_ns` by the witness of that number, in that row.

    `crowd` is the part of all moments that have such a packet within `EXACT_S`: where there are many of them, one that fits says little.
    """

    anchor: Anchor
    shown_ns: int
    witness: int = 0
    row: int = -1
    crowd: float = 0.0

    @property
    def apart_ns(self) -> int:
        """What is to be added to the log's time to have the capture's."""
        return self.shown_ns - self.anchor.time_ns

    @property
    def key(self) -> Key:
        """Kind and key of the event."""
        return self.anchor.kind, self.anchor.key


@dataclass(frozen=True, slots=True)
class Estimate:
    """Captures' time = log's time + `offset_ns`, where `missing` is None.

    `matched` events agree on it, the furthest of them is `spread_s` from it, and `example` is one of the strongest kind.
    `shown` counts events that captures show at all.
    """

    missing: Missing | None = Missing.NOTHING
    offset_ns: int = 0
    matched: int = 0
    spread_s: float = 0.0
    example: Sight | None = None
    shown: int = 0


def is_possible(kind: str, offset_ns: int) -> bool:
    """Whether two events of a kind can be one, so far apart: of those that come again, only within zones."""
    return kind in UNIQUE or within_zones(offset_ns)


def estimate(wanted: Sequence[Anchor], sights: Iterable[Sight], spans: Sequence[Span]) -> Estimate:
    """The offset that the sights of wanted events tell; `spans` are those of the witnesses, in the order of their numbers."""
    possible = [sight for sight in sights if is_possible(sight.anchor.kind, sight.apart_ns)]
    shown = len(_keys(possible))
    if not possible:
        return Estimate(Missing.UNSEEN if wanted else Missing.NOTHING)
    chosen = _densest(possible)
    offset_ns = (chosen[len(chosen) // 2].apart_ns + chosen[(len(chosen) - 1) // 2].apart_ns) // 2
    missing = _doubt(possible, chosen, shown)
    if missing is None and _lacks(wanted, chosen, spans, offset_ns):
        missing = Missing.GAPS
    if missing is not None:
        return Estimate(missing, shown=shown)
    example = min(chosen, key=lambda sight: (_rank(sight), abs(sight.apart_ns - offset_ns), sight.anchor.line))
    matched = {sight.anchor.line or sight.key for sight in chosen}
    spread_s = max(abs(sight.apart_ns - offset_ns) for sight in chosen) / SECOND
    return Estimate(None, offset_ns, len(matched), spread_s, example, shown)


def _rank(sight: Sight) -> int:
    """Kinds of events from those that are told apart best."""
    kind = sight.anchor.kind
    return 0 if kind in UNIQUE else 1 if kind in CONNECTIONS else 2


def _doubt(possible: list[Sight], chosen: list[Sight], shown: int) -> Missing | None:
    """What speaks against the events that agree, as far as the sights alone tell."""
    agreeing = len(_keys(chosen))
    if 2 * agreeing <= shown:
        return Missing.APART
    width = int(TOLERANCE_S.value * SECOND)
    low, high = chosen[0].apart_ns - width, chosen[-1].apart_ns + width
    rival = _densest([sight for sight in possible if not low <= sight.apart_ns <= high])
    if 2 * len(_keys(rival)) > agreeing:
        return Missing.SEVERAL
    return Missing.CHANCE if _chance(possible, chosen) > CHANCE.value else None


def _keys(sights: Iterable[Sight]) -> set[Key]:
    return {sight.key for sight in sights}


def _densest(sights: Iterable[Sight]) -> list[Sight]:
    """The sights within the tolerance of each other in which most different events have a part; nearest to a zone among equals."""
    ordered = sorted(sights, key=lambda sight: sight.apart_ns)
    width = int(TOLERANCE_S.value * SECOND)
    inside: Counter[Key] = Counter()
    best, rank, left = (0, 0), (0, float("-inf")), 0
    for right, sight in enumerate(ordered):
        inside[sight.key] += 1
        while sight.apart_ns - ordered[left].apart_ns > width:
            gone = ordered[left].key
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            left += 1
        found = (len(inside), -stray_s(ordered[left].apart_ns))
        if found > rank:
            rank, best = found, (left, right + 1)
    return ordered[slice(*best)]


def _chance(possible: list[Sight], chosen: list[Sight]) -> float:
    """How likely unrelated events would agree as these do: the first one sets the offset, each other one has to hit it.

    Events of one connection count once: they may lie alike in another use of its ports.
    """
    stray = max(stray_s(chosen[0].apart_ns), stray_s(chosen[-1].apart_ns))
    unique = {sight.key for sight in chosen if sight.anchor.kind in UNIQUE}
    if len(unique) > 1 or (unique and stray <= ZONE_SLACK_S.value):
        return 0.0
    seen = Counter((sight.key, sight.witness) for sight in possible)
    each: dict[tuple[str, ...], float] = {}
    for sight in chosen:
        hits = seen[sight.key, sight.witness] * 2 * ALONE_S.value / QUARTER_S
        # A packet lies nearer to what it carried than a program that is late to tell of a connection.
        share = min(1.0, sight.crowd * max(stray / EXACT_S, 1.0) if sight.crowd else hits)
        one = sight.anchor.key[:2] if sight.anchor.kind in CONNECTIONS else (sight.anchor.kind, *sight.anchor.key)
        each[one] = min(each.get(one, 1.0), share)
    first, *others = sorted(each.values())
    if stray > ALONE_S.value:
        first = 2 * ZONE_SLACK_S.value / QUARTER_S if stray <= ZONE_SLACK_S.value else 1.0
    again = _again(chosen)
    return first * math.prod(max(share, again) for share in others)


def _again(chosen: list[Sight]) -> float:
    """How likely each connection of a later round through the ports of a host fits as well as these."""
    spread_s = (chosen[-1].apart_ns - chosen[0].apart_ns) / SECOND
    ends = [sight.anchor for sight in chosen if sight.anchor.kind in CONNECTIONS]
    ports = [max(int(end.rpartition(":")[2]) for end in anchor.key) for anchor in ends]
    return gap_share(zip((anchor.time_ns for anchor in ends), ports, strict=True), spread_s)


def _lacks(wanted: Sequence[Anchor], chosen: list[Sight], spans: Sequence[Span], offset_ns: int) -> bool:
    """Whether captures that ran at the time lack most of what the log tells of the same connections, by this offset."""
    agreeing = _keys(chosen)
    alike = {group for sight in chosen for group in _groups(sight.anchor)}
    width = int(TOLERANCE_S.value * SECOND)
    ran = [(spans[number][0] + width, spans[number][1] - width) for number in {sight.witness for sight in chosen}]
    due = 0
    for anchor in wanted:
        if (anchor.kind, anchor.key) not in agreeing and any(group in alike for group in _groups(anchor)):
            time_ns = anchor.time_ns + offset_ns
            due += any(begin <= time_ns <= end for begin, end in ran)
    return due > len(agreeing)


def _groups(anchor: Anchor) -> Iterable[tuple[str, ...]]:
    """What a capture that shows the event would show all of: a host's connections to one port of another, a connection's data."""
    if anchor.kind in UNIQUE:
        return ()
    if anchor.kind not in CONNECTIONS:
        return ((anchor.kind, *anchor.key[:2]),)
    hosts = sorted(end.rpartition(":")[0] for end in anchor.key)
    return [(anchor.kind, *hosts, end) for end in anchor.key]
