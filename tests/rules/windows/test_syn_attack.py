"""windows-syn-attack: a stack that says it entered its attack state, and traces that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d5_syn_attack
from tests.support.log_texts import with_logs
from tests.support.scripted import Row, frames
from tests.support.trace_lines import ATTACK, EDGE
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.case import Case

RULE = "windows-syn-attack"


def quiet(folder: Path, trace: str) -> Case:
    """One healthy handshake, and a trace."""
    rows = [Row(0.0, "c", "S"), Row(0.01, "s", "SA", 0, 1), Row(0.02, "c", "A", 1, 1)]
    return with_logs(make_case(folder, {"server": frames(rows)}), {"trace.txt": trace})


def test_a_flood_and_the_attack_state_are_one_chain(tmp_path: Path) -> None:
    case = with_logs(open_case(d5_syn_attack.build(tmp_path)), d5_syn_attack.LOGS)
    findings = {finding.rule: finding for finding in judge(case).findings}
    flood, state = findings["tcp-syn-flood"], findings[RULE]
    assert flood.explains == [state.id]
    assert state.facts["half_open"] == d5_syn_attack.EXPECT["half_open"]
    assert judge(case).findings[0].rule == "tcp-syn-flood"


def test_a_capture_of_another_time_shows_nothing_of_it(tmp_path: Path) -> None:
    case = with_logs(open_case(d5_syn_attack.build(tmp_path)), d5_syn_attack.LOGS)
    for log in case.logs:
        log.zone_s = -11 * 3600
    finding = only(case, RULE)
    assert (finding.facts["half_open"], finding.conversations) == (0, [])


def test_the_trace_alone_is_enough(tmp_path: Path) -> None:
    finding = only(quiet(tmp_path, ATTACK), RULE)
    assert finding.facts == {"count": 1, "attacks": 1, "lasted_s": pytest.approx(158.3209603), "half_open": 0}
    assert [piece.line for piece in finding.evidence] == [1, 2]


def test_a_state_that_did_not_end_is_told_so(tmp_path: Path) -> None:
    assert "not that it left it" in only(quiet(tmp_path, ATTACK.splitlines()[0]), RULE).summary


def test_a_drop_of_pktmon_for_that_reason_counts(tmp_path: Path) -> None:
    line = (
        "[30]0000.0000::2025-03-27 16:10:34.934020500 [Microsoft-Windows-PktMon] Drop: PktGroupId 1, PktNumber 1, DropReason INET: TCP SYN attack , "
        "DropLocation 0xE000460A\n\tDrop: ip: 10.0.0.1.50005 > 10.9.0.2.80: Flags [S]\n"
    )
    assert only(quiet(tmp_path, line), RULE).facts["count"] == 1


@pytest.mark.parametrize(
    "trace",
    [
        EDGE,
        ATTACK.splitlines()[1],
        ATTACK.replace("entering SYN attack resistance mode", "land attack has dropped 3 packets"),
    ],
)
def test_other_traces_are_no_finding(tmp_path: Path, trace: str) -> None:
    assert (
        judge(quiet(tmp_path, trace.replace("leaving SYN attack", "x") if "land" in trace else trace), RULE).findings
        == []
    )


def test_a_flood_without_a_trace_is_not_this_rules(tmp_path: Path) -> None:
    assert judge(open_case(d5_syn_attack.build(tmp_path)), RULE).findings == []
