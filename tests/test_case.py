"""A case: names are unique, facts are computed once."""

from __future__ import annotations

from pathlib import Path

import pytest

import wireproof.align
from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Send, Talk
from tests.support.verdicts import make_case
from wireproof.case import Case
from wireproof.errors import CaseError


def two_points(folder: Path) -> Case:
    world = World([Point("client", at="client"), Link(5), Point("server", at="server")])
    Talk(world, Host("10.1.1.9"), Host("10.1.2.8"), [Send("client", 300), Send("server", 900), Close("client")])
    return make_case(folder, world.captures())


def test_points_are_found_by_name_and_numbered_in_order(tmp_path: Path) -> None:
    case = two_points(tmp_path)
    assert [point.index for point in case.points] == [0, 1]
    assert case.point("server") is case.points[1]
    with pytest.raises(CaseError, match="middle"):
        case.point("middle")


def test_two_captures_of_one_name_are_refused(tmp_path: Path) -> None:
    case = two_points(tmp_path)
    with pytest.raises(CaseError, match="client"):
        Case([case.points[0], case.points[0]])


def test_the_alignment_is_computed_once(tmp_path: Path) -> None:
    case = two_points(tmp_path)
    assert case.alignment is case.alignment
    assert len(case.alignment.journeys) == 1


def test_frames_are_fetched_again_and_times_count_from_the_first_one(tmp_path: Path) -> None:
    point = two_points(tmp_path).points[0]
    assert len(point.frame(0)) == point.packets.captured[0]
    assert [len(data) for data in point.frames([2, 0])] == point.packets.captured[[2, 0]].tolist()
    assert point.time_s(0) == 0.0
    assert point.time_s(3) > 0.0


def test_points_that_cant_be_compared_stand_apart_with_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError("nothing to divide by")

    monkeypatch.setattr(wireproof.align, "align", breaks)
    case = two_points(tmp_path)
    alignment = case.alignment
    assert (alignment.journeys, alignment.absent, [clock.group for clock in alignment.clocks]) == ([], [], [0, 1])
    assert case.alignment is alignment
    assert case.notes == [
        (
            "comparing the captures stopped with ZeroDivisionError: nothing to divide by; please report it. "
            "Each capture was judged by itself"
        )
    ]
