"""The plain values that renderers of a comparison read."""

from __future__ import annotations

from pathlib import Path

from tests.support.compared import Run
from tests.support.comparisons import outlined, with_stages
from wireproof.processes.compare.difference import Kind


def test_a_difference_comes_with_the_frames_to_look_at(tmp_path: Path) -> None:
    report = outlined(tmp_path, Run(), Run(connects=False))
    assert report.first is not None
    assert (report.first.kind, report.first.good_line and report.first.good_line.number) == (Kind.FAILS, 4)
    assert report.first.bad_line is not None
    assert "[SYN]" in report.first.bad_line.info
    assert report.differs


def test_another_server_in_the_same_part_is_named_and_the_same_is_not(tmp_path: Path) -> None:
    same = outlined(tmp_path / "same", Run(), Run(status="503 Busy"))
    assert same.first is not None
    assert same.first.bad_service == ""
    bad = Run(status="503 Busy", name="app.example.org", address="198.51.100.7")
    other = outlined(tmp_path / "other", Run(), bad)
    assert other.first is not None
    assert other.first.bad_service == "app.example.org:80 (http)"


def test_what_is_wrong_with_a_capture_is_not_urgent(tmp_path: Path) -> None:
    report = outlined(tmp_path, Run(), Run())
    assert (report.first, report.urgent, report.differs) == (None, [], False)


def test_stages_of_both_stand_beside_each_other(tmp_path: Path) -> None:
    report = with_stages(tmp_path)
    differing = [row.title for row in report.stages if row.differs]
    assert report.first is not None
    assert report.first.action == differing[0]
    assert {row.good for row in report.stages[:3]} <= {"done", "unanswered"}
    assert "done (outside)" in {row.good for row in report.stages}
