"""Refused connections by endpoint, and the logs that may be of their hosts."""

from __future__ import annotations

from pathlib import Path

from tests.support.log_texts import with_logs
from tests.support.scripted import SERVER, Row, frames
from tests.support.verdicts import make_case
from wireproof.case import Case
from wireproof.rules.windows._refusals import is_named_for, refusals, server_of

ROWS = [Row(0.0, "c", "S"), Row(0.001, "s", "RA", 0, 1, window=0)]
LISTS = "  TCP    0.0.0.0:135   0.0.0.0:0   LISTENING   920\n"
OF_HOST = LISTS + "  TCP    {}:445   10.1.1.3:5123   ESTABLISHED   4\n"


def refused(folder: Path, **texts: str) -> Case:
    return with_logs(make_case(folder, {"client": frames(ROWS), "server": frames(ROWS)}), texts)


def test_an_endpoint_is_told_once_where_two_points_show_it(tmp_path: Path) -> None:
    (group,) = refusals(refused(tmp_path))
    assert server_of(group) == SERVER


def test_a_log_of_a_named_point_belongs_to_the_host_that_netstat_shows_there(tmp_path: Path) -> None:
    case = refused(tmp_path, a=OF_HOST.format("10.9.0.99"), events=LISTS)
    netstat, other = case.logs
    assert is_named_for(other, case, SERVER[0])
    netstat.point = other.point = "elsewhere"
    assert not is_named_for(other, case, SERVER[0])
    assert is_named_for(other, case, "10.9.0.99")
