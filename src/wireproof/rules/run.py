"""Run the selected rules over a case, fold repeats of one cause into one finding, and lead with root causes.

A rule's own defect becomes a note here, and the other rules still speak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.errors import Fence
from wireproof.finding import Finding, Severity, Undecided
from wireproof.rules import FAMILIES, Rule
from wireproof.rules.chains import drop_dangling, link, link_site
from wireproof.rules.cited import cite_logs
from wireproof.rules.fold import fold
from wireproof.rules.owners import name_processes

if TYPE_CHECKING:
    from wireproof.case import Case


@dataclass(slots=True)
class Verdicts:
    """What the rules said: findings in the order of a report, open questions, and notes on rules that broke."""

    findings: list[Finding] = field(default_factory=list)
    undecided: list[Undecided] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def run_rules(case: Case, rules: Iterable[Rule], least: Severity = Severity.INFO) -> Verdicts:
    """Judge the case by each rule; keep findings of at least severity `least`."""
    chosen = list(rules)
    verdicts = _run_all(case, chosen)
    verdicts.findings = fold(verdicts.findings)
    if len({rule.family for rule in chosen}) > 1:  # who asks for one family wants all that it has to say
        verdicts.findings = _without_idle_asides(verdicts.findings)
    verdicts.findings = link(case, verdicts.findings)
    name_processes(case, verdicts.findings)
    _arrange(verdicts, least)
    cite_logs(verdicts.findings)
    return verdicts


def run_plan_rules(review: object, rules: Iterable[Rule], least: Severity = Severity.INFO) -> Verdicts:
    """Judge a `wireproof.directaccess.review.Review` by each rule of PLAN_FAMILIES; keep findings of at least severity `least`."""
    verdicts = _run_all(review, rules)
    verdicts.findings = link_site(fold(verdicts.findings))
    return _arrange(verdicts, least)


def _run_all(judged: object, rules: Iterable[Rule]) -> Verdicts:
    verdicts = Verdicts()
    for rule in rules:
        _run_one(judged, rule, verdicts)
    return verdicts


def _arrange(verdicts: Verdicts, least: Severity) -> Verdicts:
    verdicts.findings = [finding for finding in verdicts.findings if finding.severity.rank <= least.rank]
    drop_dangling(verdicts.findings)
    verdicts.findings.sort(key=_urgency(verdicts.findings))
    verdicts.undecided = list(dict.fromkeys(verdicts.undecided))
    return verdicts


def _run_one(judged: object, rule: Rule, verdicts: Verdicts) -> None:
    # One rule's defect must not cost the user the findings of the others.
    with Fence(f"rule {rule.name}", verdicts.notes.append):
        for verdict in rule.judge(judged):
            if isinstance(verdict, Undecided):
                verdicts.undecided.append(verdict)
            else:
                verdicts.findings.append(verdict)


def _without_idle_asides(findings: list[Finding]) -> list[Finding]:
    """Findings without the asides on captures that show nothing above severity info."""
    urgent = [finding for finding in findings if finding.severity is not Severity.INFO]
    troubled = {piece.capture for finding in urgent for piece in finding.evidence}
    return [
        finding
        for finding in findings
        if not finding.aside or not troubled.isdisjoint(piece.capture for piece in finding.evidence)
    ]


def _urgency(findings: list[Finding]) -> Callable[[Finding], tuple[int, ...]]:
    """Sort key: severity (of a cause the worst that it leads to), root causes, those with consequences, certainty, family, time of evidence."""
    ranks = {finding.id: finding.severity.rank for finding in findings}
    explained = {identity for finding in findings for identity in finding.explains}
    families = {family: place for place, family in enumerate(FAMILIES)}

    def key(finding: Finding) -> tuple[int, ...]:
        family = families.get(finding.rule.split("-")[0], len(families))
        first = finding.evidence[0].frame or finding.evidence[0].line if finding.evidence else 0
        led_to = min((ranks[one] for one in finding.explains), default=Severity.INFO.rank)
        rank = min(finding.severity.rank, led_to)
        return (rank, finding.id in explained, led_to == Severity.INFO.rank, finding.confidence.rank, family, first)

    return key
