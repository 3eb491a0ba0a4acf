"""tcp-syn-unanswered: attempts that nobody answers, and what only looks like them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d6_lync_signin, d14_iphttps
from tests.cases.healthy import HEALTHY
from tests.support.scripted import SERVER, Row, frames
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Severity
from wireproof.rules.tcp.syn_unanswered import name_stack

RULE = "tcp-syn-unanswered"
LATER = [Row(60, "c", "S"), Row(60.01, "s", "SA", 0, 1), Row(60.02, "c", "A", 1, 1)]
OTHER = frames(LATER, ("10.0.0.1", 51111), ("10.9.0.9", 443))
"""A healthy connection that shows that the capture went on."""


def test_all_syns_to_an_endpoint_are_one_finding_with_their_gaps(tmp_path: Path) -> None:
    case = open_case({"client": d14_iphttps.build(tmp_path)["client"]})
    finding = only(case, RULE)
    assert finding.severity is Severity.ERROR
    assert [row.frame for row in finding.evidence] == [number for number, *_ in d14_iphttps.SYNS]
    assert (finding.facts["syns"], finding.facts["attempts"], finding.facts["clients"]) == (13, 5, 1)
    assert finding.facts["gaps_s"] == pytest.approx([3.0, 6.0], abs=0.05)
    assert "Windows up to 7" in finding.facts["stack"]
    assert finding.talk is not None
    assert finding.talk.server == "1.1.1.1:443"


def test_one_capture_leaves_open_where_the_syns_end(tmp_path: Path) -> None:
    case = open_case({"client": d14_iphttps.build(tmp_path)["client"]})
    assert [(u.rule, "1.1.1.1" in u.capture_next) for u in judge(case, RULE).undecided] == [(RULE, True)]


def test_the_point_nearest_to_the_client_tells_of_it(tmp_path: Path) -> None:
    finding = only(open_case(d6_lync_signin.build(tmp_path)), RULE)
    assert {row.capture for row in finding.evidence} == {"edge"}
    assert tuple(row.frame for row in finding.evidence) == d6_lync_signin.EXPECT["edge_syns"]


@pytest.mark.parametrize(
    ("gaps", "stack"),
    [
        ([3.0, 6.0], "Windows up to 7"),
        ([3.01], "Windows up to 7"),
        ([1.0, 2.0, 4.01, 8.0], "Windows 8"),
        ([1.02, 1.0, 1.0, 1.0, 1.0, 2.0], "Linux 6.5"),
        ([1.0], "initial timeout 1 s"),
        ([0.4, 0.9], ""),
        ([], ""),
    ],
)
def test_gaps_name_the_stack(gaps: list[float], stack: str) -> None:
    assert name_stack(gaps).startswith(stack)
    assert bool(name_stack(gaps)) == bool(stack)


def test_a_client_that_nobody_answers_is_one_finding(tmp_path: Path) -> None:
    syns = [
        frame
        for turn in range(30)
        for frame in frames(
            [Row(turn, "c", "S"), Row(turn + 1, "c", "S")], ("10.0.0.1", 50000 + turn), (f"10.9.1.{turn}", 445)
        )
    ]
    finding = only(make_case(tmp_path, {"client": sorted(syns)}), RULE)
    assert finding.severity is Severity.WARNING
    assert finding.facts["endpoints"] == 30


def test_a_single_syn_is_silent(tmp_path: Path) -> None:
    assert judge(make_case(tmp_path, {"client": frames([Row(0, "c", "S")]) + OTHER}), RULE).findings == []


def test_a_syn_answered_after_a_repeat_is_silent(tmp_path: Path) -> None:
    rows = [Row(0, "c", "S"), Row(3, "c", "S"), Row(3.01, "s", "SA", 0, 1), Row(3.02, "c", "A", 1, 1)]
    assert judge(make_case(tmp_path, {"client": frames(rows) + OTHER}), RULE).findings == []
    assert judge(open_case(HEALTHY["syn_repeated_once"](tmp_path)), RULE).findings == []


def test_a_capture_of_one_direction_is_no_proof(tmp_path: Path) -> None:
    rows = [Row(0, "c", "S"), Row(1, "c", "S"), Row(1.1, "c", "A", 1, 1), Row(1.2, "c", "PA", 1, 1, 40)]
    assert judge(make_case(tmp_path, {"client": frames(rows)}), RULE).findings == []


def test_a_refused_syn_is_left_to_another_rule(tmp_path: Path) -> None:
    rows = [Row(0, "c", "S"), Row(0.01, "s", "RA", 0, 1), Row(0.5, "c", "S"), Row(0.51, "s", "RA", 0, 1)]
    assert judge(make_case(tmp_path, {"client": frames(rows)}), RULE).findings == []
    assert SERVER[1] == 80
