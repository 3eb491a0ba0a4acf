"""Stages of a process as exchanges."""

from __future__ import annotations

from wireproof.processes.stage import Outcome, Stage, Step
from wireproof.processes.stage_exchanges import stage_exchanges
from wireproof.processes.timeline import Timeline

STAGES = (
    Stage(
        "location-probe",
        "Location asked for",
        Outcome.UNANSWERED,
        2.0,
        9.0,
        (Step(5, "asked"), Step(9, "again")),
        {},
        (3,),
    ),
    Stage(
        "tls-hello",
        "TLS begun",
        Outcome.DONE,
        10.0,
        10.0,
        (Step(12, "hello"),),
        {"null_suites": True, "server": "10.0.0.1", "tries": 3},
    ),
    Stage("main-mode", "Main mode", Outcome.NOT_SEEN),
)


def test_stages_that_were_seen_are_exchanges_with_their_outcome() -> None:
    found = list(stage_exchanges(Timeline("directaccess", "10.0.0.9", STAGES)))
    assert [(one.action, one.outcome, one.good, one.row) for one in found] == [
        ("Location asked for", "unanswered", False, 5),
        ("TLS begun", "done", True, 12),
    ]
    assert (found[0].wait_s, found[0].conversation, found[0].service.title) == (7.0, 3, "DirectAccess connection")


def test_a_stage_that_failed_is_told_at_its_last_frame() -> None:
    failed = Stage("tls-done", "TLS done", Outcome.FAILED, 1.0, 2.0, (Step(4, "certificate"), Step(8, "FIN")))
    (found,) = stage_exchanges(Timeline("directaccess", "10.0.0.9", (failed,)))
    assert (found.row, found.telling_row) == (4, 8)


def test_words_are_compared_and_numbers_and_addresses_are_not() -> None:
    _, hello = stage_exchanges(Timeline("directaccess", "10.0.0.9", STAGES))
    assert hello.details == (("tls begun: null suites", "yes"),)


def test_a_choice_is_a_part_of_the_outcome() -> None:
    stages = (
        Stage("location", "Inside or outside", Outcome.DONE, 1.0, 1.0, (Step(4, "x"),), {"location": "outside"}),
        Stage("transport-connected", "Connected", Outcome.DONE, 2.0, 2.0, (Step(8, "x"),), {"transport": "6to4"}),
    )
    found = list(stage_exchanges(Timeline("directaccess", "10.0.0.9", stages)))
    assert [(one.outcome, one.good, one.details) for one in found] == [
        ("done (outside)", True, ()),
        ("done (6to4)", True, ()),
    ]
