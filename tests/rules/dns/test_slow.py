"""dns-slow: late answers and repeated queries, by resolver."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.healthy import name_asked_twice
from tests.rules.dns.asking import RESOLVER, ask, both, give
from tests.support.files import Frame
from tests.support.verdicts import judge, make_case, open_case
from wireproof.finding import Finding, Severity


def findings(folder: Path, *frames: Frame) -> list[Finding]:
    return judge(make_case(folder, {"client": sorted(frames)}), "dns-slow").findings


def test_a_late_answer_is_named_with_its_time(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, *both(1, "www.example.com", 7, wait_s=1.56))
    assert (finding.severity, finding.facts["resolver"]) == (Severity.WARNING, RESOLVER)
    assert finding.facts["slowest_s"] == pytest.approx(1.56)
    assert [piece.frame for piece in finding.evidence] == [2, 1]
    assert "1.56 s" in finding.title


def test_one_slow_name_of_many_is_information(tmp_path: Path) -> None:
    quick = [frame for turn in range(20) for frame in both(turn * 3, f"n{turn}.example", turn)]
    (finding,) = findings(tmp_path, *quick, *both(70, "rare.example", 99, wait_s=2))
    assert (finding.severity, finding.facts["count"], finding.facts["answers"]) == (Severity.INFO, 1, 21)


def test_two_late_answers_to_two_copies_are_slow_and_not_lost(tmp_path: Path) -> None:
    frames = [ask(1, "a.example"), ask(2, "a.example"), give(2.4, "a.example"), give(3.4, "a.example")]
    (finding,) = findings(tmp_path, *frames)
    assert finding.facts["slowest_s"] == pytest.approx(1.4)


def test_queries_that_have_to_be_repeated_are_a_pattern(tmp_path: Path) -> None:
    frames = [
        frame
        for turn in range(4)
        for frame in (ask(turn * 9, f"n{turn}.example", turn), *both(turn * 9 + 1, f"n{turn}.example", turn))
    ]
    (finding,) = findings(tmp_path, *frames)
    assert (finding.facts["count"], finding.facts["exchanges"]) == (4, 4)
    assert "repeated" in finding.title


def test_a_single_repeat_and_copies_captured_twice_stay_silent(tmp_path: Path) -> None:
    assert judge(open_case(name_asked_twice(tmp_path)), "dns-slow").findings == []
    doubled = [
        frame
        for turn in range(6)
        for frame in (
            ask(turn, f"n{turn}.example", turn),
            ask(turn + 0.001, f"n{turn}.example", turn),
            give(turn + 0.02, f"n{turn}.example", turn),
        )
    ]
    assert findings(tmp_path, *doubled) == []


def test_answers_within_half_a_second_stay_silent(tmp_path: Path) -> None:
    assert (
        findings(tmp_path, *(frame for turn in range(5) for frame in both(turn, f"n{turn}.example", turn, wait_s=0.5)))
        == []
    )
