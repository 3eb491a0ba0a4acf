"""Writes pcapng: one section, nanosecond times, comments on packets.

Takes an open binary file and frames as bytes, gives a file that Wireshark opens. Layout: draft-ietf-opsawg-pcapng.
Knows no rule and no finding: what is written, and in which order, is the caller's.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, NamedTuple

from wireproof.capture import pcapng_blocks as blocks

LONGEST_OPTION = 0xFFFF
APPLICATION = "wireproof"


class WrittenFrame(NamedTuple):
    """One frame to write: the arguments of `PcapngWriter.add_frame`."""

    interface: int
    time_ns: int
    data: bytes
    original_length: int
    comment: str = ""


class PcapngWriter:
    """Writes one little-endian section to `file`, block by block; the caller opens and closes the file."""

    def __init__(self, file: BinaryIO, *, comment: str = "") -> None:
        self._file = file
        self._interfaces = 0
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

    def _write_block(self, kind: int, body: bytes) -> None:
        length = struct.pack("<I", len(body) + 12)
        self._file.write(struct.pack("<I", kind) + length + body + length)


def write_pcapng(
    path: str | os.PathLike[str], interfaces: Iterable[tuple[int, str]], frames: Iterable[WrittenFrame]
) -> int:
    """Write a whole file, `interfaces` as (link type, name) in the order that frames refer to; give their count."""
    count = 0
    with Path(path).open("wb") as file:
        writer = PcapngWriter(file)
        for link_type, name in interfaces:
            writer.add_interface(link_type, name)
        for frame in frames:
            writer.add_frame(*frame)
            count += 1
    return count


def _pad(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _pack_option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + _pad(value)


def _pack_text(code: int, text: str) -> bytes:
    """A text option, cut to what its length field can state without splitting a character; nothing for no text."""
    value = text.encode()[:LONGEST_OPTION].decode("utf-8", "ignore").encode()
    return _pack_option(code, value) if value else b""


def _pack_end(options: bytes) -> bytes:
    """The end mark, which only follows where there are options."""
    return bytes(4) if options else b""
