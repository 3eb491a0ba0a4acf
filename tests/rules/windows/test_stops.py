"""Stops of services in the event logs of a case."""

from __future__ import annotations

from tests.cases.d2_rdp import EVENTS
from tests.support.log_texts import logs_in
from wireproof.case import Case
from wireproof.rules.windows._stops import stops


def test_a_stop_has_its_service_line_and_words() -> None:
    (stop,) = stops(Case([], logs=logs_in(EVENTS)))
    assert (stop.service, stop.event_id, stop.line, stop.how) == (
        "Remote Desktop Services",
        7034,
        1,
        "terminated unexpectedly",
    )


def test_other_events_are_no_stops() -> None:
    text = EVENTS.replace("terminated unexpectedly", "entered the running state").replace("7034", "7036")
    assert stops(Case([], logs=logs_in(text))) == []
    assert stops(Case([])) == []
