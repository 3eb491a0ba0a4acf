"""windows-connect-timeout: attempts that a trace follows to their end, and connections that ended otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d6_lync_signin
from tests.support.log_texts import with_logs
from tests.support.scripted import Row, frames
from tests.support.trace_lines import EDGE, FRONT_END, OUTLOOK
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.case import Case

RULE = "windows-connect-timeout"


def idle(folder: Path, trace: str) -> Case:
    """A capture that has nothing to do with the trace."""
    return with_logs(
        make_case(folder, {"other": frames([Row(0.0, "c", "S"), Row(0.1, "s", "SA", 0, 1)])}), {"trace.txt": trace}
    )


def test_the_edge_waits_21_seconds_for_the_front_end(tmp_path: Path) -> None:
    finding = only(with_logs(open_case(d6_lync_signin.build(tmp_path)), {"edge.txt": EDGE}), RULE)
    assert finding.title == "RTCSrv.exe (1504) could not connect to 192.168.3.10:5061: timed out after 21 s"
    assert (finding.facts["syns"], finding.facts["attempts"], finding.facts["waited_s"]) == (3, 1, 20.998)
    assert [piece.line for piece in finding.evidence if piece.line] == [8, 9, 14, 15, 16, 18]
    assert {("edge", 631), ("frontend", 227)} <= {(piece.capture, piece.frame) for piece in finding.evidence}


def test_connections_of_another_time_are_not_the_attempt(tmp_path: Path) -> None:
    case = with_logs(open_case(d6_lync_signin.build(tmp_path)), {"edge.txt": EDGE})
    case.logs[0].zone_s = -11 * 3600
    finding = only(case, RULE)
    assert (finding.talk, finding.conversations) == (None, [])
    assert all(piece.line for piece in finding.evidence)


def test_it_is_what_the_forged_resets_lead_to(tmp_path: Path) -> None:
    case = with_logs(open_case(d6_lync_signin.build(tmp_path)), {"edge.txt": EDGE})
    findings = {finding.rule: finding for finding in judge(case).findings}
    assert findings[RULE].id in findings["tcp-syn-unanswered"].explains
    assert findings[RULE].id in findings["path-forged-reset"].explains


def test_a_time_out_that_the_stack_tells_of_twice_is_one_attempt(tmp_path: Path) -> None:
    told = "terminating: retransmission timeout expired."
    twice = EDGE.replace(told, "connect failed: connect-request timeout expired")
    finding = only(idle(tmp_path, twice), RULE)
    assert (finding.facts["attempts"], finding.facts["syns"]) == (1, 3)


def test_a_trace_without_a_capture_of_the_connection_is_enough(tmp_path: Path) -> None:
    finding = only(idle(tmp_path, EDGE), RULE)
    assert finding.talk is None
    assert finding.where == "toward 192.168.3.10"


def test_later_windows_names_the_timeout_itself(tmp_path: Path) -> None:
    trace = EDGE.replace(
        "connect attempt failed with status = 0xC00000B5 - STATUS_IO_TIMEOUT",
        "connect failed: connect-request timeout expired",
    )
    assert only(idle(tmp_path, trace), RULE).facts["syns"] == 3


@pytest.mark.parametrize(
    "trace",
    [
        EDGE.replace("0xC00000B5 - STATUS_IO_TIMEOUT", "0xC0000236 - STATUS_CONNECTION_REFUSED"),
        EDGE.replace("connect attempt failed with status", "something else with status"),
        FRONT_END,
        OUTLOOK,
    ],
)
def test_other_ends_are_no_finding(tmp_path: Path, trace: str) -> None:
    assert judge(idle(tmp_path, trace), RULE).findings == []


def test_a_connection_that_stood_and_lost_its_peer_is_no_finding(tmp_path: Path) -> None:
    stood = "connect completed. PID = 1504 (0x5E0)."
    lines = EDGE.replace("connect proceeding.", stood)
    lines = "\n".join(line for line in lines.splitlines() if "connect attempt" not in line)
    assert judge(idle(tmp_path, lines), RULE).findings == []
