"""tcp-connection-refused: SYNs answered with a reset, scans, resets of doubtful origin, and what only looks like them."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d6_lync_signin
from tests.support.scripted import Row, frames, handshake
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Confidence, Severity

RULE = "tcp-connection-refused"
REFUSED = [Row(at, by, flags, 0, ack) for at, by, flags, ack in (
    (0.0, "c", "S", 0), (0.042, "s", "RA", 1), (0.5, "c", "S", 0), (0.542, "s", "RA", 1), (1.0, "c", "S", 0), (1.042, "s", "RA", 1),
)]  # fmt: skip
"""The seed's connection to 1.1.1.1:50704, which Windows tries three times."""


def test_a_refused_connection_is_named_with_syn_and_reset(tmp_path: Path) -> None:
    finding = only(make_case(tmp_path, {"client": frames(REFUSED, ("10.3.0.40", 58138), ("1.1.1.1", 50704))}), RULE)
    assert finding.severity is Severity.ERROR
    assert finding.confidence is Confidence.HIGH
    assert {row.frame for row in finding.evidence} == {1, 2, 3, 4, 5, 6}
    assert (finding.facts["attempts"], finding.facts["connections"], finding.facts["syns"]) == (3, 1, 3)
    assert "(3 attempts)" in finding.title
    assert (
        "tried 3 times to connect to 1.1.1.1:50704 (one connection that sends its SYN again after a reset)"
        in finding.summary
    )
    assert "each SYN was answered with a reset after 42 ms" in finding.summary
    assert finding.facts["answer_ms"] == 42.0
    assert "1.1.1.1:50704" in finding.title


def test_a_syn_without_a_reset_and_a_reset_that_comes_twice_are_no_attempts_of_their_own(tmp_path: Path) -> None:
    lost = [row for row in REFUSED if row.at_s != 0.542]
    finding = only(make_case(tmp_path, {"client": frames(lost)}), RULE)
    assert {row.frame for row in finding.evidence} == {1, 2, 4, 5}
    assert (finding.facts["attempts"], finding.facts["syns"]) == (2, 3)
    assert "2 of 3 SYNs were answered with a reset" in finding.summary
    twice = [*REFUSED[:2], REFUSED[1]._replace(at_s=0.043)]
    finding = only(make_case(tmp_path, {"client": frames(twice)}), RULE)
    assert ({row.frame for row in finding.evidence}, finding.facts["attempts"]) == ({1, 2}, 1)
    assert "tried once to connect" in finding.summary
    assert "; the SYN was answered" in finding.summary


def test_of_many_refusals_the_first_pairs_are_listed(tmp_path: Path) -> None:
    rows = [
        (port, row._replace(at_s=10 * turn + row.at_s))
        for turn, port in enumerate((50001, 50002, 50003))
        for row in REFUSED
    ]
    every = [frame for port, row in rows for frame in frames([row], ("10.0.0.1", port))]
    finding = only(make_case(tmp_path, {"client": every}), RULE)
    assert {row.frame for row in finding.evidence} == set(range(1, 13))
    assert (finding.facts["attempts"], finding.facts["connections"]) == (9, 3)
    assert "tried 9 times" in finding.summary
    assert "(3 connections that send their SYN again after a reset)" in finding.summary


def test_it_says_when_the_service_had_been_there_before(tmp_path: Path) -> None:
    before = frames(
        [*handshake(at_s=-9.0), Row(-8, "c", "PA", 1, 1, 30), Row(-7.9, "s", "PA", 1, 31, 30)], ("10.0.0.7", 50001)
    )
    finding = only(make_case(tmp_path, {"server": before + frames(REFUSED)}), RULE)
    assert (finding.facts["accepted_before"], finding.facts["accepted_after"]) == (1, 0)
    assert "the service stopped" in finding.summary


def test_two_thousand_refusals_of_one_port_are_one_finding(tmp_path: Path) -> None:
    every = [
        frame
        for turn in range(2000)
        for frame in frames([row._replace(at_s=turn + row.at_s) for row in REFUSED[:2]], ("10.0.0.1", 10000 + turn))
    ]
    finding = only(make_case(tmp_path, {"client": every}), RULE)
    assert finding.facts["count"] == 2000
    assert len(finding.evidence) <= 12


def test_a_scan_is_one_finding_of_severity_info(tmp_path: Path) -> None:
    every = [
        frame for port in range(100, 400) for frame in frames(REFUSED[:2], ("10.0.0.1", 40000), ("10.9.0.2", port))
    ]
    finding = only(make_case(tmp_path, {"client": sorted(every)}), RULE)
    assert finding.severity is Severity.INFO
    assert finding.facts["endpoints"] == 300


def test_a_reset_with_another_time_to_live_is_a_suspicion_only(tmp_path: Path) -> None:
    healthy = [*handshake(), Row(0.1, "c", "PA", 1, 1, 30), Row(0.2, "s", "PA", 1, 31, 30)]
    other = frames([row._replace(ttl=52 if row.by == "s" else 128) for row in healthy], ("10.0.0.1", 50100))
    forged = frames([row._replace(ttl=254 if row.by == "s" else 128, at_s=5 + row.at_s) for row in REFUSED])
    verdicts = judge(make_case(tmp_path, {"client": other + forged}), RULE)
    assert verdicts.findings[0].confidence is Confidence.MEDIUM
    assert "TTL 254" in verdicts.findings[0].facts["doubts"][0]
    assert "10.9.0.2" in verdicts.undecided[0].capture_next


def test_a_client_that_resets_and_asks_again_is_a_question(tmp_path: Path) -> None:
    case = open_case({"frontend": d6_lync_signin.build(tmp_path)["frontend"]})
    verdicts = judge(case, RULE)
    assert verdicts.findings == []
    assert ["capture at 192.168.1.1" in u.capture_next for u in verdicts.undecided] == [True]


def test_a_reset_that_does_not_fit_the_syn_is_silent(tmp_path: Path) -> None:
    rows = [Row(0, "c", "S"), Row(0.01, "s", "RA", 0, 77)]
    assert judge(make_case(tmp_path, {"client": frames(rows)}), RULE).findings == []


def test_a_connection_reset_after_the_handshake_is_silent(tmp_path: Path) -> None:
    rows = [*handshake(), Row(0.1, "c", "PA", 1, 1, 30), Row(0.2, "s", "RA", 1, 31)]
    assert judge(make_case(tmp_path, {"client": frames(rows)}), RULE).findings == []


def test_a_half_open_scan_is_silent(tmp_path: Path) -> None:
    rows = [Row(0, "c", "S"), Row(0.01, "s", "SA", 0, 1), Row(0.02, "c", "R", 1)]
    verdicts = judge(make_case(tmp_path, {"client": frames(rows)}), RULE)
    assert (verdicts.findings, verdicts.undecided) == ([], [])
