"""SIP messages of logs in the form of those of captures: rows are lines, responses find their requests."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.cases import d6_sip_log, d9_sip_log
from wireproof.logs.sip_log import find
from wireproof.logs.text import LogText
from wireproof.messages.sip_logged import HERE, THERE, LoggedSip, build_logged_sip


def read(text: str) -> LoggedSip:
    log = find(LogText("/logs/a.log", text.splitlines()))
    assert log is not None
    return build_logged_sip(log)


def test_a_response_that_was_copied_without_call_id_finds_its_request_by_via() -> None:
    logged = read(d6_sip_log.LOG)
    register, timeout = logged.messages
    assert (register.row, timeout.row, timeout.request_row) == (8, 34, 8)
    assert (timeout.method, timeout.call_id, timeout.cseq) == ("REGISTER", "20d82282a7d94f4fb66a0a6df0c0377f", 1)
    assert timeout.wait_ns / 1e9 == d6_sip_log.EXPECT["wait_s"]
    assert logged.guessed == {34}
    assert (register.side, timeout.side) == (THERE, HERE)
    assert logged.endpoint(timeout, THERE) == "10.1.1.1:62973"
    assert (logged.name, register.transport) == ("a.log", "tls")


def test_a_response_with_another_via_stays_alone() -> None:
    logged = read(d6_sip_log.LOG.replace("TLS 192.168.2.98:62973;received", "TLS 192.168.2.99:62973;received"))
    assert [message.request_row for message in logged.messages] == [-1, -1]
    assert logged.guessed == frozenset()


def test_a_response_without_via_and_peer_finds_its_request_by_call_id_and_cseq() -> None:
    via = next(line for line in d6_sip_log.LOG.split("\n") if line.startswith("Via: ") and "received" in line)
    own = "Call-ID: 20d82282a7d94f4fb66a0a6df0c0377f\nCSeq: 1 REGISTER"
    logged = read(d6_sip_log.LOG.replace(via, own))
    assert [message.request_row for message in logged.messages] == [-1, 8]
    assert logged.endpoint(logged.messages[1], THERE) == "10.1.1.1:62973"
    assert logged.guessed == frozenset()


def test_descriptions_of_a_clients_log_are_read_without_their_content_type() -> None:
    invite, accepted = read(d9_sip_log.LOG).messages
    assert "a=candidate:3 1 TCP-PASS 6556159 2.2.2.2 58138 typ relay" in invite.sdp[0]
    assert accepted.sdp[0].startswith("o=- 0 0 IN IP4 1.1.1.1\nc=IN IP4 1.1.1.1\nm=applicationsharing 50704")
    assert accepted.diagnostics[0].startswith("51007;")
    assert (invite.cut, invite.agent) == (True, "")


def test_own_addresses_come_from_records_of_connections() -> None:
    record = (
        "TL_WARN(TF_CONNECTION) [0]05E0.0AAC::01/08/2013-09:18:56.000.02e733e9 (SIPStack,X:X.cpp(1))$$begin_record\nLogType: connection\n"
        "Text: Accepted\nLocal-IP: 172.16.1.1:443\nPeer-IP: 10.1.1.1:62973\n$$end_record\n"
    )
    logged = read(record + d6_sip_log.LOG)
    assert [talk.local for talk in logged.talks] == ["172.16.1.1:443"]


def test_failures_are_found_by_time() -> None:
    logged = read(d6_sip_log.LOG)
    answer = logged.messages[1]
    found = logged.troubles_between(answer.time_ns - answer.wait_ns, answer.time_ns)
    assert [trouble.line for trouble in found] == [49, 24]
    assert logged.troubles_between(0, answer.time_ns - answer.wait_ns) == []


@given(st.data())
def test_whatever_a_log_holds_rows_are_its_lines_and_ends_are_known(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([d6_sip_log.LOG, d9_sip_log.LOG]))
    begin, end = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    text = whole[:begin] + data.draw(st.text(max_size=30)) + whole[end:]
    log = find(LogText("a.log", text.splitlines()))
    if log is not None:
        logged = build_logged_sip(log)
        for message in logged.messages:
            assert 0 < message.row <= len(text.splitlines())
            assert message.side in (HERE, THERE)
            assert message.request_row < message.row or message.request_row == -1
            assert logged.talk(message) in logged.talks
