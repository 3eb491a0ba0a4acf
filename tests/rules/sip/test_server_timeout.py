"""sip-server-timeout: the chain behind a 504, what the diagnostics name, and timeouts that a later try settles."""

from __future__ import annotations

from pathlib import Path

from examples import tls
from examples.files import Frame
from tests.cases import d6_sip_in_clear, d6_sip_log
from tests.support.sip_logs import with_log
from tests.support.telephony import datagram, dialog, refused, segment, silent, sip, spoken
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Severity

RULE = "sip-server-timeout"
CLIENT, PROXY, NEXT = ("10.1.1.1", 62973), ("172.16.1.1", 5060), ("192.168.3.10", 5061)
INSIDE = ("192.168.1.1", 50357)
ASK = sip("REGISTER sip:contoso.com SIP/2.0", dialog(number="1 REGISTER"))
ANSWER = sip("SIP/2.0 504 Server time-out", dialog(answered=True, number="1 REGISTER"))


def registered(answer_s: float = 21.0, answer: bytes = ANSWER) -> list[Frame]:
    return spoken(0, CLIENT, PROXY, [(1.0, "c", ASK), (1.0 + answer_s, "s", answer)])


def test_the_chain_from_the_504_to_the_forged_reset(tmp_path: Path) -> None:
    expect = d6_sip_in_clear.EXPECT
    verdicts = judge(open_case(d6_sip_in_clear.build(tmp_path)), *expect["rules"])
    by_rule = {finding.rule: finding for finding in verdicts.findings}
    assert set(by_rule) == set(expect["rules"])
    forged, unanswered, timeout = (by_rule[rule] for rule in expect["rules"])
    assert timeout.id in unanswered.explains
    assert {unanswered.id, timeout.id} <= set(forged.explains)
    assert timeout.facts["wait_s"] == expect["wait_s"]
    assert (
        "1038 (Failed to connect to a peer server), about fepool01.contoso.com, Winsock error 10060" in timeout.summary
    )
    assert "192.168.1.1:50357 to 192.168.3.10:5061" in timeout.summary
    frames = {name: {row.frame for row in timeout.evidence if row.capture == name} for name in expect["frames"]}
    assert frames == {name: set(numbers) for name, numbers in expect["frames"].items()}


def test_a_refused_connection_behind_the_proxy_explains_it_too(tmp_path: Path) -> None:
    frames = [*registered(1.4), *refused(1.1, INSIDE, NEXT)]
    verdicts = judge(make_case(tmp_path, {"edge": frames}), RULE, "tcp-connection-refused")
    refusal = next(finding for finding in verdicts.findings if finding.rule == "tcp-connection-refused")
    timeout = next(finding for finding in verdicts.findings if finding.rule == RULE)
    assert refusal.explains == [timeout.id]
    assert timeout.facts["behind"] == "192.168.3.10:5061"


def test_a_connection_whose_tls_fails_explains_it(tmp_path: Path) -> None:
    alert = bytes.fromhex("15030300020230")  # fatal, unknown CA
    tried = spoken(
        1.1,
        INSIDE,
        NEXT,
        [(0.1, "c", tls.client_hello(127)), (0.2, "s", tls.server_flight(900, "fe")), (0.3, "c", alert)],
    )
    tried.append(segment(1.45, NEXT, INSIDE, "RA", (5901, 1135)))
    verdicts = judge(make_case(tmp_path, {"edge": sorted([*registered(1.4), *tried])}), RULE, "tls-alert")
    by_rule = {finding.rule: finding for finding in verdicts.findings}
    assert by_rule["tls-alert"].explains == [by_rule[RULE].id]
    assert by_rule[RULE].facts["waited_for"] == ["192.168.3.10:5061"]


def test_the_address_that_the_diagnostics_name_is_followed_to_any_port(tmp_path: Path) -> None:
    named = 'ms-diagnostics: 1038;reason="Failed to connect to a peer server";ip-address="192.168.7.7";port="4443"'
    answer = sip("SIP/2.0 504 Server time-out", [*dialog(answered=True, number="1 REGISTER"), named])
    frames = [
        *registered(21, answer),
        *silent(1.1, INSIDE, ("192.168.7.7", 4443)),
        *silent(1.1, ("192.168.1.1", 50358), NEXT),
    ]
    assert only(make_case(tmp_path, {"edge": frames}), RULE).facts["waited_for"] == ["192.168.7.7:4443"]


def test_connections_at_other_times_or_that_were_accepted_do_not_explain_it(tmp_path: Path) -> None:
    early = silent(-30, INSIDE, NEXT)
    accepted = spoken(2, ("192.168.1.1", 50999), ("192.168.3.10", 5061), [(0.1, "c", b"hello")])
    elsewhere = silent(2, ("192.168.1.1", 50111), ("192.168.3.10", 445))
    case = make_case(tmp_path, {"edge": [*early, *registered(), *accepted, *elsewhere]})
    verdicts = judge(case, RULE)
    assert [finding.facts["waited_for"] for finding in verdicts.findings] == [[]]
    assert "capture at 172.16.1.1" in verdicts.undecided[0].capture_next


def test_a_timeout_that_a_later_try_settles_is_a_warning(tmp_path: Path) -> None:
    again = [(30.0, "c", sip("REGISTER sip:contoso.com SIP/2.0", dialog(number="2 REGISTER")))]
    again += [(30.1, "s", sip("SIP/2.0 200 OK", dialog(answered=True, number="2 REGISTER")))]
    frames = spoken(0, CLIENT, PROXY, [(1.0, "c", ASK), (22.0, "s", ANSWER), *again])
    assert only(make_case(tmp_path, {"edge": frames}), RULE).severity is Severity.WARNING


def test_over_udp_with_repeats_it_is_one_finding(tmp_path: Path) -> None:
    ask = sip("INVITE sip:user2@fabrikam.com SIP/2.0", dialog())
    answer = sip("SIP/2.0 504 Server Time-out", dialog(answered=True))
    frames = [datagram(0.5 * turn, CLIENT, PROXY, ask) for turn in range(4)]
    frames += [datagram(21 + turn, PROXY, CLIENT, answer) for turn in range(3)]
    finding = only(make_case(tmp_path, {"edge": frames}), RULE)
    assert (finding.facts["count"], finding.facts["wait_s"]) == (1, 21.0)


def test_five_hundred_timeouts_of_one_proxy_are_one_finding(tmp_path: Path) -> None:
    register, timeout = "REGISTER sip:contoso.com SIP/2.0", "SIP/2.0 504 Server time-out"
    asks = [(turn * 0.01, "c", sip(register, dialog(f"c{turn}", number="1 REGISTER"))) for turn in range(500)]
    answers = [(21 + turn * 0.01, "s", sip(timeout, dialog(f"c{turn}", True, "1 REGISTER"))) for turn in range(500)]
    finding = only(make_case(tmp_path, {"edge": spoken(0, CLIENT, PROXY, asks + answers)}), RULE)
    assert finding.facts["count"] == 500
    assert len(finding.evidence) <= 12


def test_a_log_beside_the_capture_of_its_connection_explains_the_504_and_says_what_is_missing(tmp_path: Path) -> None:
    case = with_log(open_case({"client": d6_sip_log.build(tmp_path)["client"]}), d6_sip_log.LOG)
    verdicts = judge(case, RULE)
    (finding,) = verdicts.findings
    assert (
        finding.title == "172.16.1.1:443 answers REGISTER with 504 after 21 s: it does not reach fepool01.contoso.com"
    )
    assert "Only the log tells this: client shows the connection that carried it" in finding.summary
    assert finding.facts["result_code"] == "0x8007274c"
    assert finding.conversations == [("client", finding.conversations[0][1])]
    assert "capture at 172.16.1.1" in verdicts.undecided[0].capture_next


def test_a_504_of_capture_and_log_is_one_finding_with_frames_and_lines(tmp_path: Path) -> None:
    finding = only(with_log(open_case(d6_sip_in_clear.build(tmp_path)), d6_sip_log.LOG), RULE)
    assert finding.facts["count"] == 1
    assert {row.capture for row in finding.evidence} == {"access", "edge", "frontend", "edge.log"}


def test_a_connection_that_timed_out_in_the_log_without_a_504_joins_the_unanswered_syns(tmp_path: Path) -> None:
    case = with_log(open_case({"edge": d6_sip_log.build(tmp_path)["edge"]}), d6_sip_log.CONNECTION)
    cause, finding = judge(case, RULE, "tcp-syn-unanswered").findings
    assert (finding.rule, finding.severity) == (RULE, Severity.ERROR)
    assert cause.explains == [finding.id]
    assert "does not reach 192.168.3.10:5061" in finding.title


def test_a_connection_that_timed_out_in_the_log_alone_is_a_warning(tmp_path: Path) -> None:
    finding = only(with_log(make_case(tmp_path, {}), d6_sip_log.CONNECTION), RULE)
    assert finding.severity is Severity.WARNING
    assert "Only the log tells this" in finding.summary


def test_a_sign_in_that_succeeds_in_the_log_is_silent(tmp_path: Path) -> None:
    text = d6_sip_log.REGISTER + d6_sip_log.TIMEOUT.replace("504 Server time-out", "200 OK")
    assert judge(with_log(make_case(tmp_path, {}), text), RULE, "sip-error").findings == []
