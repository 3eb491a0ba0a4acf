"""The plain values that every renderer of a comparison reads: captures, differences with their frames described, stages, findings.

Takes a `ComparedReport`; gives a `CompareOutline`. It fetches frames, so that no renderer asks a capture anything. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from wireproof.finding import Finding, Severity
from wireproof.processes.compare.stages import outcome_of
from wireproof.report.captures import CaptureItem, make_captures
from wireproof.report.frame_lines import describe_frame

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.conversations.lines import FrameLine
    from wireproof.processes.compare.difference import Comparison, Difference, Kind
    from wireproof.processes.compare.exchange import Exchange
    from wireproof.processes.timeline import Timeline

MOST_LINES = 300
"""Differences whose frames are fetched and described: a reader looks at the first dozen."""


class Compared(Protocol):
    """What a comparison of two judged cases has."""

    good_point: Point
    bad_point: Point
    comparison: Comparison
    good_timeline: Timeline | None
    bad_timeline: Timeline | None
    only_bad: list[Finding]
    only_good: list[Finding]
    both: list[Finding]
    because: list[Finding]


@dataclass(frozen=True, slots=True)
class Row:
    """One difference. `good` and `bad` are what each capture shows, with the frame to look at (None: none to show). `bad_service` is set where
    the bad capture has another server in this part.
    """

    kind: Kind
    service: str
    action: str
    good: str
    bad: str
    good_line: FrameLine | None = None
    bad_line: FrameLine | None = None
    bad_service: str = ""
    follows: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage of a process in both captures: outcome, start and duration; "" and None where a capture lacks it."""

    title: str
    good: str = ""
    bad: str = ""
    good_s: float | None = None
    bad_s: float | None = None
    good_took_s: float | None = None
    bad_took_s: float | None = None

    @property
    def differs(self) -> bool:
        """Whether it ended otherwise."""
        return self.good != self.bad


@dataclass(slots=True)
class CompareOutline:
    """A whole comparison. `first` is the first difference that matters, `because` what the rules say of it."""

    good: CaptureItem
    bad: CaptureItem
    rows: list[Row]
    alike: int
    services: int
    first: Row | None = None
    because: list[Finding] = field(default_factory=list)
    stages: list[StageRow] = field(default_factory=list)
    only_bad: list[Finding] = field(default_factory=list)
    only_good: list[Finding] = field(default_factory=list)
    both: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def of(self, *kinds: Kind) -> list[Row]:
        """Rows of some kinds, in their order."""
        return [row for row in self.rows if row.kind in kinds]

    @property
    def rows_in_common(self) -> bool:
        """Whether any difference is about something that both captures show."""
        return any(row.good and row.bad for row in self.rows)

    @property
    def urgent(self) -> list[Finding]:
        """Errors and warnings about the traffic that only the bad capture shows."""
        # What a capture leaves out is no difference of the process.
        return [
            one for one in self.only_bad if one.severity is not Severity.INFO and not one.rule.startswith("capture-")
        ]

    @property
    def differs(self) -> bool:
        """Whether anything was found that may matter."""
        return self.first is not None or bool(self.urgent)


def outline_comparison(compared: Compared, cases: tuple[Case, Case], notes: Iterable[str] = ()) -> CompareOutline:
    """Build what renderers read."""
    good, bad = compared.good_point, compared.bad_point
    captures = [_capture(case, point) for case, point in zip(cases, (good, bad), strict=True)]
    comparison = compared.comparison
    rows = [_row(difference, good, bad, place < MOST_LINES) for place, difference in enumerate(comparison.differences)]
    return CompareOutline(
        captures[0],
        captures[1],
        rows,
        comparison.alike,
        len(comparison.services),
        next((row for row, one in zip(rows, comparison.differences, strict=True) if one is comparison.first), None),
        compared.because,
        pair_stages(compared.good_timeline, compared.bad_timeline),
        compared.only_bad,
        compared.only_good,
        compared.both,
        list(dict.fromkeys(notes)),
    )


def _capture(case: Case, point: Point) -> CaptureItem:
    return list(make_captures(case))[point.index]


def _row(difference: Difference, good: Point, bad: Point, described: bool) -> Row:
    own, other = difference.service, difference.bad_service
    return Row(
        difference.kind,
        own.title,
        difference.action,
        difference.good,
        difference.bad,
        _line(good, difference.good_exchange) if described else None,
        _line(bad, difference.bad_exchange) if described else None,
        other.title if other and other.name != own.name and other.address != own.address else "",
        difference.follows,
        tuple(service.title for service in difference.elsewhere),
    )


def _line(point: Point, exchange: Exchange | None) -> FrameLine | None:
    return describe_frame(point, exchange.telling_row) if exchange is not None else None


def pair_stages(good: Timeline | None, bad: Timeline | None) -> list[StageRow]:
    """The stages of both, in their order; none where neither capture shows the process."""
    own = {stage.title: stage for stage in (good.stages if good else ())}
    other = {stage.title: stage for stage in (bad.stages if bad else ())}
    rows = []
    for title in dict.fromkeys([*own, *other]):
        left, right = own.get(title), other.get(title)
        rows.append(
            StageRow(
                title,
                outcome_of(left) if left else "",
                outcome_of(right) if right else "",
                left.start_s if left else None,
                right.start_s if right else None,
                left.duration_s if left else None,
                right.duration_s if right else None,
            )
        )
    return rows
