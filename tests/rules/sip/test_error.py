"""sip-error: failures by status, credentials that are refused, and the failures of everyday life."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.files import Frame
from tests.cases import d6_sip_log
from tests.support.sip_logs import with_log
from tests.support.telephony import datagram, dialog, refused, sip, spoken
from tests.support.verdicts import judge, make_case, only
from wireproof.finding import Severity

RULE = "sip-error"
PHONE, PROXY = ("10.1.1.1", 5060), ("10.1.1.2", 5060)
CREDENTIALS = 'Authorization: Digest username="user1",realm="contoso.com",nonce="1",response="2"'
CHALLENGE = 'WWW-Authenticate: Digest realm="contoso.com",nonce="1"'


def exchange(
    at_s: float, number: str, status: str, *, headers: tuple[str, ...] = (), asked: tuple[str, ...] = ()
) -> list[Frame]:
    """One request and its final response over UDP."""
    method = number.split()[1]
    ask = sip(f"{method} sip:user2@fabrikam.com SIP/2.0", [*dialog(number=number), *asked])
    answer = sip(f"SIP/2.0 {status}", [*dialog(answered=True, number=number), *headers])
    return [datagram(at_s, PHONE, PROXY, ask), datagram(at_s + 0.2, PROXY, PHONE, answer)]


@pytest.mark.parametrize(
    "status",
    [
        "403 Forbidden",
        "408 Request Timeout",
        "488 Not Acceptable Here",
        "500 Server Internal Error",
        "503 Service Unavailable",
        "606 Not Acceptable",
    ],
)
def test_a_call_that_fails_is_an_error_with_its_meaning(tmp_path: Path, status: str) -> None:
    finding = only(make_case(tmp_path, {"phone": exchange(0, "1 INVITE", status)}), RULE)
    assert finding.severity is Severity.ERROR
    assert finding.facts["meaning"]
    assert {row.frame for row in finding.evidence} == {1, 2}
    assert status in finding.title


@pytest.mark.parametrize(
    "status", ["404 Not Found", "480 Temporarily Unavailable", "484 Address Incomplete", "604 Does Not Exist Anywhere"]
)
def test_users_who_are_not_there_are_told_as_information(tmp_path: Path, status: str) -> None:
    assert only(make_case(tmp_path, {"phone": exchange(0, "1 INVITE", status)}), RULE).severity is Severity.INFO


@pytest.mark.parametrize(
    "status",
    [
        "486 Busy Here",
        "487 Request Terminated",
        "603 Decline",
        "423 Interval Too Brief",
        "481 Call Does Not Exist",
        "504 Server time-out",
    ],
)
def test_everyday_answers_stay_silent(tmp_path: Path, status: str) -> None:
    assert judge(make_case(tmp_path, {"phone": exchange(0, "1 INVITE", status)}), RULE).findings == []


def test_one_challenge_and_then_success_stays_silent(tmp_path: Path) -> None:
    frames = [
        *exchange(0, "1 REGISTER", "401 Unauthorized", headers=(CHALLENGE,)),
        *exchange(1, "2 REGISTER", "401 Unauthorized", headers=(CHALLENGE,), asked=(CREDENTIALS,)),
        *exchange(2, "3 REGISTER", "200 OK", asked=(CREDENTIALS,)),
    ]
    assert judge(make_case(tmp_path, {"phone": frames}), RULE).findings == []
    assert judge(make_case(tmp_path, {"alone": frames[:2]}), RULE).findings == []


def test_credentials_that_are_refused_again_and_again(tmp_path: Path) -> None:
    frames = exchange(0, "1 REGISTER", "401 Unauthorized", headers=(CHALLENGE,))
    for turn in range(2, 6):
        frames += exchange(turn, f"{turn} REGISTER", "401 Unauthorized", headers=(CHALLENGE,), asked=(CREDENTIALS,))
    finding = only(make_case(tmp_path, {"phone": frames}), RULE)
    assert finding.severity is Severity.ERROR
    assert "4 tries with credentials" in finding.summary


def test_a_failure_that_a_later_try_settles_is_information(tmp_path: Path) -> None:
    frames = [*exchange(0, "1 REGISTER", "403 Forbidden"), *exchange(5, "2 REGISTER", "200 OK")]
    assert only(make_case(tmp_path, {"phone": frames}), RULE).severity is Severity.INFO


def test_answers_to_a_ping_stay_silent_unless_the_server_is_down(tmp_path: Path) -> None:
    assert judge(make_case(tmp_path, {"phone": exchange(0, "1 OPTIONS", "404 Not Found")}), RULE).findings == []
    assert (
        only(make_case(tmp_path, {"down": exchange(0, "1 OPTIONS", "503 Service Unavailable")}), RULE).severity
        is Severity.WARNING
    )


def test_diagnostics_and_the_refused_server_behind_are_named(tmp_path: Path) -> None:
    said = 'ms-diagnostics: 1038;reason="Failed to connect to a peer server";fqdn="gw.contoso.com";winsock-code="10061"'
    frames = [
        *exchange(0, "1 INVITE", "503 Service Unavailable", headers=(said,)),
        *refused(0.05, ("10.1.1.2", 50001), ("10.1.1.9", 5061), 1),
    ]
    verdicts = judge(make_case(tmp_path, {"proxy": frames}), RULE, "tcp-connection-refused")
    cause, symptom = sorted(verdicts.findings, key=lambda finding: finding.rule, reverse=True)
    assert "Winsock error 10061" in symptom.summary
    assert cause.explains == [symptom.id]


def test_one_cause_at_two_capture_points_is_one_finding(tmp_path: Path) -> None:
    lines = [
        (0.1, "c", sip("INVITE sip:b@x SIP/2.0", dialog())),
        (0.3, "s", sip("SIP/2.0 488 Not Acceptable Here", dialog(answered=True))),
    ]
    frames = spoken(0, PHONE, PROXY, lines)
    late = [frame._replace(time_ns=frame.time_ns + 2_000_000) for frame in frames]
    finding = only(make_case(tmp_path, {"phone": frames, "proxy": late}), RULE)
    assert {row.capture for row in finding.evidence} == {"phone"}


def test_a_refusal_in_a_log_is_told_with_its_lines(tmp_path: Path) -> None:
    text = d6_sip_log.REGISTER + d6_sip_log.TIMEOUT.replace("504 Server time-out", "403 Forbidden")
    finding = only(with_log(make_case(tmp_path, {}), text), RULE)
    assert finding.title == "the server that wrote edge.log answers REGISTER with 403 Forbidden"
    assert [(row.capture, row.line) for row in finding.evidence] == [("edge.log", 24), ("edge.log", 7)]
    assert "Only the log tells this" in finding.summary


def test_a_challenge_in_a_log_is_everyday_life(tmp_path: Path) -> None:
    text = d6_sip_log.REGISTER + d6_sip_log.TIMEOUT.replace("504 Server time-out", "401 Unauthorized")
    assert judge(with_log(make_case(tmp_path, {}), text), RULE).findings == []


def test_a_request_that_a_server_turned_away_without_a_word_is_told_from_its_log(tmp_path: Path) -> None:
    text = d6_sip_log.DIAGNOSTIC.replace(
        "Severity: error", "Severity: warning\nResult-Code: 0xc3e93c5e SIPPROXY_E_ROUTING"
    )
    finding = only(with_log(make_case(tmp_path, {}), text), RULE)
    assert (finding.severity, finding.facts["code_name"]) == (Severity.INFO, "SIPPROXY_E_ROUTING")
    assert [row.line for row in finding.evidence] == [4]
