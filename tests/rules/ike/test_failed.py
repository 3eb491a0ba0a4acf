"""ike-failed: errors told by name, silence with its timers, and the many negotiations that only look as if they failed."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.support.directaccess import scene_case
from tests.support.ike import (
    AES_256,
    CLIENT,
    COOKIE_I,
    MACS,
    MAIN,
    NO_COOKIE,
    NOTIFY,
    QUICK,
    SERVER,
    TRIPLE_DES,
    Payload,
    at,
    authip,
    datagram,
    ikev2,
    message,
    notify_status,
    notify_v2,
    proposal_v1,
    proposal_v2,
    sealed,
    vendor,
)
from tests.support.iphttps import FAR, NEAR, inner, tunnel
from tests.support.packets import UDP, Ethernet, IPv4
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Confidence, Severity

OFFER = [proposal_v1([AES_256, TRIPLE_DES]), vendor(9)]
INIT: list[Payload] = [proposal_v2([(1, 20, 256), (2, 5, 0), (4, 14, 0)]), (34, bytes(260)), (40, bytes(32))]
REFUSED = notify_v2(14)


def first(cookie: bytes = COOKIE_I) -> bytes:
    return authip(MAIN, OFFER, cookies=(cookie, NO_COOKIE))


def asked(*times: float, data: bytes = b"") -> list[tuple[float, bytes]]:
    return [(time_s, datagram(data or first())) for time_s in times]


def told(time_s: float, data: bytes) -> tuple[float, bytes]:
    return time_s, datagram(data, "server")


def quiet(time_s: float) -> tuple[float, bytes]:
    """Something else, so that the capture goes on."""
    return time_s, bytes(Ethernet(*MACS, IPv4(CLIENT, "10.1.1.1", UDP(40000, 514, b"log"))))


@pytest.mark.parametrize(
    ("error", "name", "hint"),
    [
        (13801, "ERROR_IPSEC_IKE_AUTH_FAIL", "certificates"),
        (13806, "ERROR_IPSEC_IKE_NO_CERT", "certificates"),
        (13825, "ERROR_IPSEC_IKE_NO_POLICY", "policy"),
        (13868, "ERROR_IPSEC_IKE_POLICY_MATCH", "proposals"),
    ],
)
def test_a_notify_status_of_authip_is_named_with_what_to_look_at(
    tmp_path: Path, error: int, name: str, hint: str
) -> None:
    frames = [*asked(0), told(0.03, authip(MAIN, OFFER)), told(0.2, authip(NOTIFY, [notify_status(error)])), quiet(9)]
    finding = only(make_case(tmp_path, {"client": at(*frames)}), "ike-failed")
    assert finding.severity is Severity.ERROR
    assert name in finding.title
    assert finding.title.startswith(f"{SERVER}:500")
    assert str(error) in finding.summary
    assert hint in " ".join(finding.fix)
    assert [piece.frame for piece in finding.evidence] == [1, 3]
    assert finding.facts["initiator_windows"] == "Windows 8 / Server 2012 or later"


@pytest.mark.parametrize("error", [13849, 13807, 13808, 13884])
def test_states_taken_down_in_good_order_are_no_failure(tmp_path: Path, error: int) -> None:
    frames = [(0.0, datagram(authip(NOTIFY, [notify_status(error)], cookies=(COOKIE_I, NO_COOKIE)))), quiet(30)]
    assert judge(make_case(tmp_path, {"client": at(*frames)}), "ike-failed").findings == []


def test_an_unanswered_main_mode_shows_its_timers(tmp_path: Path) -> None:
    verdicts = judge(make_case(tmp_path, {"client": at(*asked(0, 2, 6, 14), quiet(30))}), "ike-failed")
    [finding] = verdicts.findings
    assert finding.title == f"{SERVER}:500 does not answer AuthIP main mode (4 attempts)"
    assert "2 s, 4 s and 8 s" in finding.summary
    assert [piece.frame for piece in finding.evidence] == [1, 2, 3, 4]
    assert [question.rule for question in verdicts.undecided] == ["ike-failed"]


def test_one_message_or_a_capture_that_ends_is_not_enough(tmp_path: Path) -> None:
    assert judge(make_case(tmp_path, {"client": at(*asked(0), quiet(30))}), "ike-failed").findings == []
    assert judge(make_case(tmp_path, {"short": at(*asked(0, 2))}), "ike-failed").findings == []


def test_a_late_answer_is_an_answer(tmp_path: Path) -> None:
    frames = [*asked(0, 2), told(2.1, authip(MAIN, OFFER)), quiet(30)]
    assert judge(make_case(tmp_path, {"client": at(*frames)}), "ike-failed").findings == []


def test_the_protocol_that_is_not_taken_up_means_nothing(tmp_path: Path) -> None:
    other = bytes(7) + b"\x42"
    ike = message(OFFER, 2, cookies=(other, NO_COOKIE))
    frames = [
        *asked(0, 2, 6),
        *asked(0.1, data=ike),
        told(0.2, message(OFFER, 2, cookies=(other, bytes(7) + b"\x43"))),
        quiet(30),
    ]
    assert judge(make_case(tmp_path, {"client": at(*frames)}), "ike-failed").findings == []


def test_what_a_second_capture_saw_answered_is_not_called_unanswered(tmp_path: Path) -> None:
    points = {
        "client": at(*asked(0, 2, 6), quiet(30)),
        "server": at(*asked(0.02), told(0.03, authip(MAIN, OFFER)), quiet(30)),
    }
    assert judge(make_case(tmp_path, points), "ike-failed").findings == []


def test_answers_that_leave_one_capture_and_reach_no_other_are_lost_on_the_way(tmp_path: Path) -> None:
    answer = authip(MAIN, OFFER)
    there = [item for time_s in (0.02, 2.02, 6.02) for item in (*asked(time_s), told(time_s + 0.001, answer))]
    points = {"client": at(*asked(0, 2, 6), quiet(30)), "server": at(*there, quiet(30))}
    finding = only(make_case(tmp_path, points), "ike-failed")
    assert "client has the requests and none of the answers" in finding.summary


def test_copies_of_fragments_of_one_ikev2_message_count_once_each(tmp_path: Path) -> None:
    pieces = [ikev2([(53, bytes([number]) * 1200)], 35, message_id=1) for number in (1, 2, 3)]
    frames = [*asked(0, data=ikev2(INIT, known=False)), told(0.02, ikev2(INIT, response=True, initiator=False))]
    frames += [
        asked(time_s + place / 1000, data=data)[0] for time_s in (0.1, 4.1, 11.1) for place, data in enumerate(pieces)
    ]
    finding = only(make_case(tmp_path, {"client": at(*frames, quiet(30))}), "ike-failed")
    assert finding.facts["attempts"] == 3


def auth(answer: int, *more: tuple[float, bytes]) -> list[tuple[float, bytes]]:
    """An IKEv2 negotiation whose IKE_AUTH gets an encrypted answer of so many bytes in all."""
    return [
        *asked(0, data=ikev2(INIT, known=False)),
        told(0.02, ikev2(INIT, response=True, initiator=False)),
        *asked(0.04, data=ikev2([(46, bytes(260))], 35, message_id=1)),
        told(0.06, ikev2([(46, bytes(answer - 32))], 35, response=True, initiator=False, message_id=1)),
        *more,
        quiet(30),
    ]


def test_an_encrypted_answer_too_short_for_an_acceptance_is_a_refusal(tmp_path: Path) -> None:
    # 80 bytes are what strongSwan answers to a wrong pre-shared key under AES-CBC and HMAC-SHA2-256-128.
    finding = only(make_case(tmp_path, {"client": at(*auth(80))}), "ike-failed")
    assert "seems to refuse IKEv2 IKE_AUTH" in finding.title
    assert finding.confidence is Confidence.MEDIUM
    assert [piece.frame for piece in finding.evidence] == [1, 4]


@pytest.mark.parametrize("size", [97, 144, 224])
def test_an_answer_that_may_be_an_acceptance_is_left_alone(tmp_path: Path, size: int) -> None:
    assert judge(make_case(tmp_path, {"client": at(*auth(size))}), "ike-failed").findings == []


def test_a_short_answer_after_which_both_go_on_is_no_refusal(tmp_path: Path) -> None:
    more = asked(1, data=ikev2([(46, bytes(60))], 35, message_id=2))
    assert judge(make_case(tmp_path, {"client": at(*auth(80, *more))}), "ike-failed").findings == []


def test_ikev1_with_unlike_keys_is_told_from_silence(tmp_path: Path) -> None:
    # As strongSwan does it: each copy of the fifth message is answered by another informational one.
    fifth = message([(8, bytes(80))], 2, flags=1)
    frames = [*asked(0, data=message(OFFER, 2, cookies=(COOKIE_I, NO_COOKIE))), told(0.02, message(OFFER, 2))]
    for number, time_s in enumerate((0.1, 2.1, 5.1, 9.6)):
        error = message([(8, bytes([number]) * 64)], 5, flags=1, message_id=100 + number)
        frames += [*asked(time_s, data=fifth), told(time_s + 0.001, error)]
    verdicts = judge(make_case(tmp_path, {"client": at(*frames, quiet(30))}), "ike-failed")
    [finding] = verdicts.findings
    assert finding.title.startswith(f"{SERVER}:500 seems to refuse IKE main mode")
    assert "4 times" in finding.summary
    assert "Pre-shared keys that differ" in finding.summary
    assert verdicts.undecided == []


def test_ikev2_without_a_common_proposal_shows_the_offer(tmp_path: Path) -> None:
    frames = [*asked(0, data=ikev2(INIT, known=False)), told(0.02, ikev2([REFUSED], response=True, initiator=False))]
    finding = only(make_case(tmp_path, {"client": at(*frames)}), "ike-failed")
    assert "NO_PROPOSAL_CHOSEN" in finding.title
    assert "AES-GCM-16-256/PRF-SHA2-256/MODP-2048" in finding.summary


def test_a_cookie_or_another_group_asked_for_is_no_failure(tmp_path: Path) -> None:
    again = ikev2([notify_v2(16390, b"cookie"), *INIT], known=False)
    third = ikev2([*INIT, notify_v2(16430)], known=False)
    frames = [
        *asked(0, data=ikev2(INIT, known=False)),
        told(0.02, ikev2([notify_v2(16390, b"cookie")], response=True, initiator=False)),
        *asked(0.04, data=again),
        told(0.06, ikev2([notify_v2(17, b"\0\x13")], response=True, initiator=False)),
        *asked(0.08, data=third),
        told(0.1, ikev2(INIT, response=True, initiator=False)),
        quiet(30),
    ]
    assert judge(make_case(tmp_path, {"client": at(*frames)}), "ike-failed").findings == []


def test_a_long_message_unanswered_after_an_answered_one_points_at_fragments(tmp_path: Path) -> None:
    request = ikev2([(46, bytes(2400))], 35, message_id=1)
    frames = [
        *asked(0, data=ikev2(INIT, known=False)),
        told(0.02, ikev2(INIT, response=True, initiator=False)),
        *asked(0.04, 4.04, 11.2, data=request),
        quiet(30),
    ]
    finding = only(make_case(tmp_path, {"client": at(*frames)}), "ike-failed")
    assert "does not answer IKEv2 IKE_AUTH any more (3 attempts)" in finding.title
    assert "fragments" in finding.summary
    assert any("fragmentation" in step for step in finding.fix)


def test_silence_from_the_first_message_on_port_4500_on_points_at_that_port(tmp_path: Path) -> None:
    floated = datagram(bytes(4) + sealed(MAIN), port=4500)
    frames = [*asked(0), told(0.02, authip(MAIN, OFFER)), (0.1, floated), (2.1, floated), (6.1, floated), quiet(30)]
    finding = only(make_case(tmp_path, {"client": at(*frames)}), "ike-failed")
    assert "UDP 4500 does not get through" in finding.summary
    assert len(finding.conversations) == 2


def test_answers_that_do_not_stop_the_requests_are_not_heard(tmp_path: Path) -> None:
    answer = authip(MAIN, OFFER)
    frames = [item for time_s in (0, 2, 6) for item in (*asked(time_s), told(time_s + 0.001, answer))]
    finding = only(make_case(tmp_path, {"server": at(*frames, quiet(30))}), "ike-failed")
    assert "does not take in the answers" in finding.title


def test_a_peer_that_is_gone_later_is_a_warning(tmp_path: Path) -> None:
    alive = ikev2([(46, bytes(40))], 37, message_id=2)
    frames = [
        *asked(0, data=ikev2(INIT, known=False)),
        told(0.02, ikev2(INIT, response=True, initiator=False)),
        *asked(0.04, data=ikev2([(46, bytes(300))], 35, message_id=1)),
        told(0.06, ikev2([(46, bytes(300))], 35, response=True, initiator=False, message_id=1)),
        *asked(60, 64, 71, data=alive),
        quiet(90),
    ]
    finding = only(make_case(tmp_path, {"client": at(*frames)}), "ike-failed")
    assert finding.severity is Severity.WARNING


def test_a_failure_followed_by_success_is_a_warning(tmp_path: Path) -> None:
    later = bytes(7) + b"\x42"
    frames = [
        *asked(0),
        told(0.03, authip(NOTIFY, [notify_status(13801)])),
        *asked(5, data=first(later)),
        told(5.03, authip(MAIN, OFFER, cookies=(later, bytes(7) + b"\x43"))),
        *asked(5.1, data=sealed(QUICK, message_id=9).replace(COOKIE_I, later)),
        quiet(30),
    ]
    finding = only(make_case(tmp_path, {"client": at(*frames)}), "ike-failed")
    assert finding.severity is Severity.WARNING
    assert "agreed later" in finding.summary


def test_two_thousand_failures_of_one_cause_are_one_finding(tmp_path: Path) -> None:
    frames = []
    for number in range(2000):
        cookie = struct.pack("!Q", number + 1)
        frames += [
            *asked(number, data=first(cookie)),
            told(number + 0.1, authip(NOTIFY, [notify_status(13801)], cookies=(cookie, cookie))),
        ]
    finding = only(make_case(tmp_path, {"client": at(*frames)}), "ike-failed")
    assert finding.facts["count"] == 2000


def test_an_error_inside_an_iphttps_tunnel_is_found(tmp_path: Path) -> None:
    writes = [
        ("client", inner(UDP(500, 500, first()))),
        ("server", inner(UDP(500, 500, authip(MAIN, OFFER)), "server")),
        ("server", inner(UDP(500, 500, authip(NOTIFY, [notify_status(13801)])), "server")),
    ]
    finding = only(make_case(tmp_path, {"client": tunnel(writes)}), "ike-failed")
    assert finding.title == f"[{FAR}]:500 ended the AuthIP negotiation with ERROR_IPSEC_IKE_AUTH_FAIL"
    assert finding.talk is not None
    assert NEAR in finding.talk.client


def test_healthy_field_captures_are_quiet(captures: Path) -> None:
    loud = {}
    for path in sorted((captures / "ike-esp").iterdir()):
        findings = judge(open_case({"c": path}), "ike-failed").findings
        if findings:
            loud[path.name] = [finding.title for finding in findings]
    assert loud == {
        "scapy__ikev2_notify_redirect.pcap": ["10.5.2.53:500 ended the IKEv2 negotiation with NO_PROPOSAL_CHOSEN"]
    }


def test_a_quick_mode_that_is_repeated_in_vain_is_no_later_agreement(tmp_path: Path) -> None:
    finding = only(scene_case(tmp_path, stop="quick-mode"), "ike-failed")
    assert finding.severity is Severity.ERROR
    assert "agreed later" not in finding.summary
