"""Failure responses that only logs show: once each, with the failures behind them and the packets that carried them."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d6_sip_log
from tests.support.sip_logs import with_log
from tests.support.verdicts import make_case, open_case
from wireproof.rules.sip._answers import find_answers
from wireproof.rules.sip._logged import LoggedAnswer, find_told

CLIENT_LOG = """01/08/2013|11:18:57.100 24F8:2648 INFO  :: Sending Packet - 172.16.1.1:443 (From Local Address: 192.168.2.98:62973) 820 bytes:
01/08/2013|11:18:57.100 24F8:2648 INFO  :: REGISTER sip:contoso.com SIP/2.0
Via: SIP/2.0/TLS 192.168.2.98:62973
To: <sip:username@contoso.com>
CSeq: 1 REGISTER
Call-ID: 20d82282a7d94f4fb66a0a6df0c0377f

01/08/2013|11:19:19.000 24F8:2648 INFO  :: Data Received - 172.16.1.1:443 (To Local Address: 192.168.2.98:62973) 420 bytes:
01/08/2013|11:19:19.000 24F8:2648 INFO  :: SIP/2.0 504 Server time-out
Via: SIP/2.0/TLS 192.168.2.98:62973;received=10.1.1.1
To: <sip:username@contoso.com>;tag=586991893A5520DA53F83BE6C4EBF4F9
CSeq: 1 REGISTER
Call-ID: 20d82282a7d94f4fb66a0a6df0c0377f

"""


def wanted(message: object) -> bool:
    return getattr(message, "status", 0) >= 400


def test_the_response_has_the_ends_and_packets_of_the_connection_that_carried_it(tmp_path: Path) -> None:
    case = with_log(open_case({"client": d6_sip_log.build(tmp_path)["client"]}), d6_sip_log.LOG)
    (answer,) = find_answers(case, wanted)
    assert isinstance(answer, LoggedAnswer)
    assert (answer.responder, answer.asker, answer.wait_s) == ("172.16.1.1:443", "10.1.1.1:62973", 21.013)
    assert [row.frame for row in answer.evidence(case) if row.capture == "client"] == [4506, 4333]
    assert [row.line for row in answer.evidence(case) if row.capture == "edge.log"] == [34, 8, 49, 24]
    assert answer.code == "WSAETIMEDOUT"
    assert answer.filters("sip")["client"].endswith("tcp.port==443 && tcp.port==62973")


def test_a_connection_of_another_time_did_not_carry_it(tmp_path: Path) -> None:
    case = with_log(open_case({"client": d6_sip_log.build(tmp_path)["client"]}), d6_sip_log.LOG)
    case.logs[0].zone_s = -11 * 3600
    (answer,) = find_answers(case, wanted)
    assert answer.conversations == []


def test_without_captures_the_log_gives_the_name(tmp_path: Path) -> None:
    (answer,) = find_answers(with_log(make_case(tmp_path, {}), d6_sip_log.LOG), wanted)
    assert (answer.responder, answer.responder_address) == ("the server that wrote edge.log",) * 2
    assert answer.conversations == []


def test_one_response_in_two_logs_is_told_once_by_the_log_that_knows_most(tmp_path: Path) -> None:
    case = with_log(with_log(make_case(tmp_path, {}), CLIENT_LOG, "uccapi.log"), d6_sip_log.LOG)
    (copies,) = find_told(case, wanted).values()
    assert [told.logged.name for told in copies] == ["edge.log", "uccapi.log"]
    (answer,) = find_answers(case, wanted)
    assert [row.capture for row in answer.evidence(case)].count("uccapi.log") == 2


def test_a_clients_log_alone_names_the_server(tmp_path: Path) -> None:
    (answer,) = find_answers(with_log(make_case(tmp_path, {}), CLIENT_LOG), wanted)
    assert (answer.responder, answer.asker) == ("172.16.1.1:443", "192.168.2.98:62973")
    assert (round(answer.wait_s, 3), answer.troubles) == (21.9, [])


def test_failures_of_other_processes_and_times_are_not_taken(tmp_path: Path) -> None:
    other = d6_sip_log.LOG.replace("TL_ERROR(TF_CONNECTION) [0]05E0", "TL_ERROR(TF_CONNECTION) [0]05E1")
    early = d6_sip_log.LOG.replace("-09:19:18.611", "-09:18:18.611")
    for text in (other, early):
        (answer,) = find_answers(with_log(make_case(tmp_path, {}), text), wanted)
        assert [trouble.kind for trouble in answer.troubles] == ["diagnostic"]
