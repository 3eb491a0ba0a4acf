"""tcp-delayed-ack: Nagle against delayed ACK, who delays and who waits; delays for which nobody waits stay silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d3_delayed_ack
from tests.cases.healthy import HEALTHY
from tests.support.scripted import Row, frames, handshake
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Confidence, Severity

RULE = "tcp-delayed-ack"


def transactions(
    count: int, delay_s: float, release_s: float = 0.0006, round_trip_s: float = 0.001, pause_s: float = 1.0
) -> list[Row]:
    """The client asks, the server answers in two writes, and the client's ACK of the first comes late. Captured at the client."""
    rows = handshake(round_trip_s)
    for turn in range(count):
        at, seq, ack = 1.0 + turn * pause_s, 1 + 100 * turn, 1 + 286 * turn
        rows += [
            Row(at, "c", "PA", seq, ack, 100),
            Row(at + round_trip_s, "s", "PA", ack, seq + 100, 6),
            Row(at + round_trip_s + delay_s, "c", "A", seq + 100, ack + 6),
            Row(at + round_trip_s + delay_s + release_s, "s", "PA", ack + 6, seq + 100, 280),
        ]
    return rows


def test_the_unix_server_case_gives_every_figure_of_the_article(tmp_path: Path) -> None:
    finding = only(open_case(d3_delayed_ack.build(tmp_path)), RULE)
    facts, expected = finding.facts, d3_delayed_ack.EXPECT
    assert (facts["delays_ack"], facts["waits"]) == (expected["delays_ack"], expected["waits"])
    assert facts["stalls"] == expected["stalls"]
    assert facts["delayed_ack_ms"] == pytest.approx(190.6, abs=2)
    assert facts["request_ack_delay_ms"] == pytest.approx(101.1, abs=3)
    assert (facts["first_write_bytes"], facts["second_write_bytes"]) == expected["write_sizes"]
    assert facts["total_s"] == pytest.approx(86 * 0.1915, abs=0.2)
    assert {3564, 3566, 3567} <= {row.frame for row in finding.evidence}
    assert finding.severity is Severity.WARNING
    assert any("10.15.28.40" in step and "TcpAckFrequency" in step for step in finding.fix)
    assert any("10.95.2.40" in step and "TCP_NODELAY" in step for step in finding.fix)


def test_a_single_printed_transaction_is_information_of_low_confidence(tmp_path: Path) -> None:
    rows = [
        Row(0, "c", "PA", 1, 1, 323), Row(0.101, "s", "A", 1, 324), Row(0.10106, "s", "PA", 1, 324, 6),
        Row(0.29165, "c", "A", 324, 7), Row(0.29227, "s", "PA", 7, 324, 276), Row(0.49489, "c", "A", 324, 283),
    ]  # fmt: skip
    finding = only(make_case(tmp_path, {"windows": frames(rows)}), RULE)
    assert (finding.severity, finding.confidence) == (Severity.INFO, Confidence.LOW)
    assert finding.facts["stalls"] == 1


@pytest.mark.parametrize(("delay_s", "timer"), [(0.04, "Linux"), (0.1, "Solaris"), (0.2, "Windows")])
def test_the_delay_points_to_a_timer(tmp_path: Path, delay_s: float, timer: str) -> None:
    assert (
        only(make_case(tmp_path, {"client": frames(transactions(8, delay_s))}), RULE).facts["timer"].startswith(timer)
    )


def test_it_is_seen_at_the_waiting_side_of_a_long_path_too(tmp_path: Path) -> None:
    rows = [row._replace(by={"c": "s", "s": "c"}[row.by]) for row in transactions(8, 0.26, 0.0001)[3:]]
    finding = only(make_case(tmp_path, {"waiting": frames([*handshake(0.06), *rows])}), RULE)
    assert finding.facts["waits"] == "10.0.0.1"
    assert finding.facts["delayed_ack_ms"] == pytest.approx(200, abs=1)


def test_delays_for_which_nobody_waits_are_silent(tmp_path: Path) -> None:
    assert judge(open_case(HEALTHY["delayed_acks_without_stall"](tmp_path)), RULE).findings == []
    assert judge(make_case(tmp_path, {"client": frames(transactions(8, 0.2, release_s=0.25))}), RULE).findings == []


def test_a_round_trip_is_no_delay(tmp_path: Path) -> None:
    rows = [row._replace(by={"c": "s", "s": "c"}[row.by]) for row in transactions(8, 0.2, 0.0001)[3:]]
    verdicts = judge(make_case(tmp_path, {"waiting": frames([*handshake(0.199), *rows])}), RULE)
    assert verdicts.findings == []


def test_acknowledgments_at_the_pace_of_a_slow_link_are_silent(tmp_path: Path) -> None:
    rows = handshake(0.1)
    for turn in range(10):
        at, seq = 1.0 + turn * 0.4, 1 + 5000 * turn
        rows += [Row(at + part / 1000, "c", "A", seq + 1000 * part, 1, 1000) for part in range(5)]
        rows += [Row(at + 0.15 + part / 40, "s", "A", 1, seq + 1000 * (part + 1)) for part in range(5)]
    assert judge(make_case(tmp_path, {"sender": frames(rows)}), RULE).findings == []


def test_without_a_known_round_trip_it_asks(tmp_path: Path) -> None:
    rows = [row._replace(by={"c": "s", "s": "c"}[row.by], ttl=53) for row in transactions(8, 0.2, 0.0001)[3:]]
    rows = [row for row in rows if not (row.by == "s" and row.size)]
    renumbered = [row._replace(ack=1) if row.by == "c" else row._replace(seq=1) for row in rows]
    verdicts = judge(make_case(tmp_path, {"waiting": frames(renumbered)}), RULE)
    assert verdicts.findings == []
    assert [question.rule for question in verdicts.undecided] == [RULE]


def test_questions_and_answers_are_silent(tmp_path: Path) -> None:
    rows = handshake()
    for turn in range(10):
        seq, ack, at = 1 + 50 * turn, 1 + 80 * turn, 1.0 + turn
        rows += [Row(at, "c", "PA", seq, ack, 50), Row(at + 0.2, "s", "PA", ack, seq + 50, 80)]
    assert judge(make_case(tmp_path, {"client": frames(rows)}), RULE).findings == []
