"""ETL logs as captures: frames in order of time, what was dropped and where, process ids, and the other events.

Takes a `Source`. The log is read whole before the first frame, because its buffers are not in order of time. Knows no protocol beyond
the lengths in IP headers.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.etl.choose import Appearances, choose_appearances, join_parts
from wireproof.capture.etl.collect import Collector, Contents
from wireproof.capture.etl.container import CIRCULAR, SEQUENTIAL_NEW_FILE, Clock
from wireproof.capture.etl.emit import Frames, emit
from wireproof.capture.etl.interfaces import describe_interfaces
from wireproof.capture.etl.log import LogWalk
from wireproof.capture.etl.packets import FROM_PKTMON, SENT
from wireproof.capture.etl.places import Places
from wireproof.capture.etl.providers import BY_GUID, PROVIDERS
from wireproof.capture.etl.taps import choose_taps, tie_lonely_drops
from wireproof.capture.frames import Batch, Capture, Note, Process, Progress
from wireproof.capture.reader import MAX_NOTES, Meter
from wireproof.capture.source import Source

SHB_OS, SHB_USERAPPL = 3, 4
"""Codes of pcapng's section options, under which the log's origin is told as well."""


DROP_DTYPE: Any = np.dtype(
    [("row", "<i8"), ("time_ns", "<i8"), ("reason", "<u4"), ("location", "<u4"), ("component", "<u2")]
)
"""One drop that PktMon logged. `row` is the number of the packet's frame less one, -1 when it is no frame; the rest as in the event."""


Kind = tuple[uuid.UUID, int, int]
"""Provider, id and version of an event."""
EVENTS_AT_ONCE = 1 << 16


class EtlEvent(NamedTuple):
    """One event that is no packet. `data` are its user data, whose layout `provider`, `event_id` and `version` name."""

    time_ns: int
    provider: uuid.UUID
    event_id: int
    version: int
    process_id: int
    thread_id: int
    data: bytes


class EtlReader(Capture):
    """One ETL log. Raises CaptureFormatError when it ends inside its header.

    `drops` are those that PktMon logged, DROP_DTYPE in order of time. Processes are those in whose context frames were logged. All of
    this is complete once `batches` has yielded its first frame.
    """

    format = "etl"

    def __init__(self, source: Source, file: str) -> None:
        super().__init__(file)
        self.drops: NDArray[Any] = np.zeros(0, DROP_DTYPE)
        self.processes: list[Process] = []
        self._frame_processes: NDArray[np.int32] = np.zeros(0, np.int32)
        self._source = source
        self._left_out = 0
        self._dropped = 0
        self._walk = LogWalk(source, file, self.note)
        self.header = self._walk.header
        self.section_options = [[(SHB_OS, f"Windows build {self.header.build}".encode()), (SHB_USERAPPL, b"ETL")]]
        self._clock = Clock(self.header)
        self._places = Places(source)
        self._contents: Contents | None = None
        self._frames: Frames | None = None

    @property
    def frame_processes(self) -> NDArray[np.int32]:
        """For each frame its entry in `processes`."""
        return self._frame_processes

    @property
    def dropped(self) -> int:
        """Frames that the capturer says it lost: events lost, where most events of the log are packets."""
        return self._dropped

    def batches(self, progress: Progress | None = None) -> Iterator[Batch]:
        """Yield every frame in order of time. Raises RuntimeError when called twice."""
        self._begin_walk()
        meter = Meter(progress, self._source)
        contents = self._collect(meter)
        self._frames = self._make_frames(contents)
        yield from emit(self._frames, self._places, self._source.progress()[1], meter.tick)
        self._close_notes(contents)
        meter.tick(last=True)

    def _collect(self, meter: Meter | None = None) -> Contents:
        if self._contents is None:
            tick = meter.tick if meter else lambda: None
            self._contents = Collector(self._walk, self._places, self.note).collect(tick)
        return self._contents

    def _make_frames(self, contents: Contents) -> Frames:
        """One row a packet, in order of time."""
        of_pktmon = contents.packets["source"] == FROM_PKTMON
        seen = self._choose_packets(contents.packets[of_pktmon], contents)
        joined = join_parts(_in_order(contents.packets[~of_pktmon]))
        if joined.lost:
            self.note(f"{joined.lost} parts of packets are left out: other parts of the same packet are missing")
        packets = np.concatenate([joined.packets, seen.chosen])
        if 2 * len(contents.packets) > contents.events:
            self._dropped = self.header.events_lost
        contents.packets = packets[:0]
        self.interfaces, interface = describe_interfaces(packets, contents.components)
        order = self._choose_frames(packets, interface)
        row_of = np.full(len(packets), -1, np.int64)
        row_of[order] = np.arange(len(order))
        frames = packets[order]
        pids, rows = np.unique(frames["process"], return_inverse=True)
        self.processes = [Process(int(pid)) for pid in pids]
        self._frame_processes = rows.astype(np.int32)
        self.sent = frames["way"] == SENT
        self.drops = self._list_drops(seen, row_of[len(joined.packets) :])
        parts = {int(row_of[row]): places for row, places in joined.parts.items()}
        return Frames(frames, interface[order], self._clock.times_ns(frames["ticks"]), parts)

    def _choose_packets(self, seen: NDArray[Any], contents: Contents) -> Appearances:
        """One row for each packet that PktMon saw."""
        if (seen["appearance"] > 0).any():
            return tie_lonely_drops(choose_appearances(seen), self._clock.ticks_per_second)
        return choose_taps(seen, contents.components, self._clock.ticks_per_second)

    def _choose_frames(self, packets: NDArray[Any], interface: NDArray[np.int64]) -> NDArray[np.int64]:
        """The packets that are frames, in order of time."""
        above_ip, unnumbered = packets["link"] == 0, interface < 0
        for left_out, why in (
            (above_ip, "packets that PktMon saw above IP only are left out"),
            (unnumbered & ~above_ip, "packets of interfaces beyond 65535 are left out"),
        ):
            if left_out.any():
                self.note(f"{np.count_nonzero(left_out)} {why}")
        order = np.argsort(packets["ticks"], kind="stable")
        return np.asarray(order[~(above_ip | unnumbered)[order]])

    def _list_drops(self, seen: Appearances, row_of: NDArray[np.int64]) -> NDArray[Any]:
        """The drops in order of time, with the rows of their packets."""
        drops = np.zeros(len(seen.drops), DROP_DTYPE)
        drops["row"] = row_of[seen.dropped_row]
        drops["time_ns"] = self._clock.times_ns(seen.drops["ticks"])
        drops["component"] = seen.drops["upper"]
        for name in ("reason", "location"):
            drops[name] = seen.drops[name]
        return drops[np.argsort(drops["time_ns"], kind="stable")]

    def component_name(self, number: int) -> str:
        """Driver and description of a component of PktMon, as pktmon shows them; "" for one that the log does not describe."""
        component = self._collect().components.get(number)
        return component.name if component else ""

    def event_kinds(self) -> Counter[Kind]:
        """How many events that are no packets there are of each provider, id and version."""
        numbers, counts = np.unique(_number_kinds(self._collect().facts), return_counts=True)
        found = zip(numbers.tolist(), counts.tolist(), strict=True)
        return Counter({(PROVIDERS[one >> 24].guid, one >> 8 & 0xFFFF, one & 0xFF): count for one, count in found})

    def etl_events(
        self, providers: Collection[uuid.UUID] | None = None, kinds: Collection[Kind] | None = None
    ) -> Iterator[EtlEvent]:
        """The events that are no packets in order of time: of some providers, of some kinds, or all that are kept. May be called at any time."""
        facts = self._collect().facts
        if providers is not None:
            facts = facts[np.isin(facts["provider"], [BY_GUID[guid] for guid in providers if guid in BY_GUID])]
        if kinds is not None:
            wanted = [BY_GUID[guid] << 24 | number << 8 | version for guid, number, version in kinds if guid in BY_GUID]
            facts = facts[np.isin(_number_kinds(facts), wanted)]
        facts = _in_order(facts)
        times = self._clock.times_ns(facts["ticks"])
        for start in range(0, len(facts), EVENTS_AT_ONCE):
            rows = facts[start : start + EVENTS_AT_ONCE]
            columns = (
                rows[name].tolist() for name in ("provider", "id", "version", "process", "thread", "place", "size")
            )
            at_once = zip(times[start : start + EVENTS_AT_ONCE].tolist(), *columns, strict=True)
            for time_ns, provider, number, version, process, thread, place, size in at_once:
                data = self._places.read_at(place, size)
                yield EtlEvent(time_ns, PROVIDERS[provider].guid, number, version, process, thread, data)

    def read_frames(self, offsets: Sequence[int] | NDArray[Any], lengths: Sequence[int] | NDArray[Any]) -> list[bytes]:
        """Fetch frames again by their `offset` and captured length; thread-safe, in any order."""
        return [self._read_frame(int(offset), int(length)) for offset, length in zip(offsets, lengths, strict=True)]

    def _read_frame(self, offset: int, length: int) -> bytes:
        if self._frames is None or length == 0:
            return b""
        row = self._frames.find_row(offset)
        return self._frames.read(row, length, self._places) if row >= 0 else b""

    def close(self) -> None:
        """Release the file and every temporary copy."""
        self._source.close()
        self._places.close()

    def note(self, text: str, offset: int = -1) -> None:
        """Tell the user something about this file, up to a bound: a file can be damaged in a million places."""
        if len(self.notes) < MAX_NOTES:
            self.notes.append(Note(text, offset))
        else:
            self._left_out += 1

    def _close_notes(self, contents: Contents) -> None:
        """Add the notes that are only known at the end."""
        self._note_losses(contents)
        if self._clock.problem:
            self.note(self._clock.problem)
        if self._clock.clamped:
            self.note(f"the times of {self._clock.clamped} frames are beyond the year 2116 and are given as its limit")
        if not len(self._frame_processes):
            self.note(
                f"the log holds {contents.events} events and no packets; capture with `netsh trace start capture=yes` or pktmon"
            )
        for problem in (self._source.problem, self._places.problem):
            if problem:
                self.notes.append(Note(problem))
        if self._left_out:
            self.notes.append(Note(f"{self._left_out} further notes of these kinds are left out"))

    def _note_losses(self, contents: Contents) -> None:
        """What the session lost, and what the file therefore can't hold."""
        header = self.header
        if header.events_lost or header.buffers_lost:
            self.note(
                f"the trace lost {header.events_lost} events and {header.buffers_lost} buffers, as its header says"
            )
        elif contents.lost_marks:
            self.note(f"{contents.lost_marks} buffers say that the trace lost events before them")
        if header.mode & CIRCULAR and len(self._frame_processes):
            self.note("the log is circular: when it was full, the newest events overwrote the oldest")
        if header.mode & SEQUENTIAL_NEW_FILE:
            self.note("the log is one of several files of one trace; give the others as well, each is read for itself")


def _in_order(rows: NDArray[Any]) -> NDArray[Any]:
    """Rows in order of time; those of one time keep theirs."""
    return rows[np.argsort(rows["ticks"], kind="stable")]


def _number_kinds(facts: NDArray[Any]) -> NDArray[np.int64]:
    """One number for each event's provider, id and version."""
    provider, number = facts["provider"].astype(np.int64), facts["id"].astype(np.int64)
    return np.asarray(provider << 24 | number << 8 | facts["version"])
