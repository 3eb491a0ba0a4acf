"""How Network Monitor files are laid out: the file header, records of every version, and times.

Takes bytes, gives values and NumPy types. The 2.0 header is CAPTUREFILE_HEADER_VALUES of Microsoft's Netmon.h; what came later is
known from files. Knows no file and no protocol.
"""

from __future__ import annotations

import datetime as dt
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER = 72
"""Bytes of the file header that have a meaning; the first record of 2.3 files may stand right behind them."""
MAGICS = (b"GMBU", b"RTSS")
LATEST_NS = (1 << 62) - 1
ZONES = struct.Struct("<HQ")
"""What the time zones begin with: their version and the start of the capture in UTC, as FILETIME."""
QUARTER_NS = 900_000_000_000
FILETIME_1970 = 116_444_736_000_000_000
"""1 January 1970 as FILETIME: units of 100 ns since 1601."""

OLD_HEAD = np.dtype([("delta", "<u4"), ("original", "<u2"), ("captured", "<u2")])
HEAD = np.dtype([("delta", "<i8"), ("original", "<u4"), ("captured", "<u4")])
TRAILERS = (
    np.dtype([]),
    np.dtype([("media", "<u2")]),
    np.dtype([("media", "<u2"), ("process", "<u4")]),
    np.dtype([("media", "<u2"), ("process", "<u4"), ("filetime", "<u8"), ("zone", "u1")]),
)
"""What follows a record's bytes, by minor version from 2.0 on; 2.3 and later are alike."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the file header states: `start_ns` is the start of the capture by the local clock, None for no date that exists.

    `table`, `comments` and `zones` are (offset, bytes), `processes` is (offset, count of entries); (0, 0) for none.
    """

    major: int
    minor: int
    media: int
    start_ns: int | None
    table: tuple[int, int]
    comments: tuple[int, int]
    processes: tuple[int, int]
    zones: tuple[int, int] = (0, 0)

    @property
    def head(self) -> np.dtype[Any]:
        """What stands before a record's bytes."""
        return OLD_HEAD if self.major == 1 else HEAD

    @property
    def trailer(self) -> np.dtype[Any]:
        """What stands behind them."""
        return TRAILERS[0] if self.major == 1 else TRAILERS[min(self.minor, 3)]

    @property
    def overhead(self) -> int:
        """Bytes of a record beside those of its frame."""
        return self.head.itemsize + self.trailer.itemsize


def unpack_header(data: bytes) -> Header:
    """The file header from its first HEADER bytes, whatever the version that they state."""
    minor, major, media = struct.unpack_from("<BBH", data, 4)
    places = struct.unpack_from("<10I", data, 24)
    # Older versions use these fields for statistics, and files are found with anything in them.
    states_more = major == 2 and minor >= 2
    comments, processes = ((places[4], places[5]), (places[6], places[7])) if states_more else ((0, 0), (0, 0))
    zones = (places[8], places[9]) if states_more and minor >= 3 else (0, 0)
    return Header(
        major, minor, media, _unpack_systemtime(data[8:24]), (places[0], places[1]), comments, processes, zones
    )


def utc_offset(header: Header, zones: bytes) -> int | None:
    """By how many seconds local time was ahead of UTC, from the start of the capture as the header and the time zones state it.

    None where that is no whole quarter of an hour within the bounds of the world's time zones.
    """
    if header.start_ns is None or len(zones) < ZONES.size:
        return None
    version, filetime = ZONES.unpack_from(zones)
    ahead_ns = header.start_ns - (filetime - FILETIME_1970) * 100
    quarters = round(ahead_ns / QUARTER_NS)
    is_zone = abs(quarters) <= 14 * 4 and abs(ahead_ns - quarters * QUARTER_NS) < 1_000_000_000
    return quarters * QUARTER_NS // 1_000_000_000 if version == 1 and is_zone else None


def _unpack_systemtime(data: bytes) -> int | None:
    """A SYSTEMTIME, read as if it were UTC, in nanoseconds from 1970; None when no such time exists."""
    year, month, _, day, hour, minute, second, millisecond = struct.unpack("<8H", data)
    try:
        moment = dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC)
    except ValueError:
        return None
    return int(moment.timestamp()) * 1_000_000_000 + min(int(millisecond), 999) * 1_000_000


def record_times(heads: NDArray[Any], tails: NDArray[Any], start_ns: int) -> tuple[NDArray[np.int64], int]:
    """The times of records in nanoseconds from 1970, and how many of them are beyond what a batch may hold.

    2.3 states each one in UTC; before, and where that is 0, they count from the start of the capture, which may lie behind them.
    """
    tick_ns = 1_000_000 if heads.dtype == OLD_HEAD else 1000
    times, is_beyond = _to_ns(heads["delta"].astype(np.int64), tick_ns, start_ns)
    if "filetime" in (tails.dtype.names or ()):
        stated = np.minimum(tails["filetime"], np.uint64((1 << 63) - 1)).astype(np.int64)
        absolute, is_far = _to_ns(stated, 100, -FILETIME_1970 * 100)
        times, is_beyond = np.where(stated == 0, times, absolute), np.where(stated == 0, is_beyond, is_far)
    return times, int(np.count_nonzero(is_beyond))


def _to_ns(ticks: NDArray[np.int64], tick_ns: int, start_ns: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Ticks from a start as nanoseconds within the limits of a batch, and which were beyond them."""
    earliest, latest = -((LATEST_NS + start_ns) // tick_ns), (LATEST_NS - start_ns) // tick_ns
    is_beyond = (ticks < earliest) | (ticks > latest)
    # In unsigned 64 bits the product and the sum come out right, whatever they pass on the way.
    kept = np.clip(ticks, earliest, latest).astype(np.uint64)
    times = kept * np.uint64(tick_ns) + np.uint64(start_ns % (1 << 64))
    return times.astype(np.int64), is_beyond
