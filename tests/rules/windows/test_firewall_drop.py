"""windows-firewall-drop: drops that a conversation without an answer suffers from, and the noise of firewall logs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.capture.etl.logs import Seen, make_log, pktmon
from tests.support.log_texts import with_logs
from tests.support.scripted import CLIENT, SERVER, Row, frames
from tests.support.trace_lines import PRINTED
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.case import Case
from wireproof.finding import Severity

RULE = "windows-firewall-drop"
SYNS = [Row(0.0, "c", "S"), Row(3.0, "c", "S"), Row(9.0, "c", "S")]
WORKS = [Row(0.0, "c", "S"), Row(0.01, "s", "SA", 0, 1), Row(0.02, "c", "A", 1, 1)]
LINE = "2013-01-06 08:54:41 DROP TCP {client} {server} {port} 80 52 S 2885139468 0 8192 - - - RECEIVE 4\n"
TRACE = (
    "[0]0000.0000::2025/03/27-16:12:13.966003800 [Microsoft-Windows-TCPIP]TCPIP: Transport (Protocol TCP, AddressFamily = IPV4) dropped 1 packet(s) "
    "with Source = {0[0]}:{0[1]}, Destination = {1[0]}:{1[1]}. Reason = Inspection drop.\n"
)


def line(port: int = CLIENT[1], client: str = CLIENT[0], server: str = SERVER[0]) -> str:
    return LINE.format(port=port, client=client, server=server)


def case_with(folder: Path, rows: list[Row], text: str) -> Case:
    return with_logs(make_case(folder, {"server": frames(rows)}), {"pfirewall.log": text})


def test_a_logged_drop_is_why_a_syn_has_no_answer(tmp_path: Path) -> None:
    case = case_with(tmp_path, SYNS, line())
    findings = {finding.rule: finding for finding in judge(case).findings}
    dropped = findings[RULE]
    assert (dropped.severity, dropped.where) == (Severity.ERROR, f"at {SERVER[0]}")
    assert [(piece.line, piece.frame) for piece in dropped.evidence] == [(1, 0), (0, 1)]
    assert dropped.explains == [findings["tcp-syn-unanswered"].id]


def test_a_trace_of_the_transport_layer_says_it_too(tmp_path: Path) -> None:
    finding = only(case_with(tmp_path, SYNS, TRACE.format(SERVER, CLIENT)), RULE)
    assert (finding.severity, finding.facts["sent"]) == (Severity.ERROR, False)
    assert "Inspection drop" in finding.summary


def test_a_drop_in_an_etl_of_pktmon_is_proof(tmp_path: Path) -> None:
    sent = frames(SYNS)
    seen = Seen(reason=909, direction=1)
    path = tmp_path / "a.etl"
    path.write_bytes(
        make_log(
            [
                pktmon(one.data, turn * 1000, seen._replace(number=turn + 1, group=turn + 1))
                for turn, one in enumerate(sent)
            ]
        )
    )
    finding = only(open_case({"server": path}), RULE)
    assert finding.severity is Severity.ERROR
    assert "Windows Filtering Platform" in finding.summary


def test_drops_of_a_conversation_that_works_are_no_finding(tmp_path: Path) -> None:
    assert judge(case_with(tmp_path, WORKS, line()), RULE).findings == []


@pytest.mark.parametrize(
    "text",
    [
        "".join(line(port) for port in (1, 2, 3, 4)),
        "".join(line(port, server="224.0.0.252") for port in (1, 2, 3, 4)),
        "".join(line(port, server="10.9.0.255") for port in (1, 2, 3, 4)),
        line().replace("DROP", "ALLOW"),
    ],
)
def test_the_noise_of_a_firewall_log_is_no_finding(tmp_path: Path, text: str) -> None:
    assert judge(case_with(tmp_path, WORKS, text), RULE).findings == []


def test_without_captures_repeated_drops_are_a_warning() -> None:
    case = with_logs(Case([]), {"pfirewall.log": "".join(line(port) for port in (1, 2, 3))})
    finding = only(case, RULE)
    assert (finding.severity, finding.facts["count"]) == (Severity.WARNING, 3)
    assert judge(with_logs(Case([]), {"pfirewall.log": line(1)}), RULE).findings == []


def test_errors_that_stealth_mode_hides_are_a_remark(tmp_path: Path) -> None:
    finding = only(case_with(tmp_path, WORKS, PRINTED), RULE)
    assert finding.severity is Severity.INFO
    assert "stealth mode" in finding.summary
