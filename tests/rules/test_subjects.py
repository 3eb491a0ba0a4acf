"""Subjects: the sides of conversations that a rule looks at, each conversation at the point where it is judged best."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.support.middleboxes import SourceNat
from tests.support.path import Link, Point, World
from tests.support.talk import Close, Send, Talk
from tests.support.tcp_end import Host
from tests.support.verdicts import make_case, open_case
from wireproof.case import Case
from wireproof.case import Point as CapturePoint
from wireproof.rules.subjects import Mask, Subject, either, first_sight, loose, seen_first, sides, subjects


def two_ends(folder: Path, talks: int = 3) -> Case:
    """Downloads through NAT, captured at the client and at the server."""
    world = World(
        [Point("client", at="client"), Link(5), SourceNat("198.51.100.7"), Link(5), Point("server", at="server")]
    )
    for turn in range(talks):
        steps = [Send("client", 200 + turn), Send("server", 20_000), Close("client")]
        Talk(world, Host("10.0.0.1"), Host("10.9.0.2", ttl=64), steps, (50000 + turn, 9000), turn * 1.0)
    return make_case(folder, world.captures())


def senders(point: CapturePoint) -> Mask:
    """Sides that sent 10,000 bytes or more."""
    return np.asarray(sides(point, "payload_bytes") >= 10_000)


def test_a_conversation_seen_at_both_ends_is_judged_at_the_senders(tmp_path: Path) -> None:
    found = subjects(two_ends(tmp_path), senders, "payload_bytes")
    assert [(subject.point.name, subject.role) for subject in found] == [("server", "server")] * 3


def test_or_at_the_end_of_its_peer(tmp_path: Path) -> None:
    found = subjects(two_ends(tmp_path), senders, "payload_bytes", near_peer=True)
    assert [(subject.point.name, subject.peer_role) for subject in found] == [("client", "client")] * 3


def test_the_label_tells_what_the_other_point_shows(tmp_path: Path) -> None:
    case = two_ends(tmp_path, 1)
    label = subjects(case, senders, "payload_bytes", near_peer=True)[0].label(case)
    assert (label.client, label.server) == ("10.0.0.1:50000", "10.9.0.2:9000")
    assert dict(label.seen_as)["server"][0].startswith("198.51.100.7:")


def test_first_sight_leaves_a_conversation_to_one_point(tmp_path: Path) -> None:
    case = two_ends(tmp_path)
    every = np.arange(3)
    assert [len(seen_first(case, point, every.tolist())) for point in case.points] == [len(every), 0]
    kept = [[len(first_sight(case, point, every, near_client=near)) for point in case.points] for near in (True, False)]
    assert kept == [[3, 0], [0, 3]]


def test_a_single_point_keeps_all_worst_first(tmp_path: Path) -> None:
    world = World([Point("only", at="client"), Link(5)])
    for turn, size in enumerate((20_000, 60_000, 30_000)):
        Talk(world, Host("10.0.0.1"), Host("10.9.0.2"), [Send("server", size)], (50000 + turn, 9000), turn * 1.0)
    case = make_case(tmp_path, world.captures())
    assert [subject.number for subject in subjects(case, senders, "payload_bytes")] == [1, 2, 0]
    assert first_sight(case, case.points[0], np.arange(3), near_client=False).tolist() == [0, 1, 2]


def test_a_subject_knows_both_sides(tmp_path: Path) -> None:
    case = two_ends(tmp_path, 1)
    subject = Subject(case.points[0], 0, 0)
    assert (subject.endpoint, subject.peer_endpoint) == ("10.0.0.1:50000", "10.9.0.2:9000")
    assert (subject.address, subject.peer_address) == ("10.0.0.1", "10.9.0.2")
    assert (subject.is_client, subject.role, subject.peer_role) == (True, "client", "server")
    assert (int(subject.mine["payload_bytes"]), int(subject.other["payload_bytes"])) == (200, 20_000)
    assert len(subject.segments) == len(case.points[0].packets)


def test_either_side_of_each_conversation() -> None:
    assert either(np.asarray([[True, False], [False, False], [True, True]])).tolist() == [True, False, True]


PARALLEL = """1 0.0 10.0.0.1 10.0.0.2 TCP 1001 > 80 [SYN] Seq=0 Win=8192 Len=0
2 0.1 10.0.0.1 10.0.0.2 TCP 1002 > 80 [SYN] Seq=0 Win=8192 Len=0
3 0.2 10.0.0.1 10.0.0.3 TCP 1003 > 80 [SYN] Seq=0 Win=8192 Len=0
4 0.3 10.0.0.1 10.0.0.2 HTTP GET /one HTTP/1.1
5 0.4 10.0.0.1 10.0.0.3 HTTP GET /two HTTP/1.1
"""


def test_connections_that_a_line_without_ports_may_belong_to_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "listing.txt"
    file.write_text(PARALLEL, encoding="utf-8")
    case = open_case({"client": file})
    assert loose(case.points[0]).tolist() == [True, True, False]
    assert [one.number for one in subjects(case, lambda point: sides(point, "packets") > 0, "packets")] == [2]
    assert any(
        "several connections of their hosts may have carried them" in note.text for note in case.points[0].capture.notes
    )
