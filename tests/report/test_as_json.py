"""The JSON report: keys as fixed, stable, and valid whatever a rule puts into its facts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.reports import NOTE, make_finding, smtp_report
from tests.support.sessions import mixed
from wireproof import __version__
from wireproof.analyse import analyse
from wireproof.finding import Evidence, Finding, Owner, Severity, Talk
from wireproof.report.as_json import plain, render_json
from wireproof.report.outline import outline

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def document(folder: Path, findings: list[Finding] | None = None) -> dict[str, Any]:
    with smtp_report(folder, findings) as report:
        made: dict[str, Any] = json.loads(render_json(outline(report.case, report.verdicts)))
    return made


def test_the_fixed_keys_are_there(tmp_path: Path) -> None:
    made = document(tmp_path)
    assert made["wireproof"] == __version__
    assert {"captures", "findings", "undecided", "notes"} <= set(made)
    assert {"name", "file", "packets", "clock_offset_s", "clock_drift_ppm"} <= set(made["captures"][0])
    assert set(made["findings"][0]) == {
        "id", "rule", "severity", "confidence", "title", "summary", "where", "toward", "conversation", "evidence",
        "facts", "explains", "fix", "references", "filters",
    }  # fmt: skip
    assert made["undecided"] == [
        {"rule": "tcp-retransmission", "reason": "where the segment is lost", "capture_next": "capture at 10.1.1.5"}
    ]
    assert made["notes"] == [NOTE]


def test_a_finding_is_told_with_its_values(tmp_path: Path) -> None:
    first = document(tmp_path)["findings"][0]
    assert (first["severity"], first["confidence"], first["toward"]) == ("error", "high", "server")
    assert first["conversation"] == {"protocol": "tcp", "client": "10.1.1.1:28474", "server": "10.1.1.5:25"}
    assert first["facts"] == {"lost_packets": 5}
    assert first["filters"] == {"capture": "tcp.port==28474 && ip.addr==10.1.1.1"}
    assert len(first["explains"]) == 2
    evidence = first["evidence"][1]
    assert (evidence["capture"], evidence["frame"], evidence["note"]) == ("capture", 11, "note 11")
    assert evidence["info"].endswith("Len=536")


def test_what_a_finding_lacks_is_left_out(tmp_path: Path) -> None:
    first = document(tmp_path, [make_finding("a-one", toward="", talk=None)])["findings"][0]
    assert "toward" not in first
    assert "conversation" not in first


def test_addresses_behind_nat_are_told_by_capture(tmp_path: Path) -> None:
    talk = Talk("tcp", "10.0.0.1:1", "10.0.0.2:2", (("server", ("192.0.2.1:9", "10.0.0.2:2")),))
    first = document(tmp_path, [make_finding("a-one", talk=talk)])["findings"][0]
    assert first["conversation"]["seen_as"] == {"server": {"client": "192.0.2.1:9", "server": "10.0.0.2:2"}}


def test_a_log_line_is_evidence(tmp_path: Path) -> None:
    first = document(tmp_path, [make_finding("a-one", evidence=[Evidence("netstat.txt", note="n", line=7)])])[
        "findings"
    ][0]
    assert first["evidence"] == [{"log": "netstat.txt", "line": 7, "note": "n"}]


def test_frames_of_several_captures_name_each_other() -> None:
    with analyse([str(EXAMPLES / "sccm-policy")], select=["path-loss"]) as report:
        made = json.loads(render_json(outline(report.case, report.verdicts)))
    evidence = {(row["capture"], row["frame"]): row for row in made["findings"][0]["evidence"]}
    assert evidence["client", 1921]["elsewhere"] == {"server": "lost"}
    assert evidence["client", 1921]["mark"] == "lost"
    assert made["title"] == "SCCM agent gets no policy"


def test_the_same_case_gives_the_same_bytes() -> None:
    texts = []
    for _ in range(2):
        with analyse([str(EXAMPLES / "sccm-policy")]) as report:
            texts.append(render_json(outline(report.case, report.verdicts)))
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.array([1, 2]), [1, 2]),
        (float("nan"), None),
        (float("inf"), None),
        ((1, "a"), [1, "a"]),
        ({"b", "a"}, ["a", "b"]),
        ({1: np.uint8(2)}, {"1": 2}),
        (Severity.ERROR, "error"),
        (Path("x"), "x"),
        (None, None),
    ],
)
def test_facts_of_any_type_become_json(value: Any, expected: Any) -> None:
    assert plain(value) == expected
    json.dumps(plain(value), allow_nan=False)


def test_a_capture_has_decryption_only_where_there_is_some(tmp_path: Path) -> None:
    with smtp_report(tmp_path) as report:
        made = outline(report.case, report.verdicts)
    before = json.loads(render_json(made))["captures"][0]
    assert "decryption" not in before
    made.decryption = [replace(mixed(), capture="capture")]
    after = json.loads(render_json(made))["captures"][0]
    assert after.pop("decryption")["sessions"] == 6
    assert after == before


def test_a_process_is_told_with_its_source(tmp_path: Path) -> None:
    owners = (Owner(2136, "store.exe", source="netstat"), Owner(9, services=("W3SVC",), source="trace", conflict="no"))
    talk = Talk("tcp", "10.1.1.1:28474", "10.1.1.5:25", owners=owners)
    conversation = document(tmp_path, [make_finding("r", talk=talk)])["findings"][0]["conversation"]
    assert conversation["client_process"] == {"pid": 2136, "name": "store.exe", "source": "netstat"}
    assert conversation["server_process"] == {
        "pid": 9, "name": None, "source": "trace", "services": ["W3SVC"], "conflict": "no",
    }  # fmt: skip
