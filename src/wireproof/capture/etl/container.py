"""The container of an ETL log: buffer headers, the log's own header, and its clock.

Takes bytes, gives numbers and texts. Layouts: WMI_BUFFER_HEADER, TRACE_LOGFILE_HEADER (evntrace.h). Knows no provider.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.etl import _events

HEADER_SIZE = _events.BUFFER_HEADER
LONGEST_BUFFER = _events.LONGEST_BUFFER
COMPRESSED = 0x40
EVENTS_LOST = 0x02
BUFFER_LOST = 0x04
PROCESSOR_INDEX = 0x20

SYSTEM_MARK = 0xC0
SYSTEM_HEADER = 32
LOG_HEADER = struct.Struct("<4I q 8I")
TIME_ZONE = 172

FILETIME_1970 = 116_444_736_000_000_000
"""100 ns steps from 1601, where FILETIME starts, to 1970."""
SECOND_NS = 1_000_000_000
LATEST_NS = 2**62 - 1
MOST_TICKS = 9 * SECOND_NS
"""Ticks a second beyond which a product with 10**9 would leave 64 bits; processors are slower."""
USUAL_TICKS = 10_000_000

QPC, SYSTEM_TIME, CPU_CYCLE = 1, 2, 3
"""Clocks of a session, in the log header's reserved flags: performance counter, system time, cycles of the processor."""

CIRCULAR = 0x0000_0002
SEQUENTIAL_NEW_FILE = 0x0000_0008


@dataclass(frozen=True, slots=True)
class BufferHeader:
    """What a buffer says of itself: bytes in the file, bytes with its header once unpacked, flags, and the processor that wrote it."""

    size: int
    used: int
    flags: int
    kind: int
    processor: int

    @property
    def is_compressed(self) -> bool:
        """Whether what follows the header is packed."""
        return bool(self.flags & COMPRESSED)

    @property
    def is_sound(self) -> bool:
        """Whether the lengths can be those of a buffer."""
        fits = HEADER_SIZE <= self.size <= LONGEST_BUFFER and self.used <= LONGEST_BUFFER
        return fits and (self.is_compressed or self.used <= self.size)


def unpack_buffer_header(data: memoryview) -> BufferHeader:
    """Read the 72 bytes of a buffer header."""
    size, saved, current = struct.unpack_from("<3I", data)
    processor = int.from_bytes(data[40:42], "little")
    offset, flags, kind = struct.unpack_from("<I2H", data, 48)
    if not flags & PROCESSOR_INDEX:
        processor &= 0xFF
    # They agree but in the first buffer of a log: Windows 7 leaves the saved offset 0, the relogger adds events behind it.
    used = max(saved, offset) or current
    return BufferHeader(size, used, flags, kind, processor)


def starts_like_etl(head: bytes) -> bool:
    """A buffer header (size in whole KiB), and behind it a system trace header: marker 0xC0 after a type of 1 to 4."""
    if len(head) < HEADER_SIZE + 8:
        return False
    size = int.from_bytes(head[0:4], "little")
    return size % 1024 == 0 and 1024 <= size <= 1 << 24 and head[75] == SYSTEM_MARK and 1 <= head[74] <= 4


@dataclass(frozen=True, slots=True)
class LogHeader:
    """TRACE_LOGFILE_HEADER, the first event of a log. Times are ns since 1970, `start_ticks` is the session's clock at `start_ns`."""

    build: int
    processors: int
    mode: int
    buffers_written: int
    pointer_size: int
    events_lost: int
    buffers_lost: int
    clock: int
    ticks_per_second: int
    start_ticks: int
    start_ns: int
    boot_ns: int
    end_ns: int
    bias_minutes: int
    texts: tuple[str, ...]


def unpack_log_header(event: bytes) -> LogHeader | None:
    """Read the first event of a log, with its system header; None when it is too short for the log's header."""
    if len(event) < SYSTEM_HEADER + LOG_HEADER.size:
        return None
    fields = LOG_HEADER.unpack_from(event, SYSTEM_HEADER)
    _, _, build, processors, end, _, _, mode, written, _, pointer, lost, megahertz = fields
    zone_at = SYSTEM_HEADER + LOG_HEADER.size + (8 if pointer == 4 else 16)
    # The boot time that follows is aligned to 8 bytes.
    times_at = zone_at + TIME_ZONE + 7 & ~7
    if len(event) < times_at + 32:
        return None
    bias = struct.unpack_from("<i", event, zone_at)[0]
    boot, frequency, start, clock, buffers_lost = struct.unpack_from("<3q2I", event, times_at)
    return LogHeader(
        build=build,
        processors=processors,
        mode=mode,
        buffers_written=written,
        pointer_size=pointer,
        events_lost=lost,
        buffers_lost=buffers_lost,
        clock=clock,
        ticks_per_second=megahertz * 1_000_000 if clock == CPU_CYCLE else frequency,
        start_ticks=struct.unpack_from("<q", event, 16)[0],
        start_ns=filetime_ns(start),
        boot_ns=filetime_ns(boot),
        end_ns=filetime_ns(end),
        bias_minutes=bias,
        texts=tuple(unpack_texts(event[times_at + 32 :], 2)),
    )


def filetime_ns(filetime: int) -> int:
    """A FILETIME as ns since 1970, within what a batch may hold; 0 stays 0."""
    if not filetime:
        return 0
    return max(-LATEST_NS, min(LATEST_NS, (filetime - FILETIME_1970) * 100))


def unpack_texts(data: bytes, count: int) -> list[str]:
    """Up to `count` UTF-16 texts that follow one another, each ended by a zero."""
    texts, at = [], 0
    for _ in range(count):
        end = skip_text(data, at)
        texts.append(data[at:end].decode("utf-16-le", "replace").removesuffix("\0"))
        at = end
    return texts


def skip_text(data: bytes, at: int) -> int:
    """Where the UTF-16 text at `at` ends, behind its zero; the end of `data` when it has none."""
    end = data.find(b"\0\0", at)
    while end >= 0 and (end - at) % 2:
        end = data.find(b"\0\0", end + 1)
    return end + 2 if end >= 0 else len(data)


class Clock:
    """Turns the ticks of a session into ns since 1970. `problem` says what is wrong with what the log states of its clock; "" for nothing."""

    def __init__(self, header: LogHeader) -> None:
        self._header = header
        self.problem = ""
        self.clamped = 0
        self.ticks_per_second = USUAL_TICKS if header.clock == SYSTEM_TIME else header.ticks_per_second
        if not 0 < self.ticks_per_second <= MOST_TICKS:
            self.ticks_per_second = USUAL_TICKS
            self.problem = f"the log states a clock of {header.ticks_per_second} ticks a second; times are computed with 10,000,000"

    def times_ns(self, ticks: NDArray[np.int64]) -> NDArray[Any]:
        """Times of events. Those beyond what a batch may hold are given as its limit and counted in `clamped`."""
        if self._header.clock == SYSTEM_TIME:
            start, base = FILETIME_1970, 0
        else:
            start, base = self._header.start_ticks, self._header.start_ns
        per_second = self.ticks_per_second
        # Only a damaged tick is so far from the start that the difference wraps around.
        passed = ticks - np.int64(start)
        seconds, rest = np.divmod(passed, np.int64(per_second))
        most = 2 * (LATEST_NS // SECOND_NS)
        near = np.clip(seconds, -most, most)
        # Half steps keep the sum within 64 bits: a base and the seconds may both be near the limit.
        half = near * (SECOND_NS // 2) + base // 2
        far = (near != seconds) | (np.abs(half) > LATEST_NS // 2 - SECOND_NS)
        self.clamped += int(np.count_nonzero(far))
        times = near * SECOND_NS + base + rest * SECOND_NS // per_second
        return np.where(far, np.where(half > 0, LATEST_NS, -LATEST_NS), times)
