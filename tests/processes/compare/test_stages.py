"""Stages of a process as exchanges."""

from __future__ import annotations

import pytest

from wireproof.processes.compare.stages import names_system, same_system, stage_exchanges, without_hidden
from wireproof.processes.stage import Outcome, Stage, Step
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


def test_a_client_outside_does_not_fail_by_not_reaching_its_location_server() -> None:
    found, _ = stage_exchanges(Timeline("directaccess", "10.0.0.9", STAGES, location="outside"))
    assert (found.outcome, found.good) == ("not reached", None)


def test_the_hello_tells_the_system() -> None:
    found = names_system(Timeline("directaccess", "10.0.0.9", STAGES))
    assert found is not None
    assert found.row == 12
    assert names_system(Timeline("directaccess", "10.0.0.9", STAGES[:1])) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Windows 7 / Server 2008 R2", "Windows 8 / Server 2012 or later", False),
        ("Windows 7 / Server 2008 R2", "Windows Server 2008 R2", True),
        ("Windows 7 / Server 2008 R2", "Windows 7", True),
        ("Windows Server 2008 R2", "Windows 8 / Server 2012 or later", False),
        ("Windows 7", "", True),
    ],
)
def test_a_system_is_the_same_where_a_generation_is_shared(one: str, other: str, same: bool) -> None:
    assert same_system(one, other) is same


@pytest.mark.parametrize(
    ("suite", "stopped", "kept"),
    [
        ("TLS_RSA_WITH_AES_128_CBC_SHA", "", 1),
        ("TLS_RSA_WITH_AES_128_CBC_SHA", "main-mode", 2),
        ("TLS_RSA_WITH_NULL_SHA", "", 2),
    ],
)
def test_stages_that_the_other_captures_tls_hides_are_left_out(suite: str, stopped: str, kept: int) -> None:
    up = Stage("tunnel-up", "Tunnel", Outcome.DONE, 3.0, 4.0, (Step(4, "x"),))
    mode = Stage("main-mode", "Main mode", Outcome.DONE, 5.0, 6.0, (Step(6, "x"),))
    unseen = Stage("main-mode", "Main mode", Outcome.NOT_SEEN)
    handshake = Stage("tls-done", "TLS done", Outcome.DONE, 1.0, 2.0, (Step(2, "x"),), {"suite": suite})
    other = Timeline("directaccess", "10.0.0.9", (handshake, up, unseen), stopped_at=stopped)
    assert len(without_hidden(Timeline("directaccess", "10.0.0.8", (up, mode)), other).stages) == kept
