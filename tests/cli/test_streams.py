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


def narrow(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """Make standard output one of an encoding that knows no arrows; gives what is written to it."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252", write_through=True))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    make_streams_safe()
    return raw


def test_characters_that_an_encoding_lacks_become_ascii_that_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = narrow(monkeypatch)
    sys.stdout.write("a → b ✗ 日 – µ")
    assert raw.getvalue().decode("cp1252") == "a -> b x ? – µ"


def test_documents_are_utf_8_in_any_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = narrow(monkeypatch)
    print_document("a → b\n")
    assert raw.getvalue() == "a → b\n".encode()


def test_a_pipe_has_no_width_and_no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = narrow(monkeypatch)
    console = open_console()
    print_text(console, Text("red " * 60, "red"))
    assert console_width(console) is None
    assert raw.getvalue().decode() == "red " * 60


def test_a_file_is_utf_8_with_plain_line_ends(tmp_path: Path) -> None:
    write_file(tmp_path / "x.txt", "a → b\n")
    assert (tmp_path / "x.txt").read_bytes() == "a → b\n".encode()


def test_a_file_that_cant_be_written_is_the_user_s_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="can't be written"):
        write_file(tmp_path / "no" / "x.txt", "")
