"""Failures as facts: what they are about, and what became of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.web import SERVER, request, response, web_case
from wireproof.messages.http_message import HttpMessage
from wireproof.rules.http._failures import find_failures, is_everyday


def test_a_failure_names_host_and_server(tmp_path: Path) -> None:
    (failure,) = find_failures(web_case(tmp_path, request(host="WWW.Example.com"), response("500 No")).points[0])
    assert (failure.host, failure.server, failure.by_proxy, failure.mended) == (
        "www.example.com",
        f"{SERVER}:80",
        False,
        False,
    )


def test_a_request_to_a_proxy_is_known_by_its_form(tmp_path: Path) -> None:
    (failure,) = find_failures(web_case(tmp_path, request("http://www.example.com/"), response("500 No")).points[0])
    assert failure.by_proxy


def test_a_later_success_mends_only_what_came_before_it(tmp_path: Path) -> None:
    turns = [request("/a"), response("500 No"), request("/a"), response(), request("/a"), response("500 No")]
    assert [failure.mended for failure in find_failures(web_case(tmp_path, *turns).points[0])] == [True, False]


def test_basic_credentials_are_refused_at_once_and_ntlm_at_the_second_try(tmp_path: Path) -> None:
    for scheme, tries, expected in (("Basic", 1, 1), ("NTLM", 1, 0), ("NTLM", 2, 1)):
        turn = [request("/", f"Authorization: {scheme} abc"), response("401 No", f"WWW-Authenticate: {scheme}")]
        folder = tmp_path / f"{scheme}{tries}"
        folder.mkdir()
        assert len(find_failures(web_case(folder, *turn * tries).points[0])) == expected


@pytest.mark.parametrize(
    ("method", "target", "status", "everyday"),
    [
        ("GET", "/favicon.ico", 403, True),
        ("GET", "/index.html", 403, False),
        ("GET", "/index.html", 404, True),
        ("GET", "/root.crl?x", 404, False),
        ("OPTIONS", "/", 403, True),
        ("OPTIONS", "/", 500, False),
    ],
)
def test_what_is_everyday_life(method: str, target: str, status: int, everyday: bool) -> None:
    message = HttpMessage(
        conversation=0,
        side=1,
        row=2,
        last_row=2,
        time_ns=0,
        kind="response",
        method=method,
        target=target,
        status=status,
        request_row=1,
    )
    assert is_everyday(message) is everyday
