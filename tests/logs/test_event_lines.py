"""Events of the Windows event log as people paste them."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.cases.d2_rdp import EVENTS
from tests.support.log_texts import damaged, logs_in, only_log
from wireproof.logs.event_lines import EventLinesLog, EventRecord, find
from wireproof.logs.text import LogText

DETAILS = """\
Log Name:      System
Source:        Service Control Manager
Date:          1/6/2013 8:54:40 AM
Event ID:      7036
Task Category: None
Level:         Information
Keywords:      Classic
User:          N/A
Computer:      TS01.contoso.com
Description:
The Remote Desktop Services service entered the stopped state.
"""
GERMAN = """\
Protokollname: System
Quelle:        Service Control Manager
Datum:         06.01.2013 08:54:40
Ereignis-ID:   7034
Aufgabenkategorie:Keine
Ebene:         Fehler
Schlüsselwörter:Klassisch
Benutzer:      Nicht zutreffend
Computer:      TS01.contoso.com
Beschreibung:
Dienst "Remotedesktopdienste" wurde unerwartet beendet. Dies ist bereits 3 Mal passiert.
"""
WEVTUTIL = """\
Event[0]:
  Log Name: System
  Source: Schannel
  Date: 2013-01-06T08:54:40.123
  Event ID: 36885
  Task: N/A
  Level: Warning
  Opcode: Info
  Keyword: N/A
  User: S-1-5-18
  User Name: NT AUTHORITY\\SYSTEM
  Computer: web01
  Description:
When asking for client authentication, this server sends a list of trusted certificate authorities to the client.

Event[1]:
  Log Name: System
  Source: Service Control Manager
  Date: 2013-01-06T08:55:00.000
  Event ID: 7036
  Computer: web01
  Description:
The Print Spooler service entered the running state.
"""
TABLE = """\
TimeCreated                     Id LevelDisplayName Message
-----------                     -- ---------------- -------
1/6/2013 8:54:40 AM           7031 Error            The World Wide Web Publishing Service service terminated unexpectedly.
"""


def told(record: EventRecord) -> str:
    return datetime.fromtimestamp(record.time_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%S")


def test_the_articles_event_is_read_with_what_it_says() -> None:
    (record,) = only_log(EventLinesLog, EVENTS).records
    assert (record.event_id, record.source, record.level, record.line) == (7034, "Service Control Manager", "Error", 1)
    assert told(record) == "2013-01-06 08:54:40"
    assert record.stopped_service == "Remote Desktop Services"
    assert record.text.endswith("It has done this 3 time(s).")


def test_an_event_in_the_middle_of_prose_is_found() -> None:
    text = f"=> Also at the exact time we see the following event:\n{EVENTS}My colleague kept troubleshooting.\n"
    (record,) = only_log(EventLinesLog, text).records
    assert (record.line, record.stopped_service) == (2, "Remote Desktop Services")


def test_copied_details_are_read() -> None:
    (record,) = only_log(EventLinesLog, DETAILS).records
    assert (record.event_id, record.source, record.host) == (7036, "Service Control Manager", "TS01.contoso.com")
    assert record.stopped_service == "Remote Desktop Services"


def test_details_in_german_are_read_by_their_places() -> None:
    (record,) = only_log(EventLinesLog, GERMAN).records
    assert (record.event_id, told(record)) == (7034, "2013-01-06 08:54:40")
    assert record.stopped_service == "Remotedesktopdienste"


def test_what_wevtutil_prints_is_read() -> None:
    schannel, spooler = only_log(EventLinesLog, WEVTUTIL).records
    assert (schannel.event_id, schannel.source, schannel.time_ns % 10**9) == (36885, "Schannel", 123_000_000)
    assert schannel.stopped_service == ""
    assert (spooler.started_service, spooler.stopped_service) == ("Print Spooler", "")


def test_a_row_of_powershell_has_no_source_and_still_its_service() -> None:
    (record,) = only_log(EventLinesLog, TABLE).records
    assert (record.event_id, record.source) == (7031, "")
    assert record.stopped_service == "World Wide Web Publishing Service"


def test_other_sources_stop_no_service() -> None:
    text = EVENTS.replace("Service Control Manager", "Some Backup Agent")
    assert [record.stopped_service for record in only_log(EventLinesLog, text).records] == [""]


def test_events_are_told_for_a_timeline() -> None:
    (event,) = only_log(EventLinesLog, EVENTS).events()
    assert event.text.startswith("Service Control Manager 7034: The Remote Desktop")


def test_prose_with_the_word_error_is_no_event() -> None:
    assert [
        log for log in logs_in("Error 0x274c came on 1/6/2013, see 7034.\n") if isinstance(log, EventLinesLog)
    ] == []


@given(damaged(EVENTS + DETAILS + GERMAN + WEVTUTIL + TABLE) | st.text(max_size=200))
def test_any_text_is_read_without_harm(text: str) -> None:
    log = find(LogText("x", text.splitlines()))
    for record in log.records if log else ():
        assert 1 <= record.line <= len(text.splitlines())
        assert record.stopped_service == "" or record.event_id
