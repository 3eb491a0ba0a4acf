"""tls-closed-after-certificate: clients that go away without a word, and those that had a reason to."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.support.files import write_capture
from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Reset, Send, Step, Talk
from tests.support.tls_handshakes import (
    ROOT,
    SERVER,
    TLS12,
    TLS13,
    Pair,
    capture,
    client_context,
    issue,
    server_context,
)
from tests.support.verdicts import judge, only, open_case
from wireproof.finding import Confidence, Severity

RULE = "tls-closed-after-certificate"


def pair(version: ssl.TLSVersion = TLS12, name: str | None = "www.example.com") -> Pair:
    made = Pair(client_context(), server_context(SERVER, version=version), name)
    assert made.handshake()
    return made


def used() -> list[Step]:
    made = pair()
    made.exchange()
    made.close()
    return made.steps


def test_a_close_right_after_the_handshake_with_a_wrong_name_is_a_warning(tmp_path: Path) -> None:
    finding = only(open_case(capture(tmp_path, [*pair(name="other.example.com").steps, Close("client")])), RULE)
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.MEDIUM)
    assert finding.facts["handshake_completed"] is True
    assert finding.facts["closed_after_s"] < 0.1


@pytest.mark.parametrize("name", ["www.example.com", None], ids=["right-name", "no-name"])
def test_a_health_check_that_finishes_the_handshake_is_information(tmp_path: Path, name: str | None) -> None:
    steps = [*pair(name=name).steps, Close("client")]
    finding = only(open_case(capture(tmp_path, *[steps] * 5, apart_s=60.0)), RULE)
    assert (finding.severity, finding.facts["count"]) == (Severity.INFO, 5)
    assert "health check" in finding.summary


def test_one_refused_name_among_health_checks_is_the_warning(tmp_path: Path) -> None:
    steps = [[*pair(name=name).steps, Close("client")] for name in ("www.example.com", "other.example.com")]
    assert only(open_case(capture(tmp_path, *steps)), RULE).severity is Severity.WARNING


def test_a_reset_in_the_middle_of_the_handshake_is_one_too(tmp_path: Path) -> None:
    finding = only(open_case(capture(tmp_path, [*pair().steps[:2], Reset("client")])), RULE)
    assert (finding.severity, finding.facts["handshake_completed"]) == (Severity.WARNING, False)


def test_in_tls_1_3_a_close_behind_the_finished_is_one(tmp_path: Path) -> None:
    finding = only(open_case(capture(tmp_path, [*pair(TLS13).steps, Close("client")])), RULE)
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.LOW)
    assert "TLS 1.3 encrypts" in finding.summary


def test_in_tls_1_3_the_length_of_a_record_tells_an_alert(tmp_path: Path) -> None:
    # OpenSSL sends its alert in clear here; others encrypt it, as RFC 8446 section 6 wants it.
    alert = Send("client", b"\x17\x03\x03\x00\x13" + bytes(range(19)))
    finding = only(open_case(capture(tmp_path, [*pair(TLS13).steps[:2], alert, Close("client")])), RULE)
    assert finding.confidence is Confidence.LOW
    assert "no Finished" in finding.summary


def closed_well(version: ssl.TLSVersion = TLS12) -> list[Step]:
    made = pair(version)
    made.close()
    return made.steps


def alerted() -> list[Step]:
    made = Pair(client_context([issue("Other Root", ca=True)]), server_context(SERVER), "www.example.com")
    assert not made.handshake()
    return [*made.steps, Close("client")]


def used_1_3() -> list[Step]:
    made = pair(TLS13)
    made.exchange()
    made.close()
    return made.steps


@pytest.mark.parametrize(
    "steps",
    [
        used(),
        used_1_3(),
        closed_well(),
        alerted(),
        [*pair().steps, Close("client", 30_000)],
        [*pair().steps, Close("server")],
        closed_well(TLS13),
        [*pair(TLS13).steps, Close("client", 30_000)],
        pair().steps[:1],
    ],
    ids=[
        "used",
        "used-1.3",
        "close-notify",
        "alert",
        "after-a-while",
        "server",
        "close-notify-1.3",
        "after-a-while-1.3",
        "hello-only",
    ],
)
def test_ordinary_ends_are_silent(tmp_path: Path, steps: list[Step]) -> None:
    assert judge(open_case(capture(tmp_path, steps)), RULE).findings == []


def test_where_other_connections_of_the_client_work_it_is_silent(tmp_path: Path) -> None:
    assert judge(open_case(capture(tmp_path, [*pair().steps, Close("client")], used())), RULE).findings == []


def test_a_probe_every_few_seconds_is_information(tmp_path: Path) -> None:
    finding = only(open_case(capture(tmp_path, *[[*pair().steps, Close("client")]] * 25)), RULE)
    assert (finding.severity, finding.facts["count"]) == (Severity.INFO, 25)


def test_a_client_that_compares_servers_is_information(tmp_path: Path) -> None:
    world = World([Point("client", at="client"), Link(5)])
    for turn in range(4):
        steps = used() if turn == 3 else [*pair().steps, Close("client")]
        Talk(world, Host("10.1.0.5"), Host(f"10.9.0.{turn}"), steps, (50001 + turn, 443), float(turn))
    finding = only(open_case({"client": write_capture(tmp_path / "client.pcapng", world.captures()["client"])}), RULE)
    assert (finding.severity, finding.facts["servers"]) == (Severity.INFO, 3)


def test_a_name_mismatch_explains_the_close(tmp_path: Path) -> None:
    made = Pair(client_context(), server_context(issue("mail.example.com", (), ROOT)), "www.example.com")
    made.handshake()
    findings = judge(open_case(capture(tmp_path, [*made.steps, Close("client")]))).findings
    close = next(finding for finding in findings if finding.rule == RULE)
    assert close.id in next(finding for finding in findings if finding.rule == "tls-name-mismatch").explains
