"""The whole way of a case: from files to verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d4_smtp_mss
from tests.support.files import write_bytes
from wireproof.analyse import analyse, open_case
from wireproof.errors import CaptureFormatError, RuleNameError
from wireproof.finding import Severity

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_captures_become_points_and_findings(tmp_path: Path) -> None:
    path = d4_smtp_mss.build(tmp_path)["capture"]
    with analyse([str(path)]) as report:
        assert [(point.name, point.file, point.packets.frames) for point in report.case.points] == [
            ("capture", str(path), 18)
        ]
        assert "tcp-mss-exceeded" in {finding.rule for finding in report.verdicts.findings}


def test_only_selected_rules_judge(tmp_path: Path) -> None:
    path = str(d4_smtp_mss.build(tmp_path)["capture"])
    with analyse([path], select=["tcp-retransmission"]) as report:
        assert {finding.rule for finding in report.verdicts.findings} <= {"tcp-retransmission"}
    with analyse([path], ignore=["tcp"]) as report:
        assert not any(finding.rule.startswith("tcp-") for finding in report.verdicts.findings)


def test_less_urgent_findings_can_be_left_out(tmp_path: Path) -> None:
    path = str(d4_smtp_mss.build(tmp_path)["capture"])
    with analyse([path], severity=Severity.ERROR) as report:
        assert {finding.severity for finding in report.verdicts.findings} == {Severity.ERROR}


def test_a_wrong_rule_name_is_told_before_anything_is_read() -> None:
    with pytest.raises(RuleNameError, match="tcp-mss-exceeded"):
        analyse(["does-not-exist.pcap"], select=["tcp-mss-exceded"])


def test_a_case_folder_names_points_in_their_order() -> None:
    case = open_case([str(EXAMPLES / "sccm-policy")])
    for point in case.points:
        point.capture.close()
    assert case.title == "SCCM agent gets no policy"
    assert [(point.name, point.packets.frames) for point in case.points] == [("client", 4452), ("server", 30569)]
    assert case.path_order == ["client", "server"]
    assert case.notes == []


def test_a_damaged_capture_becomes_a_note_beside_a_good_one(tmp_path: Path) -> None:
    good = d4_smtp_mss.build(tmp_path)["capture"]
    bad = write_bytes(tmp_path / "bad.pcap", good.read_bytes()[:4] + b"\xff" * 40)
    with analyse([str(bad), str(good)], select=["tcp-mss-exceeded"]) as report:
        assert [point.name for point in report.case.points] == ["capture"]
        assert any(str(bad) in note for note in report.case.notes)


def test_nothing_readable_is_an_error_with_every_reason(tmp_path: Path) -> None:
    first, second = write_bytes(tmp_path / "a.txt", b"hello"), tmp_path / "missing.pcap"
    with pytest.raises(CaptureFormatError) as error:
        analyse([str(first), str(second)])
    assert "a.txt is a text file" in str(error.value)
    assert "missing.pcap does not exist" in str(error.value)


def test_captures_stay_usable_until_the_report_is_closed(tmp_path: Path) -> None:
    with analyse([str(d4_smtp_mss.build(tmp_path)["capture"])], select=["arp"]) as report:
        assert len(report.case.points[0].frame(0)) == 62
