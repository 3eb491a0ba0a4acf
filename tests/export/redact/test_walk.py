"""Streams of any length are looked through in windows, and nothing is missed where windows or gaps cut a secret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.export.redact import walk
from wireproof.export.redact.spans import Spans


class Text:
    """Bytes with gaps as a stream; `missing` are (start, end) of bytes that are not there."""

    def __init__(self, data: bytes, *missing: tuple[int, int], begins_known: bool = True) -> None:
        self.data, self.missing, self.begins_known = data, missing, begins_known

    def read(self, start: int, count: int) -> bytes:
        """As a stream reads."""
        if any(begin <= start < end for begin, end in self.missing):
            return b""
        stop = min([begin for begin, _ in self.missing if begin >= start], default=len(self.data))
        return self.data[start : min(start + count, stop)]

    def next_after(self, offset: int) -> int | None:
        """As a stream tells."""
        while any(begin <= offset < end for begin, end in self.missing):
            offset = next(end for begin, end in self.missing if begin <= offset < end)
        return offset if offset < len(self.data) else None

    def hidden(self) -> bytes:
        """What is left."""
        return Spans(walk.find_spans(self)).hide(self.data, 0)


@pytest.fixture(params=[1 << 18, 4096, 700])
def window(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Windows of several sizes."""
    size = int(request.param)
    monkeypatch.setattr(walk, "WINDOW", size)
    monkeypatch.setattr(walk, "OVERLAP", size // 4)
    monkeypatch.setattr(walk, "BEFORE", min(walk.BEFORE, size // 16))
    return size


@pytest.mark.parametrize("before", [0, 100, 600, 650, 690, 695, 699, 3000, 4080, 4090])
@pytest.mark.parametrize("size", [5, 900, 9000])
def test_a_value_across_windows_is_blanked_whole(window: int, before: int, size: int) -> None:
    for head, tail in (
        (b'{"password":"', b'","x":1}'),
        (b"\r\nCookie: ", b"\r\n\r\n"),
        (b"<Secret>", b"</Secret>"),
        (b"&token=", b"&x=1"),
    ):
        text = b"x" * before + head + b"Z" * size + tail + b"y" * before
        assert Text(text).hidden() == text.replace(b"Z", b"*")


def test_after_a_gap_the_first_line_goes(window: int) -> None:
    text = b"GET / HTTP/1.1\r\nCookie: aaa" + b"?" * 10 + b"bbb\r\nHost: x\r\n\r\n"
    hidden = Text(text, (27, 37)).hidden()
    assert hidden[:24] + hidden[37:] == b"GET / HTTP/1.1\r\nCookie: ***\r\nHost: x\r\n\r\n"


def test_a_message_that_begins_behind_a_gap_stays(window: int) -> None:
    text = b"??????????GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
    assert Text(text, (0, 10)).hidden()[10:] == text[10:]
    assert Text(text[10:], begins_known=False).hidden() == text[10:]
    assert Text(b"abc\r\nHost: x\r\n", begins_known=False).hidden() == b"***\r\nHost: x\r\n"


@given(st.integers(0, 60), st.integers(1, 12))
def test_an_open_value_goes_on_behind_a_gap_until_it_ends(start: int, size: int) -> None:
    text = b"<a><Password>ZZZZZZZZZZ\nZZZZZZZZZZ\nZZZZZ</Password><b>c</b></a>"
    end = min(start + size, len(text))
    hidden = Text(text, (start, end)).hidden()
    assert b"ZZ" not in hidden[:start] + b"?" + hidden[end:] or start < 13


def test_an_empty_stream_has_nothing_to_blank() -> None:
    assert walk.find_spans(Text(b"")) == []


def test_a_text_is_blanked_like_a_stream() -> None:
    assert walk.hide_in_text("grüße, see password=hunter2 here") == "grüße, see password=******* here"
    assert walk.hide_in_text("nothing of the kind: frame 7") == "nothing of the kind: frame 7"
