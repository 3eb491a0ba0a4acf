"""Clear bytes that memory does not hold are opened once and read from a file in any order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.export.clearing import clear_of, export, handshake, read_made, said, segment
from wireproof.decrypt.clear_index import KEPT
from wireproof.export.spool import Spool, is_needed
from wireproof.streams.stream import Stream

FRAMES = [
    *handshake(),
    segment(True, "A", 0, 0, b"first"),
    segment(True, "A", 10, 0, b"second"),
    segment(False, "A", 0, 16, b"answer" * 1000),
    segment(True, "A", 16, 6000, b"third"),
]


class Opened(Stream):
    """A stream as if it stood inside a session; `reads` counts how often it was asked."""

    __slots__ = ()
    opened = True


def test_bytes_come_back_whatever_the_gaps(tmp_path: Path) -> None:
    streams = clear_of(read_made(tmp_path, FRAMES)).talks[0].streams
    spool = Spool(streams)
    assert [spool.read(0, begin, 5) for begin in (16, 10, 0, 11)] == [b"third", b"secon", b"first", b"econd"]
    assert spool.read(1, 5994, 6) == b"answer"
    assert spool.read(0, 16, 50) == b"third"
    spool.close()


def test_it_is_needed_only_when_not_all_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    streams = clear_of(read_made(tmp_path, FRAMES)).talks[0].streams
    monkeypatch.setattr(KEPT, "value", 6015)
    assert not is_needed(streams)
    for stream in streams:
        stream.__class__ = Opened
    assert is_needed(streams)
    monkeypatch.setattr(KEPT, "value", 6016)
    assert not is_needed(streams)


def test_an_export_through_the_file_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, plain = export(tmp_path, FRAMES)
    monkeypatch.setattr("wireproof.export.content.is_needed", lambda _: True)
    _, spooled = export(tmp_path, FRAMES, name="other.pcapng")
    assert said(spooled) == said(plain)
