"""Several copies of one packet: which of them arrived."""

from __future__ import annotations

from pathlib import Path

import numpy as np
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
from tests.support.middleboxes import Lose, data_numbers
from tests.support.path import Link
from tests.support.talk import Close, Send
from tests.support.trouble import Delay, Duplicate, every
from wireproof.align.copies import Timing, part_early, settle_copies
from wireproof.align.match import COPY, LEFT, NO_PAIR, Match

MILLISECOND = 1_000_000


def bare_match(partner: list[int], back: list[int], keys: tuple[list[int], list[int]]) -> Match:
    """A match of rows without tables."""
    first, second = (np.array(own, dtype=np.uint64) for own in keys)
    none = np.zeros(1, dtype=np.int32)
    return Match(
        np.array(partner, dtype=np.int32),
        np.array(back, dtype=np.int32),
        np.zeros(len(partner), dtype=bool),
        (first, second),
        (none, none),
    )


def timing(
    one_ms: list[int],
    other_ms: list[int],
    ids: tuple[list[int], list[int]],
    *,
    forward: bool = True,
    delay_ms: int = 10,
) -> Timing:
    times = np.array(one_ms) * MILLISECOND, np.array(other_ms) * MILLISECOND
    marks = np.array(ids[0], dtype=np.uint16), np.array(ids[1], dtype=np.uint16)
    return Timing(times, marks, np.full(len(one_ms), forward), delay_ms * MILLISECOND)


def test_the_ip_identification_tells_the_copy_whatever_the_times_say() -> None:
    match = bare_match([LEFT, LEFT], [LEFT], ([7, 7], [7]))
    settle_copies(match, timing([0, 300], [311], ([40, 41], [40])))
    assert match.partner.tolist() == [0, COPY]


@pytest.mark.parametrize(("came", "expected"), [(12, [0, COPY]), (309, [COPY, 0])])
def test_without_identification_the_time_that_fits_the_delay_tells(came: int, expected: list[int]) -> None:
    match = bare_match([LEFT, LEFT], [LEFT], ([7, 7], [7]))
    settle_copies(match, timing([0, 300], [came], ([0, 0], [0])))
    assert match.partner.tolist() == expected


def test_a_long_path_with_quick_repeats_is_not_mistaken() -> None:
    match = bare_match([LEFT, LEFT], [LEFT], ([7, 7], [7]))
    settle_copies(match, timing([0, 60], [250], ([0, 0], [0]), delay_ms=250))
    assert match.partner.tolist() == [0, COPY]


def test_packets_that_travel_the_other_way_count_their_delay_the_other_way() -> None:
    match = bare_match([LEFT], [LEFT, LEFT], ([7], [7, 7]))
    settle_copies(match, timing([310], [0, 300], ([0], [0, 0]), forward=False))
    assert match.back.tolist() == [COPY, 0]


def test_rows_of_no_pair_and_of_other_keys_stay_as_they_are() -> None:
    match = bare_match([LEFT, NO_PAIR, LEFT], [LEFT], ([7, 8], [9]))
    settle_copies(match, timing([0, 1, 2], [5], ([0] * 3, [0])))
    assert match.partner.tolist() == [LEFT, NO_PAIR, LEFT]


def test_what_would_arrive_before_it_was_sent_is_another_copy() -> None:
    count = 20
    match = bare_match(list(range(count)), list(range(count)), ([], []))
    came = [10 * turn + 8 for turn in range(count)]
    came[5] -= 400
    part_early(match, timing([10 * turn for turn in range(count)], came, ([0] * count, [0] * count)))
    assert [row for row in range(count) if match.partner[row] == COPY] == [5]


def test_a_clock_that_is_wrong_for_many_packets_parts_none() -> None:
    match = bare_match([0, 1, 2], [0, 1, 2], ([], []))
    part_early(match, timing([500, 510, 520], [0, 10, 20], ([0] * 3, [0] * 3)))
    assert match.partner.tolist() == [0, 1, 2]


def test_the_first_copy_is_lost_and_the_repeat_arrives(tmp_path: Path) -> None:
    scene = Scene(short_path(Lose(data_numbers(False, 5, 12))))
    case = align(tmp_path, scene)
    assert numbers(case, "server") == scene.truth("server")
    assert all(not len(flow.never) for flow in flows(case))


def test_copies_that_both_arrive_are_no_loss(tmp_path: Path) -> None:
    losing_acks = Lose(every(4, upward=True))
    scene = Scene([client_point(), Link(60, megabit=GIGABIT), losing_acks, Link(60, megabit=GIGABIT), server_point()])
    case = align(tmp_path, scene, [questions(8)])
    repeats = int(case.points[1].conversations.facts["sides"]["retransmissions"].sum())
    assert repeats > 0
    assert numbers(case, "server") == []
    gone = [numbers(case, "client", field) for field in ("lost", "lost_acks")]
    late = numbers(case, "client", "outside")
    assert sorted(number for part in gone for number in part) == [
        number for number in scene.truth("client") if number not in late
    ]


@pytest.mark.parametrize("trouble", [Delay(every(7), 12.0), Duplicate(every(5)), Duplicate(every(3), 40.0)])
@pytest.mark.parametrize("v6", [False, True])
def test_reordered_and_duplicated_packets_are_no_loss(tmp_path: Path, trouble: object, v6: bool) -> None:
    scene = Scene(short_path(trouble), v6=v6)  # type: ignore[arg-type]
    case = align(tmp_path, scene, [questions(), [Send("client", 300), Send("server", 120_000), Close("client")]])
    assert numbers(case, "client") == numbers(case, "server") == []
    assert numbers(case, "client", "inserted") == numbers(case, "server", "inserted") == []


@pytest.mark.parametrize("v6", [False, True])
def test_quick_repeats_on_a_short_path_are_told_apart(tmp_path: Path, v6: bool) -> None:
    parts = [
        client_point(),
        Link(0.05, megabit=GIGABIT),
        Lose(every(23, data_only=True)),
        Link(0.05, megabit=GIGABIT),
        server_point(),
    ]
    scene = Scene(parts, v6=v6)
    bulk = [Send("client", 400), Send("server", 200_000), Send("client", 90_000), Send("server", 800), Close("client")]
    case = align(tmp_path, scene, [questions(), bulk])
    assert numbers(case, "client") == scene.truth("client") != []
    assert numbers(case, "server") == scene.truth("server") != []
