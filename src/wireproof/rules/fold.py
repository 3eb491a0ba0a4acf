"""Repeats of one cause become one finding with a count: 2,000 broken conversations to one blocked port are one thing."""

from __future__ import annotations

from collections import Counter

from wireproof.finding import Finding
from wireproof.limits import limit

EVIDENCE_MOST = limit(
    "fold.evidence_rows", 12, "a reader checks a few examples in Wireshark; the conversation filter shows the rest"
)

SUMMED = {"lost_packets", "sent_packets", "segments_never_arrived", "resets"}
"""Figures that add up when findings fold; all others stay the first one's."""


def fold(findings: list[Finding]) -> list[Finding]:
    """Join findings that have the same rule and the same non-empty cause, in order of their first appearance."""
    folded: dict[tuple[str, ...], Finding] = {}
    repeats: Counter[tuple[str, ...]] = Counter()
    result: list[Finding] = []
    for finding in findings:
        key = (finding.rule, *finding.cause)
        if finding.cause and key in folded:
            _absorb(folded[key], finding)
            repeats[key] += 1
            continue
        if finding.cause:
            folded[key] = finding
        result.append(finding)
    for key, more in repeats.items():
        folded[key].summary += f" {more:,} more {'case shows' if more == 1 else 'cases show'} the same."
    return result


def _absorb(kept: Finding, repeat: Finding) -> None:
    kept.facts["count"] = kept.facts.get("count", 1) + repeat.facts.get("count", 1)
    for name in SUMMED & kept.facts.keys() & repeat.facts.keys():
        kept.facts[name] += repeat.facts[name]
    if len(kept.evidence) + len(repeat.evidence) <= EVIDENCE_MOST.value:
        kept.evidence.extend(repeat.evidence)
    kept.conversations.extend(repeat.conversations)
    if repeat.severity.rank < kept.severity.rank:
        kept.severity = repeat.severity
