"""What heads and the beginnings of bodies tell."""

from __future__ import annotations

from typing import Any

import pytest

from wireproof.messages.http_message import PAGE, HttpMessage, body_fields, bytes_wanted, head_fields
from wireproof.wire.http import unpack_head


def said(status: str = "403 Forbidden", kind: str = "text/html", **more: str) -> dict[str, Any]:
    fields = "".join(f"{name}: {value}\r\n" for name, value in {"Content-Type": kind, **more}.items())
    head = unpack_head(f"HTTP/1.1 {status}\r\n{fields}\r\n".encode())
    assert head
    return head_fields(head)


@pytest.mark.parametrize(
    ("page", "number"),
    [
        (b"<title>IIS 7.5 Detailed Error - 403.7 - Forbidden</title>", 7),
        (b"HTTP Error 403.16 - Forbidden", 16),
        (b"version 403.7.2 of something", 0),
        (b"it is 1403.7 m long", 0),
        (b"500.19", 0),
        (b"x" * PAGE + b"403.7", 0),
    ],
)
def test_the_sub_status_is_the_one_of_this_status(page: bytes, number: int) -> None:
    assert body_fields(said(), page)["sub_status"] == number


def test_pages_of_success_and_packed_ones_are_not_searched() -> None:
    assert "sub_status" not in body_fields(said("200 OK"), b"403.7")
    assert body_fields(said(**{"Content-Encoding": "gzip"}), b"403.7") == {}
    assert bytes_wanted(said("404 Not Found", "image/png")) == 0


def test_a_text_is_told_as_one_line() -> None:
    assert body_fields(said("200 OK", "text/plain"), b"\xef\xbb\xbfno\r\n\tentry\x1b[1m")["text"] == "no entry[1m"


def test_the_status_is_shown_with_its_sub_status() -> None:
    place: dict[str, Any] = {"conversation": 0, "side": 1, "row": 0, "last_row": 0, "time_ns": 0, "kind": "response"}
    assert HttpMessage(**place, status=403, reason="Forbidden", sub_status=7).status_text == "403.7 Forbidden"
    assert HttpMessage(**place, status=200).status_text == "200"
