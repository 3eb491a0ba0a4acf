"""Trace lines of TCP/IP, AFD and PktMon as Network Monitor, netsh and tracefmt print them."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.cases.d2_rdp import TRACE
from tests.support.log_texts import damaged, logs_in, only_log
from tests.support.trace_lines import ATTACK, EDGE, FRONT_END, OUTLOOK, PRINTED
from wireproof.logs import read_logs
from wireproof.logs.tcpip_trace import TcpipTraceLog, TraceEvent, find
from wireproof.logs.text import LogText


def one(text: str, kind: str) -> TraceEvent:
    (event,) = only_log(TcpipTraceLog, text).of(kind)
    return event


def test_a_refused_segment_names_both_ends_and_the_reason() -> None:
    drop = one(TRACE, "transport-drop")
    assert (drop.local, drop.remote) == (("10.7.3.187", 3389), ("10.0.107.58", 59210))
    assert (drop.reason, drop.number, drop.line) == ("Transport endpoint was not found", 61716, 3)
    assert (drop.since_s, drop.pid) == (111.1142562, 0)


def test_records_that_run_together_on_one_line_are_told_apart() -> None:
    apart, together = only_log(TcpipTraceLog, EDGE), only_log(TcpipTraceLog, EDGE.replace("\n", " "))
    assert [(event.kind, event.number, event.status) for event in together.records] == [
        (event.kind, event.number, event.status) for event in apart.records
    ]
    assert {event.line for event in together.records} == {1}


def test_a_connection_is_followed_from_request_to_failure() -> None:
    log = only_log(TcpipTraceLog, EDGE)
    assert [event.kind for event in log.records] == [
        "afd-socket", "endpoint-created", "port-acquired", "bound", "afd-bind", "afd-connect", "state", "connect-requested",
        "syn-sent", "connect-proceeding", "retransmit-round", "connect-retransmitted", "connect-retransmitted",
        "retransmission-timeout", "shutdown", "connect-failed", "port-released", "afd-connect", "afd-close",
    ]  # fmt: skip
    assert log.passed == 2
    ends = (("192.168.1.1", 50357), ("192.168.3.10", 5061))
    asked, failed = one(EDGE, "connect-requested"), one(EDGE, "connect-failed")
    assert ((asked.local, asked.remote), (failed.local, failed.remote)) == (ends, ends)
    assert (asked.pid, asked.process, asked.tie) == (1504, "RTCSrv.exe", "829c860")
    assert failed.status == "0xC00000B5 - STATUS_IO_TIMEOUT"
    assert one(EDGE, "port-acquired").count == 50357
    assert [event.count for event in log.of("connect-retransmitted")] == [1, 2]
    assert (one(EDGE, "retransmit-round").count, one(EDGE, "retransmit-round").rto_ms) == (1, 300)


def test_the_process_is_that_which_the_event_names_and_not_the_idle_one() -> None:
    shutdown = one(FRONT_END, "shutdown")
    assert (shutdown.pid, shutdown.process, shutdown.status) == (2640, "", "0xC000020D - STATUS_CONNECTION_RESET")
    assert one(FRONT_END, "reset-received").pid == 0


def test_sockets_name_the_end_that_they_bind_and_the_one_they_connect_to() -> None:
    assert one(EDGE, "afd-bind").local == ("192.168.1.1", 50357)
    first, last = only_log(TcpipTraceLog, EDGE).of("afd-connect")
    assert (first.remote, first.tie) == (("192.168.3.10", 5061), last.tie)
    assert last.status == "0xC00000B5 - STATUS_IO_TIMEOUT"


def test_ends_of_ipv6_have_their_port_as_ninth_group() -> None:
    asked = one(OUTLOOK, "connect-requested")
    assert (asked.local, asked.remote) == (
        ("2001:0:a0b:86e8:388e:fcb:4337:1876", 61581),
        ("2002:a01:86e8:8001::a0b:202", 135),
    )
    assert one(OUTLOOK, "connect-completed").pid == 5788


def test_lines_without_a_date_have_no_time_and_say_so() -> None:
    log = only_log(TcpipTraceLog, OUTLOOK)
    assert {event.time_ns for event in log.records} == {0}
    assert log.notes == ["the trace lines carry a time of day and no date"]
    assert list(log.events()) == []


def test_what_netsh_and_pktmon_print_is_read_alike() -> None:
    log = only_log(TcpipTraceLog, PRINTED)
    dropped, inspected, asked = log.records
    assert (dropped.local, dropped.remote) == (("192.168.5.88", 50005), ("192.168.5.68", 50005))
    assert (dropped.protocol, dropped.reason) == ("udp", "INET: transport endpoint was not found")
    assert (inspected.local, inspected.remote) == (("192.168.5.68", 0), ("192.168.5.88", 0))
    assert (inspected.protocol, inspected.reason, inspected.is_sent) == ("icmp", "Inspection drop", True)
    assert (asked.kind, asked.pid, asked.tie) == ("connect-requested", 1504, "829c860")
    assert asked.time_ns % 1_000_000_000 == 507686300


def test_the_attack_state_has_its_count() -> None:
    log = only_log(TcpipTraceLog, ATTACK)
    assert [(event.kind, event.count) for event in log.records] == [("syn-attack-entered", 1), ("syn-attack-left", 1)]


def test_events_are_told_for_a_timeline() -> None:
    told = list(only_log(TcpipTraceLog, EDGE).events())
    assert [event.number for event in told][:2] == [106614, 106618]
    assert "requested to connect" in " ".join(event.text for event in told)


def test_a_text_without_such_lines_has_no_log() -> None:
    assert (
        logs_in("61714 8:53:53 AM 1/6/2013 111.1142353 Idle (0) 10.0.107.58 10.7.3.187 TCP TCP:Flags=......S.\n") == []
    )


def test_the_real_text_of_pktmon_and_tcpip_is_read(captures: Path) -> None:
    data = (captures / "logs" / "windows_pktmon_and_tcpip_text.log").read_bytes()
    (log,) = [log for log in read_logs(data, "x") if isinstance(log, TcpipTraceLog)]
    assert [event.kind for event in log.records] == ["pktmon-drop", "network-drop"]
    assert log.passed == 5


@given(damaged(EDGE + OUTLOOK + PRINTED + ATTACK) | st.text(max_size=200))
def test_any_text_is_read_without_harm(text: str) -> None:
    log = find(LogText("x", text.splitlines()))
    for event in log.records if log else ():
        assert 1 <= event.line <= len(text.splitlines())
    list(log.events() if log else ())


def test_a_record_that_was_broken_into_lines_is_put_together() -> None:
    broken = TRACE.replace("dropped 1 (0x1) packet(s) with", "dropped 1 (0x1)\npacket(s) with").replace(
        "Reason = Transport endpoint", "Reason =\n  Transport endpoint"
    )
    drop = one(broken, "transport-drop")
    assert (drop.reason, drop.local) == ("Transport endpoint was not found", ("10.7.3.187", 3389))


def test_prose_between_records_is_no_part_of_them() -> None:
    text = EDGE.replace("STATUS_IO_TIMEOUT\n", "STATUS_IO_TIMEOUT\n=> So the connect has failed.\n")
    assert one(text, "connect-failed").status == "0xC00000B5 - STATUS_IO_TIMEOUT"
    assert only_log(TcpipTraceLog, text).of("afd-connect")[-1].status == "0xC00000B5 - STATUS_IO_TIMEOUT"
