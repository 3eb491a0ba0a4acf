"""The whole way of a case: from files to verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d4_smtp_mss
from tests.support.files import write_bytes
from tests.support.keys import certificate_bytes, other_key, private_bytes, rsa_key, write
from tests.support.tls_captures import write_sessions
from tests.support.tls_lab import Session, Setup, lab
from wireproof.analyse import analyse, open_case
from wireproof.analyse.keys import Keys
from wireproof.errors import CaptureFormatError, KeyMaterialError, RuleNameError
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


# --- keys ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Session]:
    """A capture of one session, and the session."""
    with lab(Setup(suite="AES128-SHA")) as opened:
        session = opened.play()
    return write_sessions(tmp_path_factory.mktemp("sealed") / "client.pcapng", [session]).path, session


def test_keys_open_sessions_and_the_case_says_what_each_was_good_for(
    sealed: tuple[Path, Session], tmp_path: Path
) -> None:
    path, session = sealed
    files = [
        str(write(tmp_path, "good.pem", session.private_key)),
        str(write(tmp_path, "other.pem", private_bytes(rsa_key()))),
    ]
    with analyse([str(path)], keys=Keys(files)) as report:
        assert len(report.case.points[0].said.http)
        assert [(source.name, source.count, source.used) for source in report.case.key_sources] == [
            (files[0], 1, 1), (files[1], 1, 0),
        ]  # fmt: skip
        assert report.case.keys is not None


def test_keys_of_a_folder_open_sessions_without_being_asked_for(sealed: tuple[Path, Session], tmp_path: Path) -> None:
    path, session = sealed
    write(tmp_path, "client.pcapng", path.read_bytes())
    write(tmp_path, "secrets", session.key_log)
    with analyse([str(tmp_path)]) as report:
        assert report.case.points[0].clear
        assert report.case.notes == []


def test_keys_that_open_nothing_are_told_and_certificates_kept(sealed: tuple[Path, Session], tmp_path: Path) -> None:
    files = [write(tmp_path, "ec.pem", private_bytes(other_key("EC"))), write(tmp_path, "ca.cer", certificate_bytes())]
    with analyse([str(sealed[0])], keys=Keys([str(file) for file in files])) as report:
        assert report.case.keys is None
        assert [source.used for source in report.case.key_sources] == [0, 0]
        assert next(note.partition(": its EC key")[0] for note in report.case.notes) == str(files[0])
        assert [Path(one.file).name for one in report.case.certificates] == ["ca.cer"]


def test_a_key_that_can_not_be_used_is_told_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(KeyMaterialError, match=r"gone\.pem does not exist"):
        analyse(["does-not-exist.pcap"], keys=Keys([str(tmp_path / "gone.pem")]))
