"""The segments that are written for opened conversations: when, by whom, with which numbers, and where their bytes come from.

Takes clear conversations; gives one record a segment, in the order of each conversation. Reads no byte of a frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.export.acks import Acks
from wireproof.export.carriers import find_carriers
from wireproof.export.said import NOTHING, collect_said
from wireproof.export.sides import ACK, FIN, PSH, RST, SYN, find_rows, find_sides, plain_ends

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear import ClearTalk
    from wireproof.export.carriers import Carriers
    from wireproof.export.rows import RowOrder
    from wireproof.export.said import Said
    from wireproof.export.sides import Sides

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
AT_SYN, AT_DATA, AT_FIN, AT_ACK, AT_RST = range(5)
"""The order of segments that stand for one packet."""
LARGEST = 60_000
"""Bytes in a segment, whatever MSS was stated: any record fits, so that tools whose dissectors begin anew with each segment, as they do with
each record that they decrypt, read the same messages. Captures of hosts whose adapters cut segments (TSO) look alike."""


def build_events(tables: CaptureTables, talks: Sequence[ClearTalk], order: RowOrder) -> tuple[Events, Carriers]:
    """The segments of these conversations, by conversation and in order within each, and what carried them. `stream` is 2 * place + side."""
    numbers = np.array([talk.conversation for talk in talks], np.int64)
    rows = find_rows(tables, numbers, order)
    sides = find_sides(tables, numbers, rows, order, [end for talk in talks for end in plain_ends(talk)])
    said = collect_said(tables, talks, sides, order)
    acks = Acks(tables, sides, order, rows, said)
    parts = [
        _opened(tables, sides, order),
        _sent(said, order),
        _acknowledged(tables, acks, sides, order),
        _reset(tables, sides, order),
    ]
    events, rank, kind = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    _number(events, rank, sides, acks)
    # Segments of one packet stay in the order of their stream.
    events = events[np.lexsort((kind, rank, events["stream"] >> 1))]
    _set_times(tables, events)
    _count(events)
    return events, find_carriers(said, sides)


Part = tuple[Events, Ints, Ints]


def _blank(stream: Ints, row: Ints, flags: NDArray[Any] | int, order: RowOrder, kind: int) -> Part:
    events = np.zeros(len(stream), EVENT)
    events["stream"], events["row"], events["carried"], events["flags"] = stream, row, -1, flags
    return events, order.ranks(row), np.full(len(stream), kind)


def _opened(tables: CaptureTables, sides: Sides, order: RowOrder) -> Part:
    streams = np.flatnonzero(sides.syn >= 0)
    rows = sides.syn[streams]
    return _blank(streams, rows, tables.packets.flags[rows] & (SYN | ACK), order, AT_SYN)


def _reset(tables: CaptureTables, sides: Sides, order: RowOrder) -> Part:
    streams = np.flatnonzero(sides.rst >= 0)
    rows = sides.rst[streams]
    return _blank(streams, rows, tables.packets.flags[rows] & (RST | ACK), order, AT_RST)


def _acknowledged(tables: CaptureTables, acks: Acks, sides: Sides, order: RowOrder) -> Part:
    """ACKs without data, the handshake's last one among them."""
    streams = np.arange(len(sides))
    asked = sides.syn >= 0
    asked[asked] = tables.packets.flags[sides.syn[asked]] & ACK == 0
    answered = np.where(asked & (sides.syn[streams ^ 1] >= 0), sides.syn[streams ^ 1], -1)
    known = answered >= 0
    answered[known] = order.ranks(answered[known])
    stream, _, row = acks.find_pure(answered)
    return _blank(stream, row, ACK, order, AT_ACK)


def _sent(said: Said, order: RowOrder) -> Part:
    """Data, one segment a piece but for the very longest, and FINs."""
    is_fin = said.source == NOTHING
    size = said.end - said.start
    parts = np.where(is_fin, 1, -(-size // LARGEST))
    piece = np.repeat(np.arange(len(parts)), parts)
    turn = np.arange(len(piece)) - np.repeat(np.cumsum(parts) - parts, parts)
    events = np.zeros(len(piece), EVENT)
    fins = is_fin[piece]
    events["stream"] = said.stream[piece]
    events["begin"] = said.begin[piece] + turn * LARGEST
    events["size"] = np.where(fins, 0, np.minimum(LARGEST, size[piece] - turn * LARGEST))
    events["source"] = said.source[piece]
    last = turn == parts[piece] - 1
    events["flags"] = np.where(fins, FIN | ACK, np.where(last, PSH | ACK, ACK))
    events["row"] = order.rows(said.rank[piece])
    events["carried"] = np.where(fins, -1, piece)
    start = said.start[piece] + turn * LARGEST
    # The number is completed in `_number`; here it holds the offset.
    events["seq"] = start.astype(np.uint32)
    return events, said.rank[piece], np.where(fins, AT_FIN, AT_DATA)


def _number(events: Events, rank: Ints, sides: Sides, acks: Acks) -> None:
    """Set the sequence and acknowledgment numbers."""
    stream = events["stream"].astype(np.int64)
    base, flags = sides.base[stream], events["flags"]
    bare = (flags & (SYN | FIN) == 0) & (events["source"] == NOTHING)
    offset = np.where(bare, acks.sent(stream, rank).astype(np.uint32), events["seq"])
    is_syn = flags & SYN != 0
    events["seq"] = base + offset - is_syn.astype(np.uint32)
    reached = sides.base[stream ^ 1] + acks.acknowledged(stream, rank).astype(np.uint32)
    events["ack"] = np.where(flags & ACK != 0, reached, 0)


def _set_times(tables: CaptureTables, events: Events) -> None:
    """The time of each segment's packet; where the capture's clock went back within a conversation, that of the one before."""
    times = tables.packets.time_ns[events["row"]]
    events["time_ns"] = times
    talk = events["stream"] >> 1
    back = np.flatnonzero((times[1:] < times[:-1]) & (talk[1:] == talk[:-1]))
    for number in np.unique(talk[back]).tolist():
        begin, end = np.searchsorted(talk, [number, number + 1])
        events["time_ns"][begin:end] = np.maximum.accumulate(times[begin:end])


def _count(events: Events) -> None:
    """Number the segments of each stream."""
    order = np.argsort(events["stream"], kind="stable")
    stream = events["stream"][order]
    first = np.searchsorted(stream, stream)
    events["ident"][order] = (np.arange(len(stream)) - first).astype(np.uint16)
