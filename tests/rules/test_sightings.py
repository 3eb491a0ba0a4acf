"""Findings of several points about one thing are joined."""

from __future__ import annotations

from pathlib import Path

from tests.support.packets import arp_request
from tests.support.tables import spaced
from tests.support.verdicts import make_case
from wireproof.case import Point
from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.rules.sightings import at_each_point


def said(point: Point, cause: str, frame: int, severity: Severity = Severity.INFO) -> Finding:
    evidence = [Evidence(point.name, frame)]
    return Finding(
        "arp-burst", severity, Confidence.HIGH, "t", "s", evidence, filters={point.name: "arp"}, cause=(cause,)
    )


def test_a_later_point_adds_evidence_filters_and_severity(tmp_path: Path) -> None:
    frames = spaced([bytes(arp_request("02:00:00:00:00:01", "10.1.1.1", "10.1.1.2"))])
    case = make_case(tmp_path, {"near": frames, "far": frames})

    def judge(point: Point) -> list[Finding]:
        worse = Severity.ERROR if point.name == "far" else Severity.INFO
        return [said(point, "same", 1, worse), said(point, point.name, 2)]

    same, near, far = at_each_point(case, judge)
    assert [(piece.capture, piece.frame) for piece in same.evidence] == [("near", 1), ("far", 1)]
    assert (same.severity, same.filters) == (Severity.ERROR, {"near": "arp", "far": "arp"})
    assert [near.cause, far.cause] == [("near",), ("far",)]


def test_repeats_at_one_point_are_left_to_folding(tmp_path: Path) -> None:
    case = make_case(tmp_path, {"near": spaced([bytes(60)])})
    assert len(list(at_each_point(case, lambda point: [said(point, "same", 1), said(point, "same", 2)]))) == 2
