"""The process at each end of a conversation: netstat, tasklist, traces and kernel rows, alone and against each other."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d2_rdp, d6_lync_signin
from tests.support.log_texts import with_logs
from tests.support.scripted import Row, frames, handshake
from tests.support.trace_lines import EDGE, FRONT_END
from tests.support.verdicts import make_case, open_case
from wireproof.case import Case
from wireproof.finding import Owner

CLIENT, SERVER = ("172.16.57.15", 36009), ("172.27.45.20", 6004)
NETSTAT = "  TCP    172.16.57.15:36009   172.27.45.20:6004   ESTABLISHED   2136\n"
LISTENS = "  TCP    0.0.0.0:6004   0.0.0.0:0   LISTENING   900\n  TCP    172.27.45.20:445   172.16.57.15:1   ESTABLISHED   4\n"
TASKS = "store.exe 2136 Console 0 1,040,592 Kemsmta.exe 12020 Console 0 29,092 K\n"
SERVED = f"""\
{"=" * 25} {"=" * 8} {"=" * 44}
System Idle Process              0 N/A
RTCSrv.exe                     900 RtcSrv
"""
KERNEL = (
    "TcpIp, Send, 0xFFFFFFFF, 133541028001424158, 0, 0, 2136, 8, 172.027.045.020, 172.016.057.015, 6004, 36009, 0, 0\n"
)


def case_with(folder: Path, **texts: str) -> Case:
    """One conversation, with these logs beside it."""
    rows = [*handshake(), Row(1.0, "c", "PA", 1, 1, 40), Row(1.1, "s", "PA", 1, 41, 10)]
    return with_logs(make_case(folder, {"client": frames(rows, CLIENT, SERVER)}), texts)


def owner(case: Case, endpoint: str, point: int = 0) -> Owner | None:
    """The process at an end, wherever it stands."""
    talks = case.points[point].conversations
    for number in range(len(talks)):
        for side in (0, 1):
            if talks[number].endpoint(side) == endpoint and case.ownership.owner(point, number, side):
                return case.ownership.owner(point, number, side)
    return None


def test_a_connection_in_netstat_has_its_process(tmp_path: Path) -> None:
    case = case_with(tmp_path, netstat=NETSTAT)
    assert owner(case, "172.16.57.15:36009") == Owner(2136, source="netstat")
    assert owner(case, "172.27.45.20:6004") is None


def test_the_listing_beside_it_has_the_name(tmp_path: Path) -> None:
    found = owner(case_with(tmp_path, netstat=NETSTAT, tasks=TASKS), "172.16.57.15:36009")
    assert found is not None
    assert found.label == "store.exe (2136)"


def test_the_articles_kernel_rows_name_the_sender(tmp_path: Path) -> None:
    found = owner(case_with(tmp_path, kernel=KERNEL, tasks=TASKS), "172.16.57.15:36009")
    assert found == Owner(2136, "store.exe", source="TCP/IP kernel logger")


def test_a_listening_port_is_the_servers_end_where_the_host_is_known(tmp_path: Path) -> None:
    case = case_with(tmp_path, netstat=LISTENS)
    assert owner(case, "172.27.45.20:6004") == Owner(900, source="netstat")
    assert owner(case, "172.16.57.15:36009") is None


def test_a_listening_port_of_an_unknown_host_names_nobody(tmp_path: Path) -> None:
    assert not case_with(tmp_path, netstat=LISTENS.splitlines()[0]).ownership


def test_an_end_of_the_same_port_on_another_host_is_not_taken(tmp_path: Path) -> None:
    assert not case_with(tmp_path, netstat=NETSTAT.replace("172.27.45.20", "172.27.45.21")).ownership


def test_where_sources_disagree_both_are_told(tmp_path: Path) -> None:
    case = case_with(tmp_path, a_netstat=NETSTAT, kernel=KERNEL.replace("2136", "77"))
    assert case.ownership.conflicts() == [
        "netstat names process 2136 for 172.16.57.15:36009, TCP/IP kernel logger names 77"
    ]


def test_names_of_a_listing_of_another_host_are_not_taken(tmp_path: Path) -> None:
    found = owner(case_with(tmp_path, netstat=NETSTAT, other=LISTENS, tasks=TASKS), "172.16.57.15:36009")
    assert found == Owner(2136, source="netstat")


def test_both_ends_of_the_lync_connection_have_their_process(tmp_path: Path) -> None:
    case = with_logs(open_case(d6_lync_signin.build(tmp_path)), {"edge.txt": EDGE, "frontend.txt": FRONT_END})
    edge = next(point.index for point in case.points if point.name == "edge")
    assert owner(case, "192.168.1.1:50357", edge) == Owner(1504, "RTCSrv.exe", source="TCP/IP trace")
    assert owner(case, "192.168.3.10:5061", edge) == Owner(2640, source="TCP/IP trace")


def test_a_case_without_sources_has_no_owners(tmp_path: Path) -> None:
    assert not open_case(d2_rdp.build(tmp_path)).ownership


def test_an_owner_has_the_lines_that_name_it(tmp_path: Path) -> None:
    found = owner(case_with(tmp_path, netstat=LISTENS, tasks=SERVED), "172.27.45.20:6004")
    assert found is not None
    assert (found.label, found.services) == ("RTCSrv.exe (900)", ("RtcSrv",))
    assert [(row.capture.rpartition("/")[2], row.line, row.note) for row in found.lines] == [
        ("netstat", 1, "process 900 waits on 172.27.45.20:6004"),
        ("tasks", 3, "process 900 is RTCSrv.exe, which runs RtcSrv"),
    ]


def test_rows_of_another_day_are_of_other_connections_on_the_same_ports(tmp_path: Path) -> None:
    for filetime, found in (
        (133541028001424158 - 20 * 36_000_000_000, False),
        (133541028001424158 - 3 * 36_000_000_000, True),
    ):
        case = case_with(tmp_path, kernel=KERNEL.replace("133541028001424158", str(filetime)))
        assert bool(owner(case, "172.16.57.15:36009")) is found
    both = KERNEL.replace("133541028001424158", str(133541028001424158 - 72 * 36_000_000_000)) + KERNEL.replace(
        "2136", "77"
    )
    found_owner = owner(case_with(tmp_path, kernel=both), "172.16.57.15:36009")
    assert found_owner is not None
    assert (found_owner.pid, found_owner.conflict) == (77, "")
