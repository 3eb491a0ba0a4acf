"""Running rules: selection by severity, order of the report, and a rule that breaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.cases import d1_sccm
from tests.support.verdicts import open_case
from wireproof.case import Case
from wireproof.finding import Finding, Severity
from wireproof.rules import Rule, find_rule, load_rules
from wireproof.rules.run import run_rules


def broken(_: Case) -> Iterator[Finding]:
    raise ZeroDivisionError("no packets")
    yield  # pragma: no cover


def test_a_rule_that_breaks_becomes_a_note_and_the_others_still_speak(tmp_path: Path) -> None:
    case = open_case(d1_sccm.build(tmp_path))
    rule = Rule("tcp-broken", "tcp", Severity.ERROR, "Broken.", broken)
    verdicts = run_rules(case, [rule, find_rule("path-loss")])
    assert [finding.rule for finding in verdicts.findings] == ["path-loss"]
    assert "tcp-broken" in verdicts.notes[0]
    assert "ZeroDivisionError" in verdicts.notes[0]


def test_only_findings_of_the_asked_severity_are_kept(tmp_path: Path) -> None:
    case = open_case(d1_sccm.build(tmp_path))
    verdicts = run_rules(case, load_rules().values(), Severity.ERROR)
    assert {finding.severity for finding in verdicts.findings} == {Severity.ERROR}


def test_causes_stand_before_what_they_explain(tmp_path: Path) -> None:
    findings = run_rules(open_case(d1_sccm.build(tmp_path)), load_rules().values()).findings
    places = {finding.id: place for place, finding in enumerate(findings)}
    assert findings[0].rule == "path-mtu-blackhole"
    for finding in findings:
        for effect in finding.explains:
            if findings[places[effect]].severity is finding.severity:
                assert places[finding.id] < places[effect], (finding.rule, findings[places[effect]].rule)
