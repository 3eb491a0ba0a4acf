"""What merely looks alike is no conversation seen twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.alignments import Scene, align, questions, short_path, unlike
from tests.support.files import Frame
from tests.support.middleboxes import SourceNat
from tests.support.path import EPOCH_NS, World
from tests.support.talk import Ask, Host, Talk
from tests.support.trouble import Renumber
from tests.support.verdicts import judge, make_case
from wireproof.case import Case

DAY_NS = 86_400 * 10**9


def run(seed: int, epoch_ns: int = EPOCH_NS, port: int = 50001, count: int = 6) -> dict[str, list[Frame]]:
    """One day's work of the same two hosts on the same ports: equal words, other pauses and numbers."""
    world = World(short_path())
    for turn in range(count):
        Talk(
            world,
            Host("10.1.1.9"),
            Host("10.1.2.8"),
            unlike(questions(8), seed + turn),
            (port + turn, 9000),
            0.7 * turn + seed / 1000,
        )
    return world.captures(epoch_ns)


def silent(case: Case) -> bool:
    found = judge(case)
    return (
        not case.alignment.journeys
        and not case.alignment.absent
        and not [one for one in found.findings if one.rule.startswith("path")]
    )


@pytest.mark.parametrize("later_ns", [20 * 10**9, DAY_NS, -3 * DAY_NS])
@pytest.mark.parametrize("name", ["client", "server"])
def test_the_same_work_at_another_time_is_another_conversation(tmp_path: Path, later_ns: int, name: str) -> None:
    assert silent(make_case(tmp_path, {"client": run(1)["client"], "server": run(500, EPOCH_NS + later_ns)[name]}))


def test_other_ports_at_the_same_time_are_other_conversations(tmp_path: Path) -> None:
    assert silent(make_case(tmp_path, {"client": run(1)["client"], "server": run(500, port=51001)["server"]}))


def test_other_hosts_have_nothing_in_common(tmp_path: Path) -> None:
    world = World(short_path())
    Talk(world, Host("192.0.2.1"), Host("192.0.2.2"), questions(8), (50001, 9000), 0.3)
    assert silent(make_case(tmp_path, {"client": run(1)["client"], "server": world.captures()["server"]}))


def test_one_script_run_twice_is_not_one_run(tmp_path: Path) -> None:
    first, second = World(short_path()), World(short_path())
    for world, start_s in ((first, 0.3), (second, 0.7)):
        Talk(world, Host("10.1.1.9"), Host("10.1.2.8"), questions(8), (50001, 9000), start_s)
    case = make_case(
        tmp_path, {"client": first.captures()["client"], "server": second.captures(EPOCH_NS + DAY_NS)["server"]}
    )
    assert silent(case)


def test_equal_names_asked_on_two_days_are_no_pair(tmp_path: Path) -> None:
    days = []
    for day in range(2):
        world = World(short_path(SourceNat("198.51.100.7")))
        for turn in range(9):
            number = (turn if turn == 4 else 50 * day + turn).to_bytes(2, "big")
            texts = (number + b" where is www.example.com", number + b" www.example.com is here")
            Ask(world, Host("10.1.1.9"), Host("10.1.2.8"), (51000 + turn, 53), texts, 1.0 * turn + day / 3)
        days.append(world.captures(EPOCH_NS + day * DAY_NS))
    assert silent(make_case(tmp_path, {"client": days[0]["client"], "server": days[1]["server"]}))


def test_numbers_of_both_sides_are_believed_whatever_the_clocks_say(tmp_path: Path) -> None:
    case = align(tmp_path, Scene(short_path(SourceNat("198.51.100.7"), offset_s=5 * 86400.0)), [questions(4)])
    assert len(case.alignment.journeys) == 1


def test_a_lasting_conversation_under_new_numbers_is_believed_at_a_far_offset(tmp_path: Path) -> None:
    steps = [step for step in questions(20) for _ in (0,)]
    for step in steps:
        object.__setattr__(step, "after_ms", step.after_ms + 300)
    case = align(tmp_path, Scene(short_path(Renumber(5, 6), offset_s=-9000.0)), [steps])
    assert len(case.alignment.journeys) == 1


def test_doubtful_pairs_follow_the_sure_ones(tmp_path: Path) -> None:
    today, other_day = run(1), run(500, EPOCH_NS + DAY_NS, count=2)
    sure = Scene(short_path()).captures([questions(3, "football")])
    captures = {"client": [*sure["client"], *today["client"]], "server": [*sure["server"], *other_day["server"]]}
    case = make_case(
        tmp_path, {name: sorted(frames, key=lambda frame: frame.time_ns) for name, frames in captures.items()}
    )
    assert len(case.alignment.journeys) == 1
    assert abs(case.alignment.clocks[1].offset_ns) < 10**8
