"""Places: bytes of the file and bytes that were kept are read again alike."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from wireproof.capture.etl import places
from wireproof.capture.etl.places import UNPACKED, Places
from wireproof.capture.source import CopiedSource
from wireproof.capture.streams import FileStream


@pytest.fixture
def made() -> Iterator[Places]:
    source = CopiedSource(FileStream(io.BytesIO(b"0123456789"), regular=False, keep_open=False), 0)
    source.readinto(memoryview(bytearray(10)))
    made = Places(source)
    yield made
    made.close()
    source.close()


def test_the_file_and_what_was_kept_are_read_by_place(made: Places) -> None:
    first, second = made.keep(memoryview(b"kept")), made.keep(memoryview(b"more"))
    assert (first, second) == (UNPACKED, UNPACKED + 4)
    assert [made.read_at(place, 3) for place in (2, first, second)] == [b"234", b"kep", b"mor"]
    assert made.read_at(second, 99) == b"more"
    assert made.problem == ""


def test_what_is_kept_is_bounded(made: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places.UNPACKED_BYTES, "value", 6.0)
    assert made.keep(memoryview(b"kept")) == UNPACKED
    assert made.keep(memoryview(b"more")) == -1
    assert made.problem == "reading stopped after 4 unpacked bytes, the limit capture.unpacked_bytes"
    assert made.keep(memoryview(b"")) == -1
