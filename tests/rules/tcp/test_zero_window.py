"""tcp-zero-window: receivers that let the sender stand still; closings that hurt nobody stay silent or are information."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.scripted import Row, frames, handshake
from tests.support.verdicts import judge, make_case, only
from wireproof.finding import Severity

RULE = "tcp-zero-window"
BEFORE = [*handshake(), Row(0.1, "c", "PA", 1, 1, 1000, window=4000), Row(0.11, "s", "A", 1, 1001, window=0)]


def closed_for(seconds: float, probes: int = 1) -> list[Row]:
    """The server's window closes, is probed, opens after so many seconds, and the client goes on at once."""
    rows = list(BEFORE)
    for turn in range(probes):
        at = 0.11 + seconds * (turn + 1) / (probes + 1)
        rows += [Row(at, "c", "A", 1001, 1, 1), Row(at + 0.001, "s", "A", 1, 1001, window=0)]
    rows += [Row(0.11 + seconds, "s", "A", 1, 1001, window=8000), Row(0.112 + seconds, "c", "PA", 1001, 1, 1000)]
    return [*rows, Row(0.12 + seconds, "s", "A", 1, 2001, window=8000)]


def test_the_receiver_is_named_with_how_long_it_closed(tmp_path: Path) -> None:
    finding = only(make_case(tmp_path, {"client": frames(closed_for(2.0))}), RULE)
    assert finding.severity is Severity.WARNING
    assert finding.facts["receiver"] == "10.9.0.2:80"
    assert finding.toward == "server"
    assert finding.facts["stalled_s"] == pytest.approx(2.0, abs=0.01)
    assert [row.frame for row in finding.evidence] == [5, 6, 8]


def test_a_long_closing_is_an_error(tmp_path: Path) -> None:
    assert only(make_case(tmp_path, {"client": frames(closed_for(9.0, probes=4))}), RULE).severity is Severity.ERROR


def test_a_window_that_never_opens_is_counted_to_the_last_probe(tmp_path: Path) -> None:
    rows = [*BEFORE, *(Row(1.0 + turn, "c", "A", 1001, 1, 1) for turn in range(8))]
    finding = only(make_case(tmp_path, {"client": frames(rows)}), RULE)
    assert not finding.facts["opened_again"]
    assert finding.facts["stalled_s"] == pytest.approx(7.89, abs=0.01)
    assert finding.severity is Severity.ERROR


def test_the_client_can_be_the_receiver_over_ipv6(tmp_path: Path) -> None:
    rows = [row._replace(by={"c": "s", "s": "c"}[row.by]) for row in closed_for(2.0)[3:]]
    ends = (("2001:db8::1", 50000), ("2001:db8::2", 80))
    finding = only(make_case(tmp_path, {"server": frames([*handshake(), *rows], *ends)}), RULE)
    assert (finding.facts["receiver"], finding.toward) == ("[2001:db8::1]:50000", "client")


def test_a_closing_that_nobody_waits_for_is_information(tmp_path: Path) -> None:
    rows = [*BEFORE, Row(0.41, "s", "A", 1, 1001, window=8000), Row(9.0, "c", "PA", 1001, 1, 10)]
    assert only(make_case(tmp_path, {"client": frames(rows)}), RULE).severity is Severity.INFO


def test_a_moment_is_silent(tmp_path: Path) -> None:
    assert judge(make_case(tmp_path, {"client": frames(closed_for(0.05, probes=0))}), RULE).findings == []


def test_the_end_of_a_conversation_is_silent(tmp_path: Path) -> None:
    rows = [
        *handshake(),
        Row(0.1, "c", "PA", 1, 1, 100),
        Row(0.2, "s", "FA", 1, 101),
        Row(0.3, "s", "A", 2, 101, window=0),
    ]
    rows += [Row(2.0, "c", "A", 101, 2), Row(3.0, "s", "RA", 2, 101, window=0)]
    assert judge(make_case(tmp_path, {"client": frames(rows)}), RULE).findings == []
