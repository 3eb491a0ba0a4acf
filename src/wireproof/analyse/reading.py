"""Captures of a case into tables, side by side: the compiled passes release the GIL, so threads run at once.

Takes opened inputs and keys, gives `Point`s. One damaged capture becomes a note, not an end.

    tables   each capture by itself, in threads             read_tables
    keys     those in captures join those from files        add_embedded
    clear    TLS sessions, in the order of the captures     open_tls      sessions go on from one capture to the next
    inside   packets in tunnels, also those in TLS          unpack_inside
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from wireproof.analyse.copies import find_parts
from wireproof.analyse.keys import add_embedded
from wireproof.capture.frames import Note, Progress
from wireproof.case import Point
from wireproof.conversations import CaptureTables, read_tables
from wireproof.errors import CaptureFormatError, Fence
from wireproof.streams.inside import unpack_inside
from wireproof.streams.tunnel_candidates import candidates_of
from wireproof.streams.tunnels import may_hold_tunnel

if TYPE_CHECKING:
    from wireproof.analyse.inputs import Inputs, OpenedInput
    from wireproof.decrypt.clear import Clear
    from wireproof.decrypt.keys.ring import KeyRing


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
    """Read every opened capture to its end, at most one per processor at a time, and open TLS sessions with the keys at hand.

    Adds to `found` notes, and what keys the captures themselves hold. Raises CaptureFormatError with every reason when none
    could be read.
    """
    total = _Total(progress)
    listeners = [total.expect(place, opened.size) for place, opened in enumerate(found.opened)]
    results = _read_side_by_side(found.opened, listeners, total)
    read: list[tuple[OpenedInput, CaptureTables]] = []
    for opened, result in zip(found.opened, results, strict=True):
        if isinstance(result, CaptureTables):
            read.append((opened, result))
            with Fence(f"reading the secrets inside {opened.file}", found.notes.append):
                found.ring = add_embedded(found.ring, result.capture, found.notes)
        else:
            opened.capture.close()
            found.notes.append(result)
    read = _without_parts(read, found.notes)
    # The first capture's clock is the one that all are told by, which one without packets can't give.
    read.sort(key=lambda one: one[0].in_folder and not one[1].packets.frames)
    if not read:
        raise CaptureFormatError("; ".join(found.notes) or "there is nothing to read")
    clears = _open_in_order([(tables, opened.file) for opened, tables in read], found.ring)
    return [
        _make_point(opened, tables, clear, found.notes) for (opened, tables), clear in zip(read, clears, strict=True)
    ]


def _without_parts(
    read: list[tuple[OpenedInput, CaptureTables]], notes: list[str]
) -> list[tuple[OpenedInput, CaptureTables]]:
    """The captures without those that lay in a folder and repeat frames of another one; what somebody named stays."""
    parts: dict[int, int] = {}
    if len(read) > 1 and any(opened.in_folder for opened, _ in read):
        with Fence("looking for captures that repeat another", notes.append):
            parts = find_parts([tables for _, tables in read])
    for place, whole in sorted(parts.items()):
        opened, tables = read[place]
        if not opened.in_folder:
            del parts[place]
            continue
        opened.capture.close()
        notes.append(
            f"{opened.file} is left aside: its {tables.packets.frames:,} frames are in {read[whole][0].file} too, so that it is no point of its own"
        )
    return [one for place, one in enumerate(read) if place not in parts]


def _open_in_order(read: list[tuple[CaptureTables, str]], ring: KeyRing | None) -> list[Clear | None]:
    """The sessions of each capture, opened in the order of time: sessions of a later capture may go on from those of an earlier one."""
    order = sorted(range(len(read)), key=lambda place: read[place][0].packets.time_ns[:1].tolist())
    opened = {place: _open_sessions(read[place][0], ring, read[place][1]) for place in order}
    return [opened[place] for place in range(len(read))]


def _make_point(opened: OpenedInput, tables: CaptureTables, clear: Clear | None, notes: list[str]) -> Point:
    """A point with what is found inside its TLS sessions and tunnels; a defect there leaves it without, and a note."""
    tables = _look_inside(tables, clear, opened.file)
    notes += [f"{opened.file}{_where(note)}: {note.text}" for note in tables.capture.notes]
    return Point(opened.name, opened.file, tables, clear=clear)


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
            return read_tables(opened.capture, progress)
        except CaptureFormatError as error:
            return str(error)
    return reasons[0]


def _open_sessions(tables: CaptureTables, ring: KeyRing | None, file: str) -> Clear | None:
    """The TLS sessions that could be opened, and what became of the others; None where there is nothing to open them with."""
    with Fence(f"opening the TLS sessions of {file}", lambda defect: tables.capture.notes.append(Note(defect, -1))):
        if not ring and not any(one.suite for one in candidates_of(tables)):
            # Most runs have no keys, and start sooner without loading what opens sessions.
            return None
        from wireproof.decrypt.build import open_tls
        from wireproof.decrypt.keys.ring import KeyRing

        return open_tls(tables, ring or KeyRing())
    return None


def _look_inside(tables: CaptureTables, clear: Clear | None, file: str) -> CaptureTables:
    """The tables with what is found inside tunnels."""
    with Fence(f"looking inside the tunnels of {file}", lambda defect: tables.capture.notes.append(Note(defect, -1))):
        talks = (*clear.talks.values(), *clear.nested.values()) if clear else ()
        opened = [(one.talk(), one.outcome.suite) for one in talks if may_hold_tunnel(one.streams)]
        return unpack_inside(tables, opened)
    return tables


def _where(note: Note) -> str:
    return "" if note.offset < 0 else f", byte {note.offset}"


def _processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
