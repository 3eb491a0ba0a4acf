"""The window: every byte passes once, in order, whatever is asked for and however little the source gives at a time."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from wireproof.capture.source import CopiedSource
from wireproof.capture.streams import FileStream
from wireproof.capture.window import Window

CONTENT = bytes(number * 7 % 251 for number in range(5000))


class Dripping(io.BytesIO):
    """Gives a few bytes at a time, as pipes do."""

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return super().readinto(buffer[:13])


def make(file: io.BytesIO, size: int) -> tuple[Window, CopiedSource]:
    source = CopiedSource(FileStream(file, regular=False, keep_open=False), 0)
    return Window(source, size), source


@given(
    st.sampled_from([io.BytesIO, Dripping]), st.lists(st.tuples(st.integers(1, 900), st.integers(0, 900)), max_size=20)
)
def test_bytes_come_in_order_for_any_steps(kind: type[io.BytesIO], steps: list[tuple[int, int]]) -> None:
    window, source = make(kind(CONTENT), 64)
    for want, take in steps:
        window.fill(want)
        assert window.available >= want or window.at_end
        assert bytes(window.view[window.at : window.end]) == CONTENT[window.offset : window.offset + window.available]
        window.at += min(take, window.available)
    source.close()


def test_the_end_is_only_known_when_the_source_gives_nothing_more() -> None:
    window, source = make(io.BytesIO(b"1234"), 64)
    window.fill(4)
    assert (window.available, window.at_end) == (4, False)
    window.fill(5)
    assert (window.available, window.at_end) == (4, True)
    source.close()


def test_the_buffer_grows_with_what_came_and_shrinks_when_it_is_passed() -> None:
    window, source = make(io.BytesIO(CONTENT), 64)
    window.fill(1 << 40)
    assert (window.available, len(window.view)) == (5000, 8192)
    window.at += 4990
    window.fill(5)
    assert (bytes(window.view[: window.end]), len(window.view), window.origin) == (CONTENT[-10:], 64, 4990)
    source.close()


def test_a_growing_buffer_does_not_touch_views_that_were_given_out() -> None:
    window, source = make(io.BytesIO(CONTENT), 64)
    window.fill(64)
    given_out = window.view[:64]
    window.fill(1000)
    assert bytes(given_out) == CONTENT[:64]
    source.close()
