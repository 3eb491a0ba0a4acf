"""dns-truncated: the whole answer is to be had over TCP, and TCP port 53 does not open."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.filler import dns_question
from tests.rules.dns.asking import CLIENT, MACS, RESOLVER, SECOND_RESOLVER, ask, both
from tests.support.files import SECOND, Frame
from tests.support.packets import TCP, UDP, Ethernet, IPv4
from tests.support.verdicts import judge, make_case
from wireproof.finding import Finding, Severity

NAME = "big.corp.example"


def truncated(time_s: float, server: str = RESOLVER, ident: int = 7) -> list[Frame]:
    """A question, and an answer with the TC flag and no record."""
    message = ident.to_bytes(2, "big") + b"\x83\x80" + dns_question(ident, NAME)[4:]
    answer = IPv4(server, CLIENT, UDP(53, 5000, message))
    return [
        ask(time_s, NAME, ident, server),
        Frame(round((time_s + 0.01) * SECOND), bytes(Ethernet(*MACS[::-1], answer))),
    ]


def connect(time_s: float, server: str = RESOLVER, answer: str = "", port: int = 50001) -> list[Frame]:
    """A SYN to TCP port 53 and its answer by its flags."""
    frames = [
        Frame(round(time_s * SECOND), bytes(Ethernet(*MACS, IPv4(CLIENT, server, TCP(port, 53, 100, flags="S")))))
    ]
    if answer:
        back = TCP(53, port, 900 if answer == "SA" else 0, 101, answer)
        frames.append(Frame(round((time_s + 0.02) * SECOND), bytes(Ethernet(*MACS[::-1], IPv4(server, CLIENT, back)))))
    return frames


def findings(folder: Path, *parts: list[Frame]) -> list[Finding]:
    frames = sorted(frame for part in parts for frame in part)
    return judge(make_case(folder, {"client": frames}), "dns-truncated").findings


@pytest.mark.parametrize(("answer", "refused"), [("", False), ("RA", True)])
def test_a_resolver_whose_tcp_port_does_not_open_is_an_error(tmp_path: Path, answer: str, refused: bool) -> None:
    (finding,) = findings(tmp_path, truncated(1), connect(1.02, answer=answer))
    assert finding.severity == Severity.ERROR
    assert (finding.facts["resolver"], finding.facts["names"], finding.facts["refused"]) == (RESOLVER, [NAME], refused)
    assert [piece.frame for piece in finding.evidence] == [2, 3]


def test_a_connection_that_opens_stays_silent(tmp_path: Path) -> None:
    assert findings(tmp_path, truncated(1), connect(1.02, answer="SA")) == []
    assert findings(tmp_path, truncated(1), connect(1.02), connect(2, answer="SA", port=50002)) == []


def test_a_client_that_never_asks_over_tcp_stays_silent(tmp_path: Path) -> None:
    assert findings(tmp_path, truncated(1)) == []


def test_a_connection_to_another_resolver_or_at_another_time_proves_nothing(tmp_path: Path) -> None:
    assert findings(tmp_path, truncated(1), connect(1.02, SECOND_RESOLVER)) == []
    assert findings(tmp_path, connect(0.5), truncated(1)) == []
    assert findings(tmp_path, truncated(1), connect(90)) == []


def test_a_whole_answer_to_the_same_question_settles_it(tmp_path: Path) -> None:
    assert findings(tmp_path, truncated(1), connect(1.02), both(3, NAME, 9, server=SECOND_RESOLVER)) == []


def test_answers_that_are_whole_stay_silent(tmp_path: Path) -> None:
    assert findings(tmp_path, both(1, NAME, 7), connect(1.02)) == []
