"""Network Monitor captures, `.cap` of 1.x and 2.0 to 2.3: frames by the frame table, owners of connections, comments.

Takes a `Source`, gives batches of frames. The frame table stands behind the frames: see `netmon_source`. Where it is missing,
frames are taken in the order in which they stand. Knows no protocol.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.capture import netmon_layout as layout
from wireproof.capture.frames import Batch, Process, Progress
from wireproof.capture.netmon_index import FrameTable
from wireproof.capture.netmon_media import MediaTypes
from wireproof.capture.netmon_records import (
    Positions,
    Records,
    can_be_record,
    count_true,
    fetch_time,
    find_record,
    unpack_lengths,
    walk_row,
    wanted_bytes,
)
from wireproof.capture.netmon_source import SeekableSource
from wireproof.capture.netmon_tables import read_comments, read_processes
from wireproof.capture.reader import ENDED, READ_ON, ROWS, Meter, RecordReader
from wireproof.capture.source import Source
from wireproof.capture.window import WINDOW
from wireproof.errors import CaptureFormatError

MAX_JUMPS = 300
"""So often the frame table may lead far away from the entry before, and once more a mebibyte: each time costs a window."""
FIRST_RECORDS = (layout.HEADER, 128)
"""Where the first record stands in files that are found."""


def starts_like_netmon(head: bytes) -> bool:
    """Whether `head` starts with the magic number of 1.x or 2.x."""
    return head.startswith(layout.MAGICS)


class NetmonReader(RecordReader):
    """One Network Monitor file. Raises CaptureFormatError when it ends inside its header or is of an unknown version."""

    format = "netmon"

    def __init__(self, source: Source, file: str) -> None:
        self._bytes = SeekableSource(source, layout.HEADER)
        super().__init__(self._bytes, file)
        head = self._bytes.head
        if len(head) < layout.HEADER:
            raise CaptureFormatError(f"{file} is cut inside its Network Monitor file header", offset=len(head))
        self._header = header = layout.unpack_header(head)
        if header.major not in (1, 2):
            version = f"{header.major}.{header.minor}"
            raise CaptureFormatError(f"{file} is a Network Monitor capture of version {version}, which is not known")
        self.processes: list[Process] = []
        self._owners: list[NDArray[np.int32]] = []
        self._commented: dict[int, list[str]] = {}
        self._table = FrameTable(self._bytes.fetch, header)
        self._entries: Positions = np.zeros(0, np.int64)
        self._media = MediaTypes(self.interfaces)
        self._in_row = False
        self._row_ends = 0
        self._behind = 0
        self._jumps = 0
        self._taken = 0

    @property
    def frame_processes(self) -> NDArray[np.int32]:
        """For each frame its entry in `processes`, -1 for none; empty where the file names no process at all."""
        if len(self._owners) > 1:
            self._owners = [np.concatenate(self._owners)]
        return self._owners[0] if self._owners else super().frame_processes

    def time_span(self) -> tuple[int, int] | None:
        """The times of the first and the last frame of a plain file, before it is read; None when they can't be told."""
        offset, length = self._header.table
        if not self._bytes.is_plain or length < 4:
            return None
        fetch, entries = self._bytes.fetch, (offset, offset + length // 4 * 4 - 4)
        places = [int.from_bytes(fetch(entry, 4), "little") for entry in entries]
        first, last = (fetch_time(fetch, place, self._header) for place in places)
        return None if first is None or last is None else (first, last)

    def batches(self, progress: Progress | None = None) -> Iterator[Batch]:
        """Yield every frame in the frame table's order. Raises RuntimeError when called twice."""
        if not self._walked:
            self._bytes.gather(Meter(progress, self._source).tick)
            self._read_tables()
        yield from super().batches(progress)

    def _read_tables(self) -> None:
        header, fetch = self._header, self._bytes.fetch
        self.utc_offset_s = layout.utc_offset(header, fetch(header.zones[0], min(header.zones[1], layout.ZONES.size)))
        if header.processes[1]:
            owners = read_processes(fetch, *header.processes)
            self.processes = owners.entries
            if owners.problem_at >= 0:
                text = f"the process table is damaged at offset {owners.problem_at}: {len(owners.entries)} entries read"
                self.note(text, owners.problem_at)
        comments = read_comments(fetch, *header.comments)
        for offset, text in comments.entries:
            self._commented.setdefault(offset, []).append(text)
        if comments.problem_at >= 0:
            self.note(f"the comments are damaged at offset {comments.problem_at}", comments.problem_at)

    # --- by the table

    def _walk(self) -> int:
        if self._in_row:
            return self._walk_row()
        if not len(self._entries):
            self._entries = self._table.take(self._bytes.reach)
        if len(self._entries):
            return self._walk_table()
        if self._table.is_whole(self._bytes.reach) and (self._taken or not self._table.bad):
            return ENDED
        return READ_ON if self._start_row() else ENDED

    def _walk_table(self) -> int:
        """Take the entries next in turn whose records lie in the window; same answer as `_walk`."""
        window, header = self._window, self._header
        first = int(self._entries[0])
        if not 0 <= first - window.origin < window.end and not self._jump(first):
            return ENDED
        near = self._entries[:ROWS] - window.origin
        near = near[: count_true((near >= 0) & (near < window.end))]
        records = Records(window.view, near, window.end, header)
        if len(records):
            self._entries = self._entries[len(records) :]
            return self._take(records)
        window.at = first - window.origin
        want = wanted_bytes(window.view, window.at, window.end, header)
        if not window.at_end and first + want <= self._bytes.reach:
            return want
        self._table.mark_bad(self._entries[:1])
        self._entries = self._entries[1:]
        return READ_ON

    def _jump(self, offset: int) -> bool:
        """Move the window to another place; not when this happened too often, or nothing can be read there."""
        window = self._window
        self._jumps += 1
        if self._jumps > MAX_JUMPS + (self._bytes.reach >> 20):
            self.note(f"the frame table leads to and fro too often: reading stopped at offset {offset}", offset)
            return False
        # What lies before a place behind the last one is likely to come next.
        window.origin = offset if offset >= window.origin else max(0, offset - WINDOW // 2)
        window.at = window.end = 0
        window.at_end = False
        self._bytes.seek(window.origin)
        window.fill(WINDOW)
        return offset < window.origin + window.end

    # --- in the order in which they stand

    def _start_row(self) -> bool:
        """Leave the table: what there is of it is read, and it is not whole."""
        offset = self._table.offset
        text = f"the frame table at offset {offset} is cut or damaged; frames are taken as they stand in the file"
        self.note(text, offset)
        places = (self._header.table[0], self._header.comments[0], self._header.processes[0])
        first = self._behind or self._find_first()
        self._row_ends = min((place for place in places if place > first), default=1 << 62)
        self._in_row = True
        return self._jump(first)

    def _find_first(self) -> int:
        """Where the first record stands: where one can be, else where most files have it."""
        size = self._header.head.itemsize
        for offset in FIRST_RECORDS:
            data = memoryview(self._bytes.fetch(offset, size))
            if len(data) == size and can_be_record(*unpack_lengths(data, 0, self._header)):
                return offset
        return FIRST_RECORDS[-1]

    def _walk_row(self) -> int:
        """Take the records from the window's position on; same answer as `_walk`."""
        window, header = self._window, self._header
        if window.offset >= self._row_ends:
            return ENDED
        end = min(window.end, self._row_ends - window.origin)
        row = walk_row(window.view, window.at, end, header, ROWS)
        if len(row):
            records = Records(window.view, row, window.end, header)
            window.at = int(records.ends[-1])
            return self._take(records)
        has_head = window.available >= header.head.itemsize
        if has_head and not can_be_record(*unpack_lengths(window.view, window.at, header)):
            self._lose()
            return READ_ON
        want = wanted_bytes(window.view, window.at, window.end, header)
        return self._finish() if window.at_end or want <= window.available else want

    def _find(self) -> tuple[bool, int]:
        window = self._window
        end = min(window.end, self._row_ends - window.origin)
        return find_record(window.view, window.at, end, window.at_end or end < window.end, self._header)

    # --- records to rows

    def _take(self, records: Records) -> int:
        """Make rows of records; READ_ON, or ENDED once there are more bytes in them than the file has."""
        origin = self._window.origin
        self._table.mark_bad(records.at[~records.is_sound] + origin)
        taken = self._taken + np.cumsum(records.ends - records.at)
        records.is_sound &= taken <= self._bytes.reach
        self._fill_rows(records)
        self._behind = origin + int(records.ends[-1])
        self._taken = int(taken[-1])
        if self._taken <= self._bytes.reach:
            return READ_ON
        self.note("the frame table names the same bytes again and again: reading stopped", self._behind)
        return ENDED

    def _fill_rows(self, records: Records) -> None:
        header = self._header
        stated = "media" in (records.tails.dtype.names or ())
        media = records.tails["media"] if stated else np.full(len(records), header.media, np.uint16)
        kept = np.flatnonzero(records.is_sound & self._media.are_numbered(media, records.is_sound))
        heads, tails, media = records.heads[kept], records.tails[kept], media[kept]
        position = records.at[kept] + header.head.itemsize
        skipped = self._media.skip(self._window.view, position, heads["captured"], media)
        times, beyond = layout.record_times(heads, tails, header.start_ns or 0)
        count = len(kept)
        columns = (
            position + skipped,
            heads["captured"] - skipped,
            np.maximum(heads["original"].astype(np.int64) - skipped, 0),
            times,
            self._media.interfaces_of(media),
        )
        arrays: tuple[NDArray[Any], ...] = self._arrays
        for array, column in zip(arrays, columns, strict=True):
            np.copyto(array[:count], column, casting="unsafe")
        self._rows.count = count
        self._rows.clamped += beyond
        self._add_owners(tails)
        self._add_comments(records.at[kept] + self._window.origin)

    def _add_owners(self, tails: NDArray[np.void]) -> None:
        if self.processes:
            stated = tails["process"].astype(np.int64)
            self._owners.append(np.where(stated < len(self.processes), stated, -1).astype(np.int32))

    def _add_comments(self, offsets: Positions) -> None:
        if self._commented:
            for row in np.flatnonzero(np.isin(offsets, list(self._commented))).tolist():
                self.comments.setdefault(self._frames + row + 1, []).extend(self._commented[int(offsets[row])])

    def _close_notes(self) -> None:
        """Add the notes that are only known at the end."""
        self._bytes.finish()
        if self._table.bad:
            text = f"{self._table.bad} entries of the frame table lead to no record and are left out"
            self.note(text, self._table.bad_at)
        if self._header.start_ns is None:
            self.note("the file states no start that is a date; times that count from it are counted from 1970", 8)
        elif self._frames and (self._header.major == 1 or self._header.minor < 3):
            self.note("times are the local time of the capturing computer, taken as UTC: the file states no time zone")
        for text in self._media.tell():
            self.note(text)
        super()._close_notes()
