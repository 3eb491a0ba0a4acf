"""pcapng files: any number of sections, each with its own byte order and interfaces, and every kind of packet block.

Takes a `Source`, gives batches of frames. Layout: draft-ietf-opsawg-pcapng. Runs of enhanced packet blocks are walked
by the compiled loop; every other block comes by here. Knows no protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from wireproof.capture import _walk
from wireproof.capture import pcapng_blocks as blocks
from wireproof.capture.reader import MAX_FRAME, READ_ON, RecordReader
from wireproof.capture.source import Source
from wireproof.capture.window import WINDOW
from wireproof.errors import CaptureFormatError

MAGIC = b"\x0a\x0d\x0d\x0a"
BYTE_ORDER_MAGIC = b"\x1a\x2b\x3c\x4d"
SMALLEST_BLOCK = 12
SMALLEST_SECTION = 28
MAX_INTERFACES = 0xFFFF
NUMBERED_BY_WIRESHARK = (0xBAD, 0x4000_0BAD, 9)
"""Custom blocks and systemd journal entries: no packets, yet Wireshark shows each as a frame with a number."""
MAX_KEPT = 1 << 26
"""Bytes of comments, names, secrets and options kept in memory: files hold kilobytes of them, or are made to hurt."""
ITEM = 200
"""What one kept item costs in memory beside its bytes."""


def starts_like_pcapng(head: bytes) -> bool:
    """Whether `head` starts with a section header block of either byte order."""
    return head.startswith(MAGIC) and (
        head[8:12] in (BYTE_ORDER_MAGIC, BYTE_ORDER_MAGIC[::-1]) or len(head) < SMALLEST_BLOCK
    )


class PcapngReader(RecordReader):
    """One pcapng file. Raises CaptureFormatError when it ends inside its first section header."""

    format = "pcapng"

    def __init__(self, source: Source, file: str) -> None:
        super().__init__(source, file)
        self._window.fill(SMALLEST_SECTION)
        if self._window.available < SMALLEST_SECTION:
            raise CaptureFormatError(f"{file} is cut inside its pcapng section header", offset=self._window.available)
        self._order: blocks.ByteOrder = "little"
        self._first = 0
        self._section = -1
        self._clocks = np.zeros((8, 4), np.int64)
        self._packet_drops = 0
        self._kept = 0
        self._without_time = 0
        self._not_frames = 0
        self._handlers: dict[int, Callable[[bytes, int], None]] = {
            blocks.SECTION_HEADER: self._take_section,
            blocks.INTERFACE_DESCRIPTION: self._take_interface,
            blocks.OLD_PACKET: self._take_old_packet,
            blocks.SIMPLE_PACKET: self._take_simple_packet,
            blocks.NAME_RESOLUTION: self._take_names,
            blocks.INTERFACE_STATISTICS: self._take_statistics,
            blocks.ENHANCED_PACKET: self._take_odd_packet,
            blocks.DECRYPTION_SECRETS: self._take_secrets,
        }

    @property
    def dropped(self) -> int:
        """Frames lost by the capturer: the larger of what packets and statistics state, as both may count the same."""
        return max(self._packet_drops, sum(interface.dropped or 0 for interface in self.interfaces))

    @property
    def _in_section(self) -> int:
        """Interfaces of the present section."""
        return len(self.interfaces) - self._first

    def _walk(self) -> int:
        window = self._window
        big = self._order == "big"
        clocks = self._clocks[: self._in_section]
        window.at, stop, want = _walk.walk_pcapng(
            window.view, window.at, window.end, self._rows, big, self._first, clocks
        )
        if stop == _walk.BLOCK:
            return self._take_block()
        if stop == _walk.OPTIONS:
            self._take_packet_options(bytes(window.view[window.at - want : window.at]))
        elif stop == _walk.SHORT:
            return self._finish() if window.at_end else want
        return READ_ON

    def _find(self) -> tuple[bool, int]:
        window = self._window
        return _walk.find_pcapng(window.view, window.at, window.end, window.at_end, self._order == "big")

    def _take_block(self) -> int:
        """Hand the block at the window's position to its method; same answer as `_walk`."""
        window = self._window
        head = bytes(window.view[window.at : window.at + SMALLEST_BLOCK])
        if starts_like_pcapng(head):
            self._order = "big" if head.endswith(BYTE_ORDER_MAGIC) else "little"
        stated = self._number(head, 4)
        length = stated + 3 & ~3
        is_sound = starts_like_pcapng(head) or not head.startswith(MAGIC)
        if not is_sound or not SMALLEST_BLOCK <= length <= MAX_FRAME:
            self._lose()
            return READ_ON
        if window.available < length:
            if length > WINDOW and not self._ends_with(length, stated):
                self._lose()
                return READ_ON
            return self._finish() if window.at_end else length
        if self._number(window.view, window.at + length - 4) != stated:
            return self._judge(length)
        self._take_body(length)
        return READ_ON

    def _ends_with(self, length: int, stated: int) -> bool:
        """Whether a block larger than the window ends as it should; asked before the window grows to hold it."""
        end = self._window.offset + length
        if self._source.size is None or self._source.size < end:
            return True
        return self._number(self._source.read_at(end - 4, 4), 0) == stated

    def _judge(self, length: int) -> int:
        """Take the block whose trailing length differs if a sound block, or the end of the file, follows it."""
        window = self._window
        wanted = length + _walk.SEARCH_AHEAD
        if window.available < wanted and not window.at_end:
            return wanted
        behind = window.at + length
        if _walk.is_pcapng_block(window.view, behind, window.end, window.at_end, self._order == "big"):
            self.note(
                f"the block at offset {window.offset} states two different lengths; its first one fits", window.offset
            )
            self._take_body(length)
        else:
            self._lose()
        return READ_ON

    def _take_body(self, length: int) -> None:
        window = self._window
        block = bytes(window.view[window.at : window.at + length])
        kind = self._number(block, 0)
        handler = self._handlers.get(kind)
        if handler:
            handler(block[8 : length - 4], window.at + 8)
        elif kind in NUMBERED_BY_WIRESHARK:
            self._not_frames += 1
        window.at += length

    def _close_notes(self) -> None:
        if self._without_time:
            self.note(f"{self._without_time} frames in simple packet blocks carry no time and are given time 0")
        if self._not_frames:
            self.note(
                f"{self._not_frames} custom or journal blocks are no packets and not counted; Wireshark numbers them"
            )
        super()._close_notes()

    def _number(self, data: bytes | memoryview, at: int, size: int = 4) -> int:
        return int.from_bytes(data[at : at + size], self._order)

    def _keep(self, items: Sequence[tuple[object, bytes | str]]) -> bool:
        """Whether these may be kept in memory too; says once when they may not."""
        size = ITEM + sum(ITEM + len(value) for _, value in items)
        fits = self._kept + size <= MAX_KEPT
        if not fits and self._kept <= MAX_KEPT:
            self.note("comments, names and options beyond 64 MiB are left out", self._window.offset)
        self._kept += size
        return fits

    def _take_section(self, body: bytes, _at: int) -> None:
        self._first = len(self.interfaces)
        self._section += 1
        options = blocks.unpack_options(body, 16, len(body), self._order)
        if self._keep(options):
            self.section_options.append(options)
            self._add_comments(0, options)

    def _take_interface(self, body: bytes, _at: int) -> None:
        if len(self.interfaces) == MAX_INTERFACES:
            self.note(f"interfaces beyond {MAX_INTERFACES} are left out, with their frames", self._window.offset)
            return
        made = blocks.unpack_interface(body, self._order, self._section)
        if not self._keep(made.options):
            made.options = []
        row = self._in_section
        if row == len(self._clocks):
            self._clocks = np.concatenate((self._clocks, np.zeros_like(self._clocks)))
        self._clocks[row] = blocks.clock_row(made)
        self.interfaces.append(made)

    def _take_names(self, body: bytes, _at: int) -> None:
        names = blocks.unpack_names(body, self._order)
        if self._keep(names):
            self.names += names

    def _take_secrets(self, body: bytes, _at: int) -> None:
        secret = (self._number(body, 0), body[8 : 8 + self._number(body, 4)])
        if self._keep([secret]):
            self.secrets.append(secret)

    def _take_statistics(self, body: bytes, _at: int) -> None:
        number = self._number(body, 0)
        if number < self._in_section:
            blocks.unpack_statistics(self.interfaces[self._first + number], body, self._order)

    def _take_old_packet(self, body: bytes, at: int) -> None:
        drops = self._number(body, 2, 2)
        if drops != 0xFFFF:
            self._packet_drops += drops
        self._take_packet(body, at, self._number(body, 0, 2))

    def _take_odd_packet(self, body: bytes, at: int) -> None:
        """An enhanced packet block that the compiled loop did not take: unpadded, or one that contradicts itself."""
        self._take_packet(body, at, self._number(body, 0))

    def _take_packet(self, body: bytes, at: int, number: int) -> None:
        """A packet with times at 4 and lengths at 12: both the old and the enhanced block."""
        captured = self._number(body, 12)
        if number >= self._in_section:
            self.note(
                f"frame of interface {number}, which the section does not describe, left out", self._window.offset
            )
        elif captured > len(body) - 20:
            self.note(f"frame longer than its block left out: {captured} bytes stated", self._window.offset)
        else:
            ticks = self._number(body, 4) << 32 | self._number(body, 8)
            time_ns = _walk.clock_ns(ticks, self._clocks, number)
            self._rows.add(at + 20, captured, self._number(body, 16), time_ns, self._first + number)
            options = blocks.unpack_options(body, 20 + (captured + 3 & ~3), len(body), self._order)
            self._apply_packet_options(options)

    def _take_simple_packet(self, body: bytes, at: int) -> None:
        if not self._in_section:
            self.note("simple packet block before any interface description left out", self._window.offset)
            return
        original = self._number(body, 0)
        snap_length = self.interfaces[self._first].snap_length or len(body)
        captured = max(0, min(original, snap_length, len(body) - 4))
        self._rows.add(at + 4, captured, original, 0, self._first)
        self._without_time += 1

    def _take_packet_options(self, block: bytes) -> None:
        captured = self._number(block, 20)
        self._apply_packet_options(blocks.unpack_options(block, 28 + (captured + 3 & ~3), len(block) - 4, self._order))

    def _apply_packet_options(self, options: blocks.Options) -> None:
        """Comments and drop count of the frame in the last row."""
        self._add_comments(self._frames + self._rows.count, options)
        for code, value in options:
            if code == blocks.EPB_DROPCOUNT and len(value) == 8:
                self._packet_drops += int.from_bytes(value, self._order)

    def _add_comments(self, frame: int, options: blocks.Options) -> None:
        for code, value in options:
            if code == blocks.OPT_COMMENT and self._keep([(code, value)]):
                self.comments.setdefault(frame, []).append(blocks.unpack_text(value))
