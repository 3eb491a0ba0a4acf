"""Streams: whatever sizes are asked for, the bytes come out in order, and bad ones end a stream instead of raising."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma

import lz4.frame
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from wireproof.capture.streams import CODECS, FileStream, Stream, find_codec

CONTENT = b"".join(number.to_bytes(3, "big") for number in range(60_000))
PACKED = {
    "gzip": gzip.compress(CONTENT),
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress(CONTENT),
    "lz4": lz4.frame.compress(CONTENT, content_checksum=True),
    "xz": lzma.compress(CONTENT),
    "bzip2": bz2.compress(CONTENT),
}
EACH = pytest.mark.parametrize("name", PACKED)


def file_stream(data: bytes) -> FileStream:
    return FileStream(io.BytesIO(data), regular=False, keep_open=False)


def unpack(data: bytes) -> Stream:
    codec = find_codec(data)
    assert codec is not None
    return codec.open(file_stream(data), codec)


def drain(stream: Stream, size: int = 100_000) -> bytes:
    parts = []
    while part := stream.read(size):
        parts.append(part)
    return b"".join(parts)


@EACH
@pytest.mark.parametrize("size", [777, 1 << 20])
def test_every_byte_comes_out_in_order(name: str, size: int) -> None:
    stream = unpack(PACKED[name])
    assert stream.peek(300) == CONTENT[:300]
    assert drain(stream, size) == CONTENT
    assert stream.problem == ""
    assert stream.consumed() == len(PACKED[name])


@EACH
def test_members_that_follow_one_another_are_one_stream(name: str) -> None:
    stream = unpack(PACKED[name] * 3)
    assert drain(stream) == CONTENT * 3
    assert stream.problem == ""


@pytest.mark.parametrize("name", ["gzip", "lz4", "xz", "bzip2"])
def test_bytes_behind_the_packed_ones_are_named(name: str) -> None:
    padded, followed = unpack(PACKED[name] + bytes(512)), unpack(PACKED[name] + b"something else")
    assert drain(padded) == drain(followed) == CONTENT
    assert padded.problem == ""
    assert followed.problem == f"bytes that are no {name} data follow its end and are left out"


@EACH
def test_damage_ends_the_stream_with_a_problem(name: str) -> None:
    data = bytearray(PACKED[name])
    data[len(data) // 2 : len(data) // 2 + 40] = b"\xff" * 40
    stream = unpack(bytes(data))
    drain(stream)
    assert stream.problem.startswith(f"the {name} data are damaged before byte ")
    assert stream.read(10) == b""


@given(st.sampled_from(sorted(PACKED)), st.integers(0, 3000), st.binary(min_size=1, max_size=20), st.integers(1, 5000))
def test_any_packed_bytes_end_without_an_error(name: str, at: int, put: bytes, size: int) -> None:
    data = PACKED[name][:2000]
    drain(unpack(data[:6] + data[6:at] + put + data[at:]), size)


def test_a_dictionary_beyond_the_memory_bound_is_refused() -> None:
    greedy = lzma.compress(CONTENT, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}])
    stream = unpack(greedy)
    assert drain(stream) == b""
    assert "damaged" in stream.problem


def test_peeked_and_given_back_bytes_are_read_once() -> None:
    stream = file_stream(b"0123456789")
    assert stream.peek(4) == b"0123"
    assert stream.read(2) == b"01"
    stream.give_back(b"ab")
    assert drain(stream, 3) == b"ab23456789"
    assert stream.peek(5) == b""


def test_a_read_error_ends_a_file_stream_with_its_reason() -> None:
    class Failing(io.BytesIO):
        def readinto(self, _buffer: object) -> int:
            raise OSError(5, "Input/output error")

    stream = FileStream(Failing(b"abc"), regular=False, keep_open=False)
    assert stream.read(3) == b""
    assert stream.problem == "reading stopped at byte 0: Input/output error"


def test_files_are_closed_with_the_stream_unless_they_are_someone_elses() -> None:
    own, others = io.BytesIO(), io.BytesIO()
    FileStream(own, regular=False, keep_open=False).close()
    FileStream(others, regular=False, keep_open=True).close()
    assert (own.closed, others.closed) == (True, False)


def test_each_codec_has_its_own_magic() -> None:
    assert find_codec(b"\xa1\xb2\xc3\xd4") is None
    assert [find_codec(codec.magic) for codec in CODECS] == list(CODECS)
