"""path-mtu-blackhole: only the large segments die; and losses of every size."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d1_sccm
from tests.support.middleboxes import Lose, Narrow, data_numbers
from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Send, Talk
from tests.support.verdicts import judge, make_case, only, open_case
from wireproof.finding import Confidence


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
    world = World([Point("client", at="client"), Link(5), Narrow(1400, "10.1.9.1", tells=False), Link(5), Point("server", at="server")])
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
