"""The part of a capture reader that all record-based formats share: the batch loop, notes, and the search after damage.

Takes a `Source`; a format adds how its records are walked and found again. Knows no record layout.
"""

from __future__ import annotations

import abc
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.capture._gather import gather
from wireproof.capture._walk import Rows
from wireproof.capture.frames import Batch, Capture, Note, Progress
from wireproof.capture.source import GAP, SPAN, Source, read_pieces
from wireproof.capture.window import Window
from wireproof.limits import limit

ROWS = 16384
"""Frames in a batch at most: more than a window of small frames holds, and small enough to stay in the cache."""
MAX_FRAME = 1 << 27
"""A record that claims to be longer is damage: 128 MiB is the longest that libpcap lets any link type have."""
MAX_NOTES = 20
PROGRESS_SECONDS = 0.1
READ_ON = 0
ENDED = -1

SEARCH_BYTES = limit(
    "capture.search_bytes",
    1024**3,
    "the search for the next record after damage gives up here: with a gibibyte of other bytes a file is no capture",
)


class Meter:
    """Calls `progress` at most ten times a second, and once at the end."""

    def __init__(self, progress: Progress | None, source: Source) -> None:
        self._progress = progress
        self._source = source
        self._last = 0.0

    def tick(self, *, last: bool = False) -> None:
        """Report where reading stands, unless that was done just now."""
        if self._progress is None:
            return
        now = time.monotonic()
        if last or now - self._last >= PROGRESS_SECONDS:
            self._last = now
            self._progress(*self._source.progress())


class RecordReader(Capture):
    """A capture of records that follow one another. A format fills in `_walk` and `_find`."""

    def __init__(self, source: Source, file: str) -> None:
        super().__init__(file)
        self._source = source
        self._window = Window(source)
        self._arrays = (
            np.zeros(ROWS, np.uint32),
            np.zeros(ROWS, np.uint32),
            np.zeros(ROWS, np.uint32),
            np.zeros(ROWS, np.int64),
            np.zeros(ROWS, np.uint16),
        )
        self._rows = Rows(*self._arrays)
        self._frames = 0
        self._left_out = 0
        self._lost_at = -1

    def batches(self, progress: Progress | None = None) -> Iterator[Batch]:
        """Yield every frame in file order. Raises RuntimeError when called twice."""
        self._begin_walk()
        meter = Meter(progress, self._source)
        while True:
            want = self._walk() if self._lost_at < 0 else self._search()
            if self._rows.count:
                yield self._batch()
                self._rows.count = 0
            if want == ENDED:
                break
            if want > READ_ON:
                self._window.fill(want)
                meter.tick()
        self._close_notes()
        meter.tick(last=True)

    def _batch(self) -> Batch:
        count = self._rows.count
        self._frames += count
        window = self._window
        return Batch(window.view[: window.end].toreadonly(), window.origin, count, *self._arrays)

    def read_frames(self, offsets: Sequence[int] | NDArray[Any], lengths: Sequence[int] | NDArray[Any]) -> list[bytes]:
        """Fetch frames again by their `offset` and captured length; thread-safe, in any order."""
        return read_pieces(self._source.read_at, offsets, lengths)

    def read_parts(self, offsets: NDArray[np.int64], at: NDArray[np.int64], sizes: NDArray[np.int64]) -> bytes:
        """As `Capture.read_parts`; a frame stands in the file as it is, so no other bytes are needed."""
        return gather(self._source.read_at, offsets + at, sizes, GAP, SPAN)

    def close(self) -> None:
        """Release the file and any temporary copy of it."""
        self._source.close()

    @abc.abstractmethod
    def _walk(self) -> int:
        """Add rows from the window. Gives the bytes wanted from its position, READ_ON to be called again, or ENDED."""

    @abc.abstractmethod
    def _find(self) -> tuple[bool, int]:
        """Search the window from its position; gives (found, position) as `_walk.find_pcap` does."""

    def _lose(self) -> None:
        """Start a search: what stands at the window's position is no record."""
        self._lost_at = self._window.offset
        self._window.at += 1

    def _search(self) -> int:
        """Go on searching for the next record after damage; same answer as `_walk`."""
        window = self._window
        found, window.at = self._find()
        skipped = window.offset - self._lost_at
        if found:
            self.note(f"damage at offset {self._lost_at}: {skipped} bytes skipped to the next record", self._lost_at)
            self._lost_at = -1
            return READ_ON
        if window.at_end or skipped > SEARCH_BYTES.value:
            text = f"damage at offset {self._lost_at}: no record found in the {skipped} bytes that follow"
            self.note(text, self._lost_at)
            return ENDED
        return window.available + 1

    def _finish(self) -> int:
        """Deal with what the file ends in: nothing, a cut record, or damage that claims to be longer than the file."""
        window = self._window
        if not window.available:
            return ENDED
        self._lose()
        found, window.at = self._find()
        if found:
            window.at = self._lost_at - window.origin + 1
            return READ_ON
        text = f"the last record is cut at offset {self._lost_at}; the file may still be growing"
        self.note(text, self._lost_at)
        return ENDED

    def note(self, text: str, offset: int = -1) -> None:
        """Tell the user something about this file, up to a bound: a file can be damaged in a million places."""
        if len(self.notes) < MAX_NOTES:
            self.notes.append(Note(text, offset))
        else:
            self._left_out += 1

    def _close_notes(self) -> None:
        """Add the notes that are only known at the end."""
        if self._rows.clamped:
            self.note(f"the times of {self._rows.clamped} frames are beyond the year 2116 and are given as its limit")
        if self._source.problem:
            self.notes.append(Note(self._source.problem))
        if self._left_out:
            self.notes.append(Note(f"{self._left_out} further notes of these kinds are left out"))
