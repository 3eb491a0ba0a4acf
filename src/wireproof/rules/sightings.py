"""One thing that several capture points show is one finding, not one a point.

For rules that judge each point by itself. Takes their findings; joins those of equal cause from different points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.finding import Finding

MORE_ROWS = 4
"""Evidence rows that a further point adds; the first point's rows already prove the finding."""


def at_each_point(case: Case, judge: Callable[[Point], Iterable[Finding]]) -> Iterator[Finding]:
    """Judge every point; findings of one cause at later points only add evidence and filters to the first one's."""
    first: dict[tuple[str, ...], tuple[Point, Finding]] = {}
    alone: list[Finding] = []
    for point in case.points:
        for finding in judge(point):
            where, known = first.setdefault(finding.cause, (point, finding)) if finding.cause else (point, finding)
            if known is finding:
                alone.append(finding)
            elif where is point:
                alone.append(finding)  # the same cause twice at one point: folding adds their counts
            else:
                _join(known, finding)
    yield from alone


def _join(known: Finding, again: Finding) -> None:
    known.evidence.extend(again.evidence[:MORE_ROWS])
    known.conversations.extend(again.conversations)
    for name, text in again.filters.items():
        known.filters.setdefault(name, text)
    if again.severity.rank < known.severity.rank:
        known.severity = again.severity
