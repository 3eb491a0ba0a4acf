"""path-mtu-blackhole: only the large segments die; and losses of every size."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import d1_sccm
from tests.support.alignments import Scene, align, client_point, server_point
from tests.support.middleboxes import Lose, Narrow, data_numbers
from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Send, Stack, Talk
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Confidence, Finding


def test_sizes_that_pass_and_sizes_that_die_are_told_apart(tmp_path: Path) -> None:
    finding = only(open_case(d1_sccm.build(tmp_path)), "path-mtu-blackhole")
    assert finding.facts["lost_payload_min_bytes"] == 1460
    assert finding.facts["delivered_payload_max_bytes"] == 586
    assert 1921 in {piece.frame for piece in finding.evidence if piece.mark == "lost"}


def test_one_capture_at_the_sender_is_a_suspicion_with_a_question(tmp_path: Path) -> None:
    paths = d1_sccm.build(tmp_path)
    verdicts = judge(open_case({"client": paths["client"]}), "path-mtu-blackhole")
    assert [finding.confidence for finding in verdicts.findings] == [Confidence.LOW]
    assert "10.1.1.1:1099" in verdicts.findings[0].title
    assert verdicts.undecided


def test_a_narrow_link_on_the_way_is_found(tmp_path: Path) -> None:
    world = World(
        [
            Point("client", at="client"),
            Link(5),
            Narrow(1400, "10.1.9.1", tells=False),
            Link(5),
            Point("server", at="server"),
        ]
    )
    Talk(world, Host("10.1.1.9"), Host("10.1.2.8"), [Send("client", 500), Send("server", 200), Send("client", 20_000)])
    finding = only(make_case(tmp_path, world.captures()), "path-mtu-blackhole")
    assert finding.toward == "server"
    assert finding.facts["path_mtu_below_bytes"] > 1400


def test_losses_of_large_and_small_segments_are_no_black_hole(tmp_path: Path) -> None:
    lose = Lose(data_numbers(True, 1, 2, 3, 5, 7, 9, 11))
    world = World([Point("client", at="client"), Link(5), lose, Link(5), Point("server", at="server")])
    steps = [Send("client", 300), Send("server", 200), Send("client", 30_000), Close("client")]
    Talk(world, Host("10.1.1.9"), Host("10.1.2.8"), steps)
    assert judge(make_case(tmp_path, world.captures()), "path-mtu-blackhole").findings == []


def narrow(folder: Path, scene: Scene, talks: list[list[Send]]) -> list[Finding]:
    return judge(align(folder, scene, talks), "path-mtu-blackhole").findings


BLOCKED = [Send("client", 500), Send("server", 200), Send("client", 20_000)]


def test_a_size_that_another_conversation_of_the_hosts_gets_through_is_no_limit(tmp_path: Path) -> None:
    lose = Lose(
        lambda packet, upward, _: (
            upward and getattr(packet.upper, "source", 0) == 50001 and len(getattr(packet.upper, "payload", b"")) > 1000
        )
    )
    parts = [client_point(), Link(5), lose, Link(5), server_point()]
    assert narrow(tmp_path, Scene(parts), [BLOCKED, [Send("client", 20_000), Send("server", 7)]]) == []


def test_many_conversations_narrow_the_limit_down(tmp_path: Path) -> None:
    parts = [client_point(), Link(5), Narrow(1300, "10.1.9.1", tells=False), Link(5), server_point()]
    (finding,) = narrow(
        tmp_path, Scene(parts), [BLOCKED, [Send("client", 1200), Send("server", 200), Send("client", 9_000)], BLOCKED]
    )
    assert finding.facts["path_mtu_at_least_bytes"] == 1240
    assert finding.facts["path_mtu_below_bytes"] <= 1500
    assert finding.facts["count"] == 3


def test_an_offloading_sender_hides_nothing(tmp_path: Path) -> None:
    parts = [
        client_point(merge_sent=True),
        Link(5, megabit=1000),
        Narrow(1300, "10.1.9.1", tells=False),
        Link(5),
        server_point(),
    ]
    (finding,) = narrow(tmp_path, Scene(parts, Stack(coalesce_ms=0.1)), [BLOCKED])
    assert finding.facts["lost_payload_min_bytes"] == 1460
    assert finding.facts["delivered_payload_max_bytes"] == 500


def test_behind_a_middle_point_the_senders_own_frames_are_named(tmp_path: Path) -> None:
    parts = [client_point(), Link(2), Point("middle"), Narrow(1300, "10.1.9.1", tells=False), Link(5), server_point()]
    (finding,) = narrow(tmp_path, Scene(parts), [BLOCKED])
    assert finding.where == "between middle and server"
    assert {piece.capture for piece in finding.evidence if piece.mark == "lost"} == {"client", "middle"}


@pytest.mark.parametrize(("mtu", "found"), [(1230, 0), (1380, 1)])
def test_ipv6_has_no_limit_below_what_every_link_takes(tmp_path: Path, mtu: int, found: int) -> None:
    stack = Stack(mss=1220 if found == 0 else 1460)
    parts = [client_point(), Link(2), Narrow(mtu, "2001:db8:f::1", tells=False), Link(2), server_point()]
    assert len(narrow(tmp_path, Scene(parts, stack, v6=True), [BLOCKED])) == found


def test_a_path_that_tells_its_limit_is_no_black_hole(tmp_path: Path) -> None:
    parts = [client_point(), Link(2), Narrow(1300, "10.1.9.1", tells=True), Link(2), server_point()]
    assert narrow(tmp_path, Scene(parts), [BLOCKED]) == []
