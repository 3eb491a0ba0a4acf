"""Tries of one action, counted."""

from __future__ import annotations

from wireproof.processes.compare.exchange import Exchange, Service
from wireproof.processes.compare.tally import Tally, count_exchanges, describe, seconds

WEB = Service("tcp", "www", 80, "http")


def tried(row: int, outcome: str, good: bool | None, wait_s: float | None = None, **details: str) -> Exchange:
    return Exchange(WEB, "GET /", outcome, good, row, wait_s=wait_s, details=tuple(details.items()))


def test_tries_are_counted_in_order_of_time() -> None:
    tallies = count_exchanges(
        [tried(9, "503", False), tried(3, "200", True, 0.1, server="a"), tried(6, "200", True, 0.3, server="b")]
    )
    tally = tallies[WEB]["GET /"]
    assert (tally.worked, tally.failed, tally.first.row, tally.outcomes) == (2, 1, 3, ["200", "503"])
    assert (tally.wait_s, tally.details()) == (0.2, {"server": {"a", "b"}})


def test_what_is_shown_is_a_failure_where_nothing_worked() -> None:
    tallies = count_exchanges([tried(3, "401", None), tried(5, "503", False)])
    assert tallies[WEB]["GET /"].shown.row == 5
    assert count_exchanges([tried(3, "503", False), tried(5, "200", True)])[WEB]["GET /"].shown.row == 5
    assert tallies[WEB]["GET /"].wait_s is None


def test_outcomes_are_told_with_their_number_and_time() -> None:
    assert describe(Tally([tried(1, "200 OK", True)])) == "200 OK"
    assert (
        describe(Tally([tried(1, "200 OK", True), tried(2, "200 OK", True), tried(3, "503", False)]))
        == "200 OK 2 times, 503 once"
    )
    assert describe(Tally([tried(1, "200 OK", True, 0.25)])) == "200 OK, 250 ms"
    assert describe(Tally([tried(1, "no answer", False), tried(2, "no answer", False)])) == "no answer (2 times)"
    assert [seconds(value) for value in (0.0001, 0.05, 2.5)] == ["100 µs", "50 ms", "2.5 s"]
