"""The segments that are written for opened conversations: when, by whom, with which numbers, and where their bytes come from.

Takes clear conversations; gives one record a segment, in the order of each conversation. Reads no byte of a frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wireproof.decrypt.outcome import Status
from wireproof.export._weave import Weaver
from wireproof.export.carriers import list_carriers
from wireproof.export.said import collect_said, find_missing, stretches_by_rank
from wireproof.export.sides import find_rows, find_sides, plain_ends

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear import ClearTalk
    from wireproof.export.carriers import Carriers
    from wireproof.export.rows import RowOrder
    from wireproof.export.said import Said
    from wireproof.export.sides import Rows, Sides

EVENT = np.dtype(
    [
        ("time_ns", "<i8"),
        ("row", "<i8"),
        ("carried", "<i8"),
        ("begin", "<i8"),
        ("stream", "<i4"),
        ("seq", "<u4"),
        ("ack", "<u4"),
        ("size", "<u2"),
        ("ident", "<u2"),
        ("flags", "u1"),
        ("source", "u1"),
    ]
)
"""One segment: `row` is the packet at whose time it is written, `carried` the place of the list of those that carried its bytes, -1 where that is
`row` alone. `size` bytes come from offset `begin` of the stream that `source` names. `ident` counts the segments of a stream."""

Events = NDArray[Any]
Ints = NDArray[np.int64]
LARGEST = 60_000
"""Bytes in a segment, whatever MSS was stated: any record fits, so that tools whose dissectors begin anew with each segment, as they do with
each record that they decrypt, read the same messages. Captures of hosts whose adapters cut segments (TSO) look alike."""


class Turns(NamedTuple):
    """When what a walk through conversations goes through has its turn, as ranks.

    `piece` tells it of each piece, `stretch` of each stretch of a raw stream, by stream and in order of rank, with the offset that it reaches to;
    `syn`, `fin` and `rst` by stream, -1 for never. `piece_first` and `packet_first` tell where pieces and packets of each stream begin.
    """

    piece: Ints
    piece_first: Ints
    stretch: Ints
    reach: Ints
    packet_first: Ints
    syn: Ints
    fin: Ints
    rst: Ints


def build_events(tables: CaptureTables, talks: Sequence[ClearTalk], order: RowOrder) -> tuple[Events, Carriers]:
    """The segments of these conversations, by conversation and in order within each, and what carried them. `stream` is 2 * place + side."""
    numbers = np.array([talk.conversation for talk in talks], np.int64)
    rows = find_rows(tables, numbers, order)
    sides = find_sides(tables, numbers, rows, order, [end for talk in talks for end in plain_ends(talk)])
    said = collect_said(talks, sides)
    turns = _find_turns(sides, rows, said, order)
    closes = find_missing(tables, sides), _is_unread(talks)
    pieces, streams = len(said.start), len(sides)
    cuts = int((said.end - said.start).sum()) // LARGEST
    # Each may be what its kind is at most; memory that is not written to is none.
    events = np.empty(pieces + cuts + len(rows.row) + 3 * streams, EVENT)
    shown, carried = np.empty((pieces + streams, 3), np.int64), np.empty((pieces, 2), np.int64)
    count, lists = Weaver(said, sides, rows, turns, closes, tables.packets).weave(events, shown, carried, LARGEST)
    return events[:count], list_carriers(sides.raw.row, carried[:lists])


def _find_turns(sides: Sides, rows: Rows, said: Said, order: RowOrder) -> Turns:
    bounds = np.arange(len(sides) + 1)
    _, stretch, reach = stretches_by_rank(sides, order)
    first, packet_first = np.searchsorted(said.stream, bounds), np.searchsorted(rows.stream, bounds)
    syn, fin, rst = (_ranks(found, order) for found in (sides.syn, sides.fin, sides.rst))
    return Turns(order.ranks(said.row), first, stretch, reach, packet_first, syn, fin, rst)


def _is_unread(talks: Sequence[ClearTalk]) -> NDArray[np.uint8]:
    """By stream, whether bytes of it that were captured could not be read."""
    return np.repeat(np.array([talk.outcome.status is Status.PARTLY for talk in talks], np.uint8), 2)


def _ranks(rows: Ints, order: RowOrder) -> Ints:
    """Ranks of rows, -1 for -1."""
    return np.where(rows >= 0, order.ranks(np.maximum(rows, 0)), -1)
