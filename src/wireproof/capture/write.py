"""Writes pcapng (one section, nanosecond times, comments on packets) and classic pcap with nanosecond times.

Takes an open binary file and frames as bytes, gives a file that Wireshark opens. Layouts: draft-ietf-opsawg-pcapng,
draft-ietf-opsawg-pcap. Knows no rule and no finding: what is written, and in which order, is the caller's.
"""

from __future__ import annotations

import contextlib
import os
import struct
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wireproof.capture import pcapng_blocks as blocks
from wireproof.capture._lay import lay_blocks, lay_records

LONGEST_OPTION = 0xFFFF
APPLICATION = "wireproof"
SNAP_LENGTH = 262_144
"""The longest frame that libpcap takes."""
Buffer = bytes | bytearray | memoryview
END_OF_OPTIONS = bytes(4)

BLOCK_BYTES, RECORD_BYTES = 32 + 4 + 4 + 3 * 3, 16
"""What a row takes in the file at most besides its parts: block or record header, options, padding."""

ROW = np.dtype(
    [
        ("time_ns", "<i8"), ("head_at", "<i8"), ("body_at", "<i8"), ("text_at", "<i8"),
        ("head_size", "<u4"), ("body_size", "<u4"), ("text_size", "<u4"), ("original", "<u4"),
    ]
)  # fmt: skip
"""One of many frames: its time in nanoseconds since 1970, where its head, its body (which together are the frame) and its first comment stand in
`Parts` and how many bytes each has, and how many bytes the frame had on the wire."""


class Parts(NamedTuple):
    """The buffers that rows of ROW point into; texts are UTF-8."""

    heads: Buffer
    bodies: Buffer
    texts: Buffer


class PcapngWriter:
    """Writes one little-endian section to `file`, block by block; the caller opens and closes the file."""

    def __init__(self, file: BinaryIO, *, comment: str = "") -> None:
        self._file = file
        self._interfaces = 0
        self._out = bytearray()
        options = _pack_text(blocks.OPT_COMMENT, comment) + _pack_text(blocks.SHB_USERAPPL, APPLICATION)
        body = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + options + _pack_end(options)
        self._write_block(blocks.SECTION_HEADER, body)

    def add_interface(self, link_type: int, name: str = "", snap_length: int = 0) -> int:
        """Describe an interface, give its number. `link_type` as in the LINKTYPE_ registry; `snap_length` 0: none."""
        options = _pack_text(blocks.IF_NAME, name) + _pack_option(blocks.IF_TSRESOL, b"\x09")
        self._write_block(
            blocks.INTERFACE_DESCRIPTION, struct.pack("<HHI", link_type, 0, snap_length) + options + _pack_end(options)
        )
        self._interfaces += 1
        return self._interfaces - 1

    def add_frame(self, interface: int, time_ns: int, data: bytes, original_length: int, comment: str = "") -> None:
        """Write one frame: `time_ns` counts from 1970, `original_length` is as on the wire, `interface` as added.

        Times before 1970 can't be written and become 0. Raises ValueError for an interface that was not added.
        """
        if not 0 <= interface < self._interfaces:
            raise ValueError(f"interface {interface} was not added")
        ticks = max(time_ns, 0)
        options = _pack_text(blocks.OPT_COMMENT, comment)
        fixed = struct.pack("<IIIII", interface, ticks >> 32, ticks & 0xFFFF_FFFF, len(data), original_length)
        self._write_block(blocks.ENHANCED_PACKET, fixed + _pad(data) + options + _pack_end(options))

    def add_rows(self, interface: int, rows: NDArray[Any], parts: Parts, comments: Mapping[int, Sequence[str]]) -> None:
        """Write many frames in one go: `rows` are ROW, `comments` those that a row has besides its text, by its place in `rows`."""
        if not 0 <= interface < self._interfaces:
            raise ValueError(f"interface {interface} was not added")
        more = _pack_comments(comments)
        size = _laid_bytes(rows, BLOCK_BYTES) + sum(map(len, more.values()))
        self._out = _room(self._out, size)
        used = lay_blocks(rows, parts, more, interface, self._out)
        self._file.write(memoryview(self._out)[:used])

    def _write_block(self, kind: int, body: bytes) -> None:
        length = struct.pack("<I", len(body) + 12)
        self._file.write(struct.pack("<I", kind) + length + body + length)


class PcapWriter:
    """Writes a classic pcap file with nanosecond times (magic 0xa1b23c4d), which every libpcap since 1.5 reads; no comments."""

    def __init__(self, file: BinaryIO, link_type: int) -> None:
        self._file = file
        self._out = bytearray()
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, SNAP_LENGTH, link_type))

    def add_rows(self, rows: NDArray[Any], parts: Parts) -> None:
        """Write frames; times beyond what 32 bits of seconds hold become the nearest that they do."""
        self._out = _room(self._out, _laid_bytes(rows, RECORD_BYTES))
        used = lay_records(rows, parts, self._out)
        self._file.write(memoryview(self._out)[:used])


@contextlib.contextmanager
def write_whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the place of `path` once the block ends well; else nothing is left of it.

    It has another name in the same folder until then. Only its owner may read it: what was encrypted stands in it in clear.
    A link is followed, and a device or pipe is written as it is: it must not be replaced. Raises OSError where the folder takes no file.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    number, name = tempfile.mkstemp(prefix=".wireproof-", suffix=".part", dir=path.parent)
    partial = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            yield file
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _laid_bytes(rows: NDArray[Any], around: int) -> int:
    """How many bytes rows take at most."""
    sizes = sum(int(rows[name].sum(dtype=np.int64)) for name in ("head_size", "body_size", "text_size"))
    return sizes + around * len(rows)


def _room(out: bytearray, size: int) -> bytearray:
    """A buffer of so many bytes: the one given, where it has them. A new one has some more, so that the next batches fit too."""
    return out if len(out) >= size else bytearray(size + size // 4)


def _pad(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _pack_option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + _pad(value)


def _pack_text(code: int, text: str) -> bytes:
    """A text option, cut to what its length field can state without splitting a character; nothing for no text."""
    value = text.encode()
    if len(value) > LONGEST_OPTION:
        value = value[:LONGEST_OPTION].decode("utf-8", "ignore").encode()
    return _pack_option(code, value) if value else b""


def _pack_comments(comments: Mapping[int, Sequence[str]]) -> dict[int, bytes]:
    """Comments as options, by the same places. Many frames have the same to say."""
    different = {text for texts in comments.values() for text in texts}
    packed = {text: _pack_text(blocks.OPT_COMMENT, text) for text in different}
    return {place: b"".join([packed[text] for text in texts]) for place, texts in comments.items()}


def _pack_end(options: bytes) -> bytes:
    """The end mark, which only follows where there are options."""
    return END_OF_OPTIONS if options else b""
