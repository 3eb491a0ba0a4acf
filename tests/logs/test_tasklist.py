"""tasklist as a table, as CSV, and pasted with its rows run together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.log_texts import damaged, logs_in, only_log
from wireproof.logs.tasklist import TasklistLog, find
from wireproof.logs.text import LogText

GLUED = (
    "...cqmghost.exe 4972 Console 0 4,324 Ksvchost.exe 5024 Console 0 1,524 Kwmiprvse.exe 5316 Console 0 2,192 Kwmiprvse.exe 5468 Console "
    "0 976 Klogon.scr 6080 Console 0 200 Kmssearch.exe 6028 Console 0 5,828 Kwmiprvse.exe 5176 Console 0 2,168 Kmad.exe 7176 Console 0 "
    "45,792 KAntigenStore.exe 10092 Console 0 200 Kstore.exe 2136 Console 0 1,040,592 Kemsmta.exe 12020 Console 0 29,092 KAntigenIMC.exe "
    "1308 Console 0 200 Ksvchost.exe 6516 Console 0 1,992 K...\n"
)
GERMAN = """\

Abbildname                     PID Sitzungsname       Sitz.-Nr. Speichernutzung
========================= ======== ================ =========== ===============
System Idle Process              0 Services                   0             8 K
System                           4 Services                   0         1.024 K
svchost.exe                   1204 Services                   0        14.324 K
"""
SERVICES = """\

Image Name                     PID Services
========================= ======== ============================================
System Idle Process              0 N/A
svchost.exe                   1204 TermService
svchost.exe                    232 AudioSrv, Dhcp, eventlog,
                                   HomeGroupProvider, lmhosts, wscsvc
MediaRelaySvc.exe             1952 RTCMEDIARELAY
"""
CSV = (
    '"Image Name","PID","Session Name","Session#","Mem Usage"\n'
    '"svchost.exe","1204","Services","0","14,324 K"\n"a, b.exe","77","Console","1","8 K"\n'
)
CSV_SERVICES = '"svchost.exe","232","Dhcp,eventlog"\n"idle.exe","8","N/A"\n'
VERBOSE = """\
Image Name                     PID Session Name        Session#    Mem Usage Status          User Name                CPU Time Window Title
========================= ======== ================ =========== ============ =============== ==================== ============ ============
OUTLOOK.EXE                   5788 Console                    1    112,000 K Running         CONTOSO\\ann              0:01:12 Inbox
"""


def test_the_articles_rows_that_run_together_are_told_apart() -> None:
    log = only_log(TasklistLog, GLUED)
    assert [(task.name, task.pid) for task in log.tasks] == [
        ("cqmghost.exe", 4972), ("svchost.exe", 5024), ("wmiprvse.exe", 5316), ("wmiprvse.exe", 5468), ("logon.scr", 6080),
        ("mssearch.exe", 6028), ("wmiprvse.exe", 5176), ("mad.exe", 7176), ("AntigenStore.exe", 10092), ("store.exe", 2136),
        ("emsmta.exe", 12020), ("AntigenIMC.exe", 1308), ("svchost.exe", 6516),
    ]  # fmt: skip
    found = log.task(2136)
    assert found is not None
    assert found.name == "store.exe"


def test_a_table_of_any_language_is_read_by_its_columns() -> None:
    log = only_log(TasklistLog, GERMAN)
    assert [(task.name, task.pid, task.line) for task in log.tasks] == [
        ("System Idle Process", 0, 4),
        ("System", 4, 5),
        ("svchost.exe", 1204, 6),
    ]


def test_services_go_on_in_the_lines_below() -> None:
    log = only_log(TasklistLog, SERVICES)
    assert [(task.pid, task.services) for task in log.tasks] == [
        (0, ()),
        (1204, ("TermService",)),
        (232, ("AudioSrv", "Dhcp", "eventlog", "HomeGroupProvider", "lmhosts", "wscsvc")),
        (1952, ("RTCMEDIARELAY",)),
    ]


def test_a_single_row_behind_its_command_has_its_service() -> None:
    log = only_log(TasklistLog, 'C:\\>tasklist /svc | find "1952"\nMediaRelaySvc.exe 1952 RTCMEDIARELAY\n')
    assert [(task.name, task.pid, task.services) for task in log.tasks] == [
        ("MediaRelaySvc.exe", 1952, ("RTCMEDIARELAY",))
    ]


def test_csv_is_read_with_its_quotes() -> None:
    assert [(task.name, task.pid) for task in only_log(TasklistLog, CSV).tasks] == [
        ("svchost.exe", 1204),
        ("a, b.exe", 77),
    ]
    assert [task.services for task in only_log(TasklistLog, CSV_SERVICES).tasks] == [("Dhcp", "eventlog"), ()]


def test_the_long_form_has_users() -> None:
    (task,) = only_log(TasklistLog, VERBOSE).tasks
    assert (task.name, task.pid, task.user) == ("OUTLOOK.EXE", 5788, "CONTOSO\\ann")


def test_services_of_another_listing_of_the_same_host_are_joined_by_id() -> None:
    found = only_log(TasklistLog, GERMAN + SERVICES).task(1204)
    assert found is not None
    assert found.services == ("TermService",)


def test_an_id_that_two_programs_had_names_none() -> None:
    assert only_log(TasklistLog, CSV + CSV.replace("svchost", "other")).task(1204) is None


def test_prose_about_processes_is_no_listing() -> None:
    assert [
        log for log in logs_in("We looked at tasklist and saw store.exe 2136 there.\n") if isinstance(log, TasklistLog)
    ] == []


@pytest.mark.parametrize(
    "memory",
    ["12,345 K", "12.345 K", "12\u00a0345 Ko", "12\u202f345 Ko", "12\u00a0345 kB", "12\u00a0345 КБ", "12'345 K"],
)
def test_memory_is_written_in_many_ways(memory: str) -> None:
    (task,) = only_log(
        TasklistLog, f"svchost.exe                   1020 Services                   0    {memory}\n"
    ).tasks
    assert (task.name, task.pid) == ("svchost.exe", 1020)


@pytest.mark.parametrize("nothing", ["N/A", "Nicht zutreffend", "Není k dispozici", "該当なし", "Н/Д"])
def test_no_services_are_told_in_many_languages(nothing: str) -> None:
    table = f"x                              PID y\n{'=' * 25} ======== {'=' * 44}\ncsrss.exe                      640 {nothing}\n"
    (task,) = only_log(TasklistLog, table).tasks
    assert (task.pid, task.services) == (640, ())


@given(damaged(GLUED + GERMAN + SERVICES + CSV) | st.text(max_size=200))
def test_any_text_is_read_without_harm(text: str) -> None:
    log = find(LogText("x", text.splitlines()))
    for task in log.tasks if log else ():
        assert 1 <= task.line <= len(text.splitlines())
        assert task.name
