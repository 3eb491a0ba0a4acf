"""Events of an ETL as a log: rows with ends, process and thread; owners of connections and sockets; what is not known is counted."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.etl_fields import Logged, logged, pack_data
from wireproof.capture import open_capture
from wireproof.capture.etl.reader import EtlReader
from wireproof.logs import etl_log
from wireproof.logs.etl_events import Endpoint
from wireproof.logs.etl_layout import Layout
from wireproof.logs.etl_layouts import AFD, LAYOUTS, TCPIP
from wireproof.logs.etl_layouts_services import DNS_CLIENT, SCHANNEL, WFP
from wireproof.logs.etl_log import EtlLog, read_events, telling_kinds

OWN: Endpoint = ("192.0.2.1", 50000)
PEER: Endpoint = ("192.0.2.2", 443)
STREAM, TCP, DATAGRAM, UDP = 1, 6, 2, 17


def read(*events: Logged) -> EtlLog:
    return read_events(events, "a.etl")


def real(captures: Path, name: str) -> EtlLog:
    with open_capture(captures / "etl" / name) as capture:
        assert isinstance(capture, EtlReader)
        return read_events(capture.etl_events(), name, capture.header.pointer_size)


def test_a_row_has_context_process_and_ends() -> None:
    log = read(logged(TCPIP, 1044, local=OWN, remote=PEER, pid=77, status=0xC000020D)._replace(thread_id=9))
    (row,) = log.rows
    assert log.unit == "event"
    assert (row.provider, row.event_id, row.process_id, row.thread_id, row.pid) == ("TCPIP", 1044, 4, 9, 77)
    assert (row.local, row.remote) == (OWN, PEER)
    (event,) = log.events()
    assert (event.line, event.pid, event.time_ns, event.text) == (1, 77, row.time_ns, row.text)
    assert log.line_text(1) == f"22:13:20.123456 process 77 {row.text}"
    assert [log.line_text(number) for number in (0, 2)] == ["", ""]


def test_a_driver_logs_in_anybodys_context_and_a_service_in_its_own() -> None:
    driver = logged(TCPIP, 1184, local=OWN, remote=PEER)._replace(process_id=15048)
    service = logged(DNS_CLIENT, 3010, name="a.example.com", server="192.0.2.9")._replace(process_id=1784)
    log = read(driver, service)
    assert [(row.process_id, row.actor) for row in log.rows] == [(15048, 0), (1784, 1784)]
    assert [event.pid for event in log.events()] == [0, 1784]
    assert log.line_text(1) == f"22:13:20.123456 {log.rows[0].text}"


def test_an_event_of_a_connection_object_has_the_ends_named_before() -> None:
    other: Endpoint = ("192.0.2.3", 80)
    log = read(
        logged(TCPIP, 1004, tcb=0x10),
        logged(TCPIP, 1002, tcb=0x10, local=OWN, remote=PEER),
        logged(TCPIP, 1004, tcb=0x10),
        logged(TCPIP, 1002, tcb=0x10, local=OWN, remote=other),
        logged(TCPIP, 1004, tcb=0x10),
    )
    # The first one comes before anything names its ends: it may be of a connection that used the object earlier.
    assert [row.remote for row in log.rows if row.event_id == 1004] == [None, PEER, other]


def test_the_last_process_said_owns_a_connection() -> None:
    ends = {"local": OWN, "remote": PEER}
    log = read(logged(TCPIP, 1300, **ends, pid=5), logged(TCPIP, 1044, **ends, pid=77), logged(TCPIP, 1184, **ends))
    assert log.owners == {("tcp", OWN, PEER): (77, 2)}


@pytest.mark.parametrize(("caller", "owners"), [(1504, {("tcp", OWN, PEER): (1504, 1)}), (4, {}), (0, {})])
def test_who_asks_to_connect_owns_it_unless_that_is_nobody(caller: int, owners: object) -> None:
    assert read(logged(TCPIP, 1002, local=OWN, remote=PEER)._replace(process_id=caller)).owners == owners


def test_a_bound_socket_belongs_to_who_made_it() -> None:
    log = read(
        logged(TCPIP, 1391, endpoint=0x20, pid=5),
        logged(TCPIP, 1396, endpoint=0x20, local=("192.0.2.1", 53)),
        logged(AFD, 1000, endpoint=0x30, type=STREAM, protocol=TCP, pid=6),
        logged(AFD, 1000, endpoint=0x30, pid=6),  # the call's end repeats no protocol
        logged(AFD, 1030, endpoint=0x30, local=("192.0.2.1", 80)),
        logged(AFD, 1000, endpoint=0x40, type=DATAGRAM, protocol=UDP, pid=7),
        logged(AFD, 1030, endpoint=0x40, local=("0.0.0.0", 5353)),
        logged(AFD, 1030, endpoint=0x40, local=("192.0.2.1", 0)),
        logged(AFD, 1030, endpoint=0x50, local=("192.0.2.1", 99)),
    )
    assert log.owners == {("udp", ("192.0.2.1", 53), None): (5, 0), ("tcp", ("192.0.2.1", 80), None): (6, 0)}


def test_versions_and_layouts_that_are_not_known_are_counted_and_named() -> None:
    newer = logged(WFP, 1001, local=OWN)._replace(version=9)
    log = read(newer, newer, Logged(1044, b"\1"), Logged(7, b""), logged(TCPIP, 1074, tcb=1))
    assert (log.rows, log.passed) == ([], 2)
    assert log.unknown == {("WFP", 1001, 9): 2}
    assert log.unfit == {("TCPIP", 1044, 0): 1}
    assert log.notes == [
        "events left out because their version is not known: 2 (WFP 1001 version 9)",
        "events left out because they are not laid out as known: 1 (TCPIP 1044 version 0)",
    ]


def test_kinds_that_need_not_be_read_are_counted_like_the_others() -> None:
    kinds = [(TCPIP, 1044, 0), (TCPIP, 1074, 0), (TCPIP, 1391, 0), (TCPIP, 1002, 0), (WFP, 1001, 9), (TCPIP, 7, 0)]
    wanted = telling_kinds(kinds)
    assert wanted == {(TCPIP, 1044, 0), (TCPIP, 1391, 0), (TCPIP, 1002, 0)}
    log = read_events([], "a.etl", others=dict.fromkeys(set(kinds) - wanted, 3))
    assert (log.passed, log.unknown, log.unfit) == (6, {("WFP", 1001, 9): 3}, {})


def test_many_kinds_are_named_up_to_a_few() -> None:
    log = read(*(logged(SCHANNEL, number)._replace(version=4) for number in (36870, 36871, 36874, 36876, 36877, 36880)))
    assert log.notes[0].endswith("Schannel 36877 version 4 and 1 more kinds)")


def test_rows_and_events_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    events = [logged(TCPIP, 1044, local=OWN, remote=PEER, pid=77)] * 5
    monkeypatch.setattr(etl_log.ROWS, "value", 2)
    log = read(*events)
    assert (len(log.rows), log.notes) == (
        2,
        ["3 events after 2 rows are left out; `--limit trace.rows=N` with a larger number reads more"],
    )
    monkeypatch.setattr(etl_log.EVENTS, "value", 1)
    assert read(*events).notes == [
        "only the first 1 events are read; `--limit trace.events=N` with a larger number reads more"
    ]


def test_what_stood_when_the_trace_began_is_no_event() -> None:
    log = read(logged(TCPIP, 1300, local=OWN, remote=PEER, pid=5))
    assert (len(log.rows), list(log.events())) == (1, [])


LAYOUT_OF = [(guid, number, one) for guid, known in LAYOUTS.items() for number in known for one in known[number]]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(LAYOUT_OF), st.lists(st.tuples(st.integers(0, 999), st.integers(0, 255)), max_size=5)
        ),
        max_size=6,
    )
)
def test_damaged_events_do_no_harm(
    told: list[tuple[tuple[uuid.UUID, int, Layout], list[tuple[int, int]]]],
) -> None:
    events = []
    for (provider, number, layout), places in told:
        data = bytearray(pack_data(layout))
        for place, value in places:
            data[place % len(data)] = value
        events.append(Logged(number, bytes(data), provider, version=layout.last))
    log = read(*events)
    assert len(log.rows) + log.passed + log.unknown.total() + log.unfit.total() == len(events)
    assert len(list(log.events())) <= len(log.rows)
    assert all(log.line_text(number + 1) for number in range(len(log.rows)))


def test_real_resets_name_their_connections_and_processes(captures: Path) -> None:
    log = real(captures, "Wireshark__small-system-misc-ping.etl")
    assert (log.notes, log.unknown.total(), log.unfit.total()) == ([], 0, 0)
    resets = [row for row in log.rows if row.fact.name == "TcpConnectionTerminatedRcvdRst"]
    pairs = [(row.local, row.remote) for row in resets if row.local]
    assert [log.owners["tcp", local, remote][0] for local, remote in pairs] == [10896, 6980, 6980]
    asked = [row for row in log.rows if row.fact.name == "DnsQuerySent"]
    assert {(row.fact.fields["name"], row.process_id) for row in asked} == {("google.com", 1784)}
    assert log.owners["udp", ("192.168.2.115", 57398), None][0] == 9444


def test_events_of_the_kernel_name_owners_and_are_no_rows(captures: Path) -> None:
    log = real(captures, "Tx__KernelNetwork.etl")
    assert (len(log.rows), log.passed, log.notes) == (0, 8923, [])
    assert log.owners["tcp", ("10.121.106.118", 61739), ("157.56.244.38", 443)] == (2716, 0)


def test_what_frames_show_too_is_an_anchor_where_its_ends_are_known() -> None:
    ends = {"local": OWN, "remote": PEER}
    log = read(
        logged(TCPIP, 1004, tcb=0x10),
        logged(TCPIP, 1002, tcb=0x10, **ends),
        logged(TCPIP, 1004, tcb=0x10, at_ns=7),
        logged(TCPIP, 1033, **ends),
        logged(TCPIP, 1184, **ends),
    )
    key = ("192.0.2.1:50000", "192.0.2.2:443")
    assert [(anchor.line, anchor.kind, anchor.key) for anchor in log.anchors()] == [
        (3, "tcp-syn", key), (4, "tcp-connect", key), (5, "tcp-reset", key),
    ]  # fmt: skip
