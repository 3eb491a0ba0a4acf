"""The annotated capture: every evidence frame once, with a comment that Wireshark shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.oracle import tshark_rows
from tests.support.reports import make_finding, smtp_report
from tests.support.tables import read_closed
from wireproof.analyse import analyse
from wireproof.report.annotate import AnnotateError, write_annotated
from wireproof.report.outline import outline

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_each_evidence_frame_is_written_once_with_all_remarks(tmp_path: Path) -> None:
    with smtp_report(tmp_path) as report:
        written = write_annotated(report.case, outline(report.case, report.verdicts), tmp_path / "out.pcapng")
        original = report.case.points[0].tables.read_frames([10])[0]
    tables = read_closed(tmp_path / "out.pcapng")
    assert written == tables.packets.frames == 7
    assert tables.capture.comments[2] == [
        "capture, frame 11\n[1] tcp-mss-exceeded (error): note 11\n[2] path-loss (error): note 11"
    ]
    assert int(tables.packets.captured[1]) == len(original)
    assert "2 errors, 1 warning, 1 remark" in tables.capture.comments[0][0]


def test_wireshark_shows_the_comments(tmp_path: Path, program: Callable[[str], str]) -> None:
    tshark = program("tshark")
    with smtp_report(tmp_path) as report:
        write_annotated(report.case, outline(report.case, report.verdicts), tmp_path / "out.pcapng")
    rows = list(tshark_rows(tshark, tmp_path / "out.pcapng", ("frame.interface_name", "frame.comment", "tcp.seq_raw")))
    assert len(rows) == 7
    assert {row[0] for row in rows} == {"capture"}
    assert "tcp-mss-exceeded (error): note 2" in rows[0][1]


def test_frames_of_several_captures_are_in_order_of_one_clock(tmp_path: Path) -> None:
    with analyse([str(EXAMPLES / "lync-sign-in")], select=["path", "tcp"]) as report:
        made = outline(report.case, report.verdicts)
        write_annotated(report.case, made, tmp_path / "out.pcapng")
    tables = read_closed(tmp_path / "out.pcapng")
    names = [interface.name for interface in tables.capture.interfaces]
    assert set(names) <= {"client", "edge", "frontend"}
    assert len(names) == len(set(names)) > 1
    places = [names[number] for number in tables.packets.interface[: tables.packets.frames]]
    assert places.index("edge") < places.index("frontend")


def test_comments_of_the_capture_itself_are_kept(tmp_path: Path) -> None:
    with smtp_report(tmp_path, [make_finding("a-one", (11,))]) as report:
        report.case.points[0].capture.comments[11] = ["seen by the helpdesk"]
        write_annotated(report.case, outline(report.case, report.verdicts), tmp_path / "out.pcapng")
    assert read_closed(tmp_path / "out.pcapng").capture.comments[1][0].endswith("\nseen by the helpdesk")


def test_a_capture_without_findings_gives_an_empty_file(tmp_path: Path) -> None:
    with smtp_report(tmp_path, []) as report:
        assert write_annotated(report.case, outline(report.case, report.verdicts), tmp_path / "out.pcapng") == 0
    assert (tmp_path / "out.pcapng").stat().st_size > 0


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with smtp_report(tmp_path) as report, pytest.raises(AnnotateError, match="can't be written"):
        write_annotated(report.case, outline(report.case, report.verdicts), tmp_path / "no" / "out.pcapng")
