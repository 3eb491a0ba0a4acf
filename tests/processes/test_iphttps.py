"""The client's connections with the server: which came farthest, and how its name and TCP went."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cases import d21_directaccess as d21
from tests.support.directaccess import cut_case, frames_case, scene_sight, sight_of
from wireproof.processes.iphttps import Attempt, best_attempt, connected, endpoint_resolved, make_attempt
from wireproof.processes.sight import Sight
from wireproof.processes.stage import Outcome


def attempts(sight: Sight) -> list[Attempt]:
    return [make_attempt(sight, number) for number in sight.connections(d21.CLIENT, 443)]


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({"stop": "transport-connected"}, 0),
        ({"stop": "tls-done"}, 2),
        ({"stop": "tls-done", "how": "certificate"}, 4),
        ({"stop": "tunnel-up"}, 5),
        ({}, 6),
    ],
)
def test_an_attempt_has_a_level(tmp_path: Path, fields: dict[str, Any], level: int) -> None:
    (attempt,) = attempts(scene_sight(tmp_path, **fields))
    assert attempt.level == level


def test_the_attempt_that_came_farthest_speaks_for_all(tmp_path: Path) -> None:
    failed = d21.frames(d21.Scene(stop="transport-connected", shown="outer"), 40.0)
    moved = [frame._replace(data=frame.data.replace(b"\xe4\x51\x01\xbb", b"\xe4\x50\x01\xbb")) for frame in failed]
    later = [frame._replace(time_ns=frame.time_ns + 60_000_000_000) for frame in d21.frames(d21.Scene(shown="outer"))]
    sight = sight_of(frames_case(tmp_path, [*moved, *later]).points[0])
    tried = attempts(sight)
    assert [attempt.level for attempt in tried] == [0, 6]
    assert best_attempt(tried) is tried[1]
    assert connected(sight, tried).outcome is Outcome.DONE


def test_refusal_and_silence_are_told_apart(tmp_path: Path) -> None:
    silent, refused = scene_sight(tmp_path, stop="transport-connected"), None
    stage = connected(silent, attempts(silent))
    assert (stage.outcome, stage.facts["syns"]) == (Outcome.UNANSWERED, 3)
    refused = scene_sight(tmp_path, stop="transport-connected", how="refused")
    stage = connected(refused, attempts(refused))
    assert (stage.outcome, stage.facts["refused"]) == (Outcome.FAILED, 1)


def test_a_syn_at_the_captures_end_is_under_way(tmp_path: Path) -> None:
    sight = sight_of(cut_case(tmp_path, 13.05).points[0])
    assert connected(sight, attempts(sight)).outcome is Outcome.UNDER_WAY


def test_a_capture_of_one_direction_shows_no_failure(tmp_path: Path) -> None:
    frames = [
        frame for frame in d21.frames(d21.Scene(shown="outer")) if frame.data[6:12] != bytes.fromhex("00155d100c41")
    ]
    point = frames_case(tmp_path, frames).points[0]
    assert connected(sight_of(point), attempts(sight_of(point))).outcome is Outcome.DONE
    assert point.directaccess is not None
    assert point.directaccess.stopped_at == ""


def test_a_name_without_lookups_was_not_resolved_here(tmp_path: Path) -> None:
    assert endpoint_resolved(scene_sight(tmp_path), ()).outcome is Outcome.NOT_SEEN
