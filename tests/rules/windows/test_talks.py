"""Conversations that logs name by their ends."""

from __future__ import annotations

from pathlib import Path

from tests.support.scripted import CLIENT, SERVER, Row, frames
from tests.support.verdicts import make_case
from wireproof.case import Case
from wireproof.rules.windows._talks import find_talks, is_unanswered


def two_points(folder: Path) -> Case:
    rows = [Row(0.0, "c", "S"), Row(0.1, "s", "SA", 0, 1)]
    return make_case(folder, {"client": frames(rows), "server": frames(rows[:1])})


def test_a_conversation_is_found_at_each_point_in_either_direction(tmp_path: Path) -> None:
    case = two_points(tmp_path)
    for ends in ((CLIENT, SERVER), (SERVER, CLIENT), ((CLIENT[0], 0), SERVER)):
        assert [(point.name, number) for point, number in find_talks(case, "tcp", *ends)] == [
            ("client", 0),
            ("server", 0),
        ]


def test_other_ends_and_protocols_are_not_it(tmp_path: Path) -> None:
    case = two_points(tmp_path)
    assert find_talks(case, "tcp", (CLIENT[0], 1), SERVER) == []
    assert find_talks(case, "tcp", ("10.0.0.2", CLIENT[1]), SERVER) == []
    assert find_talks(case, "udp", CLIENT, SERVER) == []
    assert find_talks(case, "sctp", CLIENT, SERVER) == []


def test_a_side_that_sent_nothing_or_resets_only_did_not_answer(tmp_path: Path) -> None:
    answered, silent = two_points(tmp_path).points
    assert (is_unanswered(answered, 0), is_unanswered(silent, 0)) == (False, True)
    (tmp_path / "reset").mkdir()
    reset = make_case(tmp_path / "reset", {"one": frames([Row(0.0, "c", "S"), Row(0.1, "s", "RA", 0, 1)])})
    assert is_unanswered(reset.points[0], 0)
