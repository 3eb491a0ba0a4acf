"""Bytes that can be read in any order, whatever they come from, and what happens where they can't be."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from wireproof.capture.netmon_source import SeekableSource
from wireproof.capture.opening import open_inputs
from wireproof.capture.source import Source

DATA = bytes(range(256)) * 300


def open_source(path: Path, head: int = 10) -> SeekableSource:
    """The source of one file."""
    (item,) = open_inputs(path, None)
    return SeekableSource(item.make_source(), head)


@pytest.fixture(params=["plain", "packed"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> SeekableSource:
    """`DATA` in a plain and in a packed file."""
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(DATA) if request.param == "packed" else DATA)
    return open_source(path)


def test_every_byte_is_at_hand_once_gathered(source: SeekableSource) -> None:
    assert source.head == DATA[:10]
    source.gather(lambda: None)
    assert source.reach == len(DATA)
    assert source.fetch(70_000, 20) == DATA[70_000:70_020]
    source.seek(5000)
    buffer = bytearray(100)
    assert source.readinto(memoryview(buffer)) == 100
    assert source.readinto(memoryview(buffer)) == 100
    assert buffer == DATA[5100:5200]
    source.seek(len(DATA))
    assert source.readinto(memoryview(buffer)) == 0
    source.close()


def test_progress_ends_with_everything(source: SeekableSource) -> None:
    source.gather(lambda: None)
    source.finish()
    done, total = source.progress()
    assert done == total > 0
    source.close()


def test_gathering_calls_back_on_the_way_of_a_packed_file_only(tmp_path: Path) -> None:
    calls = []
    for name, data in (("plain", DATA), ("packed", gzip.compress(DATA))):
        (tmp_path / name).write_bytes(data)
        source = open_source(tmp_path / name)
        source.gather(lambda name=name: calls.append(name))  # type: ignore[misc]
        source.close()
    assert set(calls) == {"packed"}


def test_a_file_shorter_than_its_head_gives_what_it_has(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    source = open_source(tmp_path / "a")
    assert source.head == b"abc"
    source.close()


class Failing(Source):
    """A file of 100 bytes that can't be read any more behind its first ones."""

    def __init__(self) -> None:
        self.size = 100
        self.problem = ""

    def readinto(self, view: memoryview) -> int:
        return len(view)

    def read_at(self, offset: int, length: int) -> bytes:
        raise OSError(5, "Input/output error")

    def progress(self) -> tuple[int, int]:
        return 0, 100

    def close(self) -> None:
        pass


def test_a_read_error_ends_the_bytes_with_a_reason() -> None:
    source = SeekableSource(Failing(), 10)
    assert source.fetch(50, 5) == b""
    assert source.problem == "reading stopped at byte 50: Input/output error"
