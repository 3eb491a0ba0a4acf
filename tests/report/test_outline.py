"""The tree behind every report: evidence described, findings hung beneath their causes, captures with their clocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.reports import NOTE, QUESTION, chain, make_finding, smtp_report
from wireproof.analyse import analyse
from wireproof.case import Case
from wireproof.finding import Evidence, Finding, Severity
from wireproof.logs import Log
from wireproof.report.as_html import render_html
from wireproof.report.as_json import make_document
from wireproof.report.as_markdown import render_markdown
from wireproof.report.as_text import render_text
from wireproof.report.outline import FindingItem, nest, outline
from wireproof.rules.run import Verdicts

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_findings_hang_beneath_what_explains_them(tmp_path: Path) -> None:
    with smtp_report(tmp_path) as report:
        made = outline(report.case, report.verdicts)
    shape = [(item.number, depth, item.finding.rule) for depth, item in made.walk()]
    assert shape == [
        (1, 0, "tcp-mss-exceeded"),
        (2, 1, "path-loss"),
        (3, 2, "tcp-retransmission"),
        (4, 0, "tcp-idle-reset"),
    ]
    assert [item.number for item in made.items[0].also_explains] == [3]


def items(*findings: Finding) -> list[FindingItem]:
    return [FindingItem(finding, ()) for finding in findings]


def test_findings_that_explain_each_other_are_all_told_once() -> None:
    first, second, third = (make_finding(rule) for rule in ("a-one", "a-two", "a-three"))
    first.explains, second.explains, third.explains = [second.id], [third.id], [first.id]
    roots = nest(items(first, second, third))
    assert [item.finding.rule for root in roots for _, item in root.walk()] == ["a-one", "a-two", "a-three"]


def test_a_finding_that_explains_one_that_was_filtered_out_stands_alone() -> None:
    alone = make_finding("a-one", explains=["0123456789abcdef"])
    assert [root.children for root in nest(items(alone))] == [[]]


def test_evidence_is_described_and_in_file_order(tmp_path: Path) -> None:
    finding = make_finding("a-one", (18, 12, 11))
    with smtp_report(tmp_path, [finding]) as report:
        rows = outline(report.case, report.verdicts).items[0].rows
    assert [(row.number, row.note) for row in rows] == [(11, "note 11"), (12, "note 12"), (18, "note 18")]
    assert rows[1].line is not None
    assert rows[1].line.info.startswith("[TCP Retransmission] 28474 → 25")
    assert rows[0].sightings == ()


def test_a_frame_named_twice_is_one_row_with_both_notes(tmp_path: Path) -> None:
    twice = [
        Evidence("capture", 12, "first"),
        Evidence("capture", 12, "second", "lost"),
        Evidence("capture", 12, "first"),
    ]
    with smtp_report(tmp_path, [make_finding("a-one", evidence=twice)]) as report:
        rows = outline(report.case, report.verdicts).items[0].rows
    assert [(row.note, row.mark) for row in rows] == [("first; second", "lost")]


@pytest.mark.parametrize("evidence", [Evidence("netstat.txt", line=7), Evidence("capture", 99), Evidence("gone", 1)])
def test_evidence_that_is_no_frame_of_a_capture_keeps_its_row(tmp_path: Path, evidence: Evidence) -> None:
    with smtp_report(tmp_path, [make_finding("a-one", evidence=[evidence])]) as report:
        row = outline(report.case, report.verdicts).items[0].rows[0]
    assert (row.line, row.capture, row.log_line, row.number) == (None, evidence.capture, evidence.line, evidence.frame)


def test_captures_questions_and_notes_are_in_the_tree(tmp_path: Path) -> None:
    with smtp_report(tmp_path) as report:
        made = outline(report.case, report.verdicts)
    assert [(item.name, item.packets, item.conversations, item.format) for item in made.captures] == [
        ("capture", 18, 1, "pcapng")
    ]
    assert made.captures[0].duration_s == pytest.approx(19.22, abs=0.01)
    assert made.undecided == [QUESTION]
    assert made.notes == [NOTE]
    assert not made.is_aligned
    assert [made.count(severity) for severity in Severity] == [2, 1, 1]


def test_what_a_rule_and_the_alignment_say_marks_the_rows() -> None:
    with analyse([str(EXAMPLES / "sccm-policy")], select=["path-loss", "path-mtu-blackhole"]) as report:
        made = outline(report.case, report.verdicts)
    loss = next(item for item in made.items if item.finding.rule == "path-loss")
    marks = {row.number: row.mark for row in loss.rows if row.capture == "client"}
    assert [number for number, mark in marks.items() if mark == "lost"] == [1921, 1975, 2071, 2264, 2651, 3475]
    assert made.is_aligned
    assert made.captures[1].clock_bound_s is not None


def test_the_chain_of_the_helper_has_one_root_and_one_remark() -> None:
    assert [root.finding.rule for root in nest(items(*chain()))] == ["tcp-mss-exceeded", "tcp-idle-reset"]


def test_what_another_effect_explains_hangs_beneath_that_one() -> None:
    service, refused, missing = (make_finding(rule) for rule in ("service", "refused", "missing"))
    service.explains = [refused.id, missing.id]
    missing.explains = [refused.id]
    (root,) = nest(items(service, refused, missing))
    assert [(depth, item.finding.rule) for depth, item in root.walk()] == [
        (0, "service"),
        (1, "missing"),
        (2, "refused"),
    ]
    assert [item.finding.rule for item in root.also_explains] == ["refused"]


def test_rows_of_a_log_are_named_by_what_it_counts() -> None:
    """An ETL has events and no lines; two events of one line of XML are two rows, each with its own words."""
    logs = [Log(file="folder/trace.etl", unit="event"), Log(file="folder/sys.xml", lines=["<Events>…"])]
    finding = make_finding(
        "a-one",
        talk=None,
        evidence=[
            Evidence("folder/trace.etl", note="refused", line=3),
            Evidence("folder/sys.xml", note="one", line=1, text="first event"),
            Evidence("folder/sys.xml", note="other", line=1, text="second event"),
            Evidence("folder/sys.xml", note="plain", line=1),
        ],
    )
    made = outline(Case([], logs=logs), Verdicts([finding]))
    assert made.logs == ["folder/trace.etl", "folder/sys.xml"]
    rows = made.items[0].rows
    assert [(row.place, row.log_text) for row in rows] == [
        ("event 3", ""), ("line 1", "first event"), ("line 1", "second event"), ("line 1", "<Events>…"),
    ]  # fmt: skip
    for text in (render_text(made).plain, render_markdown(made), render_html(made)):
        assert "event 3" in text
        assert "line 3" not in text
    (first, *_) = make_document(made)["findings"][0]["evidence"]
    assert (first["log"], first["line"]) == ("folder/trace.etl", 3)
