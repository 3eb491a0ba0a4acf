"""Rows as Event Viewer saves them: tabs or commas, quotation marks, several lines, and what only looks like them."""

from __future__ import annotations

import pytest

from wireproof.logs.event_lines import EventLinesLog
from wireproof.logs.event_saved import find_saved, saved_pattern
from wireproof.logs.reading import read_logs

MESSAGE = "The Remote Desktop Services service terminated unexpectedly.  It has done this 1 time(s)."
TABS = f"Error\t10/2/2025 12:00:01 PM\tService Control Manager\t7034\tNone\t{MESSAGE}\r\n"
HEAD = "Level\tDate and Time\tSource\tEvent ID\tTask Category\r\n"
COMMAS = f'Level,Date and Time,Source,Event ID,Task Category\r\nError,10/2/2025 12:00:01 PM,Service Control Manager,7034,None,"{MESSAGE}"\r\n'
GERMAN = 'Fehler\t02.10.2025 12:00:01\tService Control Manager\t7034\tKeine\tDienst "TermService" wurde unerwartet beendet. Dies ist bereits 1 Mal passiert.\n'


def only(data: str) -> EventLinesLog:
    (log,) = (one for one in read_logs(data.encode(), "events.txt") if isinstance(one, EventLinesLog))
    return log


@pytest.mark.parametrize(
    ("data", "line", "service"),
    [
        (TABS, 1, "Remote Desktop Services"),
        (HEAD + TABS, 2, "Remote Desktop Services"),
        (COMMAS, 2, "Remote Desktop Services"),
        (GERMAN, 1, "TermService"),
    ],
)
def test_a_saved_row_has_its_message_and_tells_the_service(data: str, line: int, service: str) -> None:
    (record,) = only(data).records
    assert (record.event_id, record.source, record.line) == (7034, "Service Control Manager", line)
    assert record.stopped_service == service
    assert record.time_ns == 1759406401 * 10**9


def test_a_short_message_is_no_category_and_gives_one_event() -> None:
    (record,) = only("Information\t10/13/2025 1:02:03 PM\tAgent\t12\tNone\tStarted.\n").records
    assert (record.source, record.event_id, record.text) == ("Agent", 12, "Started.")


def test_a_message_of_several_lines_stands_in_quotation_marks() -> None:
    said = '"The WSUS Service service\r\nterminated with ""5"".\r\n"\r\n'
    (one, other) = only(f"Error\t10/13/2025 1:02:03 PM\tService Control Manager\t7024\tNone\t{said}{TABS}").records
    assert one.text == 'The WSUS Service service terminated with "5".'
    assert (one.stopped_service, other.line) == ("WSUS Service", 4)


def test_a_quotation_mark_that_nothing_ends_costs_no_other_row() -> None:
    rows = (
        'Error\t10/13/2025 1:02:03 PM\tAgent\t5\tNone\t"Disk" is full\n'
        'Error\t10/13/2025 1:02:04 PM\tAgent\t6\tNone\t"cut\n' + TABS
    )
    assert [(one.event_id, one.text) for one in only(rows).records][:2] == [(5, '"Disk" is full'), (6, '"cut')]
    assert len(only(rows).records) == 3


def test_a_row_of_the_list_without_message_keeps_what_stands_below() -> None:
    (record,) = only(f"Error\t10/13/2025 1:02:03 PM\tService Control Manager\t7034\tNone\n{MESSAGE}\n").records
    assert record.stopped_service == "Remote Desktop Services"


def test_a_row_of_another_table_is_none() -> None:
    pattern = saved_pattern("Error|Warning")
    for row in ("Error,10/2/2025,Agent,7034,None,text", "Error,10/2/2025 12:00:01,Agent,none,None,text", "My Error,5"):
        assert not list(find_saved(pattern, row, "Error|Warning"))
