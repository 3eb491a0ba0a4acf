"""Hands out the frames of an ETL log in order of time, and reads them again.

Takes rows of packets with the places of their bytes, gives batches. A frame's offset counts in a stream of all frames in order, which
exists nowhere: it only tells one frame from another. Knows no layout of events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.etl import _events
from wireproof.capture.etl.lengths import infer_lengths
from wireproof.capture.etl.packets import FROM_PKTMON, IEEE_802_11
from wireproof.capture.etl.places import Places
from wireproof.capture.frames import Batch

BATCH_ROWS = 16384
BATCH_BYTES = 1 << 22
RUN_GAP = 1 << 14
"""Bytes between two frames that are read along: other events lie there, and one read costs as much as copying so many."""
RUN_BYTES = 1 << 23
PROTECTED = 0x40
"""Bit of the second byte of an 802.11 header: what follows is encrypted."""

Parts = dict[int, list[tuple[int, int]]]


@dataclass(slots=True)
class Frames:
    """Frames in order of time. `parts` has the places and lengths of those that came in several events.

    `offset` is filled by `number_frames`.
    """

    packets: NDArray[Any]
    interface: NDArray[np.int64]
    time_ns: NDArray[np.int64]
    parts: Parts
    offset: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    joined: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.joined = np.array(sorted(self.parts), np.int64)

    def __len__(self) -> int:
        return len(self.packets)

    def read(self, row: int, length: int, places: Places) -> bytes:
        """The first `length` bytes of one frame, again."""
        pieces = self.parts.get(row) or [(int(self.packets["place"][row]), length)]
        data = bytearray()
        for place, size in pieces:
            data += places.read_at(place, size)
        del data[length:]
        if len(data) > 1 and is_decrypted(self.packets[row]):
            data[1] &= ~PROTECTED
        return bytes(data)

    def find_row(self, offset: int) -> int:
        """The frame whose offset this is; -1 for none."""
        row = int(np.searchsorted(self.offset, offset, "right")) - 1
        return row if row >= 0 and self.offset[row] == offset else -1


def is_decrypted(packets: NDArray[Any]) -> NDArray[np.bool_]:
    """Which are 802.11 frames that Windows logged decrypted, though their headers still say encrypted."""
    decrypted: NDArray[np.bool_] = (packets["link"] == IEEE_802_11) & (packets["source"] != FROM_PKTMON)
    return decrypted


def number_frames(frames: Frames, size: int) -> list[int]:
    """Give each frame its offset, and tell where batches end. Offsets reach `size`, that of the file, so that progress can be judged."""
    captured = frames.packets["captured"].astype(np.int64)
    after = np.cumsum(captured)
    total = int(after[-1]) if len(after) else 0
    spread = max(0, size - total)
    frames.offset = after - captured
    ends = []
    start = done = 0
    while start < len(frames):
        end = min(start + BATCH_ROWS, int(np.searchsorted(after, done + BATCH_BYTES, "right")), len(frames))
        end = max(end, start + 1)
        frames.offset[start:end] += spread * end // len(frames)
        ends.append(end)
        start, done = end, int(after[end - 1])
    return ends


def emit(frames: Frames, places: Places, size: int, tick: Callable[[], None]) -> Iterator[Batch]:
    """Batches of all frames; `size` is that of the file, `tick` is called after each batch."""
    start = 0
    for end in number_frames(frames, size):
        yield make_batch(frames, start, end, places)
        tick()
        start = end


def make_batch(frames: Frames, start: int, end: int, places: Places) -> Batch:
    """The frames from row `start` up to `end`, their bytes one behind the other."""
    packets = frames.packets[start:end]
    captured = packets["captured"].astype(np.uint32)
    after = np.cumsum(captured, dtype=np.uint32)
    data = np.zeros(int(after[-1]) if len(after) else 0, np.uint8)
    position = after - captured
    fill(data, packets["place"], captured, after, places)
    for row in frames.joined[slice(*np.searchsorted(frames.joined, (start, end)))].tolist():
        whole = frames.read(row, int(captured[row - start]), places)
        at = position[row - start]
        data[at : at + len(whole)] = np.frombuffer(whole, np.uint8)
    data[position[is_decrypted(packets) & (captured > 1)] + 1] &= np.uint8(0xFF ^ PROTECTED)
    stated = packets["original"]
    inferred = infer_lengths(data, position, captured, packets["link"])
    original = np.where(packets["source"] == FROM_PKTMON, np.maximum(stated, captured), inferred).astype(np.uint32)
    interface = frames.interface[start:end].astype(np.uint16)
    time_ns = np.ascontiguousarray(frames.time_ns[start:end])
    origin = int(frames.offset[start])
    return Batch(data.data.toreadonly(), origin, end - start, position, captured, original, time_ns, interface)


def fill(
    data: NDArray[np.uint8], place: NDArray[Any], length: NDArray[Any], after: NDArray[Any], places: Places
) -> None:
    """Copy the bytes at each place to where they end in `data`. Places near one another are read at once."""
    order = np.argsort(place, kind="stable")
    starts = place[order]
    ends = starts + length[order]
    splits = np.flatnonzero(starts[1:] - np.maximum.accumulate(ends)[:-1] > RUN_GAP) + 1
    first = 0
    for last in [*splits.tolist(), len(order)]:
        while first < last:
            stop = max(
                first + 1, min(last, int(np.searchsorted(ends[first:last], starts[first] + RUN_BYTES, "right")) + first)
            )
            _copy_run(data, order[first:stop], place, length, after, places)
            first = stop


def _copy_run(
    data: NDArray[np.uint8],
    rows: NDArray[Any],
    place: NDArray[Any],
    length: NDArray[Any],
    after: NDArray[Any],
    places: Places,
) -> None:
    start = int(place[rows[0]])
    end = int((place[rows] + length[rows]).max())
    held = np.frombuffer(places.read_at(start, end - start), np.uint8)
    starts = place[rows].astype(np.int64) - start
    # A file may shrink while it is read; what is gone stays zero.
    there = starts + length[rows] <= len(held)
    _events.gather(
        held, starts[there], np.ascontiguousarray(length[rows][there]), data, np.ascontiguousarray(after[rows][there])
    )
