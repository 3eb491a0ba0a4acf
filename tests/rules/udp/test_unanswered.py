"""udp-unanswered: silence from services that always answer, and traffic that is one-way by design."""

from __future__ import annotations

from pathlib import Path

from tests.support.files import SECOND, Frame
from tests.support.packets import UDP, Ethernet, IPv4
from tests.support.verdicts import judge, make_case, only

MAC, ROUTER = "00:15:5d:00:00:01", "00:0c:29:00:00:02"


def asks(port: int, times: int, target: str = "10.9.0.1") -> list[Frame]:
    datagram = bytes(Ethernet(MAC, ROUTER, IPv4("10.1.1.9", target, UDP(40000, port, b"request" * 6))))
    return [Frame(SECOND * (1 + turn), datagram) for turn in range(times)]


def test_three_requests_without_an_answer_are_named(tmp_path: Path) -> None:
    finding = only(make_case(tmp_path, {"client": asks(123, 3)}), "udp-unanswered")
    assert "NTP" in finding.title
    assert [piece.frame for piece in finding.evidence] == [1, 2, 3]


def test_an_answer_to_the_last_request_is_enough(tmp_path: Path) -> None:
    answer = bytes(Ethernet(ROUTER, MAC, IPv4("10.9.0.1", "10.1.1.9", UDP(123, 40000, b"answer"))))
    case = make_case(tmp_path, {"client": [*asks(123, 3), Frame(SECOND * 4, answer)]})
    assert judge(case, "udp-unanswered").findings == []


def test_syslog_and_broadcasts_expect_no_answer(tmp_path: Path) -> None:
    case = make_case(tmp_path, {"client": [*asks(514, 9), *asks(123, 9, "10.1.1.255")]})
    assert judge(case, "udp-unanswered").findings == []
