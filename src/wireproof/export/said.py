"""What opened conversations say in clear, as one table of pieces: plain bytes before TLS begins, then the content of each record.

Takes clear conversations and their sides; gives pieces by stream, in order, with the packet that completed each. Reads no byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.decrypt.outcome import Status
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
    """Pieces by stream and then by `start`, an offset in what is written; a FIN is a piece of one byte without bytes.

    `begin` is the offset in the stream that `source` names. `rank` never falls within a stream: no byte is written before those that
    stand before it. `row` is the packet that the piece itself was completed by. `need` is the offset in the raw stream that whoever
    has the piece acknowledges. `raw_start` and `raw_end` are the place in the raw stream of what it was made from.
    """

    stream: Ints
    start: Ints
    end: Ints
    source: NDArray[np.uint8]
    begin: Ints
    row: Ints
    rank: Ints
    need: Ints
    raw_start: Ints
    raw_end: Ints

    def select(self, order: Ints) -> Said:
        """The same pieces in another order, or some of them."""
        return Said(*(getattr(self, column.name)[order] for column in fields(self)))

    def join(self, other: Said) -> Said:
        """These pieces and behind them others, in no order."""
        pairs = ((getattr(self, column.name), getattr(other, column.name)) for column in fields(self))
        return Said(*(np.concatenate(pair) for pair in pairs))


def collect_said(tables: CaptureTables, talks: Sequence[ClearTalk], sides: Sides, order: RowOrder) -> Said:
    """Everything that is written of these conversations' streams."""
    said = _plain(sides).join(_clear(talks, sides))
    said = said.select(np.lexsort((said.start, said.stream)))
    rank = order.ranks(said.row) + said.stream * FAR
    rank = (np.maximum.accumulate(rank) if len(rank) else rank) - said.stream * FAR
    said = replace(said, rank=rank, need=reach_at(sides, order, said.stream, rank))
    return _with_fins(tables, talks, sides, order, said)


def _unranked(place: tuple[Ints, Ints, Ints], source: int, begin: Ints, row: Ints, raw: tuple[Ints, Ints]) -> Said:
    """Pieces at (stream, start, end)."""
    zeros = np.zeros(len(begin), np.int64)
    return Said(*place, np.full(len(begin), source, np.uint8), begin, row, zeros, zeros, *raw)


def _plain(sides: Sides) -> Said:
    """Pieces of the raw streams before TLS begins."""
    raw = sides.raw
    stream = np.repeat(np.arange(len(sides)), np.diff(raw.first))
    kept = raw.start < sides.begins[stream]
    stream, start = stream[kept], raw.start[kept]
    end = np.minimum(raw.end[kept], sides.begins[stream])
    return _unranked((stream, start, end), PLAIN, start, raw.row[kept], (start, end))


def _clear(talks: Sequence[ClearTalk], sides: Sides) -> Said:
    """Pieces of the clear streams, which are written behind what is plain."""
    streams = [stream for talk in talks for stream in talk.streams]
    stream = np.repeat(np.arange(len(streams)), [len(one.starts) for one in streams])
    starts = np.concatenate([one.starts for one in streams]).astype(np.int64)
    ends = np.concatenate([one.ends for one in streams]).astype(np.int64)
    rows = np.concatenate([one.piece_rows for one in streams]).astype(np.int64)
    places = [one.places for one in streams]
    raw = np.concatenate([begin for begin, _ in places]), np.concatenate([end for _, end in places])
    before = np.where(sides.begins < ALL_PLAIN, sides.begins, raw_ends(sides))[stream]
    return _unranked((stream, starts + before, ends + before), CLEAR, starts, np.maximum(rows, 0), raw)


def raw_ends(sides: Sides) -> Ints:
    """Where what was captured of each raw stream ends."""
    found = np.zeros(len(sides), np.int64)
    some = np.diff(sides.raw.first) > 0
    found[some] = sides.raw.end[sides.raw.first[1:][some] - 1]
    return found


def reach_at(sides: Sides, order: RowOrder, stream: Ints, rank: Ints) -> Ints:
    """How far each raw stream reaches in the packets up to a rank."""
    raw = sides.raw
    owner = np.repeat(np.arange(len(sides)), np.diff(raw.first))
    ranks = order.ranks(raw.row)
    sort = np.lexsort((ranks, owner))
    owner, ranks = owner[sort], ranks[sort]
    reach = np.maximum.accumulate(raw.end[sort] + owner * FAR) - owner * FAR if len(sort) else raw.end
    place = np.searchsorted(owner * FAR + ranks, stream * FAR + rank, side="right") - 1
    if not len(reach):
        return np.zeros(len(stream), np.int64)
    return np.where((place >= 0) & (owner[place] == stream), reach[place], 0)


def _with_fins(tables: CaptureTables, talks: Sequence[ClearTalk], sides: Sides, order: RowOrder, said: Said) -> Said:
    """The pieces and, of every side that closed, its FIN behind the last one and behind what is missing there."""
    streams = np.flatnonzero(sides.fin >= 0)
    if not len(streams):
        return said
    packets, rows = tables.packets, sides.fin[streams]
    raw_end = raw_ends(sides)[streams]
    sent = packets.seq[rows] + packets.length[rows] + (packets.flags[rows] & SYN != 0).astype(np.uint32)
    missing = (sent - sides.base[streams] - raw_end.astype(np.uint32)).astype(np.uint32).view(np.int32).astype(np.int64)
    missing[(missing < 0) | (missing > LARGEST_GAP)] = 0
    last = np.searchsorted(said.stream, streams, side="right") - 1
    some = (last >= 0) & (said.stream[last] == streams) if len(said.stream) else np.zeros(len(streams), bool)
    start, rank, need = np.zeros((3, len(streams)), np.int64)
    start[some], rank[some], need[some] = said.end[last[some]], said.rank[last[some]], said.need[last[some]]
    partly = np.array([talk.outcome.status is Status.PARTLY for talk in talks])[streams // 2]
    start += missing + np.where(partly, np.maximum(raw_end - need, 0), 0)
    rank = np.maximum(rank, order.ranks(rows))
    none = np.full(len(streams), NOTHING, np.uint8)
    nowhere = np.zeros(len(streams), np.int64)
    fins = Said(streams, start, start + 1, none, start, rows, rank, raw_end + missing + 1, nowhere, nowhere)
    both = said.join(fins)
    return both.select(np.lexsort((both.end, both.start, both.stream)))
