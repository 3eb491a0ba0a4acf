"""SIP logs of servers and clients: the printed ones, the same in other shapes, and damaged ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import d6_sip_log, d9_sip_log
from wireproof.logs import read_logs
from wireproof.logs.sip_log import RECORDS, SipLog, find
from wireproof.logs.text import LogText

MANAGED = (
    "TL_INFO(TF_PROTOCOL) [1]1234.0F8C::02/07/2012-16:47:53.123.0003d1a2 (S4,SipMessage.DataLoggingHelper:sipmessage.cs(687))[4027436283]",
    ">>>>>>>>>>>>Outgoing SipMessage c=[<SipTlsConnection_1A2B3C>], 10.0.0.1:52345->10.0.0.2:5061",
    "BYE sip:b@contoso.com SIP/2.0",
    "FROM: <sip:a@contoso.com>",
    "CSEQ: 2 BYE",
    "CONTENT-LENGTH: 0",
    "",
    "------------EndOfOutgoing SipMessage",
    "",
    "TL_INFO(TF_PROTOCOL) [1]1234.0F8C::02/07/2012-16:47:53.133.0003d1a3 (S4,SipMessage.DataLoggingHelper:sipmessage.cs(687))[4027436283]",
    "<<<<<<<<<<<<Incoming SipMessage c=[<SipTlsConnection_1A2B3C>], 10.0.0.1:52345<-10.0.0.2:5061",
    "SIP/2.0 481 Call Leg/Transaction Does Not Exist",
    "CSEQ: 2 BYE",
    "CONTENT-LENGTH: 0",
    "",
    "------------EndOfIncoming SipMessage",
)
CLIENT = """12/10/2012|10:43:06.703 24F8:2648 INFO  :: Sending Packet - [2001:db8::1]:5061 (From Local Address: [2001:db8::2]:51647) 120 bytes:
12/10/2012|10:43:06.703 24F8:2648 INFO  :: REGISTER sip:contoso.com SIP/2.0
To: <sip:b@contoso.com>

12/10/2012|10:43:06.704 24F8:2648 INFO  :: End of Sending Packet - [2001:db8::1]:5061 (From Local Address: [2001:db8::2]:51647) 120 bytes
12/10/2012|10:43:06.800 24F8:2648 TRACE :: SIP_MSG_PROCESSOR::OnDnsResolutionComplete
"""


def read(text: str) -> SipLog:
    log = find(LogText("a.log", text.splitlines()))
    assert log is not None
    return log


def test_the_edge_servers_log_of_the_sign_in() -> None:
    log = read(d6_sip_log.LOG)
    register, timeout = log.messages
    assert (register.outgoing, register.peer, register.pid, register.client) == (False, "10.1.1.1:62973", 1504, False)
    assert register.data.startswith(
        b"REGISTER sip:contoso.com SIP/2.0\r\nFrom: <sip:username@contoso.com>;tag=eee093290f"
    )
    assert register.data.endswith(b"Content-Length: 0\r\n\r\n")
    assert (timeout.time_ns - register.time_ns) / 1e9 == d6_sip_log.EXPECT["wait_s"]
    lines = d6_sip_log.EXPECT["lines"]
    assert (register.line, timeout.line) == (lines["request"], lines["response"])
    said, failed = log.troubles
    assert (said.line, said.call_id, said.peer) == (24, "20d82282a7d94f4fb66a0a6df0c0377f", "fepool1.contoso.com:5061")
    assert (failed.line, failed.peer_ip, failed.peer_fqdn) == (49, "192.168.3.10:5061", "fepool01.contoso.com")
    assert (failed.code, failed.code_name, failed.winsock) == (0x8007274C, "WSAETIMEDOUT", "10060")


def test_the_clients_log_of_desktop_sharing() -> None:
    invite, accepted = read(d9_sip_log.LOG).messages
    assert (invite.outgoing, invite.local, invite.peer) == (True, "10.98.2.1:51647", "10.10.10.1:5061")
    assert (invite.line, accepted.line, invite.stated, accepted.stated) == (3, 32, 2520, 4311)
    assert invite.data.endswith(b"2.2.2.2 58138 typ relay raddr 10.98.2.1 rport 13211\r\n")
    assert accepted.outgoing is False
    assert accepted.client


@pytest.mark.parametrize("join", ["\n", " "], ids=["lines", "one line"])
def test_messages_of_the_managed_stack(join: str) -> None:
    text = join.join(MANAGED)
    sent, received = read(text).messages
    assert (sent.outgoing, sent.local, sent.peer, sent.pid) == (True, "10.0.0.1:52345", "10.0.0.2:5061", 0x1234)
    assert (
        sent.data
        == b"BYE sip:b@contoso.com SIP/2.0\r\nFROM: <sip:a@contoso.com>\r\nCSEQ: 2 BYE\r\nCONTENT-LENGTH: 0\r\n\r\n"
    )
    assert (received.outgoing, received.local, received.peer) == (False, "10.0.0.1:52345", "10.0.0.2:5061")
    assert received.data.startswith(b"SIP/2.0 481 Call Leg/Transaction Does Not Exist\r\nCSEQ: 2 BYE\r\n")


def test_the_end_of_a_packet_and_other_records_of_a_client_are_no_messages() -> None:
    (message,) = read(CLIENT).messages
    assert (message.local, message.peer) == ("[2001:db8::2]:51647", "[2001:db8::1]:5061")
    assert message.data == b"REGISTER sip:contoso.com SIP/2.0\r\nTo: <sip:b@contoso.com>\r\n\r\n"


@pytest.mark.parametrize("text", [d6_sip_log.LOG, d9_sip_log.LOG], ids=["server", "client"])
def test_all_on_one_line_is_the_same_but_for_the_lines(text: str) -> None:
    apart, together = read(text), read(" ".join(text.split("\n")))
    first = (apart.messages[0].data.strip(), together.messages[0].data.strip())
    assert first[1].startswith(first[0])
    assert [(m.time_ns, m.peer, m.outgoing, m.line) for m in together.messages] == [
        (m.time_ns, m.peer, m.outgoing, 1) for m in apart.messages
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_any_encoding(encoding: str) -> None:
    logs = read_logs(d6_sip_log.LOG.encode(encoding), "edge.log")
    (log,) = (log for log in logs if isinstance(log, SipLog))
    assert len(log.messages) == 2
    assert log.line_text(34) == "Start-Line: SIP/2.0 504 Server time-out"


def test_a_result_may_stand_in_the_record_before_its_fields() -> None:
    text = (
        "TL_ERROR(TF_COMPONENT) [0]0860.0CDC::01/18/2012-05:07:42.622.000d0b31 (SIPStack,C::G:S.cpp(2440))( 00000000028FDD70 ) Exit - route"
        " headers from untrusted source. Result 0xC3E93C5E(SIPPROXY_E_ROUTING)\nLogType: diagnostic\nSeverity: warning\n"
        "Text: Cannot process Route headers\nSIP-Call-ID: c0\n$$end_record\n"
    )
    (trouble,) = read(text).troubles
    assert (trouble.code, trouble.code_name, trouble.level) == (0xC3E93C5E, "SIPPROXY_E_ROUTING", "warning")
    assert (trouble.call_id, trouble.winsock) == ("c0", "")


def test_events_name_the_messages_and_the_failures() -> None:
    texts = {event.line: event.text for event in read(d6_sip_log.LOG).events()}
    assert texts[8] == "REGISTER sip:contoso.com SIP/2.0 from 10.1.1.1:62973"
    assert texts[49] == "Failed to complete outbound connection (0x8007274c WSAETIMEDOUT)"


def test_a_text_with_a_record_but_no_sip_is_no_sip_log() -> None:
    text = "TL_INFO(TF_COMPONENT) [0]05E0.0AAC::01/08/2013-09:18:57.600.02e733e9 (RTCServer,X)Entered"
    assert find(LogText("a.log", [text])) is None


@given(st.data())
def test_no_damage_makes_it_fail(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([d6_sip_log.LOG, d9_sip_log.LOG, CLIENT]))
    begin, end = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    text = whole[:begin] + data.draw(st.text(max_size=30)) + whole[end:]
    log = find(LogText("a.log", text.splitlines()))
    if log is not None:
        lines = [*(one.line for one in log.messages), *(one.line for one in log.troubles)]
        assert all(0 < line <= len(text.splitlines()) for line in lines)
        assert len(list(log.events())) == len(lines)


def test_records_beyond_the_limit_leave_a_note_with_the_line_and_how_to_raise_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "\n".join(MANAGED)
    assert read(text).notes == []
    monkeypatch.setattr(RECORDS, "value", 1.0)
    log = read(text)
    assert (len(log.messages), log.notes) == (
        1,
        [
            "SIP records after the first 1, from line 10 on, were not read; `--limit sip-log.records=N` with a larger number reads more"
        ],
    )


def test_a_record_that_is_longer_than_what_is_read_leaves_a_note() -> None:
    text = "\n".join([*MANAGED[:7], "x" * 140_000, *MANAGED[7:]])
    assert read(text).notes == [
        "records longer than 131,072 characters, of which the rest was not read: 1, the first in line 1"
    ]
