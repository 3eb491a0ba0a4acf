"""Sources: bytes once in order and then at any offset, from any thread, with the temporary copy bounded."""

from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.capture.source import (
    SPAN,
    UNPACKED_BYTES,
    CopiedSource,
    PlainSource,
    RandomFile,
    read_pieces,
    regular_size,
)
from wireproof.capture.streams import FileStream

CONTENT = os.urandom(100_000)
WHOLE = os.urandom(450_000)


def copied(data: bytes = CONTENT) -> CopiedSource:
    return CopiedSource(FileStream(io.BytesIO(data), regular=False, keep_open=False), len(data))


def test_a_plain_file_is_read_in_order_and_at_any_offset(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    source = PlainSource(FileStream(path.open("rb", buffering=0), regular=True, keep_open=False), len(CONTENT))
    view = memoryview(bytearray(1000))
    assert (source.readinto(view), bytes(view)) == (1000, CONTENT[:1000])
    assert source.read_at(50_000, 10) == CONTENT[50_000:50_010]
    assert (source.readinto(view), bytes(view)) == (1000, CONTENT[1000:2000])
    assert source.progress() == (2000, 100_000)
    source.close()


def test_a_copied_stream_can_be_read_again_as_far_as_it_was_read() -> None:
    source = copied()
    view = memoryview(bytearray(60_000))
    assert source.readinto(view) == 60_000
    assert source.read_at(59_990, 100) == CONTENT[59_990:60_000]
    assert source.readinto(view) == 40_000
    assert source.read_at(59_990, 100) == CONTENT[59_990:60_090]
    assert source.readinto(view) == 0
    source.close()


def test_the_copy_stops_at_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UNPACKED_BYTES, "value", 5000)
    source = copied()
    view = memoryview(bytearray(60_000))
    assert (source.readinto(view), source.readinto(view)) == (5000, 0)
    assert "the limit capture.unpacked_bytes" in source.problem
    source.close()


def test_a_full_disk_ends_the_copy_with_its_reason() -> None:
    class Full(io.BytesIO):
        def write(self, _data: object) -> int:
            raise OSError(28, "No space left on device")

    source = copied()
    source.close()
    source = copied()
    source._random = RandomFile(Full())
    assert source.readinto(memoryview(bytearray(10))) == 0
    assert source.problem == "the temporary copy can't be written after 0 bytes: No space left on device"
    source.close()


@pytest.mark.parametrize("positioned", [True, False])
def test_threads_read_without_disturbing_one_another(monkeypatch: pytest.MonkeyPatch, positioned: bool) -> None:
    """With pread where the system has it, with a lock where it has not."""
    if not positioned:
        monkeypatch.delattr(os, "pread", raising=False)
    source = copied()
    view = memoryview(bytearray(1000))
    got = bytearray()

    def again(offset: int) -> bool:
        return source.read_at(offset, 30) == CONTENT[offset : offset + 30]

    with ThreadPoolExecutor(4) as pool:
        while count := source.readinto(view):
            got += view[:count]
            assert all(pool.map(again, range(0, len(got) - 30, max(1, len(got) // 20))))
    assert bytes(got) == CONTENT
    source.close()


def test_only_regular_files_have_a_size(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    with path.open("rb") as file:
        assert regular_size(file) == 5
    assert regular_size(io.BytesIO(b"12345")) is None
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe:
        assert regular_size(pipe) is None
    os.close(writing)


@given(st.lists(st.tuples(st.integers(0, 400_000), st.integers(0, 70_000)), max_size=60), st.booleans())
def test_pieces_are_the_bytes_at_their_places(places: list[tuple[int, int]], in_order: bool) -> None:
    asked: list[int] = []

    def read_at(offset: int, length: int) -> bytes:
        asked.append(length)
        return WHOLE[offset : offset + length]

    places = sorted(places) if in_order else places
    found = read_pieces(read_at, [at for at, _ in places], [size for _, size in places])
    assert found == [WHOLE[at : at + size] for at, size in places]
    assert max(asked, default=0) <= SPAN + 70_000


def test_pieces_that_lie_close_together_are_fetched_in_one_go() -> None:
    asked: list[tuple[int, int]] = []

    def read_at(offset: int, length: int) -> bytes:
        asked.append((offset, length))
        return WHOLE[offset : offset + length]

    begins = [0, 100, 1000, 50_000, 50_020]
    assert read_pieces(read_at, begins, [60] * 5) == [WHOLE[at : at + 60] for at in begins]
    # The last two overlap.
    assert asked == [(0, 1060), (50_000, 60), (50_020, 60)]
