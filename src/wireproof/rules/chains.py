"""Which finding causes which: a loss on the path explains the retransmissions that it made.

A link needs both: a pair of rules from CAUSES, and a conversation (or the same conversation at another point) in common.
"""

from __future__ import annotations

from wireproof.case import Case
from wireproof.finding import Finding

CAUSES: dict[str, tuple[str, ...]] = {
    "path-forged-reset": ("path-loss", "tcp-syn-unanswered", "tcp-connection-refused", "tcp-idle-reset", "tcp-retransmission"),
    "path-mtu-blackhole": ("path-loss", "tcp-retransmission"),
    "path-loss": ("tcp-retransmission", "tcp-syn-unanswered", "tcp-keepalive-unanswered"),
    "path-latency": ("app-slow-response",),
    "tcp-mss-exceeded": ("tcp-retransmission", "path-loss"),
    "tcp-zero-window": ("app-slow-response",),
    "tcp-delayed-ack": ("app-slow-response",),
    "tcp-idle-reset": ("tcp-retransmission",),
    "tcp-syn-flood": ("tcp-syn-unanswered",),
    "icmp-unreachable": ("tcp-syn-unanswered", "tcp-connection-refused", "tcp-retransmission", "dns-unanswered"),
    "arp-unanswered": ("tcp-syn-unanswered", "dns-unanswered"),
    "arp-multicast-mac": ("tcp-syn-unanswered",),
}
"""Cause -> symptoms that it can explain: the device that forges a reset swallows the answer that provoked it as well."""


def link(case: Case, findings: list[Finding]) -> list[Finding]:
    """Fill `explains` of every finding; returns the same list."""
    groups = _conversation_groups(case, findings)
    for cause in findings:
        for effect in findings:
            if effect.rule in CAUSES.get(cause.rule, ()) and effect is not cause:
                if groups[id(cause)] & groups[id(effect)] and effect.id not in cause.explains:
                    cause.explains.append(effect.id)
    return findings


def _conversation_groups(case: Case, findings: list[Finding]) -> dict[int, set[tuple[str, int]]]:
    """The conversations of each finding, each widened to the same conversation at other points."""
    same: dict[tuple[str, int], set[tuple[str, int]]] = {}
    if len(case.points) > 1:
        for journey in case.alignment.journeys:
            members = {(case.points[point].name, number) for point, number in journey.members}
            for member in members:
                same[member] = members
    return {
        id(finding): {other for own in finding.conversations for other in same.get(own, {own})} for finding in findings
    }
