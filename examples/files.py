"""Capture files from frames: pcapng blocks and a plain writer, gzip when the name ends in `.gz`.

Takes times and bytes, gives a file that Wireshark opens; the same frames always give the same file. Knows no protocol.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

ETHERNET = 1
SECOND = 1_000_000_000


class Frame(NamedTuple):
    """One captured frame. `original` is its length on the wire where the capture holds less (0: all of it)."""

    time_ns: int
    data: bytes
    original: int = 0
    interface: int = 0
    comment: str = ""

    @property
    def wire_length(self) -> int:
        """Bytes that the frame had on the wire."""
        return self.original or len(self.data)


def cut(frame: Frame, snap_length: int) -> Frame:
    """The frame as a capture with a snap length holds it; 0 keeps all."""
    if not snap_length or len(frame.data) <= snap_length:
        return frame
    return frame._replace(data=frame.data[:snap_length], original=frame.wire_length)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    """One pcapng option, padded to four bytes."""
    return struct.pack(order + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """One pcapng block around a body that is a multiple of four bytes long."""
    length = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + length + body + length


def section_header(options: bytes = b"", order: str = "<") -> bytes:
    """Section header block with unknown section length."""
    end = option(0, b"", order) if options else b""
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + options + end, order)


def interface_description(link_type: int, snap_length: int, options: bytes, order: str = "<") -> bytes:
    """Interface description block; `options` without the end-of-options mark."""
    body = struct.pack(order + "HHI", link_type, 0, snap_length) + options + option(0, b"", order)
    return block(1, body, order)


def enhanced_packet(frame: Frame, ticks: int, order: str = "<") -> bytes:
    """Enhanced packet block with a time in the interface's ticks."""
    sizes = (len(frame.data), frame.wire_length)
    head = struct.pack(order + "5I", frame.interface, ticks >> 32, ticks & 0xFFFFFFFF, *sizes)
    options = option(1, frame.comment.encode(), order) + option(0, b"", order) if frame.comment else b""
    return block(6, head + frame.data + b"\0" * (-len(frame.data) % 4) + options, order)


def write_bytes(path: Path, data: bytes) -> Path:
    """Write `data`, compressed when the name ends in `.gz` (without a time stamp, so that the bytes never differ)."""
    path.write_bytes(gzip.compress(data, compresslevel=9, mtime=0) if path.suffix == ".gz" else data)
    return path


def write_capture(path: Path, frames: Iterable[Frame], snap_length: int = 0) -> Path:
    """Write Ethernet frames as pcapng with nanosecond times."""
    parts = [section_header(), interface_description(ETHERNET, snap_length, option(9, b"\x09"))]
    parts += [enhanced_packet(cut(frame, snap_length), frame.time_ns) for frame in frames]
    return write_bytes(path, b"".join(parts))
