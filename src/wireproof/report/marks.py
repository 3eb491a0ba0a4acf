"""Marker pings as readers see them, and between which of them a finding lies.

Takes a case; gives plain values for every renderer. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.errors import Fence

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.report.outline import EvidenceRow
    from wireproof.report.sightings import Tracer

SAME_NS = 2_000_000_000
"""The same ping at two points is not further apart, whatever is left of a difference between their clocks."""


@dataclass(frozen=True, slots=True)
class MarkItem:
    """One marker: its ping's bytes of data and what they mean, where it stands, and who pinged whom how often.

    `time_s` counts from the capture's first frame, `reference_ns` is on the first capture's clock.
    """

    size: int
    meaning: str
    capture: str
    frame: int
    time_s: float
    reference_ns: int
    source: str
    target: str
    requests: int


@dataclass(frozen=True, slots=True)
class Span:
    """The last marker before a moment and the first one after it; None where there is none."""

    after: MarkItem | None
    before: MarkItem | None

    def told(self, *, name_captures: bool) -> str:
        """`between marker 33 (frame 8) and marker 44 (frame 19)`."""
        first, last = (_tell(mark, name_captures) if mark else "" for mark in (self.after, self.before))
        if first and last:
            return f"between {first} and {last}"
        return f"after {first}" if first else f"before {last}"


def _tell(mark: MarkItem, name_captures: bool) -> str:
    return f"marker {mark.size} (frame {mark.frame}" + (f" of {mark.capture})" if name_captures else ")")


def find_marks(case: Case, tracer: Tracer, note: Callable[[str], None]) -> list[MarkItem]:
    """The markers of all captures in order of time; what fails becomes a note."""
    found: list[MarkItem] = []
    with Fence("looking for marker pings", note):
        for point in case.points:
            found += [
                MarkItem(
                    marker.size,
                    marker.meaning,
                    point.name,
                    point.packets.number(marker.row),
                    point.time_s(marker.row),
                    tracer.reference_ns(point, marker.row),
                    marker.source,
                    marker.target,
                    marker.requests,
                )
                for marker in point.markers
            ]
    return sorted(found, key=lambda mark: mark.reference_ns)


def find_span(marks: Sequence[MarkItem], rows: Sequence[EvidenceRow]) -> Span | None:
    """Between which markers the first frame of a finding lies; None without markers, and without a frame.

    Markers of the frame's own capture are named where it has any: they need no comparison of clocks.
    """
    first = next((row for row in rows if row.line is not None), None)
    if first is None or not marks:
        return None
    own = [mark for mark in marks if mark.capture == first.capture] or list(marks)
    after = [mark for mark in own if mark.reference_ns <= first.reference_ns]
    before = [mark for mark in own if mark.reference_ns > first.reference_ns]
    return Span(after[-1] if after else None, before[0] if before else None)


def moments(marks: Sequence[MarkItem]) -> list[MarkItem]:
    """Each marker once, where several captures show the same pings: as the first of them does."""
    kept: list[MarkItem] = []
    for mark in marks:
        if not any(_is_same(mark, other) for other in kept):
            kept.append(mark)
    return kept


def _is_same(mark: MarkItem, other: MarkItem) -> bool:
    return (
        mark.capture != other.capture
        and mark.size == other.size
        and abs(mark.reference_ns - other.reference_ns) <= SAME_NS
    )
