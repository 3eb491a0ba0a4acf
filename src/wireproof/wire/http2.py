"""Frames of HTTP/2 (RFC 9113): headers, and what stands around a field block or data.

Takes bytes; gives fields. No input raises. Field blocks are compressed (RFC 7541); unpacking them is for others.
"""

from __future__ import annotations

from typing import NamedTuple

HEADER_BYTES = 9
DATA, HEADERS, RST_STREAM, SETTINGS, PUSH_PROMISE, GOAWAY, CONTINUATION = 0, 1, 3, 4, 5, 7, 9
END_STREAM, END_HEADERS, PADDED, PRIORITY = 0x1, 0x4, 0x8, 0x20
PRIORITY_BYTES = 5
ERRORS = (
    "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR",
    "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
)  # fmt: skip
"""Error codes by number (RFC 9113 section 7)."""


class FrameHeader(NamedTuple):
    """Length of the payload, type, flags, and stream identifier."""

    length: int
    kind: int
    flags: int
    stream_id: int


def unpack_frame_header(data: bytes) -> FrameHeader | None:
    """The header in these nine bytes; None for fewer."""
    if len(data) < HEADER_BYTES:
        return None
    return FrameHeader(
        int.from_bytes(data[:3], "big"), data[3], data[4], int.from_bytes(data[5:9], "big") & 0x7FFF_FFFF
    )


def find_content(frame: FrameHeader, payload: bytes) -> tuple[int, int]:
    """Where the field block or data begins and ends in a payload: padding and priority left out (sections 6.1, 6.2, 6.6)."""
    begin, end = 0, frame.length
    if frame.flags & PADDED and frame.kind in {DATA, HEADERS, PUSH_PROMISE}:
        begin, end = 1, end - (payload[0] if payload else 0)
    if frame.kind == HEADERS and frame.flags & PRIORITY:
        begin += PRIORITY_BYTES
    if frame.kind == PUSH_PROMISE:
        begin += 4
    return begin, max(end, begin)


def error_name(code: int) -> str:
    """Name of an error code; its number where it has none."""
    return ERRORS[code] if code < len(ERRORS) else f"error {code}"
