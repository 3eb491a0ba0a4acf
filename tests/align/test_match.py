"""The same packet at two points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.alignments import Scene, align, flows, numbers, questions, short_path
from tests.support.middleboxes import Lose, SourceNat, data_numbers
from tests.support.path import EPOCH_NS, Part, World
from tests.support.trouble import Remark, Renumber, shown_twice, with_vlan
from tests.support.verdicts import make_case
from wireproof.align.match import LEFT, TWIN, match_packets, roles
from wireproof.align.pairs import pair_conversations


@pytest.mark.parametrize("between", [[], [SourceNat("198.51.100.7")], [Renumber(9, 2**31)], [Remark(0xB9)]])
def test_every_packet_finds_itself(tmp_path: Path, between: list[Part]) -> None:
    case = align(tmp_path, Scene(short_path(*between)), [questions(4)] * 2)
    one, other = (point.tables for point in case.points)
    pairs, _ = pair_conversations(one, other)
    if any(isinstance(part, Renumber) for part in between):
        assert pairs.shifts.tolist() == [[9, 2**31]] * 2
    match = match_packets(one, other, pairs)
    rows, there = match.joined()
    assert len(rows) == len(one.packets) == len(other.packets)
    assert (one.packets.length[rows] == other.packets.length[there]).all()
    assert (match.back[there] == rows).all()
    assert (roles(one, rows) == roles(other, there)).all()
    assert len(match.left(0)) == len(match.left(1)) == 0


def test_what_was_dropped_is_left_over(tmp_path: Path) -> None:
    scene = Scene(short_path(Lose(data_numbers(False, 4, 9))))
    case = align(tmp_path, scene)
    one, other = (point.tables for point in case.points)
    match = match_packets(one, other, pair_conversations(one, other)[0])
    left = match.left(1)
    assert set(scene.truth("server")) <= set((left + 1).tolist())
    assert (match.back[left] == LEFT).all()
    assert len(match.keys[1]) == len(match.left(1))


def test_a_tag_on_one_side_and_cut_frames_change_nothing(tmp_path: Path) -> None:
    scene = Scene(short_path(snap_length=64))
    case = align(tmp_path, scene, change=lambda frames: {**frames, "server": with_vlan(frames["server"], 12)})
    assert all(not len(rows) for flow in flows(case) for rows in (flow.lost, flow.missed, flow.inserted, flow.outside))
    assert sum(len(flow.sent) for flow in flows(case)) == len(case.points[0].packets)


@pytest.mark.parametrize("name", ["client", "server"])
def test_a_mirror_port_that_shows_everything_twice_hides_and_invents_no_loss(tmp_path: Path, name: str) -> None:
    scene = Scene(short_path(Lose(data_numbers(False, 4, 9))))
    case = align(tmp_path, scene, change=lambda frames: {**frames, name: shown_twice(frames[name])})
    lost = numbers(case, "server")
    assert len(lost) == 2
    assert lost == scene.truth("server") if name == "client" else [2 * number - 1 for number in scene.truth("server")]
    assert numbers(case, name, "inserted") == []
    twins = np.concatenate([flow.twins for flow in flows(case)])
    assert len(twins) > 20


def test_a_repeat_is_no_twin(tmp_path: Path) -> None:
    case = align(tmp_path, Scene(short_path(Lose(data_numbers(False, 4)))))
    one, other = (point.tables for point in case.points)
    match = match_packets(one, other, pair_conversations(one, other)[0])
    assert not (match.partner == TWIN).any()
    assert not (match.back == TWIN).any()


def test_echoes_of_equal_bytes_are_told_by_their_sequence_numbers(tmp_path: Path) -> None:
    from tests.support.packets import Ethernet, IPv4, echo
    from tests.support.path import Onward, Packet

    class LoseThird:
        def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
            del now_ns
            return [] if packet.upper.rest[-1] == 3 and upward else [Onward(packet, upward)]  # type: ignore[union-attr]

    world = World(short_path(LoseThird()))
    for turn in range(6):
        ask, answer = (
            IPv4("10.1.1.9", "10.1.2.8", echo(7, turn)),
            IPv4("10.1.2.8", "10.1.1.9", echo(7, turn, reply=True)),
        )
        world.at(turn * 10**9, lambda packet=ask: world.send(packet, upward=True))
        if turn != 3:
            world.at(turn * 10**9 + 20_000_000, lambda packet=answer: world.send(packet, upward=False))
    captures = world.captures(EPOCH_NS)
    assert bytes(Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", ask))
    case = make_case(tmp_path, captures)
    assert numbers(case, "client") == [7]
    assert numbers(case, "server") == []
