"""tls-answered-in-clear: servers that do not speak TLS, and hellos that only look unanswered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.talk import Close, Reset, Send, Step
from tests.support.tls_handshakes import SERVER, Pair, capture, client_context, server_context
from tests.support.verdicts import judge, only, open_case
from wireproof.finding import Severity

RULE = "tls-answered-in-clear"


def shaken() -> list[Step]:
    pair = Pair(client_context(), server_context(SERVER), "www.example.com")
    assert pair.handshake()
    return pair.steps


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", 'plain HTTP ("HTTP/1.1 400 Bad Request")'),
        (b"<!DOCTYPE HTML>\n<html>", 'plain HTTP ("<!DOCTYPE HTML>")'),
        (b"SSH-2.0-OpenSSH_9.2\r\n", 'text of another protocol ("SSH-2.0-OpenSSH_9.2")'),
        (bytes.fromhex("00000000020028"), "bytes that are no TLS (00 00 00 00 02 00 28)"),
    ],
    ids=["http", "page", "ssh", "bytes"],
)
def test_an_answer_that_is_no_tls_is_told(tmp_path: Path, answer: bytes, meaning: str) -> None:
    finding = only(open_case(capture(tmp_path, [shaken()[0], Send("server", answer), Close("server")], port=80)), RULE)
    assert (finding.severity, finding.facts["answer"]) == (Severity.ERROR, meaning)
    assert len(finding.evidence) == 2


def test_many_connections_are_one_finding(tmp_path: Path) -> None:
    steps = [shaken()[0], Send("server", b"HTTP/1.1 400 Bad Request\r\n\r\n"), Close("server")]
    assert only(open_case(capture(tmp_path, *[steps] * 9)), RULE).facts["count"] == 9


@pytest.mark.parametrize(
    "steps",
    [
        shaken(),
        [shaken()[0], Reset("server")],
        [shaken()[0], Send("server", bytes.fromhex("15030300020228")), Close("server")],
        [shaken()[0], Send("server", shaken()[1].data[:80]), Send("client", bytes(40)), Send("server", bytes(40))],  # type: ignore[union-attr, index]
    ],
    ids=["handshake", "reset", "alert", "camouflage"],
)
def test_answers_of_tls_and_none_are_silent(tmp_path: Path, steps: list[Step]) -> None:
    assert judge(open_case(capture(tmp_path, steps)), RULE).findings == []
