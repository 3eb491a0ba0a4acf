"""Bytes of opened conversations come back in any order, and few of them are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.export.clearing import clear_of, handshake, read_made, segment
from wireproof.export.content import WINDOWS, Content
from wireproof.export.events import EVENT
from wireproof.export.redact.spans import Spans
from wireproof.export.said import CLEAR, NOTHING, PLAIN


def test_plain_and_clear_bytes_have_their_own_offsets(tmp_path: Path) -> None:
    tables = read_made(tmp_path, [*handshake(), segment(True, "A", 0, 0, b"plain"), segment(True, "A", 5, 0, b"clear")])
    content = Content(tables, list(clear_of(tables, begins=(5, 0)).talks.values()))
    assert content.read(0, PLAIN, 1, 4) == b"lain"
    assert content.read(0, CLEAR, 0, 5) == b"clear"
    assert content.read(0, CLEAR, 3, 50) == b"ar"
    assert content.read(1, CLEAR, 0, 0) == b""


@pytest.mark.parametrize(("limit", "held"), [(2, 2), (0, 1)])
def test_streams_beyond_the_limit_are_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, held: int
) -> None:
    frames = [
        frame
        for port in range(40000, 40006)
        for frame in (*handshake(ports=(port, 443)), segment(True, "A", 0, 0, b"%d" % port, ports=(port, 443)))
    ]
    tables = read_made(tmp_path, frames)
    monkeypatch.setattr(WINDOWS, "value", limit)
    talks = list(clear_of(tables).talks.values())
    content = Content(tables, talks)
    for _ in range(2):
        assert [content.read(2 * place, CLEAR, 0, 5) for place in range(6)] == [
            b"%d" % port for port in range(40000, 40006)
        ]
    assert sum(bool(stream._held) for talk in talks for stream in talk.streams) == held


def pieces(content: Content, wanted: list[tuple[int, int, int, int]]) -> list[bytes]:
    """What `gather` finds of (stream, source, begin, size)."""
    events = np.zeros(len(wanted), EVENT)
    for event, (stream, source, begin, size) in zip(events, wanted, strict=True):
        event["stream"], event["source"], event["begin"], event["size"] = stream, source, begin, size
    found = content.gather(events)
    places = zip(found.starts.tolist(), found.sizes.tolist(), strict=True)
    return [found.data[at : at + size] for at, size in places]


def test_many_pieces_are_those_that_are_read_one_by_one(tmp_path: Path) -> None:
    text = bytes(range(200))
    tables = read_made(
        tmp_path, [*handshake(), segment(True, "A", 0, 0, b"plain" + text), segment(False, "A", 0, 205, text)]
    )
    content = Content(tables, list(clear_of(tables).talks.values()))
    content.hide(0, CLEAR, Spans([(7, 12)]))
    wanted = [
        (0, CLEAR, 5, 5),
        (1, CLEAR, 50, 10),
        (0, NOTHING, 0, 0),
        (0, CLEAR, 10, 90),
        (1, CLEAR, 0, 50),
        (0, CLEAR, 150, 9),
    ]
    assert pieces(content, wanted) == [content.read(*one) for one in wanted]
    assert pieces(content, wanted)[0] == b"\x00\x01***"
    assert pieces(content, []) == []


def test_bytes_that_are_gone_take_no_others_with_them(tmp_path: Path) -> None:
    frames = [*handshake(), segment(True, "A", 0, 0, b"a" * 10), segment(True, "A", 15, 0, b"b" * 10)]
    tables = read_made(tmp_path, frames)
    content = Content(tables, list(clear_of(tables).talks.values()))
    wanted = [(0, CLEAR, 0, 5), (0, CLEAR, 5, 10), (0, CLEAR, 15, 10), (0, CLEAR, 900, 7)]
    assert pieces(content, wanted) == [b"a" * 5, b"a" * 5, b"b" * 10, b""]
