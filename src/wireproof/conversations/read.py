"""The fused way of one capture: file -> frames -> headers -> conversations and marks, batch by batch.

The bytes of a batch are in the processor's cache while they are walked and decoded; the conversation pass follows one batch
behind, on the headers alone, in a thread of its own. Nothing is kept but columns.
Fragments are put together at the end, and what they carried goes the same way once more.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from wireproof.capture import open_capture
from wireproof.capture.frames import Batch, Capture, Note, Progress
from wireproof.conversations._track import Tracker
from wireproof.conversations.derived import DerivedFrame, append_derived
from wireproof.conversations.facts import FACTS_DTYPE
from wireproof.conversations.fragments import Reassembly, unpack_fragment
from wireproof.conversations.talks import Conversations
from wireproof.limits import limit
from wireproof.table.build import TableBuilder
from wireproof.table.packets import PacketTable
from wireproof.table.schema import LAYERS

DERIVED_BYTES = limit(
    "fragments.kept_bytes", 64 << 20, "reassembled packets are kept in memory; beyond this they stay fragments"
)
FETCHED_ROWS = 1024
LEFT_IN_FRAGMENTS = {
    "incomplete": "IP packets of which this capture lacks fragments: {count}; first in frame {frame}",
    "overlaps kept": "IPv4 packets of overlapping fragments, first bytes kept: {count}; first in frame {frame}",
    "overlaps refused": "IPv6 packets refused for overlapping fragments: {count}; first in frame {frame}",
    "longer than IP allows": "fragments that end beyond the longest packet of IP: {count}; first in frame {frame}",
    "given up for want of room": "incomplete IP packets given up for want of room: {count}; first in frame {frame}",
    "left": "fragments not put together because there are too many: {count}; first in frame {frame}",
}
"""What is said of fragments that did not become a packet, by reason."""


@dataclass(slots=True)
class CaptureTables:
    """Everything known of one capture after reading it once: the open file, its packets and its conversations."""

    capture: Capture
    packets: PacketTable
    conversations: Conversations
    derived: dict[int, bytes] = field(default_factory=dict)
    """Bytes of rows beyond the file's frames, put together from several of them."""

    def read_frames(self, rows: Sequence[int] | NDArray[Any]) -> list[bytes]:
        """The bytes of rows, fetched again from the file; of derived rows as they were put together."""
        return fetch_frames(self.capture, self.packets, self.derived, rows)

    def read_parts(self, rows: NDArray[np.int64], at: NDArray[np.int64], sizes: NDArray[np.int64]) -> bytes:
        """Parts of rows one behind the other: of each so many bytes from an offset in it on, as far as they are there."""
        if not len(rows) or int(rows.max()) < self.packets.frames:
            return self.capture.read_parts(self.packets.offset[rows].astype(np.int64), at, sizes)
        ends = (at + sizes).tolist()
        frames = self.read_frames(rows)
        return b"".join([frame[begin:end] for frame, begin, end in zip(frames, at.tolist(), ends, strict=True)])


def fetch_frames(
    capture: Capture, packets: PacketTable, derived: dict[int, bytes], rows: Sequence[int] | NDArray[Any]
) -> list[bytes]:
    """The bytes of rows of a table: the file's own frames from the file, the others from `derived`."""
    wanted = np.asarray(rows, dtype=np.int64)
    own = wanted[wanted < packets.frames]
    frames = capture.read_frames(packets.offset[own], packets.captured[own])
    if len(own) == len(wanted):
        return frames
    fetched = iter(frames)
    return [next(fetched) if row < packets.frames else derived[int(row)] for row in wanted]


class Meter:
    """Passes progress on, and learns from it how large the file is."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self.size = 0

    def __call__(self, done: int, total: int) -> None:
        """Called as any other progress is."""
        self.size = total
        if self._progress:
            self._progress(done, total)


def guess_rows(batch: Batch, before: int, size: int) -> int:
    """How many frames a file of `size` bytes has if the rest is like what came until this batch, and a sixteenth more.

    Too few for a packed file, whose size on disk is less than what it holds.
    """
    last = batch.count - 1
    done = batch.origin + int(batch.position[last]) + int(batch.captured[last])
    return (before + batch.count) * size // max(done, 1) * 17 // 16


class Follower:
    """Runs the conversation pass one batch behind the decoder, in a thread of its own: neither pass holds Python's lock.

    The columns must not be moved while it runs: `wait` before they grow.
    """

    def __init__(self, builder: TableBuilder, tracker: Tracker) -> None:
        self._builder, self._tracker = builder, tracker
        self._thread = ThreadPoolExecutor(1)
        self._running: Future[None] | None = None

    def follow(self) -> None:
        """Start on the batch that was decoded last, once the one before is done. Raises what that one raised."""
        self.wait()
        packets = self._builder.packets
        self._running = self._thread.submit(self._tracker.track, self._builder.headers, packets.time_ns, packets)

    def wait(self) -> None:
        """Return when every batch given so far has been followed."""
        if self._running:
            self._running.result()
            self._running = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.wait()
        finally:
            self._thread.shutdown()


def read_tables(capture: Capture, progress: Progress | None = None) -> CaptureTables:
    """Read an open capture to its end. Raises CaptureFormatError only when no frame could be read at all."""
    packets = PacketTable()
    builder, tracker = TableBuilder(packets), Tracker()
    meter = Meter(progress)
    with Follower(builder, tracker) as follower:
        for batch in capture.batches(meter):
            if packets.count + batch.count > packets.room:
                follower.wait()
                packets.expect(guess_rows(batch, packets.count, meter.size))
                packets.reserve(packets.count + batch.count)
            builder.append(batch, capture.link_types)
            follower.follow()
    packets.frames = packets.count
    packets.numbers = capture.frame_numbers
    derived = join_fragments(capture, builder, tracker)
    packets.trim()
    return CaptureTables(capture, packets, Conversations(packets, tracker.facts()), derived)


def add_inner_frames(tables: CaptureTables, frames: Iterable[DerivedFrame]) -> CaptureTables:
    """Tables with rows and conversations added for packets found inside the streams of others; fragments among them are joined.

    Their conversations are numbered behind the others and never continue one of those: a capture may show the tunnel's inside
    and its outside.
    """
    packets, old = tables.packets, tables.conversations
    first, known = packets.count, len(old)
    builder, tracker = TableBuilder(packets), Tracker()
    # All frames first: who finds them may still be looking up rows of the conversations that are known.
    derived = append_derived(list(frames), builder, tracker)
    derived |= join_fragments(tables.capture, builder, tracker, first, tables.derived | derived)
    if packets.count == first:
        return tables
    packets.trim()
    rows = slice(first, packets.count)
    packets.conversation[rows][packets.conversation[rows] >= 0] += np.int32(known)
    added = np.frombuffer(tracker.facts(), FACTS_DTYPE)
    added["reused_from"][added["reused_from"] > 0] += np.uint32(known)
    records = np.concatenate([old.facts, added])
    conversations = Conversations(packets, records.view(np.uint8).data)
    return CaptureTables(tables.capture, packets, conversations, tables.derived | derived)


def read_capture(path: str | os.PathLike[str], progress: Progress | None = None) -> CaptureTables:
    """Open and read a capture file. Raises CaptureFormatError when it is none."""
    return read_tables(open_capture(path), progress)


def join_fragments(
    capture: Capture, builder: TableBuilder, tracker: Tracker, first: int = 0, inner: dict[int, bytes] | None = None
) -> dict[int, bytes]:
    """Append every packet that came in fragments, in rows from `first` on, as a derived row. Gives their bytes by row.

    `inner` holds the bytes of rows that are derived already. A packet put together may itself hold a fragment, in a tunnel: rows
    are looked at until none is new. Adds notes to the capture.
    """
    packets, reassembly = builder.packets, Reassembly()
    derived: dict[int, bytes] = {}
    seen = first
    while seen < packets.count:
        rows = packets.rows_with("layers", LAYERS["fragment"], first=seen)
        seen = packets.count
        fragments = _fetch_packets(capture, packets, {**(inner or {}), **derived}, rows)
        derived.update(append_derived(_join(fragments, reassembly), builder, tracker))
    reassembly.end()
    for reason, count in reassembly.dropped.items():
        row = reassembly.first[reason]
        text = LEFT_IN_FRAGMENTS[reason].format(count=count, frame=packets.number(row))
        capture.notes.append(Note(text, int(packets.offset[row])))
    return derived


def _fetch_packets(
    capture: Capture, packets: PacketTable, derived: dict[int, bytes], rows: NDArray[np.int64]
) -> Iterator[tuple[bytes, int, int, int]]:
    """Of each row: the bytes from its innermost IP header on, their length on the wire, the file's row, its time."""
    for start in range(0, len(rows), FETCHED_ROWS):
        some = rows[start : start + FETCHED_ROWS]
        for row, frame in zip(some.tolist(), fetch_frames(capture, packets, derived, some), strict=True):
            at = int(packets.network_at[row])
            outer = packets.outer.get(row, row)
            yield frame[at:], int(packets.original[row]) - at, outer, int(packets.time_ns[row])


def _join(fragments: Iterator[tuple[bytes, int, int, int]], reassembly: Reassembly) -> Iterator[DerivedFrame]:
    kept = 0
    for packet, original, row, time_ns in fragments:
        if kept > DERIVED_BYTES.value:
            reassembly.drop("left", row)
            continue
        fragment = unpack_fragment(packet, original, row, time_ns)
        whole = reassembly.add(fragment) if fragment else None
        if whole:
            kept += len(whole.data)
            yield whole
