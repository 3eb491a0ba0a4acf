"""What every log has."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.cases import d6_sip_log
from tests.support.log_texts import damaged, logs_in, only_log
from tests.support.trace_lines import FRONT_END
from wireproof.logs.event_log import EventXmlLog
from wireproof.logs.kernel_csv import KernelCsvLog
from wireproof.logs.log import Event, Log, pair_key
from wireproof.logs.reading import read_logs
from wireproof.logs.sip_log import SipLog
from wireproof.logs.tcpip_trace import TcpipTraceLog


def test_an_output_that_shows_a_state_has_no_events() -> None:
    log = Log(file="netstat.txt")
    assert list(log.events()) == []
    assert not log.in_utc


def test_an_event_names_its_line_and_process() -> None:
    assert Event(5, "service stopped", line=3, pid=640) == Event(time_ns=5, text="service stopped", line=3, pid=640)


def test_an_output_that_shows_a_state_tells_no_clock() -> None:
    assert list(Log(file="netstat.txt").anchors()) == []


def test_the_ends_of_a_connection_make_one_key_in_either_order() -> None:
    assert pair_key("[2001:db8::1]:5", "10.0.0.1:80") == pair_key("10.0.0.1:80", "[2001:db8::1]:5")


FIREWALL = """#Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode info path
2013-01-08 09:18:53 DROP TCP 10.1.1.5 10.2.2.2 50001 443 52 S 100 0 8192 - - - RECEIVE
2013-01-08 09:18:54 DROP TCP 10.1.1.5 10.2.2.2 50002 443 40 A 100 7 8192 - - - RECEIVE
2013-01-08 09:18:55 OPEN TCP 10.2.2.2 10.9.9.9 50003 80 0 - - - - - - - -
2013-01-08 09:18:56 DROP UDP 10.1.1.5 10.2.2.2 50004 53 52 - - - - - - - RECEIVE
2013-01-08 09:18:57 DROP TCP 10.2.2.2 10.9.9.9 50005 80 52 S 100 0 8192 - - - SEND
"""


def test_a_firewall_log_tells_its_clock_by_first_packets_only() -> None:
    (log,) = read_logs(FIREWALL.encode(), "pfirewall.log")
    assert [(anchor.line, anchor.kind, anchor.key) for anchor in log.anchors()] == [
        (2, "tcp-syn", ("10.1.1.5:50001", "10.2.2.2:443")),
        (4, "tcp-syn", ("10.2.2.2:50003", "10.9.9.9:80")),
    ]


def test_a_trace_tells_its_clock_by_the_resets_that_came() -> None:
    log = only_log(TcpipTraceLog, FRONT_END)
    assert ("tcp-reset", ("192.168.1.1:50357", "192.168.3.10:5061")) in {
        (anchor.kind, anchor.key) for anchor in log.anchors()
    }


def test_a_sip_log_tells_its_clock_by_call_cseq_and_what_was_said() -> None:
    log = only_log(SipLog, d6_sip_log.LOG)
    assert ("20d82282a7d94f4fb66a0a6df0c0377f", "1 REGISTER", "REGISTER") in {
        anchor.key for anchor in log.anchors() if anchor.kind == "sip"
    }


def test_an_audit_of_connections_tells_its_clock_by_those_that_a_capture_shows() -> None:
    def audit(number: int, direction: str, port: int, protocol: str = "6") -> str:
        data = {
            "Direction": direction, "SourceAddress": "10.1.1.5", "SourcePort": str(port), "DestAddress": "fe80::1",
            "DestPort": "445", "Protocol": protocol,
        }  # fmt: skip
        return (
            f"<Event xmlns='x'><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>{number}</EventID>"
            "<TimeCreated SystemTime='2013-01-08T09:18:53.100Z'/></System><EventData>"
            + "".join(f"<Data Name='{name}'>{value}</Data>" for name, value in data.items())
            + "</EventData></Event>"
        )

    blocked_in, blocked_out = audit(5157, "%%14592", 2), audit(5157, "%%14593", 3)
    text = "\n".join(
        (audit(5156, "%%14593", 1), blocked_in, blocked_out, audit(5156, "%%14592", 4, "17"), audit(4624, "", 5))
    )
    anchors = list(only_log(EventXmlLog, text).anchors())
    assert [(anchor.line, anchor.kind, anchor.key[0]) for anchor in anchors] == [
        (1, "tcp-syn", "10.1.1.5:1"), (2, "tcp-syn", "10.1.1.5:2"),
    ]  # fmt: skip


KERNEL = (
    "TcpIp, Connect, 0xFFFFFFFF, 130000000000000000, 0, 0, 5788, 0, 10.11.2.2, 10.1.1.9, 135, 61581, 0, 0\n"
    "TcpIp, Send, 0xFFFFFFFF, 130000000000000001, 0, 0, 5788, 9, 10.11.2.2, 10.1.1.9, 135, 61581, 0, 0\n"
    "TcpIp, Disconnect, 0xFFFFFFFF, 130000000000000002, 0, 0, 5788, 0, 10.11.2.2, 10.1.1.9, 135, 61581, 0, 0\n"
)


def test_the_kernel_logger_tells_its_clock_by_handshakes_and_its_timeline_by_all_but_data() -> None:
    log = only_log(KernelCsvLog, KERNEL)
    assert [(one.line, one.kind, one.key) for one in log.anchors()] == [
        (1, "tcp-connect", ("10.1.1.9:61581", "10.11.2.2:135"))
    ]
    assert [(one.text, one.pid) for one in log.events()] == [
        ("TCP Connect, 10.1.1.9:61581 to 10.11.2.2:135", 5788), ("TCP Disconnect, 10.1.1.9:61581 to 10.11.2.2:135", 5788),
    ]  # fmt: skip


@given(st.sampled_from((FIREWALL, FRONT_END, KERNEL, d6_sip_log.LOG)).flatmap(damaged))
def test_damaged_logs_tell_what_is_left_of_them(text: str) -> None:
    for log in logs_in(text):
        for anchor in log.anchors():
            assert anchor.key
            assert anchor.line >= 0
