"""The TLS stages: the generation that a hello tells, and the ways in which a handshake ends."""

from __future__ import annotations

from pathlib import Path

from tests.cases import d21_directaccess as d21
from tests.support.directaccess import frames_case, scene_sight, sight_of
from wireproof.processes.handshake import WINDOWS_7, WINDOWS_8, system_of, tls_done, tls_hello
from wireproof.processes.iphttps import Attempt, make_attempt
from wireproof.processes.sight import Sight
from wireproof.processes.stage import Outcome


def scene(folder: Path, **fields: object) -> tuple[Sight, Attempt]:
    sight = scene_sight(folder, **fields)
    return sight, make_attempt(sight, sight.connections(d21.CLIENT, 443)[0])


def test_null_suites_alone_are_windows_8_or_later(tmp_path: Path) -> None:
    stage = tls_hello(*scene(tmp_path))
    assert stage.facts["suites"] == ["TLS_RSA_WITH_NULL_SHA", "TLS_RSA_WITH_NULL_MD5"]
    assert (stage.facts["system"], stage.facts["server_name"]) == (WINDOWS_8, d21.ENDPOINT)


def test_encrypting_suites_are_windows_7(tmp_path: Path) -> None:
    assert system_of(scene(tmp_path, system=7)[1].session) == WINDOWS_7
    assert system_of(None) == ""


def test_a_handshake_that_is_used_is_done_with_its_certificate(tmp_path: Path) -> None:
    stage = tls_done(*scene(tmp_path))
    assert stage.outcome is Outcome.DONE
    assert (stage.facts["names"], stage.facts["self_signed"]) == ([d21.ENDPOINT], False)


def test_a_whole_handshake_is_done_whatever_the_client_makes_of_the_certificate(tmp_path: Path) -> None:
    sight, attempt = scene(tmp_path, stop="tls-done", how="certificate")
    stage = tls_done(sight, attempt)
    assert stage.outcome is Outcome.DONE
    assert not any("closes" in step.note for step in stage.steps)
    assert (stage.facts["completed"], stage.facts["used"]) == (True, False)


def test_a_server_that_ends_it_or_is_silent_failed_it(tmp_path: Path) -> None:
    alert = tls_done(*scene(tmp_path, stop="tls-done", how="alert"))
    assert (alert.outcome, alert.facts["alerts"], alert.facts["alert_from"]) == (
        Outcome.FAILED,
        ["handshake_failure"],
        "server",
    )
    assert tls_done(*scene(tmp_path, stop="tls-done", how="reset")).facts["end_kind"] == "rst"
    assert tls_done(*scene(tmp_path, stop="tls-done")).outcome is Outcome.UNANSWERED


def test_a_connection_without_a_hello_has_no_handshake(tmp_path: Path) -> None:
    sight, attempt = scene(tmp_path, stop="transport-connected")
    assert tls_hello(sight, attempt).outcome is Outcome.NOT_SEEN
    assert tls_done(sight, attempt).outcome is Outcome.NOT_SEEN


def test_a_hello_that_is_repeated_to_the_end_is_unanswered(tmp_path: Path) -> None:
    frames = [
        frame
        for frame in d21.frames(d21.Scene(stop="tls-done", shown="outer"))
        if frame.time_ns <= d21.START_NS + 13.1e9
    ]
    hello = next(frame for frame in frames if b"\x16\x03\x01\x00\x57" in frame.data)
    again = [hello._replace(time_ns=hello.time_ns + after * 1_000_000_000) for after in (3, 9)]
    sight = sight_of(frames_case(tmp_path, [*frames, *again]).points[0])
    assert tls_done(sight, make_attempt(sight, sight.connections(d21.CLIENT, 443)[0])).outcome is Outcome.UNANSWERED
