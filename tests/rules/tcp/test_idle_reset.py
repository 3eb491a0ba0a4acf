"""tcp-idle-reset: connections cut while idle, by a reset, in silence, or by the server; hosts that close their own stay silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d8_arp_burst, d17_keepalive
from tests.support.scripted import Row, frames, handshake
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Confidence, Severity

RULE = "tcp-idle-reset"
TALKED = [row._replace(ttl=57) if row.by == "s" else row for row in (
    *handshake(), Row(0.1, "c", "PA", 1, 1, 50), Row(0.2, "s", "PA", 1, 51, 70), Row(0.24, "c", "A", 51, 71),
)]  # fmt: skip
"""Captured at the client, seven hops from the server."""


def test_a_request_after_an_hour_is_answered_with_a_forged_reset(tmp_path: Path) -> None:
    finding = only(open_case({"client": d17_keepalive.build(tmp_path)["idle_cut"]}), RULE)
    assert finding.severity is Severity.ERROR
    assert [row.frame for row in finding.evidence] == [7, 8, 6]
    assert finding.facts["idle_s"] == pytest.approx(3600, abs=1)
    assert finding.facts["timeout_like_s"] == 3600
    assert "TTL 254" in finding.facts["doubts"][0]


def test_both_captures_tell_of_it_once(tmp_path: Path) -> None:
    paths = d17_keepalive.build(tmp_path)
    finding = only(open_case({"client": paths["idle_cut_silently"], "server": paths["idle_cut_silently_server"]}), RULE)
    assert {row.capture for row in finding.evidence} == {"client"}
    assert finding.facts["kind"] == "not answered at all"


def test_a_keep_alive_answered_with_a_reset_is_a_cut(tmp_path: Path) -> None:
    rows = [*TALKED, Row(1800.5, "c", "A", 50, 71), Row(1800.51, "s", "R", 71, ttl=57)]
    finding = only(make_case(tmp_path, {"client": frames(rows)}), RULE)
    assert finding.facts["timeout_like_s"] == 1800
    assert "keep-alive" in finding.evidence[0].note
    assert finding.confidence is Confidence.HIGH


def test_a_server_that_resets_after_a_usual_timeout_is_information(tmp_path: Path) -> None:
    finding = only(open_case({"client": d17_keepalive.build(tmp_path)["closed_by_server"]}), RULE)
    assert finding.severity is Severity.INFO
    assert finding.facts["timeout_like_s"] == 900
    assert judge(open_case({"again": tmp_path / "closed_by_server.pcapng"}), RULE).undecided == []


def test_a_host_that_resets_its_own_idle_sessions_is_silent(tmp_path: Path) -> None:
    verdicts = judge(open_case(d8_arp_burst.build(tmp_path)), RULE)
    assert (verdicts.findings, verdicts.undecided) == ([], [])


@pytest.mark.parametrize(
    "after",
    [
        [Row(900, "s", "FA", 71, 51), Row(900.1, "c", "FA", 51, 72), Row(900.2, "s", "A", 72, 52)],
        [Row(900, "c", "PA", 51, 71, 7), Row(900.001, "s", "RA", 71, 58), Row(900.0011, "c", "FA", 58, 71)],
        [Row(900, "c", "PA", 51, 71, 40), Row(900.01, "s", "PA", 71, 91, 40), Row(901, "s", "RA", 111, 91)],
        [Row(20, "c", "PA", 51, 71, 40), Row(20.01, "s", "R", 71)],
        [Row(431, "s", "RA", 71, 51, ttl=57)],
        [Row(900.24, "s", "RA", 71, 51, ttl=128)],
    ],
    ids=[
        "polite end",
        "good-bye and reset",
        "answered, then reset",
        "short pause",
        "server reset at no usual time",
        "captured host itself",
    ],
)
def test_what_only_looks_like_it_is_silent(tmp_path: Path, after: list[Row]) -> None:
    assert judge(make_case(tmp_path, {"client": frames([*TALKED, *after])}), RULE).findings == []


RESET_BY_SERVER = [*TALKED, Row(30.24, "s", "R", 71, ttl=64)]


def test_a_database_that_resets_an_idle_connection_is_information_and_a_question(tmp_path: Path) -> None:
    case = make_case(tmp_path, {"client": frames(RESET_BY_SERVER, server=("10.1.2.8", 1433))})
    verdicts = judge(case, RULE)
    (finding,) = verdicts.findings
    assert (finding.severity, finding.confidence) == (Severity.INFO, Confidence.MEDIUM)
    assert [row.frame for row in finding.evidence] == [7, 6]
    assert finding.facts["idle_s"] == 30
    assert "timeout_like_s" not in finding.facts
    (question,) = verdicts.undecided
    assert "30 s of silence or a device between" in question.reason


@pytest.mark.parametrize(
    ("rows", "port"),
    [
        (RESET_BY_SERVER, 443),
        ([*TALKED, Row(30.24, "c", "R", 51)], 1433),
        ([*TALKED, Row(10.24, "s", "R", 71)], 1433),
        ([*TALKED, Row(30.24, "c", "PA", 51, 71, 40), Row(30.26, "s", "R", 71)], 1433),
        ([*TALKED, Row(30.24, "s", "FA", 71, 51), Row(30.3, "c", "R", 51)], 1433),
    ],
    ids=["web server", "client is done", "short pause", "spoken to after a short pause", "polite end"],
)
def test_other_ends_of_short_pauses_are_silent(tmp_path: Path, rows: list[Row], port: int) -> None:
    verdicts = judge(make_case(tmp_path, {"client": frames(rows, server=("10.1.2.8", port))}), RULE)
    assert (verdicts.findings, verdicts.undecided) == ([], [])
