"""Endpoints used again, where a capture lacks the SYN of a later conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from examples.packets import TCP
from tests.support.alignments import Scene, client_point, flows, numbers, questions, server_point, unlike
from tests.support.files import Frame
from tests.support.middleboxes import Lose, data_numbers
from tests.support.path import EPOCH_NS, Link, Packet, Part, Point, World
from tests.support.talk import Reset, Send, Talk
from tests.support.trouble import LeakyPoint
from tests.support.verdicts import judge, make_case
from wireproof.align.pairs import SAME_NUMBER, USED_AGAIN, pair_conversations
from wireproof.align.reused import pair_reused
from wireproof.case import Case

APART_NS = 5 * 10**9


def is_syn(packet: Packet, _upward: bool, _seen: int) -> bool:
    return isinstance(packet.upper, TCP) and packet.upper.flags == "S"


def captures(
    lacking: Mapping[str, Iterable[int]], make_path: Callable[[], list[Part]], lives: int = 3
) -> dict[str, list[Frame]]:
    """Conversations on the same ports one after the other; a point of `lacking` misses the SYNs of those lives."""
    found: dict[str, list[Frame]] = {}
    for life in range(lives):
        parts = [
            LeakyPoint(part.name, at=part.at, offset_s=part.offset_s, choose=is_syn)
            if isinstance(part, Point) and life in lacking.get(part.name, ())
            else part
            for part in make_path()
        ]
        world = World(parts)
        Talk(world, *Scene(parts).hosts(), [*unlike(questions(6, f"life {life}"), life)], (50001, 9000), 0.01 * life)
        for name, frames in world.captures(EPOCH_NS + life * APART_NS).items():
            found.setdefault(name, []).extend(frames)
    return found


def members(case: Case) -> list[list[tuple[str, int]]]:
    return sorted([(case.points[p].name, n) for p, n in journey.members] for journey in case.alignment.journeys)


def plain_path() -> list[Part]:
    return [client_point(), Link(5), Link(5), server_point(offset_s=40.0)]


BOTH = {"client": [1], "server": [2]}


@pytest.mark.parametrize(
    ("lacking", "expected"),
    [
        ({"server": [1]}, [(0, 0), (1, 0), (2, 1)]),
        ({"server": [2]}, [(0, 0), (1, 1), (2, 1)]),
        ({"server": [1, 2]}, [(0, 0), (1, 0), (2, 0)]),
        ({"client": [1]}, [(0, 0), (0, 1), (1, 2)]),
        ({"server": [0, 1, 2]}, [(0, 0), (1, 0), (2, 0)]),
        ({"client": [0, 1, 2], "server": [1]}, [(0, 0), (0, 1)]),
        (BOTH, [(0, 0), (0, 1), (1, 1)]),
    ],
)
def test_packets_are_joined_whichever_conversation_holds_them(
    tmp_path: Path, lacking: dict[str, list[int]], expected: list[tuple[int, int]]
) -> None:
    case = make_case(tmp_path, captures(lacking, plain_path))
    assert sorted((a[1], b[1]) for a, b in members(case)) == expected
    told = flows(case)
    assert not any(len(flow.lost) or len(flow.merged) for flow in told)
    assert not case.alignment.absent
    # At the very beginning nothing proves that the client's capture was there when the SYN was sent.
    unsent = {life for life in lacking.get("client", ()) if life} - set(lacking.get("server", ()))
    gone = set(lacking.get("server", ())) - set(lacking.get("client", ()))
    assert len(numbers(case, "server", "inserted")) == len(unsent)
    fates = [sum(len(getattr(flow, name)) for flow in told) for name in ("missed", "outside", "sent")]
    assert fates[0] + fates[1] == len(gone)
    assert fates[2] == len(case.points[0].packets) - len(gone)


def test_what_a_later_conversation_lost_is_told(tmp_path: Path) -> None:
    lose = Lose(data_numbers(False, 3, 10, 20))
    make_path: Callable[[], list[Part]] = lambda: [client_point(), Link(5), lose, Link(5), server_point()]  # noqa: E731
    case = make_case(tmp_path, captures({"client": [1, 2]}, make_path))
    assert members(case) == [[("client", 0), ("server", life)] for life in range(3)]
    truth = [packet.upper.seq for _, packet in lose.dropped]  # type: ignore[union-attr]
    packets = case.point("server").packets
    assert sorted(int(packets.seq[number - 1]) for number in numbers(case, "server")) == sorted(truth)
    assert len(truth) == 3
    assert {finding.rule for finding in judge(case).findings} & {"path-forged-reset", "path-header-rewritten"} == set()


def test_resets_of_a_later_conversation_are_not_forged(tmp_path: Path) -> None:
    found: dict[str, list[Frame]] = {}
    for life in range(2):
        server = LeakyPoint("server", at="server", choose=is_syn) if life else server_point()
        parts: list[Part] = [client_point(), Link(5), server]
        world = World(parts)
        Talk(
            world,
            *Scene(parts).hosts(),
            [Send("client", 300 + life), Send("server", 20), Reset("client")],
            (50001, 9000),
            0.01 * life,
        )
        for name, frames in world.captures(EPOCH_NS + life * APART_NS).items():
            found.setdefault(name, []).extend(frames)
    case = make_case(tmp_path, found)
    assert len(members(case)) == 2
    assert numbers(case, "server", "inserted") == numbers(case, "client") == []
    assert judge(case, "path-forged-reset").findings == []


@pytest.mark.parametrize("lacking", [{"far": [1]}, {"client": [1], "far": [1]}, {"server": [1], "far": [1]}])
def test_a_third_point_keeps_its_own_conversations_apart(tmp_path: Path, lacking: dict[str, list[int]]) -> None:
    make_path: Callable[[], list[Part]] = lambda: [  # noqa: E731
        client_point(),
        Link(2),
        Point("far", offset_s=-3.0),
        Link(3),
        server_point(),
    ]
    case = make_case(tmp_path, captures(lacking, make_path))
    for journey in case.alignment.journeys:
        assert [case.points[point].name for point, _ in journey.members] == ["client", "far", "server"]
    assert not any(len(flow.lost) for flow in flows(case))
    inserted = [case.points[flow.receiver[0]].packets.flags[row] for flow in flows(case) for row in flow.inserted]
    assert set(inserted) <= {2}
    packets = sum(len(point.packets) for point in case.points)
    seen = sum(len(flow.sent) for flow in flows(case))
    assert seen > packets // 3 * 2 - 6
    assert all(one != other for one, other in pairwise(members(case)))


def test_a_conversation_that_shares_no_packet_is_not_held_by_another(tmp_path: Path) -> None:
    whole = captures({}, plain_path, lives=2)
    late = whole["server"][0].time_ns + APART_NS // 2
    whole["server"] = [frame for frame in whole["server"] if frame.time_ns < late]
    case = make_case(tmp_path, whole)
    assert members(case) == [[("client", 0), ("server", 0)]]
    one, other = (point.tables for point in case.points)
    pairs, free = pair_conversations(one, other)
    assert pairs.how.tolist() == [SAME_NUMBER]
    more = pair_reused(one, other, pairs, free)
    assert (more.first.tolist(), more.second.tolist(), more.how.tolist()) == ([1], [0], [USED_AGAIN])
