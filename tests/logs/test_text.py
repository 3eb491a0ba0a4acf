"""Texts of any encoding that Windows writes, and what is no text."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wireproof.logs.text
from wireproof.logs.text import LINES, read_text

LISTING = "Aktive Verbindungen\r\n  TCP  0.0.0.0:135  0.0.0.0:0  ABHÖREN  4\r\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (LISTING.encode(), "utf-8"),
        (codecs.BOM_UTF8 + LISTING.encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + LISTING.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + LISTING.encode("utf-16-be"), "utf-16-be"),
        (LISTING.encode("utf-16-le"), "utf-16-le"),
        (LISTING.encode("utf-16-be"), "utf-16-be"),
        (LISTING.encode("cp1252"), "cp1252"),
        (LISTING.encode("cp850"), "cp850"),
    ],
)
def test_every_encoding_gives_the_same_lines(data: bytes, encoding: str) -> None:
    text = read_text(data, "netstat.txt")
    assert text is not None
    assert text.encoding == encoding
    assert text.lines == LISTING.splitlines()


def test_a_place_in_the_whole_text_has_its_line() -> None:
    text = read_text(b"one\ntwo\n\nfour", "x")
    assert text is not None
    assert [text.line_at(text.whole.index(word)) for word in ("one", "two", "four", "ur")] == [1, 2, 4, 4]


@pytest.mark.parametrize("data", [b"MZ\x90\0\x03\0\0\0", bytes(range(256)) * 4, b"\xd4\xc3\xb2\xa1" + bytes(40)])
def test_binary_files_are_no_text(data: bytes) -> None:
    assert read_text(data, "x") is None


def test_lines_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LINES, "value", 3.0)
    text = read_text(b"a\nb\nc\nd\ne\n", "x")
    assert text is not None
    assert (text.lines, text.left) == (["a", "b", "c"], 2)


def test_parts_that_overlap_hold_every_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wireproof.logs.text, "PART", 8)
    monkeypatch.setattr(wireproof.logs.text, "OVERLAP", 8)
    text = read_text(b"0123456NetStat and 12-Ab\tend", "x")
    assert text is not None
    assert text.has_any("none", "netstat")
    assert not text.has_any("NetStat", "none")
    assert text.has_shape(b"00-00 ")
    assert not text.has_shape(b"00-00-")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    text = read_text(data, "x")
    assert text is None or all(1 <= text.line_at(at) <= len(text.lines) for at in range(len(text.whole)))
