"""Processes on the conversations of findings."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d6_lync_signin
from tests.support.log_texts import with_logs
from tests.support.trace_lines import EDGE, FRONT_END
from tests.support.verdicts import judge, open_case


def test_a_finding_names_the_processes_at_both_ends(tmp_path: Path) -> None:
    case = with_logs(open_case(d6_lync_signin.build(tmp_path)), {"edge.txt": EDGE, "frontend.txt": FRONT_END})
    (found,) = [finding for finding in judge(case).findings if finding.rule == "tcp-syn-unanswered"]
    assert found.talk is not None
    assert [owner.label if owner else "" for owner in found.talk.owners] == ["RTCSrv.exe (1504)", "PID 2640"]


def test_without_a_source_nobody_is_named_and_ids_stay(tmp_path: Path) -> None:
    paths = d6_lync_signin.build(tmp_path)
    alone = {finding.rule: finding for finding in judge(open_case(paths)).findings}
    case = with_logs(open_case(paths), {"edge.txt": EDGE})
    named = {finding.rule: finding for finding in judge(case).findings}
    assert alone["path-loss"].talk is not None
    assert alone["path-loss"].talk.owners == (None, None)
    assert alone["path-loss"].id == named["path-loss"].id
