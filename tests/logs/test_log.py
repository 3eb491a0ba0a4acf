"""What every log has."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.cases import d6_sip_log
from tests.support.log_texts import damaged, logs_in, only_log
from tests.support.trace_lines import FRONT_END
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


@given(st.sampled_from((FIREWALL, FRONT_END, d6_sip_log.LOG)).flatmap(damaged))
def test_damaged_logs_tell_what_is_left_of_them(text: str) -> None:
    for log in logs_in(text):
        for anchor in log.anchors():
            assert anchor.key
            assert anchor.line >= 0
