"""Events of the Windows event log as people paste them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
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


def test_copied_details_are_named_by_the_line_that_tells_what_happened() -> None:
    """The description's, on its heading's line or below; where it was left out, the id's."""
    lines = DETAILS.splitlines()
    (record,) = only_log(EventLinesLog, DETAILS).records
    assert lines[record.line - 1] == record.text
    headless = "\n".join(line for line in lines if line != record.text and "Description" not in line)
    (bare,) = only_log(EventLinesLog, headless).records
    assert "Event ID" in headless.splitlines()[bare.line - 1]


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


MOMENT = int(datetime(2013, 8, 1, 13, 18, 57, tzinfo=UTC).timestamp()) * 10**9


@pytest.mark.parametrize(
    "row",
    [
        "Error\t8/1/2013 1:18:57 PM\tService Control Manager\t7031\tNone",
        "Fehler\t01.08.2013 13:18:57\tService Control Manager\t7031\tKeine",
        "Erreur\t01/08/2013 13:18:57\tService Control Manager\t7031\tAucun",
        "Errore\t01/08/2013 13.18.57\tService Control Manager\t7031\tNessuna",
        "Chyba\t1. 8. 2013 13:18:57\tService Control Manager\t7031\tNení",
        "エラー\t2013/08/01 13:18:57\tService Control Manager\t7031\tなし",
        "Ошибка\t01.08.2013 13:18:57\tService Control Manager\t7031\tОтсутствует",
        "错误\t2013/8/1 13:18:57\tService Control Manager\t7031\t无",
    ],
)
def test_rows_in_any_of_these_languages_have_the_same_moment(row: str) -> None:
    (record,) = only_log(EventLinesLog, f"{row}\n").records
    assert (record.time_ns, record.event_id, record.source) == (MOMENT, 7031, "Service Control Manager")


LANGUAGES = {
    "Log Name: System\nSource: Service Control Manager\nDate: 8/1/2013 1:18:57 PM\nEvent ID: 7034\nComputer: PC1\nDescription:\n"
    "The Spooler service terminated unexpectedly.\n": "Spooler",
    "Protokollname: System\nQuelle: Service Control Manager\nDatum: 01.08.2013 13:18:57\nEreignis-ID: 7034\nComputer: PC1\nBeschreibung:\n"
    'Dienst "Spooler" wurde unerwartet beendet.\n': "Spooler",
    "Nom du journal :System\nSource : Service Control Manager\nDate : 01/08/2013 13:18:57\nID de l\u2019événement :7034\nOrdinateur : PC1\n"
    "Description :\nLe service Spouleur s\u2019est terminé de façon inattendue pour la 1ème fois.\n": "Spouleur",
    "Název protokolu: System\nZdroj: Service Control Manager\nDatum: 1.8.2013 13:18:57\nID události: 7034\nPočítač: PC1\nPopis:\n"
    "Služba Zařazování byla neočekávaně ukončena.\n": "",
    "ログの名前: System\nソース: Service Control Manager\n日付: 2013/08/01 13:18:57\nイベント ID: 7034\nコンピューター: PC1\n説明:\n"
    "Print Spooler サービスは予期せぬ原因により終了しました。\n": "Print Spooler",
}


@pytest.mark.parametrize("text", LANGUAGES)
def test_details_in_any_of_these_languages_tell_the_service_or_that_they_do_not(text: str) -> None:
    log = only_log(EventLinesLog, text)
    (record,) = log.records
    assert (record.time_ns, record.event_id, record.host) == (MOMENT, 7034, "PC1")
    assert record.stopped_service == LANGUAGES[text]
    assert any("in a language that is not read" in note for note in log.notes) == (not LANGUAGES[text])


def test_english_dates_of_which_none_tells_the_order_are_noted() -> None:
    row = "Error\t8/{day}/2013 1:18:57 PM\tService Control Manager\t7031\tNone\n"
    assert "8/1/2013 is taken as month first" in only_log(EventLinesLog, row.format(day=1)).notes[0]
    assert only_log(EventLinesLog, row.format(day=1) + row.format(day=13)).notes == []


@given(damaged(EVENTS + DETAILS + GERMAN + WEVTUTIL + TABLE) | st.text(max_size=200))
def test_any_text_is_read_without_harm(text: str) -> None:
    log = find(LogText("x", text.splitlines()))
    for record in log.records if log else ():
        assert 1 <= record.line <= len(text.splitlines())
        assert record.stopped_service == "" or record.event_id
