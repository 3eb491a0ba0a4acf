"""All rules over a case: one broken rule does not silence the others, and root causes lead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.alignments import Scene, align, questions, short_path
from wireproof.case import Case
from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.rules import Rule, Verdict
from wireproof.rules.run import run_rules


def rule(name: str, *verdicts: Verdict, fails: bool = False) -> Rule:
    def judge(case: Case) -> Iterator[Verdict]:
        assert case.points
        yield from verdicts
        if fails:
            raise ZeroDivisionError("nothing to divide by")

    return Rule(name, name.split("-", maxsplit=1)[0], Severity.ERROR, "A page.", judge)


def finding(
    name: str, severity: Severity = Severity.ERROR, frame: int = 1, confidence: Confidence = Confidence.HIGH
) -> Finding:
    return Finding(name, severity, confidence, name, "", [Evidence("client", frame)], conversations=[("client", 0)])


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return align(tmp_path, Scene(short_path()), [questions(1)])


def test_a_broken_rule_becomes_a_note_and_keeps_what_it_said(case: Case) -> None:
    verdicts = run_rules(case, [rule("tcp-a", finding("tcp-a"), fails=True), rule("tcp-b", finding("tcp-b"))])
    assert [one.rule for one in verdicts.findings] == ["tcp-a", "tcp-b"]
    assert verdicts.notes == ["rule tcp-a stopped with ZeroDivisionError: nothing to divide by; please report it"]


def test_root_causes_lead_among_equals(case: Case) -> None:
    effect, cause = finding("tcp-retransmission", frame=1), finding("path-loss", frame=9)
    verdicts = run_rules(case, [rule("x-effects", effect), rule("x-causes", cause)])
    assert [one.rule for one in verdicts.findings] == ["path-loss", "tcp-retransmission"]
    assert verdicts.findings[0].explains == [verdicts.findings[1].id]


def test_severity_comes_before_certainty_and_certainty_before_family(case: Case) -> None:
    said = [
        finding("arp-c", confidence=Confidence.HIGH),
        finding("path-b", confidence=Confidence.LOW),
        finding("dns-a", Severity.INFO),
        finding("tcp-d", Severity.WARNING),
        finding("path-e", frame=7),
    ]
    verdicts = run_rules(case, [rule("x-all", *said)])
    assert [one.rule for one in verdicts.findings] == ["path-e", "arp-c", "path-b", "tcp-d", "dns-a"]


def test_findings_below_the_asked_severity_are_left_out_with_their_names(case: Case) -> None:
    said = [finding("path-loss"), finding("tcp-retransmission", Severity.INFO)]
    verdicts = run_rules(case, [rule("x-all", *said)], Severity.WARNING)
    assert [one.rule for one in verdicts.findings] == ["path-loss"]
    assert verdicts.findings[0].explains == []


def aside(name: str, capture: str = "client") -> Finding:
    return Finding(name, Severity.INFO, Confidence.HIGH, name, "", [Evidence(capture, 1)], aside=True)


@pytest.mark.parametrize(
    ("severity", "capture", "left"),
    [
        (Severity.WARNING, "client", ["tcp-b", "capture-a"]),
        (Severity.INFO, "client", ["tcp-b"]),
        (Severity.ERROR, "server", ["tcp-b"]),
    ],
)
def test_an_aside_stands_only_beside_trouble_on_its_capture(
    case: Case, severity: Severity, capture: str, left: list[str]
) -> None:
    trouble = Finding("tcp-b", severity, Confidence.HIGH, "", "", [Evidence(capture, 2)])
    verdicts = run_rules(case, [rule("capture-a", aside("capture-a")), rule("tcp-b", trouble)])
    assert [one.rule for one in verdicts.findings] == left


def test_who_asks_for_one_family_gets_its_asides(case: Case) -> None:
    verdicts = run_rules(case, [rule("capture-a", aside("capture-a")), rule("capture-b")])
    assert [one.rule for one in verdicts.findings] == ["capture-a"]


def test_equal_questions_are_asked_once(case: Case) -> None:
    question = Undecided("path-loss", "why", "capture there")
    verdicts = run_rules(
        case, [rule("x-a", question, question), rule("x-b", Undecided("path-loss", "why", "capture there"))]
    )
    assert verdicts.undecided == [question]


def test_no_rules_say_nothing(case: Case) -> None:
    verdicts = run_rules(case, [])
    assert (verdicts.findings, verdicts.undecided, verdicts.notes) == ([], [], [])


def test_a_cause_ranks_as_high_as_the_worst_that_it_leads_to(case: Case) -> None:
    cause, effect = finding("path-loss", Severity.WARNING), finding("tcp-retransmission")
    other = finding("tcp-idle-reset", Severity.WARNING, confidence=Confidence.HIGH)
    other.conversations = []
    verdicts = run_rules(case, [rule("x-other", other), rule("x-effects", effect), rule("x-causes", cause)])
    assert [one.rule for one in verdicts.findings] == ["path-loss", "tcp-retransmission", "tcp-idle-reset"]
