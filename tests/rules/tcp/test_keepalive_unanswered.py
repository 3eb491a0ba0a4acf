"""tcp-keepalive-unanswered: keep-alives into the void, and whose settings they are; answered ones are healthy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d17_keepalive
from tests.cases.healthy import HEALTHY
from tests.support.scripted import Row, frames, handshake
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Severity

RULE = "tcp-keepalive-unanswered"


@pytest.mark.parametrize(
    ("name", "count", "system"), [("unanswered", 10, "Windows Vista"), ("unanswered_xp", 5, "Windows XP")]
)
def test_interval_number_and_settings_are_named(tmp_path: Path, name: str, count: int, system: str) -> None:
    finding = only(open_case({name: d17_keepalive.build(tmp_path)[name]}), RULE)
    assert finding.severity is Severity.ERROR
    assert (finding.facts["keep_alives"], finding.facts["interval_s"]) == (count, 1.0)
    assert finding.facts["idle_s"] == pytest.approx(7200, abs=1)
    assert finding.facts["system"].startswith(system)
    assert "KeepAliveTime" in finding.facts["settings"]
    assert {row.frame for row in finding.evidence} >= set(range(7, 8 + count))


def test_linux_intervals_point_to_its_settings(tmp_path: Path) -> None:
    rows = [*handshake(), Row(0.1, "s", "PA", 1, 1, 50), Row(0.14, "c", "A", 1, 51)]
    rows += [Row(7200.0 + 75 * turn, "s", "A", 50, 1) for turn in range(9)]
    rows.append(Row(7200.0 + 75 * 9, "s", "RA", 51, 1))
    finding = only(make_case(tmp_path, {"server": frames(rows)}), RULE)
    assert finding.facts["settings"][0] == "net.ipv4.tcp_keepalive_time"
    assert finding.toward == "client"


def test_one_capture_leaves_open_who_is_gone(tmp_path: Path) -> None:
    case = open_case({"client": d17_keepalive.build(tmp_path)["unanswered"]})
    assert [question.capture_next for question in judge(case, RULE).undecided] == [
        "capture at 10.8.0.30 while the connection is idle"
    ]


def test_answered_keep_alives_are_silent(tmp_path: Path) -> None:
    assert judge(open_case({"client": d17_keepalive.build(tmp_path)["answered"]}), RULE).findings == []
    assert judge(open_case(HEALTHY["answered_keep_alives"](tmp_path)), RULE).findings == []


def test_one_lost_answer_is_silent(tmp_path: Path) -> None:
    rows = [*handshake(), Row(0.1, "c", "PA", 1, 1, 50), Row(0.11, "s", "A", 1, 51)]
    rows += [Row(60.0, "c", "A", 50, 1), Row(61.0, "c", "A", 50, 1), Row(61.01, "s", "A", 1, 51)]
    assert judge(make_case(tmp_path, {"client": frames(rows)}), RULE).findings == []


def test_keep_alives_whose_answers_have_another_form_are_silent(tmp_path: Path) -> None:
    rows = [*handshake(), Row(0.1, "c", "PA", 1, 1, 50), Row(0.11, "s", "A", 1, 51)]
    for turn in range(6):
        at = 60.0 * (turn + 1)
        rows += [
            Row(at, "c", "A", 50, 1 + 10 * turn),
            Row(at + 0.01, "s", "PA", 1 + 10 * turn, 51, 10, window=9000 + turn),
        ]
    assert judge(make_case(tmp_path, {"client": frames(rows)}), RULE).findings == []
