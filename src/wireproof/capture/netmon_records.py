"""Records of Network Monitor files in a window of bytes: gathered at given places, walked in a row, and found again after damage.

Takes a window's bytes and a file's `Header`, gives arrays. Knows no file, no frame table and no protocol.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.netmon_layout import HEADER, OLD_HEAD, Header, record_times
from wireproof.capture.netmon_tables import Fetch
from wireproof.capture.reader import MAX_FRAME

SEARCH_RECORD = 262_144
"""A search believes no longer record, so that a run of them fits in one window."""
SEARCH_ORIGINAL = 1 << 26
SEARCH_SLICE = 1 << 18
YEAR_US = 31_622_400 * 1_000_000
RUN = 3
OLD_RUN = 8
"""The short heads of 1.x look alike more easily."""

Positions = NDArray[np.int64]


def gather(view: memoryview, at: Positions, kind: np.dtype[Any]) -> NDArray[Any]:
    """The structures of one kind that start at `at`; each must lie whole in `view`."""
    data = np.frombuffer(view, np.uint8)
    if not kind.itemsize:
        return np.zeros(len(at), kind)
    structures: NDArray[Any] = data[at[:, None] + np.arange(kind.itemsize)].view(kind)[:, 0]
    return structures


class Records:
    """Records that start at `at` in a window, those at the front that lie whole in `view[:end]`: heads, trailers and ends.

    `is_sound` tells those that are not too long to be records; the others have no trailer that means anything.
    """

    def __init__(self, view: memoryview, at: Positions, end: int, header: Header) -> None:
        size, overhead = header.head.itemsize, header.overhead
        at = at[: count_true(at + size <= end)]
        heads = gather(view, at, header.head)
        ends = at + heads["captured"].astype(np.int64) + overhead
        is_sound = heads["captured"] <= MAX_FRAME
        count = count_true((ends <= end) | ~is_sound)
        self.at = at[:count]
        self.is_sound = is_sound[:count]
        self.heads = heads[:count]
        self.ends = np.where(self.is_sound, ends[:count], self.at + size)
        behind = np.where(self.is_sound, self.ends - header.trailer.itemsize, 0)
        self.tails = gather(view, behind, header.trailer)

    def __len__(self) -> int:
        return len(self.at)


def count_true(flags: NDArray[np.bool_]) -> int:
    """How many are true before the first that is not."""
    return len(flags) if flags.all() else int(np.argmin(flags))


def unpack_lengths(view: memoryview, at: int, header: Header) -> tuple[int, int]:
    """(original, captured) length that the head at `at` states; it must lie in `view`."""
    head = gather(view, np.array([at]), header.head)[0]
    return int(head["original"]), int(head["captured"])


def can_be_record(original: int, captured: int) -> bool:
    """Whether a record may state these lengths. Zeros are what a file is filled up with."""
    return captured <= min(original, MAX_FRAME) and original > 0


def wanted_bytes(view: memoryview, at: int, end: int, header: Header) -> int:
    """How long the record at `at` is, or its head as long as that is not whole."""
    size = header.head.itemsize
    return size if end - at < size else header.overhead + unpack_lengths(view, at, header)[1]


def fetch_time(fetch: Fetch, at: int, header: Header) -> int | None:
    """The time of the one record at a place in the file; None where there is none."""
    kinds = header.head, header.trailer
    head = fetch(at, kinds[0].itemsize)
    if at < HEADER or len(head) < kinds[0].itemsize:
        return None
    captured = unpack_lengths(memoryview(head), 0, header)[1]
    tail = fetch(at + len(head) + captured, kinds[1].itemsize)
    if len(tail) < kinds[1].itemsize:
        return None
    tails = np.frombuffer(tail, kinds[1]) if tail else np.zeros(1, kinds[1])
    times, _ = record_times(np.frombuffer(head, kinds[0]), tails, header.start_ns or 0)
    return int(times[0])


def walk_row(view: memoryview, at: int, end: int, header: Header, most: int) -> Positions:
    """Where consecutive records start from `at` on, as long as they lie whole in `view[:end]` and can be."""
    size, overhead = header.head.itemsize, header.overhead
    width = 2 if header.head == OLD_HEAD else 4
    found: list[int] = []
    while len(found) < most and end - at >= size:
        middle = at + size - width
        captured = int.from_bytes(view[middle : at + size], "little")
        original = int.from_bytes(view[middle - width : middle], "little")
        if not can_be_record(original, captured) or at + overhead + captured > end:
            break
        found.append(at)
        at += overhead + captured
    return np.array(found, np.int64)


def _are_believable(heads: NDArray[Any], longest: int) -> NDArray[np.bool_]:
    captured, original = heads["captured"], heads["original"]
    believable = (captured > 0) & (captured <= original) & (captured <= longest) & (original <= SEARCH_ORIGINAL)
    if heads.dtype != OLD_HEAD:
        believable &= (heads["delta"] > -YEAR_US) & (heads["delta"] < YEAR_US)
    return np.asarray(believable, np.bool_)


def find_record(view: memoryview, at: int, end: int, at_end: bool, header: Header) -> tuple[bool, int]:
    """Search view[at:end] for records that follow one another, or fewer that end where the file does.

    Gives (found, position); when nothing is found, the position is the first that more bytes could still turn into such a run.
    """
    last = end - header.head.itemsize + 1
    for start in range(at, last, SEARCH_SLICE):
        some = _find_candidates(view, start, min(start + SEARCH_SLICE, last), header)
        is_run, is_open = _judge_runs(view, some, end, at_end, header)
        decided = np.flatnonzero(is_run | is_open)
        if len(decided):
            return bool(is_run[decided[0]]), int(some[decided[0]])
    return False, max(at, end if at_end else last)


def _find_candidates(view: memoryview, at: int, end: int, header: Header) -> Positions:
    """The positions from `at` to before `end` at which the lengths of a record may stand: most are no such thing."""
    size, kind = header.head.itemsize, header.head["captured"]
    captured = np.ndarray(end - at, kind, view, at + size - kind.itemsize, (1,))
    original = np.ndarray(end - at, kind, view, at + size - 2 * kind.itemsize, (1,))
    return at + np.flatnonzero((captured > 0) & (captured <= SEARCH_RECORD) & (captured <= original))


def _judge_runs(
    view: memoryview, starts: Positions, end: int, at_end: bool, header: Header
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each position whether a run starts there, and whether that can't be told before more bytes are read."""
    is_run = np.zeros(len(starts), np.bool_)
    is_open = np.zeros(len(starts), np.bool_)
    rows = np.arange(len(starts))
    at = starts
    run = OLD_RUN if header.head == OLD_HEAD else RUN
    for found in range(run + 1):
        if found == run:
            is_run[rows] = True
            break
        fits = at + header.head.itemsize <= end
        cut = rows[~fits]
        if at_end:
            is_run[cut] = (at[~fits] == end) & (found > 0) | (found + 1 >= run)
        else:
            is_open[cut] = True
        heads = gather(view, at[fits], header.head)
        sound = _are_believable(heads, SEARCH_RECORD)
        rows, at = rows[fits][sound], at[fits][sound] + heads["captured"][sound].astype(np.int64) + header.overhead
    return is_run, is_open
