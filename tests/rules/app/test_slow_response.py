"""app-slow-response: servers that think long; lost packets, long polls, pushed messages and slow users stay silent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.cases import d6_lync_signin
from tests.cases.healthy import HEALTHY
from tests.support.path import Link, Point, World
from tests.support.scripted import Row, frames, handshake
from tests.support.talk import Host, Send, Talk
from tests.support.tds_talks import BATCH, RESPONSE, batch, done, packets
from tests.support.tls_handshakes import SERVER, Pair, client_context, server_context
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Severity

RULE = "app-slow-response"


def turns(waits: list[float], pause_s: float = 0.3, round_trip_s: float = 0.002, *, acked: bool = True) -> list[Row]:
    """One request a wait, answered after it; the client goes on after a pause. Captured at the client."""
    rows, at = handshake(round_trip_s), 1.0
    for turn, wait in enumerate(waits):
        seq, ack = 1 + 50 * turn, 1 + 90 * turn
        rows.append(Row(at, "c", "PA", seq, ack, 50))
        if acked:
            rows.append(Row(at + round_trip_s, "s", "A", ack, seq + 50))
        at += wait + round_trip_s
        rows.append(Row(at, "s", "PA", ack, seq + 50, 90))
        at += pause_s
    return rows


def test_a_slow_server_is_named_with_request_ack_and_answer(tmp_path: Path) -> None:
    finding = only(make_case(tmp_path, {"client": frames(turns([0.01, 2.5, 0.02, 1.5, 3.0]))}), RULE)
    assert finding.severity is Severity.WARNING
    assert (finding.facts["slow_turns"], finding.facts["turns"]) == (3, 5)
    assert finding.facts["longest_s"] == pytest.approx(3.0, abs=0.001)
    assert finding.facts["rtt_ms"] == pytest.approx(2.0, abs=0.01)
    assert [row.frame for row in finding.evidence[:3]] == [18, 16, 17]
    assert finding.toward == "client"


def test_every_answer_may_be_slow(tmp_path: Path) -> None:
    assert only(make_case(tmp_path, {"client": frames(turns([2.0] * 10))}), RULE).facts["slow_turns"] == 10


def test_the_slowest_request_is_named_where_its_protocol_is_read(tmp_path: Path) -> None:
    quick, slow = packets(BATCH, batch("SELECT 1")), packets(BATCH, batch("EXEC slow"))
    answer = packets(RESPONSE, done())
    world = World([Point("client", at="client"), Link(1)])
    steps = [Send("client", quick), Send("server", answer), Send("client", slow), Send("server", answer, after_ms=5000)]
    Talk(world, Host("10.0.0.1"), Host("10.0.0.2"), steps, ports=(50001, 1433))
    finding = only(make_case(tmp_path, world.captures()), RULE)
    assert finding.facts["request"] == "SQL batch EXEC slow"
    assert "The slowest request was `SQL batch EXEC slow`." in finding.summary


def test_a_tls_handshake_that_was_quick_is_no_request(tmp_path: Path) -> None:
    pair = Pair(client_context(), server_context(SERVER), "www.example.com")
    assert pair.handshake()
    pair.exchange()
    steps = [*pair.steps[:-1], replace(pair.steps[-1], after_ms=5000.0)]
    world = World([Point("client", at="client"), Link(1)])
    Talk(world, Host("10.0.0.1"), Host("10.0.0.2"), steps, ports=(50001, 8443))
    finding = only(make_case(tmp_path, world.captures()), RULE)
    assert (finding.facts["slow_turns"], finding.facts["turns"]) == (1, 1)
    assert "answered 1 of 1 request late" in finding.summary


def test_the_lync_sign_in_shows_its_twenty_one_seconds_as_information(tmp_path: Path) -> None:
    finding = only(open_case({"client": d6_lync_signin.build(tmp_path)["client"]}), RULE)
    assert finding.severity is Severity.INFO
    assert [row.frame for row in finding.evidence[:2]] == [4506, 4333]
    assert finding.facts["longest_s"] == pytest.approx(21.0, abs=0.3)


def test_slow_answers_of_several_connections_are_one_finding(tmp_path: Path) -> None:
    every = [frame for port in range(50000, 50020) for frame in frames(turns([1.2]), ("10.0.0.1", port))]
    finding = only(make_case(tmp_path, {"client": sorted(every)}), RULE)
    assert (finding.facts["conversations"], finding.facts["slow_turns"]) == (20, 20)
    assert len(finding.conversations) == 20


@pytest.mark.parametrize(
    "rows",
    [
        turns([0.05, 0.1, 0.4, 0.2]),
        turns([0.01] * 6, pause_s=8.0),
        turns([30.0, 29.0, 31.0, 45.0]),
        turns([9.0, 8.0, 9.5, 10.0]),
        turns([1.2] * 8, pause_s=1.2),
        turns([3.0] * 4, acked=False),
    ],
    ids=["quick", "slow user", "long polls", "pushed messages", "two timers", "nothing acknowledged"],
)
def test_what_only_looks_like_it_is_silent(tmp_path: Path, rows: list[Row]) -> None:
    assert judge(make_case(tmp_path, {"client": frames(rows)}), RULE).findings == []


def test_a_lost_request_is_silent(tmp_path: Path) -> None:
    rows = handshake()
    for turn in range(5):
        at, seq, ack = 1.0 + 5 * turn, 1 + 50 * turn, 1 + 90 * turn
        rows += [
            Row(at, "c", "PA", seq, ack, 50),
            Row(at + 1, "c", "PA", seq, ack, 50),
            Row(at + 1.02, "s", "PA", ack, seq + 50, 90),
        ]
    assert judge(make_case(tmp_path, {"client": frames(rows)}), RULE).findings == []


def test_a_server_that_speaks_first_is_silent(tmp_path: Path) -> None:
    rows = [
        *handshake(),
        Row(5.0, "s", "PA", 1, 1, 60),
        Row(5.1, "c", "PA", 1, 61, 20),
        Row(5.2, "s", "PA", 61, 21, 20),
    ]
    rows += [Row(20.0 + turn, "s", "PA", 81 + 30 * turn, 21, 30) for turn in range(5)]
    assert judge(make_case(tmp_path, {"client": frames(rows)}), RULE).findings == []


def test_services_that_wait_for_people_are_silent(tmp_path: Path) -> None:
    case = make_case(tmp_path, {"client": frames(turns([0.01, 2.5, 0.02, 1.5, 3.0]), server=("10.9.0.2", 3389))})
    assert judge(case, RULE).findings == []


def test_steady_talk_of_both_sides_is_silent(tmp_path: Path) -> None:
    assert judge(open_case(HEALTHY["delayed_acks_without_stall"](tmp_path)), RULE).findings == []
