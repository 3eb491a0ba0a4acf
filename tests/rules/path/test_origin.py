"""A packet traced back to the host that sent it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.alignments import GIGABIT, Scene, client_point, numbers, questions, server_point
from tests.support.middleboxes import Lose, data_numbers
from tests.support.path import Link, Part, Point
from tests.support.talk import Close, Send, Stack
from tests.support.trouble import Renumber
from tests.support.verdicts import make_case
from wireproof.rules.path._hops import ways
from wireproof.rules.path._origin import trace_back

UPLOAD = [Send("client", 60_000), Send("server", 500), Close("client", 500)]


def traced(folder: Path, parts: list[Part], steps: list[object]) -> tuple[list[int], list[int]]:
    """Frames at the client that lost packets trace back to, and those that really held them."""
    scene = Scene(parts, Stack(coalesce_ms=0.1))
    case = make_case(folder, scene.captures([steps]))  # type: ignore[list-item]
    found = set()
    for way in ways(case, uneven=True):
        for row in way.flow.lost.tolist():
            found |= {(point.name, earlier + 1) for point, earlier in trace_back(way, row)}
    assert numbers(case, "middle") or numbers(case, "near")
    return sorted(frame for name, frame in found if name == "client"), scene.truth("client")


@pytest.mark.parametrize("merged", [False, True])
def test_a_loss_behind_the_middle_is_traced_to_the_sender(tmp_path: Path, merged: bool) -> None:
    lose = Lose(data_numbers(True, 3, 9, 20))
    middle = Point("middle", offset_s=-55.0)
    parts = [
        client_point(merge_sent=merged),
        Link(1, megabit=GIGABIT),
        middle,
        lose,
        Link(1, megabit=GIGABIT),
        server_point(),
    ]
    found, truth = traced(tmp_path, parts, UPLOAD)
    assert found == truth != []


def test_a_loss_is_traced_through_two_points_and_new_numbers(tmp_path: Path) -> None:
    lose = Lose(data_numbers(True, 2, 5))
    parts = [
        client_point(),
        Link(1),
        Point("near"),
        lose,
        Renumber(client=2**31),
        Link(1),
        Point("middle"),
        Link(1),
        server_point(),
    ]
    found, truth = traced(tmp_path, parts, questions(6))
    assert found == truth != []


def test_between_two_points_the_sender_itself_is_where_it_set_out(tmp_path: Path) -> None:
    case = make_case(tmp_path, Scene([client_point(), Lose(data_numbers(True, 2)), Link(1), server_point()]).captures())
    way = next(way for way in ways(case, uneven=True) if len(way.flow.lost))
    assert trace_back(way, int(way.flow.lost[0])) == []
