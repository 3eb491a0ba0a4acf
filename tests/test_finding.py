"""Findings: order of severities and confidences, and an id that survives other figures and wordings."""

from __future__ import annotations

from wireproof.finding import Confidence, Evidence, Finding, Severity, Talk


def finding(**changed: object) -> Finding:
    parts: dict[str, object] = {
        "rule": "path-loss",
        "severity": Severity.ERROR,
        "confidence": Confidence.HIGH,
        "title": "a title",
        "summary": "a summary",
        "evidence": [Evidence("client", 1921)],
        "toward": "server",
        "talk": Talk("tcp", "10.1.1.1:1099", "172.16.1.1:80"),
    }
    return Finding(**(parts | changed))  # type: ignore[arg-type]


def test_the_most_urgent_severity_and_the_surest_confidence_come_first() -> None:
    assert sorted(Severity, key=lambda severity: severity.rank) == [Severity.ERROR, Severity.WARNING, Severity.INFO]
    assert sorted(Confidence, key=lambda level: level.rank) == [Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW]


def test_the_id_does_not_depend_on_figures_and_words() -> None:
    assert finding().id == finding(title="other", summary="other", facts={"lost_packets": 6}).id


def test_the_id_tells_direction_frame_rule_and_conversation_apart() -> None:
    others = [
        finding(toward="client"),
        finding(evidence=[Evidence("client", 1922)]),
        finding(rule="path-latency"),
        finding(talk=Talk("tcp", "10.1.1.1:1100", "172.16.1.1:80")),
    ]
    assert len({finding().id, *(other.id for other in others)}) == 5


def test_a_finding_without_evidence_and_conversation_has_an_id_too() -> None:
    assert len(finding(evidence=[], talk=None).id) == 16
