"""A timeline tells its stages by name, where it stopped, and what worked before that."""

from __future__ import annotations

from wireproof.processes.stage import Outcome, Stage, Step
from wireproof.processes.timeline import Timeline


def stage(name: str, outcome: Outcome, *, aside: bool = False, conversations: tuple[int, ...] = ()) -> Stage:
    steps = () if outcome is Outcome.NOT_SEEN else (Step(1, "frame"),)
    return Stage(name, name.title(), outcome, steps=steps, aside=aside, conversations=conversations)


STAGES = (
    stage("name", Outcome.DONE, conversations=(3,)),
    stage("connect", Outcome.DONE, conversations=(5, 3)),
    stage("probe", Outcome.DONE, aside=True),
    stage("talk", Outcome.UNANSWERED, conversations=(5,)),
    stage("traffic", Outcome.NOT_SEEN),
)


def test_the_stage_that_stopped_it_and_the_last_one_that_worked_are_found() -> None:
    timeline = Timeline("directaccess", "10.0.0.1", STAGES, stopped_at="talk")
    assert timeline.stopped is STAGES[3]
    assert timeline.last_done is STAGES[1]


def test_a_stage_that_no_frame_shows_is_not_the_last_that_worked() -> None:
    told = Stage("location", "Location", Outcome.DONE)
    assert Timeline("directaccess", "10.0.0.1", (told, *STAGES[3:]), stopped_at="talk").last_done is None


def test_without_a_stop_the_last_stage_done_is_the_farthest() -> None:
    timeline = Timeline("directaccess", "10.0.0.1", STAGES[:3])
    assert timeline.stopped is None
    assert timeline.last_done is STAGES[1]


def test_conversations_are_named_once_in_order() -> None:
    assert Timeline("directaccess", "10.0.0.1", STAGES).conversations == (3, 5)


def test_a_name_that_is_no_stage_gives_none() -> None:
    assert Timeline("directaccess", "10.0.0.1", STAGES).stage("absent") is None
