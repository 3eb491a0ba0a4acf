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


def test_an_event_in_xml_is_quoted_by_what_it_says() -> None:
    """Of several events in one line each has its own words; a line of a list speaks for itself."""
    head = "<Event><System><Provider Name='Service Control Manager'/><EventID>7036</EventID>"
    rest = "<TimeCreated SystemTime='2025-10-02T09:59:5{}Z'/></System><EventData><Data>{}</Data><Data>stopped</Data></EventData></Event>"
    text = (
        "<Events>"
        + "".join(head + rest.format(turn, name) for turn, name in enumerate(("Spooler", "DHCP Client")))
        + "</Events>"
    )
    first, second = stops(Case([], logs=logs_in(text)))
    assert (first.line, second.line) == (1, 1)
    assert (
        first.quoted
        == "2025-10-02 09:59:50 Service Control Manager 7036: The Spooler service entered the stopped state."
    )
    assert "DHCP Client" in second.quoted
    (listed,) = stops(Case([], logs=logs_in(EVENTS)))
    assert listed.quoted == ""


def test_other_events_are_no_stops() -> None:
    text = EVENTS.replace("terminated unexpectedly", "entered the running state").replace("7034", "7036")
    assert stops(Case([], logs=logs_in(text))) == []
    assert stops(Case([])) == []
