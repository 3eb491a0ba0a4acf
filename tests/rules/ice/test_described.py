"""Where descriptions stand: frames of captures first, then lines of logs."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d9_desktop_sharing, d9_sip_log
from tests.support.sip_logs import with_log
from tests.support.verdicts import open_case
from wireproof.messages.sip_sessions import find_sessions
from wireproof.rules.ice._described import clock_words, end_ns, log_of, point_of, row_of, tables, where


def test_sources_are_counted_through_captures_and_logs(tmp_path: Path) -> None:
    paths = d9_desktop_sharing.build(tmp_path)
    case = with_log(open_case({"client": paths["client"]}), d9_sip_log.LOG, "/x/uccapi.log")
    captured, logged = tables(case)
    assert point_of(case, 0) is case.points[0]
    assert point_of(case, 1) is None
    assert log_of(case, 1) is case.logged_sip[0]
    assert where(case, 0, captured[0]).startswith("INVITE in client frame ")
    assert where(case, 1, logged[1]) == "200 OK in uccapi.log line 32"
    assert (row_of(case, 1, logged[1], "x").capture, row_of(case, 1, logged[1], "x").line) == ("/x/uccapi.log", 32)
    assert row_of(case, 0, captured[0], "x").frame > 0
    assert (end_ns(case, 1), end_ns(case, 0) >= captured[-1].time_ns) == (logged[1].time_ns, True)


def test_the_zone_of_a_log_is_told_where_a_capture_has_the_same_messages(tmp_path: Path) -> None:
    paths = d9_desktop_sharing.build(tmp_path)
    case = with_log(open_case({"client": paths["client"]}), d9_sip_log.LOG)
    (captured,), (logged,) = (find_sessions([[], table]) for table in tables(case))
    assert clock_words(case, logged.sides, case.points[0]).startswith(
        " The times of edge.log are UTC, by the same messages"
    )
    assert clock_words(case, find_sessions([tables(case)[0]])[0].sides, case.points[0]) == ""
    assert len(captured.sides) == 2
