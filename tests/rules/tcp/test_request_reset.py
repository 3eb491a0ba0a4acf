"""tcp-request-reset: a server that resets instead of answering, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Reset, Send, Talk
from tests.support.verdicts import judge, make_case, only
from wireproof.case import Case

CLIENT, SERVER = Host("10.1.1.9"), Host("10.1.2.8")


def play(folder: Path, *steps: Send | Close | Reset) -> Case:
    world = World([Point("client", at="client"), Link(5)])
    Talk(world, CLIENT, SERVER, list(steps), ports=(50001, 8443))
    return make_case(folder, world.captures())


def test_a_reset_in_place_of_an_answer_is_named_with_request_and_reset(tmp_path: Path) -> None:
    case = play(tmp_path, Send("client", 300), Reset("server", after_ms=40))
    finding = only(case, "tcp-request-reset")
    assert "10.1.2.8:8443" in finding.title
    packets = case.points[0].packets
    request, reset = (piece.frame - 1 for piece in finding.evidence[:2])
    assert packets.length[request] == 300
    assert packets.flags[reset] & 4


def test_a_reset_after_the_answer_is_no_finding(tmp_path: Path) -> None:
    case = play(tmp_path, Send("client", 300), Send("server", 500), Reset("server", after_ms=40))
    assert judge(case, "tcp-request-reset").findings == []


def test_short_last_words_ask_for_no_answer(tmp_path: Path) -> None:
    case = play(tmp_path, Send("client", 300), Send("server", 500), Send("client", 7), Reset("server"))
    assert judge(case, "tcp-request-reset").findings == []


def test_a_client_that_aborts_is_no_finding(tmp_path: Path) -> None:
    case = play(tmp_path, Send("client", 300), Reset("client", after_ms=40))
    assert judge(case, "tcp-request-reset").findings == []


def test_a_reset_after_a_long_silence_is_left_to_the_idle_rule(tmp_path: Path) -> None:
    case = play(tmp_path, Send("client", 300), Reset("server", after_ms=60_000))
    assert judge(case, "tcp-request-reset").findings == []
