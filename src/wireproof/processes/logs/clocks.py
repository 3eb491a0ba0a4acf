"""How far a log's clock is from that of the captures: as stated, or told by events that both show.

Takes a log and the capture points; gives a `LogClock`. Nothing is guessed where no event matches. Times of captures are those of the first
capture's clock, or those of a point's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wireproof.logs.log import Anchor, Log
from wireproof.processes.logs.estimate import Estimate, Missing, Span, estimate
from wireproof.processes.logs.sights import Witness, find_sights, first_copies
from wireproof.processes.logs.zones import SECOND, ZONE_SLACK_S, stray_s, zone_name, zone_of

NOUNS = {
    "tcp-syn": "SYN",
    "tcp-connect": "handshake",
    "tcp-reset": "reset",
    "sip": "SIP message",
    "tcp-data": "data packet",
}


@dataclass(frozen=True, slots=True)
class LogClock:
    """The clock of one log. Reference time = time in the log + `offset_ns`; not to be used unless `known`.

    `matched` counts events of the log that agree with captures within `spread_s`; `kind` is that of the strongest of them, `line`, `witness` and
    `frame` name one of them. `missing` says why events tell nothing, of which captures show `shown`. `stated` tells that the zone comes
    from the log, from `case.toml`, or from the file `by`, which tells the zone of the machine whose files lie there; `disagrees_s` is then how
    far events put it elsewhere, 0 where they do not.
    """

    known: bool = False
    offset_ns: int = 0
    matched: int = 0
    spread_s: float = 0.0
    kind: str = ""
    key: tuple[str, ...] = ()
    line: int = 0
    witness: str = ""
    frame: int = 0
    missing: Missing | None = Missing.NOTHING
    shown: int = 0
    stated: bool = False
    disagrees_s: float = 0.0
    by: str = ""

    def to_reference(self, time_ns: int) -> int:
        """A time of the log on the first capture's clock."""
        return time_ns + self.offset_ns

    @property
    def zone_s(self) -> int | None:
        """Seconds east of UTC of the nearest zone; None where the clock is further from all of them than clocks stray."""
        return zone_of(self.offset_ns) if stray_s(self.offset_ns) <= ZONE_SLACK_S.value else None

    def told(self, file: str, unit: str = "line") -> str:
        """How times of the log are taken, and what tells so; `unit` is what its records are counted in."""
        if not self.known:
            return f"times of {file} can't be set beside the captures: {self._lack()}; `case.toml` may state it"
        stated = f"as {self.by} beside it states" if self.by else "as stated"
        by = "; ".join(filter(None, [stated if self.stated else "", self._evidence(unit)]))
        words = f"times of {file} are taken as {self._place()} ({by})"
        if self.disagrees_s:
            words += f"; events that captures show too would put them {abs(self.disagrees_s):.0f} s {'later' if self.disagrees_s > 0 else 'earlier'}"
        return words

    def _evidence(self, unit: str) -> str:
        if not self.matched:
            return ""
        where = [f"{unit} {self.line}"] if self.line else []
        where += [f"frame {self.frame} of {self.witness}"] if self.frame else []
        such_as = f", such as {' and '.join(where)}" if where else ""
        return f"told by {_count(self.matched, NOUNS.get(self.kind, 'event'))}, within {max(self.spread_s, 0.1):.1f} s{such_as}"

    def _lack(self) -> str:
        if self.missing is Missing.NOTHING:
            return "no zone is stated and it names no event that captures show at the same moment"
        if self.missing is Missing.UNSEEN:
            return "no zone is stated and no event of it is in a capture"
        why = {
            Missing.APART: "do not agree on one",
            Missing.SEVERAL: "fit several offsets about as well",
            Missing.CHANCE: "are too few, or too many unlike ones lie beside them",
            Missing.GAPS: "are fewer than those of the same connections that captures lack",
        }
        return f"no zone is stated, and its events that captures show too ({self.shown}) {why[self.missing or Missing.APART]}"

    def _place(self) -> str:
        zone_s = self.zone_s
        if zone_s is None:
            return f"{abs(self.offset_ns) / SECOND:.1f} s {'behind' if self.offset_ns > 0 else 'ahead of'} the captures"
        ahead_s = -self.offset_ns / SECOND - zone_s
        name = zone_name(zone_s)
        return f"{name}, {abs(ahead_s):.1f} s {'ahead' if ahead_s > 0 else 'behind'}" if abs(ahead_s) >= 1 else name


def find_log_clock(log: Log, witnesses: Sequence[Witness]) -> LogClock:
    """The clock of a log: as stated and made exact by events, or told by events alone."""
    told = _told(first_copies(log.anchors()), log, witnesses)
    if not log.in_utc and log.zone_s is None:
        return told
    base = 0 if log.in_utc else -(log.zone_s or 0) * SECOND
    apart_s = (told.offset_ns - base) / SECOND
    by = "" if log.in_utc else log.zone_file
    if told.known and abs(apart_s) <= ZONE_SLACK_S.value:
        return replace(told, stated=True, by=by)
    if by:
        # What lies in one folder need not be of one machine: events tell more.
        return told if told.known else LogClock(True, base, stated=True, by=by)
    return LogClock(True, base, stated=True, disagrees_s=apart_s if told.known else 0.0)


def _told(anchors: Sequence[Anchor], log: Log, witnesses: Sequence[Witness]) -> LogClock:
    """The clock by what tells one first: all captures of one clock together, then each by its own; else why none does.

    Only the capture of the point where the log was taken is asked where that is stated.
    """
    if not anchors:
        return LogClock()
    asked = [witness for witness in witnesses if witness.name == log.point] or list(witnesses)
    together = [witness for witness in asked if witness.is_compared]
    best = LogClock(missing=Missing.UNSEEN)
    for group in ([together] if len(together) > 1 else []) + [[witness] for witness in asked]:
        found = _ask(anchors, group)
        if found.missing is None:
            return _clock(found, group)
        if found.shown > best.shown:
            best = LogClock(missing=found.missing, shown=found.shown)
    return best


def _ask(anchors: Sequence[Anchor], witnesses: Sequence[Witness]) -> Estimate:
    """What several captures tell on the first one's clock, or a single one on its own."""
    alone = len(witnesses) == 1
    sights = (
        sight if alone else replace(sight, shown_ns=witness.to_reference(sight.shown_ns))
        for number, witness in enumerate(witnesses)
        for sight in find_sights(witness, anchors, number)
    )
    return estimate(anchors, sights, [_span(witness, own=alone) for witness in witnesses])


def _span(witness: Witness, *, own: bool) -> Span:
    times_ns = witness.tables.packets.time_ns
    begin, end = (int(times_ns.min()), int(times_ns.max())) if len(times_ns) else (0, 0)
    return (begin, end) if own else (witness.to_reference(begin), witness.to_reference(end))


def _clock(found: Estimate, witnesses: Sequence[Witness]) -> LogClock:
    example = found.example
    if example is None:
        return LogClock()
    witness = witnesses[example.witness]
    moved_ns = witness.to_reference(example.shown_ns) - example.shown_ns if len(witnesses) == 1 else 0
    return LogClock(
        True,
        found.offset_ns + moved_ns,
        found.matched,
        found.spread_s,
        example.anchor.kind,
        example.anchor.key,
        example.anchor.line,
        witness.name,
        witness.tables.packets.number(example.row) if example.row >= 0 else 0,
        None,
        found.shown,
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
