"""stun-unanswered: servers that keep silent over UDP and TCP, and silence that is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.files import Frame
from examples.packets import UDP
from tests.support.packets import ICMP, quoting
from tests.support.telephony import (
    ALLOCATE,
    BINDING,
    ERROR,
    SUCCESS,
    End,
    check,
    datagram,
    error_code,
    framed,
    lync_frame,
    lync_stun,
    packet,
    pseudo_client_hello,
    pseudo_server_hello,
    spoken,
    stun,
    xor_address,
)
from tests.support.verdicts import judge, make_case, only
from wireproof.finding import Severity

RULE = "stun-unanswered"
CLIENT, SERVER, OTHER = ("10.0.0.7", 50020), ("198.51.100.3", 3478), ("198.51.100.4", 3478)
WAITS = (0, 0.5, 1.5, 3.5, 7.5)


def asked(server: End = SERVER, kind: int = BINDING, start_s: float = 0.0) -> list[Frame]:
    return [datagram(start_s + wait, CLIENT, server, stun(kind, [], "ask")) for wait in WAITS]


def tail(at_s: float = 30.0) -> list[Frame]:
    """The capture goes on."""
    return [datagram(at_s, ("10.0.0.7", 40000), ("10.0.0.9", 514), b"<14>still here")]


@pytest.mark.parametrize("kind", [BINDING, ALLOCATE])
def test_a_silent_server_is_an_error_of_this_rule_alone(tmp_path: Path, kind: int) -> None:
    case = make_case(tmp_path, {"client": [*asked(kind=kind), *tail()]})
    verdicts = judge(case, RULE, "udp-unanswered")
    assert [finding.rule for finding in verdicts.findings] == [RULE]
    finding = verdicts.findings[0]
    assert (finding.severity, finding.facts["requests"]) == (Severity.ERROR, 5)
    assert {row.frame for row in finding.evidence} == {1, 2, 3, 4, 5}
    assert ("TURN" if kind == ALLOCATE else "STUN") in finding.title
    assert verdicts.undecided


def test_datagrams_to_the_port_that_are_no_stun_stay_with_the_other_rule(tmp_path: Path) -> None:
    frames = [datagram(turn, CLIENT, SERVER, b"\xff\xff\xff\xffgetinfo") for turn in range(4)]
    verdicts = judge(make_case(tmp_path, {"client": [*frames, *tail()]}), RULE, "udp-unanswered")
    assert [finding.rule for finding in verdicts.findings] == ["udp-unanswered"]


def test_another_server_that_answers_makes_it_information(tmp_path: Path) -> None:
    answer = stun(BINDING | SUCCESS, [(0x0020, xor_address(CLIENT, b"\0" * 12))], "ask")
    frames = [*asked(), *asked(OTHER, start_s=1)[:1], datagram(1.1, OTHER, CLIENT, answer), *tail()]
    assert only(make_case(tmp_path, {"client": sorted(frames)}), RULE).severity is Severity.INFO


def test_an_error_is_an_answer(tmp_path: Path) -> None:
    answer = stun(ALLOCATE | ERROR, [error_code(401, "Unauthorized")], "ask")
    frames = [*asked(kind=ALLOCATE), datagram(8, SERVER, CLIENT, answer), *tail()]
    assert judge(make_case(tmp_path, {"client": frames}), RULE).findings == []


def test_a_server_that_falls_silent_is_named_with_what_it_answered_before(tmp_path: Path) -> None:
    answer = stun(ALLOCATE | ERROR, [error_code(401, "Unauthorized")], "first")
    before = [datagram(-1, CLIENT, SERVER, stun(ALLOCATE, [], "first")), datagram(-0.9, SERVER, CLIENT, answer)]
    finding = only(make_case(tmp_path, {"client": [*before, *asked(kind=ALLOCATE), *tail()]}), RULE)
    assert (finding.severity, finding.facts["requests"]) == (Severity.ERROR, 5)
    assert "It had answered 1 request of this conversation before" in finding.summary


def test_checks_between_clients_are_meant_to_fail(tmp_path: Path) -> None:
    frames = [datagram(wait, CLIENT, ("10.0.0.8", 50021), check("one")) for wait in WAITS]
    assert judge(make_case(tmp_path, {"client": [*frames, *tail()]}), RULE).findings == []


def test_two_requests_or_an_icmp_error_or_the_end_of_the_capture_prove_nothing(tmp_path: Path) -> None:
    assert judge(make_case(tmp_path, {"two": [*asked()[:2], *tail()]}), RULE).findings == []
    assert judge(make_case(tmp_path, {"end": asked()}), RULE).findings == []
    sent = packet(CLIENT[0], SERVER[0], UDP(CLIENT[1], SERVER[1], stun(BINDING, [], "ask")))
    error = framed(0.1, packet(SERVER[0], CLIENT[0], ICMP(3, 3, payload=quoting(sent))))
    assert judge(make_case(tmp_path, {"icmp": sorted([*asked(), error, *tail()])}), RULE).findings == []


def test_over_tcp_a_server_that_takes_the_request_and_says_nothing(tmp_path: Path) -> None:
    frames = spoken(0, CLIENT, SERVER, [(0.1, "c", stun(ALLOCATE, [], "ask"))])
    finding = only(make_case(tmp_path, {"client": [*frames, *tail()]}), RULE)
    assert finding.facts["transport"] == "tcp"


def test_turn_behind_the_made_up_hello_is_answered(tmp_path: Path) -> None:
    lines = [
        (0.1, "c", pseudo_client_hello()),
        (0.2, "s", pseudo_server_hello()),
        (0.3, "c", lync_frame(lync_stun(0x0003, [], "a", 120))),
        (0.4, "s", lync_frame(lync_stun(0x0103, [], "a", 120))),
    ]
    assert (
        judge(make_case(tmp_path, {"client": [*spoken(0, CLIENT, ("10.3.0.34", 443), lines), *tail()]}), RULE).findings
        == []
    )


def test_a_thousand_silent_conversations_with_one_server_are_one_finding(tmp_path: Path) -> None:
    frames = [
        datagram(turn * 0.01 + wait, (CLIENT[0], 20000 + turn), SERVER, stun(BINDING, [], f"{turn}"))
        for turn in range(1000)
        for wait in WAITS[:3]
    ]
    finding = only(make_case(tmp_path, {"client": [*sorted(frames), *tail(60)]}), RULE)
    assert finding.facts["count"] == 1000
