"""Opened conversations lose their credentials before TLS begins and inside it."""

from __future__ import annotations

from pathlib import Path

from tests.export.clearing import clear_of, handshake, read_made, segment
from wireproof.export.content import Content
from wireproof.export.redact.opened import hide_in_content
from wireproof.export.said import CLEAR, PLAIN


def test_both_parts_are_looked_through(tmp_path: Path) -> None:
    plain, inside = (
        b"CONNECT a:1 HTTP/1.1\r\nProxy-Authorization: Basic abc\r\n\r\n",
        b"GET /?token=abc HTTP/1.1\r\n\r\n",
    )
    tables = read_made(
        tmp_path, [*handshake(), segment(True, "A", 0, 0, plain), segment(True, "A", len(plain), 0, inside)]
    )
    talks = list(clear_of(tables, begins=(len(plain), 0)).talks.values())
    content = Content(tables, talks)
    assert hide_in_content(content, talks) == (2, set(), [])
    assert content.read(0, PLAIN, 0, len(plain)) == plain.replace(b"abc", b"***")
    assert content.read(0, CLEAR, 0, len(inside)) == inside.replace(b"abc", b"***")
    assert content.read(0, CLEAR, 13, 2) == b"**"


def test_what_comes_before_tls_is_blanked_where_its_protocol_is_not_known(tmp_path: Path) -> None:
    plain, inside = b"\5\1\2\1\3bob\3abc", b"GET / HTTP/1.1\r\n\r\n"
    tables = read_made(
        tmp_path, [*handshake(), segment(True, "A", 0, 0, plain), segment(True, "A", len(plain), 0, inside)]
    )
    talks = list(clear_of(tables, begins=(len(plain), 0)).talks.values())
    content = Content(tables, talks)
    assert hide_in_content(content, talks) == (1, set(), [0])
    assert content.read(0, PLAIN, 0, len(plain)) == b"*" * len(plain)
    assert content.read(0, CLEAR, 0, len(inside)) == inside
