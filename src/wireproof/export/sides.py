"""Both sides of opened conversations as columns: where their sequence numbers begin, how they opened and closed.

Takes the packet table and clear conversations; gives one entry a stream, numbered 2 * place + side. Reads no byte of a frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.streams.pieces import find_pieces
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear import ClearTalk
    from wireproof.export.rows import RowOrder
    from wireproof.streams.pieces import Pieces

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
TDS_HEADER = 8
ALL_PLAIN = 1 << 40
"""Where TLS begins in the stream of a side that sent none."""

Ints = NDArray[np.int64]


def plain_ends(talk: ClearTalk) -> list[int]:
    """Where what is plain before TLS ends in each side's stream; below 0 where a side sent no TLS."""
    # TLS in packets of TDS: the header of the first such packet belongs to TLS too (MS-TDS section 2.2.6.5).
    header = TDS_HEADER if talk.inside == "tds" else 0
    return [max(begin - header, 0) if begin >= 0 else begin for begin in talk.begins]


@dataclass(frozen=True)
class Sides:
    """By stream: `base` is the sequence number of the first byte; `syn`, `fin` and `rst` are rows, -1 for none.

    `begins` tells where TLS begins in what the side sent.
    """

    numbers: Ints
    raw: Pieces
    base: NDArray[np.uint32]
    syn: Ints
    fin: Ints
    rst: Ints
    begins: Ints

    def __len__(self) -> int:
        return len(self.base)


@dataclass(frozen=True)
class Rows:
    """TCP packets of the conversations by stream and then by rank."""

    stream: Ints
    rank: Ints
    row: Ints
    flags: Ints


def find_rows(tables: CaptureTables, numbers: Ints, order: RowOrder) -> Rows:
    """Every TCP packet of these conversations; ICMP errors that quote one are none."""
    packets = tables.packets
    rows, counts = tables.conversations.rows_of(numbers)
    place = np.repeat(np.arange(len(numbers)), counts)
    kept = packets.layers[rows] & (LAYERS["tcp"] | LAYERS["quoted"]) == LAYERS["tcp"]
    rows, place = rows[kept], place[kept]
    stream, rank = 2 * place + packets.direction[rows], order.ranks(rows)
    sort = np.lexsort((rank, stream))
    return Rows(stream[sort], rank[sort], rows[sort], packets.flags[rows[sort]].astype(np.int64))


def find_sides(tables: CaptureTables, numbers: Ints, rows: Rows, order: RowOrder, begins: Sequence[int] = ()) -> Sides:
    """The sides of these conversations, whose packets are `rows`. `begins` holds where TLS begins by stream, below 0 for nowhere."""
    conversations = tables.conversations
    raw = find_pieces(conversations, numbers)
    side = conversations.facts["sides"][numbers].reshape(-1)
    starts = np.array(begins or np.zeros(2 * len(numbers)), np.int64)
    syn = _syn_rows(tables, side, rows)
    return Sides(
        numbers,
        raw,
        _bases(tables, raw, side, rows),
        syn,
        side["fin_row"].astype(np.int64) - 1,
        _rst_rows(rows, syn, order),
        np.where(starts < 0, ALL_PLAIN, starts),
    )


def _syn_rows(tables: CaptureTables, side: NDArray[np.void], rows: Rows) -> Ints:
    """The first SYN with the initial sequence number that was taken: an earlier one may have asked for another connection."""
    found = side["syn_row"].astype(np.int64) - 1
    syns = np.flatnonzero(rows.flags & (SYN | RST) == SYN)
    syns = syns[tables.packets.seq[rows.row[syns]] == side["isn"][rows.stream[syns]]]
    streams, first = np.unique(rows.stream[syns], return_index=True)
    found[streams] = np.where(found[streams] >= 0, rows.row[syns][first], -1)
    return found


def _rst_rows(rows: Rows, syn: Ints, order: RowOrder) -> Ints:
    """The first RST behind the SYN, where there is one: one before it ended another connection."""
    opened = np.where(syn >= 0, order.ranks(np.maximum(syn, 0)), -1)
    resets = np.flatnonzero((rows.flags & RST != 0) & (rows.rank > opened[rows.stream]))
    streams, first = np.unique(rows.stream[resets], return_index=True)
    found = np.full(len(syn), -1, np.int64)
    found[streams] = rows.row[resets[first]]
    return found


def _bases(tables: CaptureTables, raw: Pieces, side: NDArray[np.void], rows: Rows) -> NDArray[np.uint32]:
    """The sequence number of offset 0: behind the SYN; else told by the first piece, the first packet, or what the peer acknowledges."""
    packets = tables.packets
    base = (side["isn"] + np.uint32(1)).astype(np.uint32)
    known = side["syn_row"] > 0
    acks = np.flatnonzero(rows.flags & (ACK | RST) == ACK)
    streams, first = np.unique(rows.stream[acks], return_index=True)
    told = np.zeros(len(base), np.uint32)
    told[streams ^ 1] = packets.ack[rows.row[acks[first]]]
    streams, first = np.unique(rows.stream, return_index=True)
    row = rows.row[first]
    told[streams] = packets.seq[row] + (packets.flags[row] & SYN != 0).astype(np.uint32)
    streams = np.flatnonzero(raw.first[1:] > raw.first[:-1])
    piece = raw.first[streams]
    row = raw.row[piece]
    skipped = raw.at[piece] - packets.payload_at[row] - raw.start[piece] + (packets.flags[row] & SYN != 0)
    told[streams] = (packets.seq[row] + skipped).astype(np.uint32)
    return np.where(known, base, told)
