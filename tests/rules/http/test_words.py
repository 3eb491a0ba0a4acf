"""What a status means and what to do, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.web import request, response, web_case
from wireproof.rules.http._failures import Failure, find_failures
from wireproof.rules.http._words import REASONS, fixes, reason


def failure(folder: Path, *messages: bytes) -> Failure:
    """The one failure of a conversation."""
    (found,) = find_failures(web_case(folder, *messages).points[0])
    return found


@pytest.mark.parametrize(
    ("status", "line", "word"),
    [
        ("400 Bad Request", "Server: Microsoft-HTTPAPI/2.0", "HTTPERR"),
        ("503 Unavailable", "Server: Microsoft-HTTPAPI/2.0", "application pool"),
        ("503 Unavailable", "Server: nginx", "load balancer"),
        ("502 Bad Gateway", "Via: 1.1 edge", "capture there"),
        ("511 Login", "Server: x", "portal"),
        ("599 Odd", "Server: x", "own log"),
    ],
)
def test_the_advice_fits_status_and_server(tmp_path: Path, status: str, line: str, word: str) -> None:
    found = failure(tmp_path, request(), response(status, line))
    assert any(word in text for text in fixes(found))
    assert reason(found)


def test_kerberos_advice_names_the_service_principal(tmp_path: Path) -> None:
    turn = [
        request("/", "Authorization: Negotiate abc", host="crm.corp.example:8080"),
        response("401 No", "WWW-Authenticate: Negotiate"),
    ]
    assert any("HTTP/crm.corp.example" in text for text in fixes(failure(tmp_path, *turn, *turn)))


def test_reasons_go_on_in_a_sentence() -> None:
    assert [text for text in REASONS.values() if text.endswith(".") or text[0].isupper()] == []
