"""Lync's logs beside captures: folders with both lead to the author's conclusions, as do the same logs in other zones and shapes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d6_sip_log, d9_sip_log
from tests.support.sip_logs import moved
from wireproof.analyse import analyse
from wireproof.finding import Finding


def conclude(folder: Path) -> list[Finding]:
    with analyse([str(folder)]) as report:
        assert report.verdicts.notes == []
        return report.verdicts.findings


def test_the_sign_in_is_one_chain_from_the_forged_reset_to_the_line_of_the_504(tmp_path: Path) -> None:
    d6_sip_log.build(tmp_path)
    findings = conclude(tmp_path)
    assert findings[0].rule == "path-forged-reset"
    by_rule = {finding.rule: finding for finding in findings}
    assert set(d6_sip_log.EXPECT["rules"]) <= set(by_rule)
    timeout = by_rule["sip-server-timeout"]
    assert timeout.id in by_rule["tcp-syn-unanswered"].explains
    assert timeout.id in findings[0].explains
    assert timeout.facts["wait_s"] == d6_sip_log.EXPECT["wait_s"]
    lines = {row.line for row in timeout.evidence if row.capture.endswith("edge-sipstack.log")}
    assert lines == set(d6_sip_log.EXPECT["lines"].values())
    frames = {(row.capture, row.frame) for row in timeout.evidence if row.frame}
    for name, numbers in d6_sip_log.EXPECT["frames"].items():
        assert {(name, number) for number in numbers} <= frames
    assert "The log's times are UTC, by the connection with 10.1.1.1:62973 in client." in timeout.summary


@pytest.mark.parametrize(
    "text",
    [moved(d6_sip_log.LOG, 2), " ".join(d6_sip_log.LOG.split("\n")), d6_sip_log.LOG.replace("\n", "\r\n\r\n")],
    ids=["other zone", "one line", "empty lines between"],
)
def test_the_same_log_in_another_form_joins_the_same_chain(tmp_path: Path, text: str) -> None:
    d6_sip_log.build(tmp_path)
    (tmp_path / "edge-sipstack.log").write_text(text, encoding="utf-8")
    findings = conclude(tmp_path)
    timeout = next(finding for finding in findings if finding.rule == "sip-server-timeout")
    assert timeout.id in findings[0].explains
    assert timeout.facts["behind"] == "192.168.3.10:5061"


def test_desktop_sharing_is_told_from_the_clients_log_and_the_edge_servers_capture(tmp_path: Path) -> None:
    d9_sip_log.build(tmp_path)
    first, second = conclude(tmp_path)[:2]
    assert (first.rule, second.rule) == d9_sip_log.EXPECT["rules"]
    assert first.explains == [second.id]
    assert first.facts["agreed"] == d9_sip_log.EXPECT["agreed"]
    assert first.facts["tries"] == d9_sip_log.EXPECT["tries"]
    assert {row.frame for row in first.evidence if row.frame} == set(d9_sip_log.EXPECT["evidence"]["edge"])
    assert tuple(row.line for row in first.evidence if row.line) == d9_sip_log.EXPECT["lines"]
    assert "INVITE in uccapi.log line 3" in first.summary
