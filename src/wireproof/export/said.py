"""What opened conversations say in clear, as one table of pieces: plain bytes before TLS begins, then the content of each record.

Takes clear conversations and their sides; gives pieces by stream, in order, with the packet that completed each. Reads no byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.export.records import collect_records
from wireproof.export.sides import ALL_PLAIN, SYN

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear import ClearTalk
    from wireproof.export.rows import RowOrder
    from wireproof.export.sides import Sides

NOTHING, PLAIN, CLEAR = 0, 1, 2
"""Where the bytes of a piece come from: nowhere, the raw stream, the clear stream."""
FAR = 1 << 41
"""Further apart than any two ranks or offsets of one stream."""
LARGEST_GAP = 1 << 30

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Said:
    """Pieces by stream and then by `start`, an offset in what is written.

    `begin` is the offset in the stream that `source` names, `row` the packet that completed the piece. `raw_start` and `raw_end` are the place in
    the raw stream of what it was made from.
    """

    stream: Ints
    start: Ints
    end: Ints
    source: NDArray[np.uint8]
    begin: Ints
    row: Ints
    raw_start: Ints
    raw_end: Ints

    def select(self, order: Ints) -> Said:
        """The same pieces in another order, or some of them."""
        return Said(*(getattr(self, column.name)[order] for column in fields(self)))

    def join(self, other: Said) -> Said:
        """These pieces and behind them others, in no order."""
        pairs = ((getattr(self, column.name), getattr(other, column.name)) for column in fields(self))
        return Said(*(np.concatenate(pair) for pair in pairs))


def collect_said(talks: Sequence[ClearTalk], sides: Sides) -> Said:
    """Everything that is written of these conversations' streams."""
    plain, said = _plain(sides), _clear(talks, sides)
    if len(plain.stream):
        said = plain.join(said)
    is_same = said.stream[1:] == said.stream[:-1]
    if (said.stream[1:] < said.stream[:-1]).any() or (is_same & (said.start[1:] < said.start[:-1])).any():
        said = said.select(np.lexsort((said.start, said.stream)))
    return said


def _pieces(place: tuple[Ints, Ints, Ints], source: int, begin: Ints, row: Ints, raw: tuple[Ints, Ints]) -> Said:
    """Pieces from one source, at (stream, start, end)."""
    return Said(*place, np.full(len(begin), source, np.uint8), begin, row, *raw)


def _plain(sides: Sides) -> Said:
    """Pieces of the raw streams before TLS begins."""
    raw = sides.raw
    stream = np.repeat(np.arange(len(sides)), np.diff(raw.first))
    kept = raw.start < sides.begins[stream]
    stream, start = stream[kept], raw.start[kept]
    end = np.minimum(raw.end[kept], sides.begins[stream])
    return _pieces((stream, start, end), PLAIN, start, raw.row[kept], (start, end))


def _clear(talks: Sequence[ClearTalk], sides: Sides) -> Said:
    """Pieces of the clear streams, which are written behind what is plain."""
    records = collect_records([stream for talk in talks for stream in talk.streams])
    stream = np.repeat(np.arange(len(records.counts)), records.counts)
    before = np.where(sides.begins < ALL_PLAIN, sides.begins, raw_ends(sides))[stream]
    place = stream, records.start + before, records.end + before
    raw = records.raw_start, records.raw_end
    return _pieces(place, CLEAR, records.start, np.maximum(records.row, 0), raw)


def raw_ends(sides: Sides) -> Ints:
    """Where what was captured of each raw stream ends."""
    found = np.zeros(len(sides), np.int64)
    some = np.diff(sides.raw.first) > 0
    found[some] = sides.raw.end[sides.raw.first[1:][some] - 1]
    return found


def stretches_by_rank(sides: Sides, order: RowOrder) -> tuple[Ints, Ints, Ints]:
    """(stream, rank, end) of the stretches of raw streams, by stream and then by rank: as they were captured."""
    raw = sides.raw
    owner = np.repeat(np.arange(len(sides)), np.diff(raw.first))
    ranks = order.ranks(raw.row)
    if not ((ranks[1:] < ranks[:-1]) & (owner[1:] == owner[:-1])).any():
        return owner, ranks, raw.end
    sort = np.lexsort((ranks, owner))
    return owner[sort], ranks[sort], raw.end[sort]


def reach_at(sides: Sides, order: RowOrder, stream: Ints, rank: Ints) -> Ints:
    """How far each raw stream reaches in the packets up to a rank."""
    owner, ranks, ends = stretches_by_rank(sides, order)
    if not len(ends):
        return np.zeros(len(stream), np.int64)
    reach = np.maximum.accumulate(ends + owner * FAR) - owner * FAR
    place = np.searchsorted(owner * FAR + ranks, stream * FAR + rank, side="right") - 1
    return np.where((place >= 0) & (owner[place] == stream), reach[place], 0)


def find_missing(tables: CaptureTables, sides: Sides) -> Ints:
    """How many bytes each side that closed sent behind what was captured of it; 0 for all others."""
    streams = np.flatnonzero(sides.fin >= 0)
    packets, rows = tables.packets, sides.fin[streams]
    reached = raw_ends(sides)[streams].astype(np.uint32)
    sent = packets.seq[rows] + packets.length[rows] + (packets.flags[rows] & SYN != 0).astype(np.uint32)
    steps = (sent - sides.base[streams] - reached).astype(np.uint32).view(np.int32).astype(np.int64)
    missing = np.zeros(len(sides), np.int64)
    missing[streams] = np.where((steps < 0) | (steps > LARGEST_GAP), 0, steps)
    return missing
