"""tls-alert: handshakes that one side ends with a reason, and alerts that end nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.talk import Close, Send, Step
from tests.support.tls_handshakes import (
    ROOT,
    SERVER,
    TLS10,
    TLS12,
    Pair,
    capture,
    client_context,
    issue,
    server_context,
)
from tests.support.verdicts import judge, only, open_case
from wireproof.finding import Finding, Severity

RULE = "tls-alert"


def found(folder: Path, *talks: list[Step]) -> Finding:
    return only(open_case(capture(folder, *talks)), RULE)


def failed(client: object, server: object) -> list[Step]:
    pair = Pair(client, server, "www.example.com")  # type: ignore[arg-type]
    assert not pair.handshake()
    return [*pair.steps, Close("server")]


def used() -> list[Step]:
    pair = Pair(client_context([ROOT]), server_context(SERVER), "www.example.com")
    assert pair.handshake()
    pair.exchange()
    pair.close()
    return pair.steps


def test_no_common_suite_is_a_failure_at_the_server(tmp_path: Path) -> None:
    client = client_context(suites="ECDHE-RSA-AES128-SHA256", version=TLS12)
    finding = found(tmp_path, failed(client, server_context(SERVER, suites="ECDHE-ECDSA-AES256-GCM-SHA384")))
    assert (finding.severity, finding.facts["alert"], finding.facts["sender"]) == (
        Severity.ERROR,
        "handshake_failure",
        "server",
    )
    assert "the server chose nothing" in finding.summary


def test_no_common_version_is_told_with_the_versions_offered(tmp_path: Path) -> None:
    finding = found(tmp_path, failed(client_context(version=TLS10), server_context(SERVER)))
    assert finding.facts["alert"] == "protocol_version"
    assert "offered TLS 1.0 and" in finding.summary


def test_the_client_is_named_when_it_refuses(tmp_path: Path) -> None:
    finding = found(tmp_path, failed(client_context([issue("Other Root", ca=True)]), server_context(SERVER)))
    assert (finding.facts["alert"], finding.facts["sender"], finding.toward) == ("unknown_ca", "client", "server")


def test_a_try_that_failed_beside_one_that_worked_is_information(tmp_path: Path) -> None:
    client = client_context(version=TLS10)
    assert found(tmp_path, failed(client, server_context(SERVER)), used()).severity is Severity.INFO


def test_many_failures_are_one_finding(tmp_path: Path) -> None:
    finding = found(tmp_path, *[failed(client_context(version=TLS10), server_context(SERVER))] * 30)
    assert finding.facts["count"] == 30


@pytest.mark.parametrize(
    "alert",
    ["0170", "0100", "0164", "015a"],
    ids=["unrecognized_name", "close_notify", "no_renegotiation", "user_canceled"],
)
def test_warnings_that_end_nothing_are_silent(tmp_path: Path, alert: str) -> None:
    steps = used()
    warning = Send("server", bytes.fromhex("1503030002" + alert), 0.1)
    assert judge(open_case(capture(tmp_path, [steps[0], warning, *steps[1:]])), RULE).findings == []


def test_a_healthy_session_is_silent(tmp_path: Path) -> None:
    assert judge(open_case(capture(tmp_path, used())), RULE).findings == []


def test_no_tls_at_all_is_silent(tmp_path: Path) -> None:
    steps: list[Step] = [
        Send("client", b"GET / HTTP/1.1\r\n\r\n"),
        Send("server", b"HTTP/1.1 204 No Content\r\n\r\n"),
        Close("client"),
    ]
    assert judge(open_case(capture(tmp_path, steps, port=80)), RULE).findings == []
