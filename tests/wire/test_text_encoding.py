"""Encodings are told by their marks, and UTF-16 by its zeros; binary data are told from text."""

from __future__ import annotations

import codecs

import pytest

from wireproof.wire.text_encoding import find_encoding, find_mark, is_binary

TEXT = "für 10.0.0.1\r\n"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_tells_the_encoding(mark: bytes, encoding: str) -> None:
    data = mark + TEXT.encode(encoding)
    assert find_mark(data) == find_encoding(data) == (encoding, len(mark))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_told_by_its_zeros(encoding: str) -> None:
    data = TEXT.encode(encoding)
    assert find_encoding(data) == (encoding, 0)
    assert find_mark(data) == ("utf-8", 0)


@pytest.mark.parametrize("data", [b"", TEXT.encode(), TEXT.encode("cp1252"), bytes(40)])
def test_what_shows_nothing_else_is_taken_for_utf_8(data: bytes) -> None:
    assert find_encoding(data) == find_mark(data) == ("utf-8", 0)


def test_nul_and_many_control_characters_are_no_text() -> None:
    assert is_binary("a\0b")
    assert is_binary("\x01\x02\x03 text")
    assert not is_binary("\x01\x02 text\t\r\n\f\x1b[1m\x1a")
    assert not is_binary("")
