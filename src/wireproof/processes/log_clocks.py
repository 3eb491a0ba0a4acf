"""How far a log's clock is from that of the captures: as stated, or told by events that both show.

Takes a log and the capture points; gives a `LogClock`. Nothing is guessed where no event matches. Times of captures are those of the first
capture's clock.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from wireproof.limits import limit
from wireproof.logs.log import Anchor, Log, pair_key
from wireproof.processes.log_connections import match_data

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.messages.sip import SipMessage
    from wireproof.messages.table import MessageTable

TOLERANCE_S = limit(
    "log-clock.tolerance_s",
    2.0,
    "logs that write whole seconds are up to one second early, and a program logs a moment late",
)
ZONE_SLACK_S = limit(
    "log-clock.zone_slack_s", 120.0, "clocks of one site differ by seconds, without time service by a minute or two"
)
ALONE_S = limit(
    "log-clock.alone_s",
    5.0,
    "one event tells a zone only where it hits a quarter hour, which chance does once in ninety times",
)
MOST_ANCHORS = limit(
    "log-clock.anchors", 20_000, "the first hours of a busy log tell its clock; the rest would tell the same again"
)

SECOND = 1_000_000_000
QUARTER_S = 900
ZONES_S = (-12 * 3600, 14 * 3600)
"""From the westernmost zone to the easternmost one."""
NOUNS = {"tcp-syn": "SYN", "tcp-reset": "reset", "sip": "SIP message", "tcp-data": "data packet"}
TCP = 6
TCP_KINDS = frozenset(("tcp-syn", "tcp-reset"))
"""Kinds whose keys are the two ends of a connection."""

Key = tuple[str, tuple[str, ...]]
"""Kind and key of an anchor."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A capture point that may show what a log tells. `sip` gives its SIP messages, `to_reference` turns its times."""

    name: str
    tables: CaptureTables
    sip: Callable[[], MessageTable[SipMessage]]
    to_reference: Callable[[int], int]


@dataclass(frozen=True, slots=True)
class LogClock:
    """The clock of one log. Reference time = time in the log + `offset_ns`; not to be used unless `known`.

    `matched` counts events of the log that agree with captures within `residual_s`; `kind` is what most of them are. `stated` tells that
    the zone comes from the log or from `case.toml`; `disagrees_s` is then how far events put it elsewhere, 0 where they do not.
    """

    known: bool = False
    offset_ns: int = 0
    matched: int = 0
    residual_s: float = 0.0
    kind: str = ""
    stated: bool = False
    disagrees_s: float = 0.0

    def to_reference(self, time_ns: int) -> int:
        """A time of the log on the first capture's clock."""
        return time_ns + self.offset_ns

    @property
    def zone_s(self) -> int | None:
        """Seconds east of UTC of the nearest zone; None where the clock is further from all of them than clocks stray."""
        zone_s = round(-self.offset_ns / SECOND / QUARTER_S) * QUARTER_S
        return (
            zone_s if ZONES_S[0] <= zone_s <= ZONES_S[1] and abs(self.stray_s(zone_s)) <= ZONE_SLACK_S.value else None
        )

    def stray_s(self, zone_s: int) -> float:
        """How far the log's clock is ahead of the captures' when its times are of that zone."""
        return -self.offset_ns / SECOND - zone_s

    def told(self, file: str) -> str:
        """How times of the log are taken, and what tells so."""
        if not self.known:
            return f"times of {file} can't be set beside the captures: no zone is stated and no event of it is in a capture"
        by = (
            f"told by {_count(self.matched, NOUNS.get(self.kind, 'event'))}, within {max(self.residual_s, 0.1):.1f} s"
            if self.matched
            else ""
        )
        if self.stated:
            by = "; ".join(filter(None, ["as stated", by]))
        words = f"times of {file} are taken as {self._place()} ({by})"
        if self.disagrees_s:
            words += f"; events that captures show too would put them {abs(self.disagrees_s):.0f} s {'later' if self.disagrees_s > 0 else 'earlier'}"
        return words

    def _place(self) -> str:
        zone_s = self.zone_s
        if zone_s is None:
            return f"{abs(self.offset_ns) / SECOND:.1f} s {'behind' if self.offset_ns > 0 else 'ahead of'} the captures"
        stray_s = self.stray_s(zone_s)
        name = zone_name(zone_s)
        return f"{name}, {abs(stray_s):.1f} s {'ahead' if stray_s > 0 else 'behind'}" if abs(stray_s) >= 1 else name


def zone_name(zone_s: int) -> str:
    """`UTC`, `UTC+02:00`."""
    if not zone_s:
        return "UTC"
    minutes = abs(zone_s) // 60
    return f"UTC{'-' if zone_s < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"


def find_log_clock(log: Log, witnesses: Sequence[Witness]) -> LogClock:
    """The clock of a log: as stated and made exact by events, or told by events alone."""
    chosen = [witness for witness in witnesses if witness.name == log.point] or list(witnesses)
    told = match_clock(log.anchors(), lambda anchors: _capture_times(chosen, anchors))
    if not log.in_utc and log.zone_s is None:
        return told
    base = 0 if log.in_utc else -(log.zone_s or 0) * SECOND
    apart_s = (told.offset_ns - base) / SECOND
    if told.known and abs(apart_s) <= ZONE_SLACK_S.value:
        return LogClock(True, told.offset_ns, told.matched, told.residual_s, told.kind, stated=True)
    return LogClock(True, base, stated=True, disagrees_s=apart_s if told.known else 0.0)


# --- estimation ----------------------------------------------------------------------------------------------------------


def match_clock(anchors: Iterable[Anchor], look_up: Callable[[dict[Key, int]], dict[Key, list[int]]]) -> LogClock:
    """The offset on which most matching events agree. `look_up` gives the times at which captures show these events."""
    first: dict[Key, int] = {}
    for anchor in anchors:
        if anchor.time_ns:
            first.setdefault((anchor.kind, anchor.key), anchor.time_ns)
        if len(first) >= MOST_ANCHORS.value:
            break
    if not first:
        return LogClock()
    shown = look_up(first)
    apart = [(time_ns - first[key], key) for key, times in shown.items() for time_ns in times]
    return estimate(apart)


def estimate(apart: Sequence[tuple[int, Key]]) -> LogClock:
    """The clock from differences (capture - log) of matching events; one event may have several. Zones come first.

    Several events have to agree, and those that do must be more than half of all; a single one counts where it hits a zone.
    """
    keys = {key for _, key in apart}
    if not keys:
        return LogClock()
    zoned = _densest([one for one in apart if _is_near_zone(one[0], ZONE_SLACK_S.value)])
    anywhere = _densest(apart)
    # Unrelated differences gather at one place only by chance: a zone is taken as long as it explains most of what the best does.
    chosen = zoned if 2 * len(_keys(zoned)) > len(_keys(anywhere)) else anywhere
    agreeing = _keys(chosen)
    if 2 * len(agreeing) <= len(keys):
        return LogClock()
    if len(agreeing) == 1 and not _is_near_zone(chosen[0][0], ALONE_S.value):
        return LogClock()
    offset = round(median(difference for difference, _ in chosen))
    residual_s = max(abs(difference - offset) for difference, _ in chosen) / SECOND
    kind = Counter(kind for kind, _ in agreeing).most_common(1)[0][0]
    return LogClock(True, offset, len(agreeing), residual_s, kind)


def _keys(apart: Iterable[tuple[int, Key]]) -> set[Key]:
    return {key for _, key in apart}


def _densest(apart: Sequence[tuple[int, Key]]) -> list[tuple[int, Key]]:
    """The differences within the tolerance of each other in which most different events have a part; nearest to a zone among equals."""
    ordered = sorted(apart)
    width = int(TOLERANCE_S.value * SECOND)
    inside: Counter[Key] = Counter()
    best, rank, left = (0, 0), (0, 0.0), 0
    for right, (difference, key) in enumerate(ordered):
        inside[key] += 1
        while difference - ordered[left][0] > width:
            gone = ordered[left][1]
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            left += 1
        found = (len(inside), -_from_zone_s(ordered[left][0]))
        if found > rank:
            rank, best = found, (left, right + 1)
    return ordered[slice(*best)]


def _is_near_zone(difference: int, slack_s: float) -> bool:
    zone_s = round(-difference / SECOND / QUARTER_S) * QUARTER_S
    return ZONES_S[0] <= zone_s <= ZONES_S[1] and _from_zone_s(difference) <= slack_s


def _from_zone_s(difference: int) -> float:
    """Seconds to the nearest quarter hour."""
    rest = abs(difference) / SECOND % QUARTER_S
    return min(rest, QUARTER_S - rest)


# --- what captures show --------------------------------------------------------------------------------------------------


def _capture_times(witnesses: Sequence[Witness], wanted: dict[Key, int]) -> dict[Key, list[int]]:
    """When captures show these events, each first copy."""
    shown: dict[Key, list[int]] = defaultdict(list)
    kinds = {kind for kind, _ in wanted}
    for witness in witnesses:
        found: dict[Key, int] = {}
        if kinds & TCP_KINDS:
            for key, row in _tcp_events(witness.tables, wanted):
                if key in wanted:
                    shown[key].append(witness.to_reference(int(witness.tables.packets.time_ns[row])))
        if "sip" in kinds:
            for message in witness.sip():
                found.setdefault(("sip", sip_key(message)), message.time_ns)
        for key, time_ns in match_data(witness.tables, wanted).items():
            shown[key].append(witness.to_reference(time_ns))
        for key, time_ns in found.items():
            if key in wanted:
                shown[key].append(witness.to_reference(time_ns))
    return shown


def sip_key(message: SipMessage) -> tuple[str, ...]:
    """The key of a SIP message, as logs make it."""
    return (
        message.call_id,
        f"{message.cseq} {message.method}",
        str(message.status) if message.status else message.method,
    )


def _tcp_events(tables: CaptureTables, wanted: dict[Key, int]) -> Iterator[tuple[Key, int]]:
    """First SYN and first RST of each TCP conversation that has ports of a wanted event."""
    facts = tables.conversations.facts
    ports = {int(end.rpartition(":")[2]) for kind, key in wanted if kind in TCP_KINDS for end in key}
    sides = facts["sides"]
    fits = (facts["protocol"] == TCP) & np.isin(sides["port"], list(ports)).all(axis=1)
    fits &= (sides["syn_row"] > 0).any(axis=1) | (facts["reset_row"] > 0)
    for number in np.flatnonzero(fits).tolist():
        talk = tables.conversations[number]
        key = pair_key(talk.endpoint(0), talk.endpoint(1))
        if talk.client["syn_row"]:
            yield ("tcp-syn", key), int(talk.client["syn_row"]) - 1
        if talk.facts["reset_row"]:
            yield ("tcp-reset", key), int(talk.facts["reset_row"]) - 1


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
