"""Repeats of one cause become one finding with a count."""

from __future__ import annotations

import pytest

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.rules.fold import EVIDENCE_MOST, fold


def finding(
    cause: tuple[str, ...] = ("a",), rule: str = "path-loss", severity: Severity = Severity.INFO, **facts: float
) -> Finding:
    number = int(facts.pop("number", 1))
    rows = [Evidence("client", number)] * int(facts.pop("rows", 1))
    return Finding(
        rule,
        severity,
        Confidence.HIGH,
        f"title {number}",
        f"summary {number}.",
        rows,
        facts=dict(facts),
        cause=cause,
        conversations=[("client", number)],
    )


def test_equal_causes_of_one_rule_are_one() -> None:
    folded = fold(
        [finding(number=1), finding(("b",), number=2), finding(number=3), finding(rule="tcp-retransmission", number=4)]
    )
    assert [one.title for one in folded] == ["title 1", "title 2", "title 4"]
    assert folded[0].facts["count"] == 2
    assert folded[0].summary == "summary 1. 1 more case shows the same."
    assert folded[0].conversations == [("client", 1), ("client", 3)]


def test_a_finding_without_cause_stands_alone() -> None:
    assert len(fold([finding(()), finding(())])) == 2


def test_figures_add_up_and_shares_follow() -> None:
    (folded,) = fold(
        [
            finding(lost_packets=1, sent_packets=10, lost_share=0.1),
            finding(lost_packets=5, sent_packets=20, lost_share=0.25),
        ]
    )
    assert (folded.facts["lost_packets"], folded.facts["sent_packets"], folded.facts["lost_share"]) == (6, 30, 0.2)


def test_of_sizes_the_extremes_are_kept() -> None:
    (folded,) = fold(
        [
            finding(lost_payload_min_bytes=900, delivered_payload_max_bytes=500),
            finding(lost_payload_min_bytes=800, delivered_payload_max_bytes=600),
        ]
    )
    assert (folded.facts["lost_payload_min_bytes"], folded.facts["delivered_payload_max_bytes"]) == (800, 600)


def test_other_figures_stay_the_first_ones() -> None:
    (folded,) = fold([finding(delay_ms=3.0), finding(delay_ms=9.0)])
    assert folded.facts["delay_ms"] == 3.0


@pytest.mark.parametrize("turn", [0, 1, 2])
def test_the_most_severe_case_tells_the_story(turn: int) -> None:
    cases = [finding(number=1), finding(number=2), finding(number=3)]
    cases[turn].severity = Severity.ERROR
    (folded,) = fold(cases)
    assert (folded.severity, folded.title) == (Severity.ERROR, f"title {turn + 1}")
    assert folded.facts["count"] == 3
    assert "2 more cases show the same." in folded.summary


def test_evidence_grows_to_a_readable_length_only() -> None:
    (folded,) = fold([finding(rows=5, number=number) for number in range(20)])
    assert len(folded.evidence) <= EVIDENCE_MOST.value
    assert len(folded.conversations) == 20


def test_counts_of_what_was_counted_before_add_up() -> None:
    (folded,) = fold([finding(count=4), finding(count=6)])
    assert folded.facts["count"] == 10


def test_thousands_of_cases_fold_into_one() -> None:
    (folded,) = fold([finding(lost_packets=1, number=number) for number in range(5000)])
    assert folded.facts["lost_packets"] == 5000
    assert "4,999 more cases" in folded.summary
