"""Standard output in any encoding, files as UTF-8."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from rich.text import Text

from wireproof.cli.streams import (
    OutputError,
    console_width,
    make_streams_safe,
    open_console,
    print_document,
    print_text,
    write_file,
)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """Standard output in an encoding that knows no arrows."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252", write_through=True))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    return raw


def test_characters_that_an_encoding_lacks_become_ascii_that_reads_the_same(narrow: io.BytesIO) -> None:
    make_streams_safe()
    print("a → b ✗ 日 – µ")
    assert narrow.getvalue().decode("cp1252").splitlines() == ["a -> b x ? – µ"]


def test_documents_are_utf_8_in_any_terminal(narrow: io.BytesIO) -> None:
    make_streams_safe()
    print_document("a → b\n")
    assert narrow.getvalue() == "a → b\n".encode()


def test_a_pipe_has_no_width_and_no_colours(narrow: io.BytesIO) -> None:
    make_streams_safe()
    console = open_console()
    print_text(console, Text("red " * 60, "red"))
    assert console_width(console) is None
    assert narrow.getvalue().decode() == "red " * 60


def test_a_file_is_utf_8_with_plain_line_ends(tmp_path: Path) -> None:
    write_file(tmp_path / "x.txt", "a → b\n")
    assert (tmp_path / "x.txt").read_bytes() == "a → b\n".encode()


def test_a_file_that_cant_be_written_is_the_user_s_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="can't be written"):
        write_file(tmp_path / "no" / "x.txt", "")
