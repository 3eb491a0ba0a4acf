"""Frames found inside others go back through the table: decoded, tracked and kept beside the file's own frames.

Takes raw IP packets with the row that completed each; gives new rows and their bytes. Knows nothing of how they were
found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from wireproof.capture.frames import Batch
from wireproof.conversations._track import Tracker
from wireproof.table.build import TableBuilder
from wireproof.table.schema import LAYERS

RAW_IP = 101
BATCH_FRAMES = 4096
BATCH_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class DerivedFrame:
    """One IP packet from inside others: what is there of it, its length on the wire, and the row that completed it."""

    data: bytes
    original: int
    outer: int


def append_derived(frames: Iterable[DerivedFrame], builder: TableBuilder, tracker: Tracker) -> dict[int, bytes]:
    """Give each frame a row behind all others. Gives the bytes by row.

    Time, interface and file offset of such a row are those of its outer row: it is seen when that one is.
    """
    kept: dict[int, bytes] = {}
    for group in _in_groups(frames):
        first = builder.packets.count
        _append_group(group, builder, tracker)
        kept.update((first + place, frame.data) for place, frame in enumerate(group))
    return kept


def _in_groups(frames: Iterable[DerivedFrame]) -> Iterator[list[DerivedFrame]]:
    """Frames by the batch, so that few large buffers pass instead of many small ones."""
    group: list[DerivedFrame] = []
    held = 0
    for frame in frames:
        group.append(frame)
        held += len(frame.data)
        if len(group) == BATCH_FRAMES or held >= BATCH_BYTES:
            yield group
            group, held = [], 0
    if group:
        yield group


def _append_group(group: list[DerivedFrame], builder: TableBuilder, tracker: Tracker) -> None:
    packets, first = builder.packets, builder.packets.count
    lengths = np.array([len(frame.data) for frame in group], np.uint32)
    outer = np.array([frame.outer for frame in group], np.int64)
    interface = packets.interface[outer]
    batch = Batch(
        data=memoryview(b"".join(frame.data for frame in group)),
        origin=0,
        count=len(group),
        position=np.cumsum(lengths, dtype=np.uint32) - lengths,
        captured=lengths,
        original=np.array([frame.original for frame in group], np.uint32),
        time_ns=packets.time_ns[outer],
        interface=interface,
    )
    builder.append(batch, np.full(int(interface.max()) + 1, RAW_IP, np.uint16))
    tracker.track(builder.headers, packets.time_ns, packets)
    rows = slice(first, packets.count)
    packets.layers[rows] |= np.uint32(LAYERS["derived"])
    packets.offset[rows] = packets.offset[outer]
    packets.outer.update(zip(range(first, packets.count), outer.tolist(), strict=True))
