"""Captures of a case into tables, side by side: the compiled passes release the GIL, so threads run at once.

Takes opened inputs, gives `Point`s. One damaged capture becomes a note, not an end.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from wireproof.capture.frames import Note, Progress
from wireproof.case import Point
from wireproof.conversations import CaptureTables, read_tables
from wireproof.errors import CaptureFormatError, Fence
from wireproof.streams.inside import unpack_inside

if TYPE_CHECKING:
    from wireproof.analyse.inputs import Inputs, OpenedInput


class _Cancelled(Exception):
    """The user stopped the run while a capture was being read."""


class _Total:
    """Adds up the progress of all captures for one listener, and stops the readers once `cancelled` is set."""

    def __init__(self, listener: Progress | None) -> None:
        self._listener = listener
        self._lock = threading.Lock()
        self._states: dict[int, tuple[int, int]] = {}
        self.cancelled = False

    def expect(self, place: int, size: int) -> Progress:
        """The callback for one capture of `size` bytes (0 for unknown)."""
        self._states[place] = (0, size)

        def tell(done: int, whole: int) -> None:
            if self.cancelled:
                raise _Cancelled
            with self._lock:
                self._states[place] = (done, whole or size)
                if self._listener:
                    sums = [sum(column) for column in zip(*self._states.values(), strict=True)]
                    self._listener(sums[0], sums[1])

        return tell


def read_points(found: Inputs, progress: Progress | None = None) -> list[Point]:
    """Read every opened capture to its end, at most one per processor at a time; adds notes to `found`.

    Raises CaptureFormatError with every reason when none could be read.
    """
    total = _Total(progress)
    listeners = [total.expect(place, opened.size) for place, opened in enumerate(found.opened)]
    results = _read_side_by_side(found.opened, listeners, total)
    points = []
    for opened, result in zip(found.opened, results, strict=True):
        if isinstance(result, CaptureTables):
            points.append(Point(opened.name, opened.file, result))
            found.notes += [f"{opened.file}{_where(note)}: {note.text}" for note in result.capture.notes]
        else:
            opened.capture.close()
            found.notes.append(result)
    if not points:
        raise CaptureFormatError("; ".join(found.notes) or "there is nothing to read")
    return points


def _read_side_by_side(
    opened: list[OpenedInput], listeners: list[Progress], total: _Total
) -> list[CaptureTables | str]:
    if len(opened) == 1:
        return [_read(opened[0], listeners[0])]
    with ThreadPoolExecutor(min(len(opened), _processors()), "wireproof-read") as pool:
        try:
            futures = [pool.submit(_read, one, listener) for one, listener in zip(opened, listeners, strict=True)]
            return [future.result() for future in futures]
        finally:
            # After all results this stops nothing; without it an interrupted run would read every capture to its end.
            total.cancelled = True
            pool.shutdown(wait=False, cancel_futures=True)


def _read(opened: OpenedInput, progress: Progress) -> CaptureTables | str:
    """The tables of one capture, or why there are none: neither damage nor a defect in one may cost the others."""
    reasons: list[str] = []
    with Fence(f"reading {opened.file}", reasons.append):
        try:
            return _look_inside(read_tables(opened.capture, progress), opened.file)
        except CaptureFormatError as error:
            return str(error)
    return reasons[0]


def _look_inside(tables: CaptureTables, file: str) -> CaptureTables:
    """The tables with what is found inside tunnels; a defect there leaves the tables without it, and a note."""
    with Fence(f"looking inside the tunnels of {file}", lambda defect: tables.capture.notes.append(Note(defect, -1))):
        return unpack_inside(tables)
    return tables


def _where(note: Note) -> str:
    return "" if note.offset < 0 else f", byte {note.offset}"


def _processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
