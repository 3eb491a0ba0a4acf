"""How rules on sites write down what they found: a line of the site file as evidence, and sources as references.

Takes plain values and the review; decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wireproof.finding import Confidence, Evidence, Finding, Severity

if TYPE_CHECKING:
    from wireproof.directaccess.review import Review
    from wireproof.directaccess.stated import Place

EVIDENCE_MOST = 12
"""Lines that one finding names; a thousand stations have one cause."""


@dataclass(slots=True)
class Told:
    """The words of one finding: title, summary, what to do, and who says so."""

    title: str
    summary: str
    fix: list[str]
    sources: Iterable[str]
    facts: dict[str, Any] = field(default_factory=dict)
    confidence: Confidence = Confidence.HIGH


def line(review: Review, place: Place, note: str) -> Evidence:
    """One line of the site file."""
    return Evidence(review.site.file, note=note, line=review.site.line(place))


def finding(review: Review, rule: str, severity: Severity, told: Told, places: Iterable[tuple[Place, str]]) -> Finding:
    """A finding on a site with the lines that it comes from, each with a note."""
    evidence = [line(review, place, note) for place, note in list(places)[:EVIDENCE_MOST]]
    return Finding(
        rule,
        severity,
        told.confidence,
        told.title,
        told.summary,
        evidence,
        where=review.site.file,
        facts=told.facts,
        fix=told.fix,
        references=list(dict.fromkeys(told.sources)),
        cause=(told.title,),
    )
