"""How a log's times lie to a capture's: by connections, by messages, by the zone that is stated, or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.cases import d6_sip_in_clear, d6_sip_log
from tests.support.sip_logs import moved, with_log
from tests.support.verdicts import open_case
from wireproof.case import Case
from wireproof.rules.sip_log_clock import Shift, find_shift

HOUR_NS = 3600 * 10**9


def case_of(folder: Path, *names: str, text: str = d6_sip_log.LOG) -> Case:
    paths = d6_sip_in_clear.build(folder)
    return with_log(open_case({name: paths[name] for name in names}), text)


def shift_of(case: Case, point: int = 0) -> Shift:
    return find_shift(case, case.logged_sip[0], case.points[point])


def test_encrypted_data_of_the_connection_that_the_log_names_tells_the_zone(tmp_path: Path) -> None:
    shift = shift_of(case_of(tmp_path, "client", text=moved(d6_sip_log.LOG, 2)))
    assert shift.ns is not None
    assert abs(shift.ns + 2 * HOUR_NS) < 10_000_000
    assert (shift.zone, shift.by) == ("UTC+2", "by the connection with 10.1.1.1:62973 in client")


def test_messages_that_a_capture_shows_in_clear_tell_the_clock(tmp_path: Path) -> None:
    shift = shift_of(case_of(tmp_path, "access"))
    assert (shift.zone, shift.by) == ("UTC", "by the same messages in access")
    assert shift.slack_s < 5


def test_another_points_zone_serves_where_its_clock_can_not_be_compared(tmp_path: Path) -> None:
    shift = shift_of(case_of(tmp_path, "client", "edge", text=moved(d6_sip_log.LOG, -3)), point=1)
    assert (shift.ns, shift.zone, shift.slack_s) == (3 * HOUR_NS, "UTC-3", 15.0)


def test_a_stated_zone_is_taken(tmp_path: Path) -> None:
    case = case_of(tmp_path, "edge")
    case.logs[0].zone_s = 7200
    assert (shift_of(case).ns, shift_of(case).by) == (-2 * HOUR_NS, "as stated")


def test_without_anything_in_common_whole_quarters_stay_open(tmp_path: Path) -> None:
    shift = shift_of(case_of(tmp_path, "edge"))
    assert (shift.ns, shift.zone) == (None, "")
    begin = 10**18
    times = begin + np.array([10**9, 2 * HOUR_NS + 10**9, -HOUR_NS // 4 + 10**9, 30 * HOUR_NS])
    assert (times - shift.back(times, begin) - begin).tolist() == [10**9, 10**9, 10**9, 16 * HOUR_NS]


def test_zones_of_half_and_quarter_hours() -> None:
    assert [Shift(-s * 10**9, 1.0).zone for s in (19800, -12600, 20700, 0)] == [
        "UTC+5:30",
        "UTC-3:30",
        "UTC+5:45",
        "UTC",
    ]
