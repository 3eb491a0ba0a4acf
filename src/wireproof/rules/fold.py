"""Repeats of one cause become one finding with a count: 2,000 broken conversations to one blocked port are one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.limits import limit

if TYPE_CHECKING:
    from wireproof.finding import Finding

EVIDENCE_MOST = limit(
    "fold.evidence_rows", 12, "a reader checks a few examples in Wireshark; the conversation filter shows the rest"
)

SUMMED = {"lost_packets", "sent_packets", "lost_bytes", "segments_never_arrived", "resets", "resets_proven"}
"""Figures that add up when findings fold."""
LEAST = {"lost_payload_min_bytes", "path_mtu_below_bytes"}
MOST = {"lost_payload_max_bytes", "delivered_payload_max_bytes", "path_mtu_at_least_bytes"}
"""Figures of which the least or the greatest of all cases is told. All others stay the first case's."""


def fold(findings: list[Finding]) -> list[Finding]:
    """Join findings that have the same rule and the same non-empty cause, in order of their first appearance.

    The most severe of them, and of those the surest, tells the story of all.
    """
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        key = (finding.rule, *finding.cause) if finding.cause else (id(finding),)
        groups.setdefault(key, []).append(finding)
    return [_join(group) for group in groups.values()]


def _join(group: list[Finding]) -> Finding:
    kept = min(group, key=lambda finding: (finding.severity.rank, finding.confidence.rank))
    for repeat in group:
        if repeat is not kept:
            _absorb(kept, repeat)
    if {"lost_share", "lost_packets", "sent_packets"} <= kept.facts.keys() and len(group) > 1:
        kept.facts["lost_share"] = round(kept.facts["lost_packets"] / max(1, kept.facts["sent_packets"]), 4)
    more = len(group) - 1
    if more:
        kept.summary += f" {more:,} more {'case shows' if more == 1 else 'cases show'} the same."
    return kept


def _absorb(kept: Finding, repeat: Finding) -> None:
    kept.facts["count"] = kept.facts.get("count", 1) + repeat.facts.get("count", 1)
    shared = kept.facts.keys() & repeat.facts.keys()
    for name in SUMMED & shared:
        kept.facts[name] += repeat.facts[name]
    for names, choose in ((LEAST, min), (MOST, max)):
        for name in names & shared:
            kept.facts[name] = choose(kept.facts[name], repeat.facts[name])
    if len(kept.evidence) + len(repeat.evidence) <= EVIDENCE_MOST.value:
        kept.evidence.extend(repeat.evidence)
    kept.conversations.extend(repeat.conversations)
