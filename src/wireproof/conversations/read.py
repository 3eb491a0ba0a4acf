"""The fused way of one capture: file -> frames -> headers -> conversations and marks, batch by batch.

The bytes of a batch are in the processor's cache while all three passes use them; nothing is kept but columns.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.capture import open_capture
from wireproof.capture.frames import Capture, Progress
from wireproof.conversations._track import Tracker
from wireproof.conversations.talks import Conversations
from wireproof.table.build import TableBuilder
from wireproof.table.packets import PacketTable


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
        wanted = np.asarray(rows, dtype=np.int64)
        own = wanted[wanted < self.packets.frames]
        fetched = iter(self.capture.read_frames(self.packets.offset[own], self.packets.captured[own]))
        return [next(fetched) if row < self.packets.frames else self.derived[int(row)] for row in wanted]


def read_tables(capture: Capture, progress: Progress | None = None) -> CaptureTables:
    """Read an open capture to its end. Raises CaptureFormatError only when no frame could be read at all."""
    packets = PacketTable()
    builder, tracker = TableBuilder(packets), Tracker()
    for batch in capture.batches(progress):
        builder.append(batch, capture.link_types)
        tracker.track(builder.headers, packets.time_ns, packets)
    packets.frames = packets.count
    packets.trim()
    return CaptureTables(capture, packets, Conversations(packets, tracker.facts()))


def read_capture(path: str | os.PathLike[str], progress: Progress | None = None) -> CaptureTables:
    """Open and read a capture file. Raises CaptureFormatError when it is none."""
    return read_tables(open_capture(path), progress)
