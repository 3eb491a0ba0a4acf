"""Walks an ETL log from buffer to buffer: unpacks those that are compressed, finds the next one after damage.

Takes a `Source`, gives `Buffer`s of events, in the order of the file. Says what it had to leave out. Knows no provider.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.etl import _events
from wireproof.capture.etl.container import (
    HEADER_SIZE,
    LONGEST_BUFFER,
    BufferHeader,
    LogHeader,
    starts_like_etl,
    unpack_buffer_header,
    unpack_log_header,
)
from wireproof.capture.source import UNPACKED_BYTES, Source
from wireproof.capture.window import Window
from wireproof.errors import CaptureFormatError

MOST_DAMAGES = 10_000
"""Places of damage that are searched through: a log with more holds nothing that could be trusted."""

Tell = Callable[[str, int], None]
"""Called with a sentence and the byte it is about."""


CUT = "the last buffer is cut at offset {}; the log may still be written"


@dataclass(frozen=True, slots=True)
class Buffer:
    """One buffer: its bytes with the header, unpacked, valid until the next one is asked for. `offset` is where it stands in the file."""

    header: BufferHeader
    offset: int
    data: NDArray[np.uint8]

    @property
    def is_unpacked(self) -> bool:
        """Whether the bytes are not those of the file."""
        return self.header.is_compressed


class LogWalk:
    """The buffers of one log. Raises CaptureFormatError when its first buffer does not hold the log's header."""

    def __init__(self, source: Source, file: str, tell: Tell) -> None:
        self._window = Window(source)
        self._tell = tell
        self._unpacked = 0
        self._damages = 0
        self.header = self._read_header(file)

    def _read_header(self, file: str) -> LogHeader:
        window = self._window
        window.fill(HEADER_SIZE)
        size = int.from_bytes(window.view[window.at : window.at + 4], "little") if window.available >= 4 else 0
        window.fill(min(size, LONGEST_BUFFER))
        data = bytes(window.view[window.at : window.at + window.available][:size])
        if not starts_like_etl(data):
            raise CaptureFormatError(f"{file} is cut inside the header of its ETL log", offset=window.available)
        length = int.from_bytes(data[HEADER_SIZE + 4 : HEADER_SIZE + 6], "little")
        header = unpack_log_header(data[HEADER_SIZE : HEADER_SIZE + length])
        if header is None:
            raise CaptureFormatError(
                f"{file} is an ETL log without the header that tells its clock", offset=HEADER_SIZE
            )
        return header

    def buffers(self, tick: Callable[[], None]) -> Iterator[Buffer]:
        """Every buffer of the file; `tick` is called when the file was read on."""
        window = self._window
        while True:
            if window.available < HEADER_SIZE:
                window.fill(HEADER_SIZE)
                tick()
            if window.available < HEADER_SIZE:
                self._end(window.available)
                return
            header = unpack_buffer_header(window.view[window.at : window.at + HEADER_SIZE])
            if not header.is_sound:
                if not self._search():
                    return
                continue
            if window.available < header.size and not window.at_end:
                window.fill(header.size)
                tick()
            if window.available < header.size and self._claims_others():
                if not self._search():
                    return
                continue
            yield self._take(header)
            window.at += min(header.size, window.available)

    def _claims_others(self) -> bool:
        """Whether sound buffers stand in what a buffer beyond the end of the file claims: its length is damaged, not the file cut."""
        window = self._window
        return _events.find_buffer(window.view, window.at + 1, window.end) >= 0

    def _end(self, rest: int) -> None:
        if rest and any(self._window.view[self._window.at : self._window.at + rest]):
            self._tell(CUT.format(self._window.offset), self._window.offset)

    def _search(self) -> bool:
        """Go on behind the bytes at the window, which are no buffer; False when none follows."""
        window = self._window
        lost, blank = window.offset, True
        self._damages += 1
        if self._damages > MOST_DAMAGES:
            self._tell(
                f"the log is damaged in more than {MOST_DAMAGES} places; what follows offset {lost} is left out", lost
            )
            return False
        window.at += 1
        while True:
            found = _events.find_buffer(window.view, window.at, window.end)
            stop = found if found >= 0 else max(window.at, window.end - HEADER_SIZE + 1)
            blank = blank and not np.any(np.frombuffer(window.view, np.uint8)[window.at - 1 : stop])
            window.at = stop
            if found >= 0:
                self._tell(f"damage at offset {lost}: {window.offset - lost} bytes skipped to the next buffer", lost)
                return True
            if window.at_end:
                break
            window.fill(window.available + 1)
        # Logs of fixed size are filled up with zeros from the start.
        if not blank or any(window.view[window.at : window.end]):
            self._tell(f"the log is cut or damaged at offset {lost}: no whole buffer stands there", lost)
        return False

    def _take(self, header: BufferHeader) -> Buffer:
        window = self._window
        whole = np.frombuffer(window.view, np.uint8)[window.at : min(window.at + header.size, window.end)]
        is_cut = len(whole) < header.size
        if is_cut:
            self._tell(CUT.format(window.offset), window.offset)
        if not header.is_compressed:
            return Buffer(header, window.offset, whole)
        room = max(header.used, HEADER_SIZE)
        self._unpacked += room
        if self._unpacked > UNPACKED_BYTES.value:
            self._tell(
                f"buffers behind {UNPACKED_BYTES.value:.0f} unpacked bytes are left out, the limit capture.unpacked_bytes",
                -1,
            )
            return Buffer(header, window.offset, whole[:HEADER_SIZE])
        data = np.empty(room, np.uint8)
        data[:HEADER_SIZE] = whole[:HEADER_SIZE]
        got = unpack(whole[HEADER_SIZE:], data[HEADER_SIZE:])
        missing = room - HEADER_SIZE - got
        if missing and not is_cut:
            self._tell(
                f"the compressed buffer at offset {window.offset} is damaged: its last {missing} bytes are lost",
                window.offset,
            )
        return Buffer(header, window.offset, data[: HEADER_SIZE + got])


def unpack(packed: NDArray[np.uint8], out: NDArray[np.uint8]) -> int:
    """Unpack a compressed buffer: plain LZ77 as Windows writes them, LZNT1 where that makes more of it. Gives the bytes in `out`."""
    got = _events.unpack_lz77(packed, out)
    if got == len(out) or not _is_chunk(packed):
        return got
    other = np.empty_like(out)
    chunks = _events.unpack_lznt1(packed, other)
    if chunks <= got:
        return got
    out[:chunks] = other[:chunks]
    return chunks


def _is_chunk(packed: NDArray[np.uint8]) -> bool:
    """Whether bytes start with the header of an LZNT1 chunk that lies in them."""
    if len(packed) < 3:
        return False
    header = int(packed[0]) | int(packed[1]) << 8
    return header >> 12 & 7 == 3 and (header & 0xFFF) + 3 <= len(packed)


EVENT_DTYPE: Any = np.dtype(
    [
        ("ticks", "<i8"),
        ("keyword", "<u8"),
        ("at", "<u4"),
        ("size", "<u4"),
        ("process", "<u4"),
        ("thread", "<u4"),
        ("id", "<u2"),
        ("version", "u1"),
        ("provider", "u1"),
    ]
)
"""An event as `_events.walk_events` gives it: `at` and `size` place its user data in the buffer."""

ROWS = 8192


class EventWalk:
    """Finds the events of some providers in buffers, up to ROWS at a time. `passed` counts all events."""

    def __init__(self, providers: NDArray[np.uint64], tell: Tell) -> None:
        self._providers = providers
        self._tell = tell
        self._rows = np.zeros(ROWS, EVENT_DTYPE)
        self.passed = 0

    def events(self, buffer: Buffer) -> Iterator[NDArray[Any]]:
        """Rows of EVENT_DTYPE; valid until the next ones are asked for."""
        at, end = HEADER_SIZE, min(buffer.header.used, len(buffer.data))
        while True:
            at, stop, count, passed = _events.walk_events(buffer.data, at, end, self._providers, self._rows)
            self.passed += passed
            if count:
                yield self._rows[:count]
            if stop != _events.FULL:
                break
        if stop == _events.DAMAGED and not is_filler(buffer.data[at:end]):
            self._tell(
                f"damage in the buffer at offset {buffer.offset}: its last {end - at} bytes are no events",
                buffer.offset,
            )


def is_filler(data: NDArray[np.uint8]) -> bool:
    """Whether bytes are what Windows leaves behind the last event of a buffer: only zeros, or only ones, at their start."""
    return bool(len(data) < 8 or not data[:8].any() or (data[:8] == 0xFF).all())
