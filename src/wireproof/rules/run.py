"""Run the selected rules over a case, fold repeats of one cause into one finding, and lead with root causes.

This is the only place that survives a rule's own defect: it becomes a note, and the other rules still speak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from wireproof.case import Case
from wireproof.finding import Finding, Severity, Undecided
from wireproof.rules import FAMILIES, Rule
from wireproof.rules.chains import drop_dangling, link
from wireproof.rules.fold import fold


@dataclass(slots=True)
class Verdicts:
    """What the rules said: findings in the order of a report, open questions, and notes on rules that broke."""

    findings: list[Finding] = field(default_factory=list)
    undecided: list[Undecided] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def run_rules(case: Case, rules: Iterable[Rule], least: Severity = Severity.INFO) -> Verdicts:
    """Judge the case by each rule; keep findings of at least severity `least`."""
    verdicts = Verdicts()
    for rule in rules:
        _run_one(case, rule, verdicts)
    verdicts.findings = link(case, fold(verdicts.findings))
    verdicts.findings = [finding for finding in verdicts.findings if finding.severity.rank <= least.rank]
    drop_dangling(verdicts.findings)
    verdicts.findings.sort(key=_urgency(verdicts.findings))
    verdicts.undecided = list(dict.fromkeys(verdicts.undecided))
    return verdicts


def _run_one(case: Case, rule: Rule, verdicts: Verdicts) -> None:
    try:
        for verdict in rule.judge(case):
            if isinstance(verdict, Undecided):
                verdicts.undecided.append(verdict)
            else:
                verdicts.findings.append(verdict)
    except Exception as defect:  # noqa: BLE001 - one rule's defect must not cost the user the others' findings
        verdicts.notes.append(f"rule {rule.name} stopped with {type(defect).__name__}: {defect}; please report it")


def _urgency(findings: list[Finding]) -> Callable[[Finding], tuple[int, ...]]:
    """Sort key: severity, then root causes before what they explain, then certainty, family, and time of evidence."""
    explained = {identity for finding in findings for identity in finding.explains}
    families = {family: place for place, family in enumerate(FAMILIES)}

    def key(finding: Finding) -> tuple[int, ...]:
        family = families.get(finding.rule.split("-")[0], len(families))
        first = finding.evidence[0].frame if finding.evidence else 0
        return (finding.severity.rank, finding.id in explained, finding.confidence.rank, family, first)

    return key
