"""HTTP/2 frames: headers, padding and priority."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wireproof.wire.http2 import (
    DATA,
    HEADERS,
    PADDED,
    PRIORITY,
    PUSH_PROMISE,
    FrameHeader,
    error_name,
    find_content,
    unpack_frame_header,
)


def test_a_header_has_length_type_flags_and_stream() -> None:
    assert unpack_frame_header(bytes.fromhex("000012010580000003")) == FrameHeader(18, HEADERS, 5, 3)
    assert unpack_frame_header(bytes(8)) is None


def test_padding_and_priority_are_left_out() -> None:
    assert find_content(FrameHeader(10, DATA, 0, 1), b"") == (0, 10)
    assert find_content(FrameHeader(10, DATA, PADDED, 1), b"\x03") == (1, 7)
    assert find_content(FrameHeader(20, HEADERS, PADDED | PRIORITY, 1), b"\x02") == (6, 18)
    assert find_content(FrameHeader(20, PUSH_PROMISE, 0, 1), b"") == (4, 20)


def test_errors_have_names() -> None:
    assert error_name(8) == "CANCEL"
    assert error_name(99) == "error 99"


@given(st.integers(0, 1 << 24), st.integers(0, 10), st.integers(0, 255), st.binary(max_size=2))
def test_content_never_begins_behind_its_end(length: int, kind: int, flags: int, payload: bytes) -> None:
    begin, end = find_content(FrameHeader(length, kind, flags, 1), payload)
    assert 0 <= begin <= end
