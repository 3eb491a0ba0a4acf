"""tcp-retransmission: data never acknowledged, lossy and stalling conversations, and the harmless repeats that every network has."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.packets import sack
from tests.cases import d1_sccm
from tests.cases.healthy import HEALTHY
from tests.support.scripted import SERVER_ISN, Row, frames, handshake
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Severity

RULE = "tcp-retransmission"
COPIES = (0.1, 0.4, 1.0, 2.2, 4.6)
GOOD = [row for turn in range(20) for row in (
    Row(10 + turn, "c", "PA", 1 + 100 * turn, 1 + 50 * turn, 100),
    Row(10.01 + turn, "s", "PA", 1 + 50 * turn, 101 + 100 * turn, 50),
)]  # fmt: skip


def lossy(repeated: int, after_s: float = 0.3, turns: int = 60) -> list[Row]:
    """Data of which the first so many segments are lost once and repeated after some time."""
    rows = handshake()
    for turn in range(turns):
        seq, at = 1 + 1000 * turn, 1.0 + turn
        copies = [at, at + after_s] if turn < repeated else [at]
        rows += [Row(copy, "c", "PA", seq, 1, 1000) for copy in copies]
        rows.append(Row(copies[-1] + 0.01, "s", "A", 1, seq + 1000))
    return rows


def test_the_lost_segment_of_the_sccm_case_was_never_acknowledged(tmp_path: Path) -> None:
    finding = only(open_case({"client": d1_sccm.build(tmp_path)["client"]}), RULE)
    assert finding.severity is Severity.ERROR
    assert tuple(row.frame for row in finding.evidence[:6]) == d1_sccm.LOST_FRAMES
    assert finding.toward == "server"
    assert finding.facts["unacknowledged_bytes"] == 1460
    assert finding.facts["copies"] == 6
    assert finding.facts["ended_after_s"] == pytest.approx(129.94, abs=0.05)
    assert finding.facts["patterns"] == [
        "only large segments: every repeated one has 1,460 bytes or more, those of up to 586 bytes were sent once"
    ]


def test_one_capture_leaves_open_where_the_data_is_lost(tmp_path: Path) -> None:
    rows = [*handshake(), *(Row(at, "s", "PA", 1, 1, 500) for at in COPIES)]
    verdicts = judge(make_case(tmp_path, {"client": frames(rows)}), RULE)
    assert verdicts.findings[0].toward == "client"
    assert verdicts.undecided[0].capture_next.startswith("capture at 10.0.0.1")


def test_a_lossy_direction_is_a_warning_with_its_share_and_pattern(tmp_path: Path) -> None:
    finding = only(make_case(tmp_path, {"client": frames(lossy(12))}), RULE)
    assert finding.severity is Severity.WARNING
    assert (finding.facts["retransmissions"], finding.facts["data_segments"], finding.facts["timeouts"]) == (12, 72, 12)
    assert finding.facts["share"] == pytest.approx(12 / 72, abs=1e-3)
    assert "periodic: about every 1 s" in finding.facts["patterns"]


def test_a_few_repeats_are_a_warning_only_when_they_stop_the_sender(tmp_path: Path) -> None:
    assert only(make_case(tmp_path, {"client": frames(lossy(3, 0.9))}), RULE).facts["stalled_s"] == pytest.approx(2.7)
    assert judge(make_case(tmp_path, {"quick": frames(lossy(3, 0.3))}), RULE).findings == []


def test_syn_acks_that_never_arrive_are_named(tmp_path: Path) -> None:
    rows = [Row(at, by, flags, 0, ack) for at in (0.0, 1.0, 3.0) for by, flags, ack in (("c", "S", 0), ("s", "SA", 1))]
    finding = only(make_case(tmp_path, {"server": frames(rows)}), RULE)
    assert finding.toward == "client"
    assert "do not reach the client" in finding.title


def test_repeats_of_acknowledged_data_are_named_apart(tmp_path: Path) -> None:
    rows = lossy(0)
    rows += [Row(1.1 + turn, "c", "PA", 1 + 1000 * turn, 1, 1000) for turn in range(8)]
    finding = only(make_case(tmp_path, {"client": frames(sorted(rows))}), RULE)
    assert finding.facts["retransmissions"] == 0
    assert finding.facts["spurious"] == 8
    assert "after they were acknowledged" in finding.title


def test_recovered_loss_is_silent(tmp_path: Path) -> None:
    assert judge(open_case(HEALTHY["small_loss_recovered"](tmp_path)), RULE).findings == []
    assert judge(make_case(tmp_path, {"client": frames([*handshake(), *GOOD])}), RULE).findings == []


def test_packets_that_the_capture_shows_twice_are_no_repeats(tmp_path: Path) -> None:
    once = [row._replace(ident=500 + turn) for turn, row in enumerate([*handshake(), *GOOD])]
    twice = sorted([*once, *(row._replace(at_s=row.at_s + 0.0004) for row in once)])
    assert judge(make_case(tmp_path, {"mirror": frames(twice)}), RULE).findings == []


def test_early_probes_answered_with_d_sack_are_silent(tmp_path: Path) -> None:
    rows = handshake()
    for turn in range(20):
        seq, at = 1 + 100 * turn, 1.0 + turn
        block = sack((SERVER_ISN + seq, SERVER_ISN + seq + 100))
        rows += [Row(at, "s", "PA", seq, 1, 100), Row(at + 0.25, "s", "PA", seq, 1, 100)]
        rows.append(Row(at + 0.26, "c", "A", 1, seq + 100, options=block))
    assert judge(make_case(tmp_path, {"server": frames(rows)}), RULE).findings == []


def test_a_replayed_capture_is_silent(tmp_path: Path) -> None:
    rows = [*handshake(), Row(0.1, "c", "PA", 1, 1, 300), Row(0.2, "s", "RA", 1, 301)]
    played = [row._replace(at_s=row.at_s + 20 * turn) for turn in range(6) for row in rows]
    assert judge(make_case(tmp_path, {"client": frames(played)}), RULE).findings == []


def test_what_is_sent_against_a_closed_window_is_left_to_another_rule(tmp_path: Path) -> None:
    rows = [*handshake(), Row(0.1, "c", "PA", 1, 1, 300), Row(0.11, "s", "A", 1, 301, window=0)]
    rows += [Row(0.2 + turn, "c", "PA", 301, 1, 300) for turn in range(6)]
    assert judge(make_case(tmp_path, {"client": frames(rows)}), RULE).findings == []
