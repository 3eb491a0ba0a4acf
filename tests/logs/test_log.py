"""What every log has."""

from __future__ import annotations

from wireproof.logs.log import Event, Log


def test_an_output_that_shows_a_state_has_no_events() -> None:
    log = Log(file="netstat.txt")
    assert list(log.events()) == []
    assert not log.in_utc


def test_an_event_names_its_line_and_process() -> None:
    assert Event(5, "service stopped", line=3, pid=640) == Event(time_ns=5, text="service stopped", line=3, pid=640)
