"""What a server waited for, where a log tells of it: found through any zone, by address and spacing."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples import lync
from tests.cases import d6_sip_log
from tests.support.sip_logs import moved, with_log
from tests.support.verdicts import make_case, open_case
from wireproof.case import Case
from wireproof.finding import Evidence
from wireproof.rules.sip._answers import find_answers
from wireproof.rules.sip._waited import clock_words, connection_rows, given_up, told_alone, waited_for


def case_of(folder: Path, text: str, *names: str) -> Case:
    paths = d6_sip_log.build(folder)
    return with_log(open_case({name: paths[name] for name in names}), text)


@pytest.mark.parametrize("hours", [0, 2, -5, 14])
def test_the_unanswered_connection_is_found_in_any_zone(tmp_path: Path, hours: int) -> None:
    case = case_of(tmp_path, moved(d6_sip_log.LOG, hours), "edge")
    (answer,) = find_answers(case, lambda message: message.status == 504)
    found = waited_for(case, answer)
    assert [point.talk(number).server_endpoint for point, number in found] == ["192.168.3.10:5061"]
    assert clock_words(case, answer, found).startswith(" The log does not state its zone")
    assert told_alone(case, answer, found) == ""
    assert [row.frame for row in _rows(case)] == list(d6_sip_log.EXPECT["frames"]["edge"])


def _rows(case: Case) -> list[Evidence]:
    (answer,) = find_answers(case, lambda message: message.status == 504)
    return connection_rows(waited_for(case, answer))


def test_a_log_of_ten_minutes_later_does_not_fit(tmp_path: Path) -> None:
    later = d6_sip_log.LOG.replace("-09:18:57", "-09:28:57").replace("-09:19:18", "-09:29:18")
    case = case_of(tmp_path, later, "edge")
    (answer,) = find_answers(case, lambda message: message.status == 504)
    assert waited_for(case, answer) == []
    assert told_alone(case, answer, []) == " Only the log tells this: no capture shows it."


def test_a_stated_zone_that_does_not_fit_is_believed(tmp_path: Path) -> None:
    case = case_of(tmp_path, d6_sip_log.LOG, "edge")
    case.logs[0].zone_s = 3600
    (answer,) = find_answers(case, lambda message: message.status == 504)
    assert waited_for(case, answer) == []


def test_a_failed_connection_of_the_log_alone_is_found(tmp_path: Path) -> None:
    case = case_of(tmp_path, d6_sip_log.CONNECTION, "edge")
    (logged,) = case.logged_sip
    found = given_up(case, logged, logged.log.troubles[0])
    assert [point.talk(number).client_endpoint for point, number in found] == ["192.168.1.1:50357"]


def test_a_capture_in_another_zone_than_the_one_that_tells_the_logs_is_tied_by_address_and_spacing(
    tmp_path: Path,
) -> None:
    later = [frame._replace(time_ns=frame.time_ns + 7200 * 10**9) for frame in lync.edge_frames()]
    case = with_log(make_case(tmp_path, {"client": lync.client_frames(), "edge": later}), d6_sip_log.LOG)
    (answer,) = find_answers(case, lambda message: message.status == 504)
    found = waited_for(case, answer)
    assert [(point.name, point.talk(number).server_endpoint) for point, number in found] == [
        ("edge", "192.168.3.10:5061")
    ]
    assert "The log's clock and that of edge show different zones" in clock_words(case, answer, found)
