"""Repeats of one cause become one finding with a count: 2,000 broken conversations to one blocked port are one thing."""

from __future__ import annotations

from wireproof.finding import Finding
from wireproof.limits import limit

EVIDENCE_MOST = limit(
    "fold.evidence_rows", 12, "a reader checks a few examples in Wireshark; the conversation filter shows the rest"
)


def fold(findings: list[Finding]) -> list[Finding]:
    """Join findings that have the same rule and the same non-empty cause, in order of their first appearance."""
    folded: dict[tuple[str, ...], Finding] = {}
    result: list[Finding] = []
    for finding in findings:
        key = (finding.rule, *finding.cause)
        if finding.cause and key in folded:
            _absorb(folded[key], finding)
            continue
        if finding.cause:
            folded[key] = finding
        result.append(finding)
    return result


def _absorb(kept: Finding, repeat: Finding) -> None:
    kept.facts["count"] = kept.facts.get("count", 1) + repeat.facts.get("count", 1)
    if len(kept.evidence) + len(repeat.evidence) <= EVIDENCE_MOST.value:
        kept.evidence.extend(repeat.evidence)
    kept.conversations.extend(repeat.conversations)
    if repeat.severity.rank < kept.severity.rank:
        kept.severity = repeat.severity
