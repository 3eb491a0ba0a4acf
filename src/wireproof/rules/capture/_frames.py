"""Facts about all frames of a capture, found a piece of its columns at a time, so that memory stays bounded.

Takes a packet table; gives counts, and the first rows of each kind. Decides nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.table.packets import PIECE_ROWS

if TYPE_CHECKING:
    from wireproof.table import PacketTable

DAY_NS = 86_400_000_000_000
"""Frames without a time (simple packet blocks) are stamped 1970."""


@dataclass(slots=True)
class CutFrames:
    """Frames of which the file holds the beginning only: how many, those with incomplete headers, lengths held, first rows."""

    count: int = 0
    blind: int = 0
    lengths: Counter[int] = field(default_factory=Counter)
    first: list[int] = field(default_factory=list)

    @property
    def usual_length(self) -> int:
        """The length that most of them were cut to, in bytes."""
        return min(self.lengths, key=lambda length: (-self.lengths[length], length))


def find_cut(packets: PacketTable, shown: int) -> CutFrames:
    """The cut frames of the file, with the first `shown` rows of them."""
    found = CutFrames()
    for piece in _pieces(packets.frames):
        rows = piece.start + np.flatnonzero(packets.captured[piece] < packets.original[piece])
        lengths, uses = np.unique(packets.captured[rows], return_counts=True)
        found.count += len(rows)
        found.blind += int((packets.problem[rows] == 1).sum())
        found.lengths.update(dict(zip(lengths.tolist(), uses.tolist(), strict=True)))
        found.first += rows[: shown - len(found.first)].tolist()
    return found


def find_steps_back(packets: PacketTable, step_ns: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of the file stamped more than `step_ns` before the last stamped frame, and by how many nanoseconds they are."""
    rows, backs = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    last = np.zeros(0, np.int64)
    for piece in _pieces(packets.frames):
        times = packets.time_ns[piece]
        goes_on = not len(last) or packets.time_ns[last[0]] <= times[0]
        if times[0] > DAY_NS and goes_on and not (times[1:] < times[:-1]).any():
            last = np.array([piece.stop - 1])
            continue
        numbers = np.arange(piece.start, piece.stop)
        if times.min() <= DAY_NS:
            numbers, times = numbers[times > DAY_NS], times[times > DAY_NS]
        numbers, times = np.concatenate([last, numbers]), np.concatenate([packets.time_ns[last], times])
        falls = np.flatnonzero(times[1:] < times[:-1])
        falls = falls[times[falls] - times[falls + 1] > step_ns]
        rows.append(numbers[falls + 1])
        backs.append(times[falls] - times[falls + 1])
        last = numbers[-1:]
    return np.concatenate(rows), np.concatenate(backs)


def _pieces(count: int) -> Iterator[slice]:
    for start in range(0, count, PIECE_ROWS):
        yield slice(start, min(start + PIECE_ROWS, count))
