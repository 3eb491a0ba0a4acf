"""Frames of QUIC packets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.quic_lab import crypto, stream, variable
from wireproof.wire.quic_frames import StreamPiece, unpack_packet

ACK = b"\x02\x05\x00\x01\x00\x00\x02"
TOKEN = bytes(16)


def test_frames_stand_one_behind_the_other() -> None:
    plain = b"\0\0\x01" + ACK + crypto(b"hello", 7) + stream(4, b"data", 9) + b"\x1e" + stream(8, b"", 3, last=True)
    found = unpack_packet(plain)
    assert found.crypto == [(7, b"hello")]
    assert found.streams == [StreamPiece(4, 9, b"data", False), StreamPiece(8, 3, b"", True)]
    assert found.whole


def test_a_stream_frame_may_leave_out_offset_and_length() -> None:
    assert unpack_packet(b"\x08\x04rest").streams == [StreamPiece(4, 0, b"rest", False)]
    assert unpack_packet(b"\x0d\x04\x09rest").streams == [StreamPiece(4, 9, b"rest", True)]


@pytest.mark.parametrize(
    "frame",
    [
        ACK,
        b"\x03\x05\x00\x00\x00\x01\x02\x03",
        b"\x04\x04\x05\x06",
        b"\x05\x04\x05",
        b"\x07\x03abc",
        b"\x10\x40\x99",
        b"\x11\x04\x05",
        b"\x12\x05",
        b"\x13\x05",
        b"\x14\x05",
        b"\x15\x04\x05",
        b"\x16\x05",
        b"\x17\x05",
        b"\x18\x01\x00\x04abcd" + TOKEN,
        b"\x19\x01",
        b"\x1a12345678",
        b"\x1b12345678",
        b"\x1c\x0a\x06\x02no",
        b"\x1d\x0a\x02no",
        b"\x1e",
        b"\x31\x02hi",
        b"\x40\xaf\x01\x02\x03\x00",
        b"\x42\xf5\x09",
    ],
)
def test_each_frame_ends_where_its_fields_say(frame: bytes) -> None:
    found = unpack_packet(frame + stream(0, b"behind"))
    assert found.streams == [StreamPiece(0, 0, b"behind", False)]
    assert found.whole
    assert not unpack_packet(frame[:-1]).whole or len(frame) == 1


def test_resets_datagrams_and_closes_are_told() -> None:
    assert unpack_packet(b"\x04\x08\x05\x06").resets == [8]
    assert unpack_packet(b"\x31\x02hi\x30rest").datagrams == [b"hi", b"rest"]
    closed = unpack_packet(b"\x1c\x41\x2a\x06\x02no")
    assert (closed.close_code, closed.close_reason, closed.by_application) == (0x12A, "no", False)
    assert unpack_packet(b"\x1d\x05\x00").by_application


def test_an_unknown_frame_ends_reading() -> None:
    found = unpack_packet(stream(0, b"before") + variable(0x1234) + stream(4, b"behind"))
    assert [piece.data for piece in found.streams] == [b"before"]
    assert not found.whole


@given(st.binary(max_size=60))
def test_whatever_bytes_raise_nothing(plain: bytes) -> None:
    found = unpack_packet(plain)
    assert sum(len(piece.data) for piece in found.streams) <= len(plain)
