"""The timeline puts all captures on one clock, shows where they overlap, and marks findings at their first frame."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support import judged
from tests.support.markup import Node, read_markup
from wireproof.case import Case
from wireproof.finding import Evidence, Finding
from wireproof.report.outline import outline
from wireproof.report.strips import BINS, MOST_MARKERS, MOST_ROWS, Strips, build_strips
from wireproof.rules.run import Verdicts


def strips_of(case: Case, findings: list[Finding]) -> tuple[Strips, Node]:
    strips = build_strips(case, outline(case, Verdicts(findings)))
    assert strips is not None
    return strips, read_markup(strips.svg)


def share(node: Node) -> float:
    return float(node.attributes["x"].rstrip("%"))


def test_each_capture_has_a_strip_with_its_name(sccm: Case) -> None:
    _, made = strips_of(sccm, [])
    assert [node.words for node in made.find("text", "strong")] == ["client", "server"]
    assert len(made.find("path", "area")) == 2


def test_the_overlap_is_tinted_and_told(sccm: Case) -> None:
    strips, made = strips_of(sccm, [])
    (tint,) = made.find("rect", "overlap")
    assert 1 < share(tint) < 3
    assert "all captures run together for 3 min 54 s (tinted)" in strips.caption


def test_a_finding_stands_at_its_first_frame_and_links_to_its_text(sccm: Case) -> None:
    finding = judged.plain_finding(sccm, [Evidence("client", 1921)])
    _, made = strips_of(sccm, [finding])
    (marker,) = made.find("a", "marker")
    assert marker.attributes["href"] == f"#f-{finding.id}"
    assert marker.find("text")[0].words == "1"
    holder = next(node for node in made.find("svg") if marker in node.children)
    assert 43 < share(holder) < 45


def test_markers_of_one_moment_stand_above_each_other(sccm: Case) -> None:
    findings = [
        judged.plain_finding(sccm, [Evidence("client", 1921)], f"finding {number}", rule=f"r{number}")
        for number in range(3)
    ]
    _, made = strips_of(sccm, findings)
    holders = [node for node in made.find("svg") if any(child.tag == "a" for child in node.children)]
    assert len({node.attributes["y"] for node in holders}) == len(holders) == 3


def test_markers_are_bounded(sccm: Case) -> None:
    findings = [judged.plain_finding(sccm, [Evidence("client", 1921)], rule=f"r{number}") for number in range(90)]
    strips, made = strips_of(sccm, findings)
    assert len(made.find("a", "marker")) == MOST_MARKERS
    height = re.search(r'height="(\d+)"', strips.svg)
    assert height is not None
    assert int(height.group(1)) < 250 + 20 * MOST_ROWS


def test_the_drawing_does_not_grow_with_the_capture(sccm: Case) -> None:
    _, made = strips_of(sccm, [])
    for area in made.find("path", "area"):
        assert area.attributes["d"].count("L") <= 2 * BINS + 2


def test_captures_that_nothing_ties_together_are_named(lync: Case) -> None:
    strips, _ = strips_of(lync, [])
    assert "Nothing ties edge and frontend to it" in strips.caption


def test_a_single_capture_needs_no_words_on_clocks(tmp_path: Path) -> None:
    case = judged.lync_case(tmp_path)
    with judged.closing(case):
        alone = Case(case.points[:1])
        strips, made = strips_of(alone, [])
    assert "clock" not in strips.caption
    assert not made.find("rect", "overlap")
