"""The event log as XML: wevtutil's lines, Event Viewer's files, services by their data in any language, damaged events."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.log_texts import damaged, only_log
from wireproof.logs.event_lines import EventLinesLog
from wireproof.logs.event_log import EVENTS, EventXmlLog, EventXmlRecord, find
from wireproof.logs.text import LogText

NAMESPACE = "xmlns='http://schemas.microsoft.com/win/2004/08/events/event'"
SCHANNEL = (
    f"<Event {NAMESPACE}><System><Provider Name='Schannel' Guid='{{1f678132-5938-4686-9fdc-c8ff68f15c85}}'/><EventID>36887</EventID>"
    "<Version>0</Version><Level>2</Level><TimeCreated SystemTime='2012-05-10T15:13:43.608869100Z'/><EventRecordID>4711</EventRecordID>"
    "<Execution ProcessID='612' ThreadID='700'/>"
    "<Channel>System</Channel><Computer>DA1.contoso.com</Computer></System><EventData><Data Name='AlertDesc'>48</Data>"
    "<Data Name='Note'>a &lt; b</Data></EventData></Event>"
)
SERVICE = (
    f"<Event {NAMESPACE}><System><Provider Name='Service Control Manager' EventSourceName='x'/><EventID Qualifiers='16384'>NUMBER</EventID><Level>4</Level>"
    "<TimeCreated SystemTime='2012-05-10T15:13:50Z'/><Computer>DA1</Computer></System><EventData><Data Name='param1'>IP Helper</Data>"
    "<Data Name='param2'>STATE</Data></EventData><RenderingInfo Culture='de-DE'><Message>Dienst: Zustand.</Message></RenderingInfo></Event>"
)
STOPPED = SERVICE.replace("NUMBER", "7036").replace("STATE", "beendet")
VIEWER = f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<Events>{SCHANNEL}\n{STOPPED}</Events>\n'
USER_DATA = (
    f'<Event {NAMESPACE}>\n <System>\n  <Provider Name="Microsoft-Windows-Iphlpsvc"/>\n  <EventID>4200</EventID>\n'
    '  <TimeCreated SystemTime="2012-05-10T15:00:00.000Z"/>\n </System>\n'
    " <UserData>\n  <Info xmlns='x'>\n   <Interface>isatap</Interface>\n  </Info>\n </UserData>\n</Event>\n"
)


def records(text: str) -> list[EventXmlRecord]:
    return [one for one in only_log(EventXmlLog, text).records if isinstance(one, EventXmlRecord)]


def test_an_event_has_its_provider_id_level_computer_time_and_data() -> None:
    (one,) = records(SCHANNEL)
    assert (one.source, one.event_id, one.level, one.host) == ("Schannel", 36887, "Error", "DA1.contoso.com")
    assert one.time_ns == int(datetime(2012, 5, 10, 15, 13, 43, tzinfo=UTC).timestamp()) * 1_000_000_000 + 608_869_100
    assert (one.number, one.pid, one.channel) == (4711, 612, "System")
    assert (one.value("AlertDesc"), one.value("Note"), one.value("none")) == ("48", "a < b", "")
    assert one.text == "AlertDesc: 48, Note: a < b"


def test_times_are_utc_and_make_a_timeline() -> None:
    log = only_log(EventXmlLog, VIEWER)
    assert log.in_utc
    assert [event.line for event in log.events()] == [2, 3]
    assert isinstance(log, EventLinesLog)


@pytest.mark.parametrize(
    ("number", "state", "stopped", "started"),
    [
        (7036, "stopped", "IP Helper", ""),
        (7036, "beendet", "IP Helper", ""),
        (7036, "wird ausgeführt", "", "IP Helper"),
        (7034, "1", "IP Helper", ""),
        (7023, "%%1058", "IP Helper", ""),
        (7040, "auto start", "", ""),
    ],
)
def test_services_that_stop_and_start_are_told_by_their_data(
    number: int, state: str, stopped: str, started: str
) -> None:
    (one,) = records(SERVICE.replace("NUMBER", str(number)).replace("STATE", state))
    assert (one.stopped_service, one.started_service) == (stopped, started)


def test_a_services_code_is_named() -> None:
    (one,) = records(SERVICE.replace("NUMBER", "7023").replace("STATE", "%%1058"))
    assert one.text == "The IP Helper service terminated with 1058 (ERROR_SERVICE_DISABLED)"


def test_data_of_a_providers_own_form_is_read() -> None:
    (one,) = records(USER_DATA)
    assert (one.source, one.value("Interface"), one.text) == (
        "Microsoft-Windows-Iphlpsvc",
        "isatap",
        "Interface: isatap",
    )


def test_a_message_is_taken_where_it_is_saved() -> None:
    (one,) = records(SERVICE.replace("NUMBER", "7040").replace("STATE", "x"))
    assert one.text == "Dienst: Zustand."


def test_a_cut_event_costs_no_other() -> None:
    first, second = records(SCHANNEL[:300] + "\n" + SCHANNEL)
    assert (first.event_id, first.host, second.host) == (36887, "", "DA1.contoso.com")


@given(damaged(VIEWER + USER_DATA) | st.text(max_size=200))
def test_any_text_is_read_without_harm(text: str) -> None:
    log = find(LogText("x", text.splitlines()))
    for one in log.records if log else ():
        assert 1 <= one.line <= len(text.splitlines())
        assert 0 <= one.event_id <= 0xFFFF


def test_events_beyond_the_limit_leave_a_note_with_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EVENTS, "value", 1.0)
    log = only_log(EventXmlLog, VIEWER)
    assert (len(log.records), log.notes) == (
        1,
        [
            "only the first 1 events are read, not the 1 from line 3 on; `--limit logs.events=N` with a larger number reads more"
        ],
    )
