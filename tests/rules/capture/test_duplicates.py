"""capture-duplicates: a mirror port that shows packets twice, and real repeats."""

from __future__ import annotations

from pathlib import Path

from tests.support.files import Frame
from tests.support.middleboxes import Lose
from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Send, Talk
from tests.support.verdicts import judge, make_case, only


def transfer(*path: object) -> list[Frame]:
    world = World([Point("tap", at="client"), *path])
    Talk(world, Host("10.1.1.9"), Host("10.1.2.8"), [Send("client", 300), Send("server", 60_000), Close("client")])
    return world.captures()["tap"]


def test_packets_shown_twice_are_said_once(tmp_path: Path) -> None:
    frames = transfer(Link(5))
    doubled = [copy for frame in frames for copy in (frame, Frame(frame.time_ns + 4_000, frame.data))]
    case = make_case(tmp_path, {"tap": doubled})
    finding = only(case, "capture-duplicates")
    assert finding.facts["pairs"] == len(frames)
    first, second = (piece.frame for piece in finding.evidence[:2])
    assert second == first + 1


def test_copies_do_not_count_as_retransmissions(tmp_path: Path) -> None:
    frames = transfer(Link(5))
    doubled = [copy for frame in frames for copy in (frame, Frame(frame.time_ns + 4_000, frame.data))]
    found = judge(make_case(tmp_path, {"tap": doubled})).findings
    assert "capture-duplicates" in [finding.rule for finding in found]
    assert "tcp-retransmission" not in [finding.rule for finding in found]


def test_real_retransmissions_have_other_identifications(tmp_path: Path) -> None:
    frames = transfer(Link(5), Lose(lambda _packet, _upward, seen: seen > 8 and seen % 9 == 0))
    assert judge(make_case(tmp_path, {"tap": frames}), "capture-duplicates").findings == []
