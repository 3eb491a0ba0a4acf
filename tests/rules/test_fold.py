"""Repeats of one cause fold into one finding with a count."""

from __future__ import annotations

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.rules.fold import EVIDENCE_MOST, fold


def finding(rule: str, frame: int, *cause: str, lost: int = 1, severity: Severity = Severity.WARNING) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        confidence=Confidence.HIGH,
        title="title",
        summary="Summary.",
        evidence=[Evidence("client", frame)],
        facts={"lost_packets": lost},
        cause=cause,
        conversations=[("client", frame)],
    )


def test_two_thousand_findings_of_one_cause_are_one() -> None:
    folded = fold([finding("path-loss", frame, "server:443", lost=2) for frame in range(2000)])
    assert len(folded) == 1
    assert folded[0].facts["count"] == 2000
    assert folded[0].facts["lost_packets"] == 4000
    assert len(folded[0].evidence) <= EVIDENCE_MOST.value
    assert len(folded[0].conversations) == 2000
    assert "1,999 more cases" in folded[0].summary


def test_other_causes_other_rules_and_findings_without_a_cause_stay_apart() -> None:
    kept = [finding("a", 1, "x"), finding("a", 2, "y"), finding("b", 3, "x"), finding("a", 4), finding("a", 5)]
    assert fold(kept) == kept


def test_the_most_urgent_repeat_sets_the_severity() -> None:
    folded = fold([finding("a", 1, "x"), finding("a", 2, "x", severity=Severity.ERROR)])
    assert folded[0].severity is Severity.ERROR
