"""The same conversation at two points, by addresses and numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.alignments import Scene, align, questions, short_path, unlike
from tests.support.files import Frame
from tests.support.middleboxes import SourceNat, TargetNat
from tests.support.path import EPOCH_NS, Part, World
from tests.support.talk import Host, Talk
from tests.support.trouble import Renumber
from tests.support.verdicts import make_case
from wireproof.align.pairs import (
    BOTH_NUMBERS,
    HOW,
    ONE_NUMBER,
    RENUMBERED,
    SAME_ENDS,
    SAME_NUMBER,
    pair_conversations,
)
from wireproof.case import Case

ONE_TO_ONE = [(0, 0), (1, 1), (2, 2)]


def paired(case: Case) -> tuple[list[tuple[int, int]], list[int]]:
    """(first, second) pairs in order, and by what each was found."""
    pairs, _ = pair_conversations(case.points[0].tables, case.points[1].tables)
    rows = sorted(zip(pairs.first.tolist(), pairs.second.tolist(), pairs.how.tolist(), strict=True))
    return [row[:2] for row in rows], [row[2] for row in rows]


@pytest.mark.parametrize(
    ("between", "how"),
    [
        ([], SAME_NUMBER),
        ([Renumber(server=77)], SAME_NUMBER),
        ([Renumber(client=77)], RENUMBERED),
        ([SourceNat("198.51.100.7")], BOTH_NUMBERS),
        ([SourceNat("198.51.100.7"), Renumber(server=5)], ONE_NUMBER),
        ([SourceNat("198.51.100.7"), Renumber(client=2**31)], ONE_NUMBER),
    ],
)
def test_conversations_are_told_by_what_the_path_leaves_alone(tmp_path: Path, between: list[Part], how: int) -> None:
    case = align(tmp_path, Scene(short_path(*between)), [questions(2)] * 3)
    assert paired(case) == (ONE_TO_ONE, [how] * 3)


def test_address_translation_on_both_sides_is_seen_through(tmp_path: Path) -> None:
    parts = short_path(SourceNat("198.51.100.7"), TargetNat("203.0.113.8", "10.1.2.8"))
    case = align(tmp_path, Scene(parts, target="203.0.113.8"), [questions(2)] * 3)
    assert paired(case) == (ONE_TO_ONE, [BOTH_NUMBERS] * 3)


def test_a_capture_without_handshakes_is_paired_by_its_endpoints(tmp_path: Path) -> None:
    case = align(tmp_path, Scene(short_path(from_s=0.05)), [questions(6)])
    assert paired(case) == ([(0, 0)], [SAME_ENDS])


def lives(between: list[Part], count: int = 3) -> dict[str, list[Frame]]:
    """Conversations that use the same ports one after the other."""
    captures: dict[str, list[Frame]] = {"client": [], "server": []}
    for turn in range(count):
        parts = short_path(*(replace(part) for part in between))  # type: ignore[type-var]
        world = World(parts)
        Talk(world, *Scene(parts).hosts(), unlike(questions(3), turn), (50001, 9000), 0.01 * turn)
        for name, frames in world.captures(EPOCH_NS + turn * 5 * 10**9).items():
            captures[name] += frames
    return captures


def test_ports_used_again_are_told_apart_by_numbers(tmp_path: Path) -> None:
    assert paired(make_case(tmp_path, lives([]))) == (ONE_TO_ONE, [SAME_NUMBER] * 3)


def test_ports_used_again_behind_a_renumbering_firewall_are_told_apart_by_order(tmp_path: Path) -> None:
    assert paired(make_case(tmp_path, lives([Renumber(99, 7)]))) == (ONE_TO_ONE, [RENUMBERED] * 3)


def test_of_several_lives_only_those_that_both_points_show_are_paired(tmp_path: Path) -> None:
    captures = lives([])
    late = captures["server"][0].time_ns + 3 * 10**9
    captures["server"] = [frame for frame in captures["server"] if frame.time_ns > late]
    assert paired(make_case(tmp_path, captures)) == ([(1, 0), (2, 1)], [SAME_NUMBER] * 2)


def test_what_is_sent_to_groups_pairs_nothing(tmp_path: Path) -> None:
    from tests.support.packets import UDP, Ethernet, IPv4

    question = Ethernet(
        "02:00:00:00:00:01", "01:00:5e:00:00:fb", IPv4("10.1.1.9", "224.0.0.251", UDP(5353, 5353, b"who is there"))
    )
    frames = [Frame(EPOCH_NS + turn, bytes(question)) for turn in range(3)]
    case = make_case(tmp_path, {"one": frames, "other": frames})
    assert paired(case) == ([], [])
    assert case.alignment.journeys == []


def test_the_point_that_saw_the_handshake_tells_the_other_who_is_the_client(tmp_path: Path) -> None:
    parts = short_path(from_s=0.02)
    world = World(parts)
    Talk(world, Host("10.1.1.9"), Host("10.1.2.8"), questions(5), (9001, 9000))
    case = make_case(tmp_path, world.captures())
    assert case.points[1].talk(0).facts["client_known"] < 2
    case.points[1].conversations.swap_clients(case.points[1].conversations.facts["client"].nonzero()[0])
    first, second = (case.points[point].talk(number) for point, number in case.alignment.journeys[0].members)
    assert first.client_endpoint == second.client_endpoint == "10.1.1.9:9001"


def test_only_equal_addresses_leave_a_pair_beyond_doubt() -> None:
    assert {how.certain for how in HOW if how.because.startswith("same addresses")} == {"high", "medium"}
    assert HOW[RENUMBERED].certain == HOW[ONE_NUMBER].certain == "medium"
