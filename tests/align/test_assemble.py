"""All points of a case brought together."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from tests.support.alignments import (
    GIGABIT,
    Scene,
    align,
    client_point,
    flows,
    numbers,
    questions,
    server_point,
    short_path,
)
from tests.support.middleboxes import Lose, SourceNat, data_numbers
from tests.support.path import Link, Point
from tests.support.talk import Close, Send
from tests.support.trouble import Renumber, every, shown_twice
from tests.support.verdicts import judge, make_case
from wireproof.align.assemble import leave_apart
from wireproof.align.journeys import Journey
from wireproof.case import Case

BULK = [Send("client", 400), Send("server", 150_000), Send("client", 60_000), Send("server", 800), Close("client", 900)]


def names(case: Case, journey: Journey) -> list[str]:
    return [case.points[point].name for point, _ in journey.members]


@pytest.mark.parametrize("nat", [False, True])
@pytest.mark.parametrize("shifts", [(0, 0), (0x12345678, 0), (0, 0x82345678), (0xF2345678, 0x82345678)])
def test_losses_are_found_through_nat_and_renumbering(tmp_path: Path, nat: bool, shifts: tuple[int, int]) -> None:
    up, down = Lose(data_numbers(True, 5, 30)), Lose(data_numbers(False, 3, 40, 41, 90))
    firewall, router = [Renumber(*shifts)] if any(shifts) else [], [SourceNat("198.51.100.9")] if nat else []
    scene = Scene(short_path(up, *firewall, *router, down))
    case = align(tmp_path, scene, [questions(20), BULK])
    assert len(case.alignment.journeys) == 2
    assert numbers(case, "server") == scene.truth("server") != []
    assert numbers(case, "client") == scene.truth("client") != []
    assert numbers(case, "client", "inserted") == numbers(case, "server", "inserted") == []


@pytest.mark.parametrize("offset_s", [0.0, 3 * 86400.0])
@pytest.mark.parametrize("order", list(permutations(("client", "middle", "server"))))
def test_three_points_in_any_order_tell_the_stretch_that_loses(
    tmp_path: Path, order: tuple[str, ...], offset_s: float
) -> None:
    lose = Lose(data_numbers(False, 3, 20))
    parts = [
        client_point(),
        Link(5),
        Point("middle", offset_s=offset_s),
        Link(5),
        lose,
        Link(5),
        server_point(offset_s=-offset_s, drift_ppm=40),
    ]
    scene = Scene(parts)
    captures = scene.captures([questions(12), questions(4, "football")])
    case = make_case(tmp_path, {name: captures[name] for name in order})
    assert [names(case, journey) for journey in case.alignment.journeys] == [["client", "middle", "server"]] * 2
    assert [case.points[point].name for point in case.alignment.order] == ["client", "middle", "server"]
    assert numbers(case, "server") == scene.truth("server")
    assert numbers(case, "middle") == numbers(case, "client") == []
    assert {case.points[flow.receiver[0]].name for flow in flows(case) if len(flow.lost)} == {"middle"}


def test_four_points_with_nat_in_the_midst(tmp_path: Path) -> None:
    lose = Lose(data_numbers(True, 4, 9))
    parts = [
        client_point(),
        Link(1),
        Point("one", offset_s=3),
        Link(2),
        lose,
        SourceNat("198.51.100.9"),
        Point("two", offset_s=-9),
        Link(5),
        server_point(),
    ]
    scene = Scene(parts)
    captures = scene.captures([questions(12)])
    case = make_case(tmp_path, {name: captures[name] for name in ("two", "server", "client", "one")})
    assert [names(case, journey) for journey in case.alignment.journeys] == [["client", "one", "two", "server"]]
    assert numbers(case, "one") == scene.truth("one")
    assert sum(len(flow.lost) for flow in flows(case)) == 2


def test_points_that_share_nothing_have_clocks_of_their_own(tmp_path: Path) -> None:
    one = Scene(short_path()).captures([questions(3)])
    other = Scene([Point("far", offset_s=77.0), Link(1), Point("farther")]).captures([questions(3, "football")])
    for frames in other.values():
        frames[:] = [
            frame._replace(data=frame.data.replace(bytes([10, 1, 1, 9]), bytes([10, 7, 7, 7]))) for frame in frames
        ]
    case = make_case(tmp_path, {**one, **other})
    groups = [clock.group for clock in case.alignment.clocks]
    assert groups == [0, 0, 2, 2]
    assert len(case.alignment.journeys) == 2


def test_a_capture_beside_itself_loses_nothing(tmp_path: Path) -> None:
    frames = Scene(short_path(Lose(data_numbers(False, 3)))).captures([questions(5)])["server"]
    case = make_case(tmp_path, {"one": frames, "other": frames})
    assert not any(
        len(rows) for flow in flows(case) for rows in (flow.lost, flow.missed, flow.inserted, flow.merged, flow.outside)
    )
    assert all(int(flow.delay_ns.max()) == 0 for flow in flows(case))
    found = judge(case, "path-loss", "path-forged-reset", "path-header-rewritten", "path-latency", "path-mtu-blackhole")
    assert found.findings == []


def test_empty_and_lonely_captures_align_with_nothing(tmp_path: Path) -> None:
    frames = Scene(short_path()).captures([questions(2)])["client"]
    case = make_case(tmp_path, {"one": frames, "bare": frames[:1]})
    assert len(case.alignment.journeys) == 1
    nothing = make_case(tmp_path, {"two": frames, "none": []})
    assert nothing.alignment.journeys == []
    assert nothing.alignment.spans[1] == (0, 0)


def test_the_stated_order_settles_what_packets_do_not_tell(tmp_path: Path) -> None:
    frames = Scene(short_path()).captures([questions(2)])["client"]
    case = make_case(tmp_path, {"one": frames, "other": frames})
    case.path_order = ["other", "one"]
    assert [case.points[point].name for point in case.alignment.order] == ["other", "one"]


@pytest.mark.parametrize("v6", [False, True])
def test_many_conversations_with_random_looking_loss_are_told_to_the_packet(tmp_path: Path, v6: bool) -> None:
    lose = Lose(every(19, data_only=True))
    parts = [
        client_point(merge_sent=True),
        Link(2, megabit=GIGABIT),
        lose,
        Link(2, megabit=GIGABIT),
        server_point(offset_s=77.7, drift_ppm=-30),
    ]
    scene = Scene(parts, v6=v6)
    talks = [
        [
            *questions(2 + turn % 5, f"topic {turn}")[:-1],
            Send("client", 900 * turn),
            Send("server", 9000),
            Close("client"),
        ]
        for turn in range(1, 40)
    ]
    case = align(tmp_path, scene, talks)
    late = {name: set(numbers(case, name, "outside")) for name in ("client", "server")}
    for name in ("client", "server"):
        assert numbers(case, name) == [number for number in scene.truth(name) if number not in late[name]]
    assert len(scene.truth("client")) > 30


def test_everything_shown_twice_at_both_ends_changes_nothing(tmp_path: Path) -> None:
    scene = Scene(short_path(Lose(data_numbers(False, 6))))
    captures = scene.captures()
    plain = make_case(tmp_path, captures)
    (lost,) = numbers(plain, "server")
    sent = int(plain.point("server").packets.seq[lost - 1])
    twice = make_case(tmp_path, {name: shown_twice(frames) for name, frames in captures.items()})
    assert [int(twice.point("server").packets.seq[number - 1]) for number in numbers(twice, "server")] == [sent]


def test_points_left_apart_keep_their_own_clocks_and_spans(tmp_path: Path) -> None:
    case = align(tmp_path, Scene(short_path()), [questions(2)])
    apart, together = leave_apart(case.points), case.alignment
    assert (apart.journeys, apart.absent, apart.order) == ([], [], [0, 1])
    assert [(clock.offset_ns, clock.known, clock.group) for clock in apart.clocks] == [(0, True, 0), (0, False, 1)]
    assert apart.spans[0] == together.spans[0]


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (["third", "one"], ["third", "other", "one"]),
        (["third", "gone", "other", "one"], ["third", "other", "one"]),
        (["other"], ["one", "other", "third"]),
        ([], ["one", "other", "third"]),
    ],
)
def test_a_stated_order_of_some_points_holds_among_these(
    tmp_path: Path, stated: list[str], expected: list[str]
) -> None:
    frames = Scene(short_path()).captures([questions(2)])["client"]
    case = make_case(tmp_path, {"one": frames, "other": frames, "third": frames})
    case.path_order = stated
    assert [case.points[point].name for point in case.alignment.order] == expected
    assert [names(case, journey) for journey in case.alignment.journeys] == [expected]
