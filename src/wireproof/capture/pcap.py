"""Classic pcap files: microseconds and nanoseconds, both byte orders, and the variants that early libpcaps left behind.

Takes a `Source`, gives batches of frames. Layout: draft-ietf-opsawg-pcap; the variants as wiki.wireshark.org describes
them (Development/LibpcapFileFormat). Knows no protocol.
"""

from __future__ import annotations

import struct

from wireproof.capture import _walk
from wireproof.capture.frames import Interface
from wireproof.capture.reader import MAX_FRAME, READ_ON, RecordReader
from wireproof.capture.source import Source
from wireproof.errors import CaptureFormatError

FILE_HEADER = 24
STANDARD_LIMIT = 262_144
"""The longest captured length that libpcap writes for most link types (MAXIMUM_SNAPLEN)."""
BELIEVED_AFTER = 8
"""So many odd records with a sound one behind them, and the file's writer is odd rather than the file damaged."""


class Variant:
    """What a magic number says about the records: their header's length and the length of one sub-second tick."""

    def __init__(self, header: int, fraction_ns: int) -> None:
        self.header = header
        self.fraction_ns = fraction_ns


VARIANTS: dict[int, Variant] = {
    0xA1B2C3D4: Variant(16, 1000),
    0xA1B23C4D: Variant(16, 1),
    # Alexey Kuznetzov's patched libpcap: eight more bytes with interface index, protocol and packet type.
    0xA1B2CD34: Variant(24, 1000),
}


def starts_like_pcap(head: bytes) -> bool:
    """Whether `head` starts with one of the magic numbers, in either byte order."""
    return any(head.startswith((magic.to_bytes(4, "big"), magic.to_bytes(4, "little"))) for magic in VARIANTS)


class PcapReader(RecordReader):
    """One pcap file. Raises CaptureFormatError when it ends inside its file header."""

    format = "pcap"

    def __init__(self, source: Source, file: str) -> None:
        super().__init__(source, file)
        self._window.fill(FILE_HEADER)
        if self._window.available < FILE_HEADER:
            raise CaptureFormatError(f"{file} is cut inside its pcap file header", offset=self._window.available)
        self._layout = self._unpack_file_header(bytes(self._window.view[:FILE_HEADER]))
        self._window.at = FILE_HEADER
        self._odd = 0

    def _unpack_file_header(self, header: bytes) -> _walk.PcapLayout:
        big = int.from_bytes(header[:4], "big") in VARIANTS
        magic, major, minor, _, _, snap_length, network = struct.unpack((">" if big else "<") + "IHHiIII", header)
        variant = VARIANTS[magic]
        # Bits 28 to 31 count 16-bit words of frame check sequence where bit 26 is set.
        fcs_bytes = 2 * (network >> 28) if network & 0x0400_0000 else 0
        self.interfaces.append(
            Interface(
                link_type=self._believed_link_type(network & 0x03FF_FFFF),
                snap_length=snap_length,
                ticks_per_second=1_000_000_000 // variant.fraction_ns,
                fcs_bytes=fcs_bytes,
            )
        )
        # Before 2.3 the two lengths stood in the other order, and 2.3 files are found with either.
        swapped = {0: 1, 1: 1, 2: 1, 3: 2}.get(minor, 0) if major == 2 else 0
        limit = max(STANDARD_LIMIT, min(snap_length, MAX_FRAME))
        return _walk.PcapLayout(big, variant.header, variant.fraction_ns, limit, min(snap_length, MAX_FRAME), swapped)

    def _believed_link_type(self, stated: int) -> int:
        if stated <= 0xFFFF:
            return stated
        self.note(f"link type {stated} is none that exists; read as unknown", 20)
        return 0xFFFF

    def _walk(self) -> int:
        window = self._window
        window.at, stop, want = _walk.walk_pcap(window.view, window.at, window.end, self._rows, self._layout)
        if stop == _walk.DAMAGED:
            self._lose()
        elif stop == _walk.SUSPECT:
            return self._judge(want)
        elif stop == _walk.SHORT:
            return self._finish() if window.at_end else want
        return READ_ON

    def _judge(self, length: int) -> int:
        """Take the odd record at the window's position if a sound one, or the end of the file, follows it."""
        window = self._window
        wanted = length + _walk.SEARCH_AHEAD
        if window.available < wanted and not window.at_end:
            return wanted
        if window.available < length:
            return self._finish()
        if self._is_confirmed(length):
            _walk.take_pcap(window.view, window.at, self._rows, self._layout)
            window.at += length
            self._odd += 1
            self._layout.strict = self._odd < BELIEVED_AFTER
        else:
            self._lose()
        return READ_ON

    def _is_confirmed(self, length: int) -> bool:
        """Whether what follows the odd record of `length` bytes makes it believable; an empty one at the end is not."""
        window = self._window
        behind = window.at + length
        if behind == window.end and length == self._layout.header:
            return False
        return _walk.confirms_pcap(window.view, behind, min(window.end, behind + _walk.SEARCH_AHEAD), self._layout)

    def _find(self) -> tuple[bool, int]:
        window = self._window
        return _walk.find_pcap(window.view, window.at, window.end, window.at_end, self._layout)
