"""Which bytes of which packet stand where in the byte streams of TCP conversations; no byte is read for it.

Takes the packet table and conversation numbers; gives one table of pieces for all their streams at once. Where two copies of
a byte differ in their beginning, the one whose segment begins earlier in the stream is taken, of equal ones the first captured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.table.schema import LAYERS, MARKS

if TYPE_CHECKING:
    from wireproof.conversations import Conversations

FARTHEST = 1 << 40
"""Further apart than any two bytes of one stream: keeps the streams apart when all are looked at in one go."""

LARGEST_WINDOW = 1 << 30
"""No receiver takes a segment further than this from what it expects (RFC 7323 section 2.3)."""

REFUSED = -(1 << 39)
"""Offset of a segment that no receiver takes."""

SYN, RST = 0x02, 0x04


@dataclass(frozen=True)
class Pieces:
    """Pieces of all streams asked for, by stream and then by `start`; every array has one entry a piece.

    `start` and `end` are offsets in the stream: 0 is the byte after the SYN, or the first byte captured where the SYN was not.
    `row` is the packet, `at` the offset of the piece's first byte in its frame. Pieces of one stream do not overlap. Pieces of
    stream 2 * k + side belong to the k-th conversation asked for: `first[2 * k + side]` to `first[2 * k + side + 1]`.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    row: NDArray[np.int64]
    at: NDArray[np.int64]
    first: NDArray[np.int64]
    begins_known: NDArray[np.bool_]
    """Whether offset 0 of each stream is known to be its first byte."""


def find_pieces(conversations: Conversations, numbers: NDArray[np.int64]) -> Pieces:
    """The pieces of both streams of each of these TCP conversations."""
    packets, facts = conversations.packets, conversations.facts
    stream, rows = _data_rows(conversations, numbers)
    sides = facts["sides"][numbers].reshape(-1) if len(numbers) else facts["sides"][:0].reshape(-1)
    begins_known = sides["syn_row"] > 0
    base = sides["isn"] + np.uint32(1)
    # Data in a SYN stands behind the number that the SYN itself takes (RFC 9293 section 3.4).
    first_byte = packets.seq[rows] + (packets.flags[rows] & SYN != 0).astype(np.uint32)
    start = _unwrap(first_byte, stream, base, begins_known)
    available = np.minimum(
        packets.length[rows].astype(np.int64),
        np.maximum(packets.captured[rows].astype(np.int64) - packets.payload_at[rows], 0),
    )
    end = start + available
    if np.any((start[1:] < start[:-1]) & (stream[1:] == stream[:-1])):
        order = np.lexsort((start, stream))
        stream, rows, start, end = stream[order], rows[order], start[order], end[order]
    covered = _covered_before(stream, end)
    begin = np.maximum(np.maximum(start, covered), 0)
    kept = begin < end
    stream, rows = stream[kept], rows[kept]
    at = packets.payload_at[rows].astype(np.int64) + (begin - start)[kept]
    first = np.searchsorted(stream, np.arange(2 * len(numbers) + 1))
    return Pieces(begin[kept], end[kept], rows, at, first, begins_known)


def _data_rows(conversations: Conversations, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Stream (2 * place + side) and row of every segment with payload, by stream and in file order within each."""
    packets = conversations.packets
    rows, counts = conversations.rows_of(numbers)
    place = np.repeat(np.arange(len(numbers)), counts)
    # A keep-alive's byte is made up by its sender; RFC 9293 section 3.8.4 lets it be garbage. What a reset carries is a remark
    # on the reset (section 3.5.3), not part of the stream.
    unwanted = (packets.marks[rows] & MARKS["keep_alive"] != 0) | (packets.layers[rows] & LAYERS["quoted"] != 0)
    unwanted |= packets.flags[rows] & RST != 0
    data = (packets.length[rows] > 0) & (packets.layers[rows] & LAYERS["tcp"] != 0) & ~unwanted
    rows, place = rows[data], place[data]
    stream = 2 * place + packets.direction[rows]
    order = np.argsort(stream, kind="stable")
    return stream[order], rows[order]


def _unwrap(
    seq: NDArray[np.uint32], stream: NDArray[np.int64], base: NDArray[np.uint32], known: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Sequence numbers as offsets from the stream's first byte, past 2**32 too; they come by stream, in file order within each.

    Each is taken to lie within 2**31 of the one before. Where the SYN is not known, the lowest offset becomes 0. Single segments
    far from all others become REFUSED.
    """
    if not len(seq):
        return np.zeros(0, np.int64)
    new = np.r_[True, stream[1:] != stream[:-1]]
    before = np.r_[np.uint32(0), seq[:-1]]
    before[new] = np.where(known[stream[new]], base[stream[new]], seq[new])
    steps = (seq - before).view(np.int32).astype(np.int64)
    total = np.cumsum(steps)
    starts = np.flatnonzero(new)
    run = np.cumsum(new) - 1
    total -= (total[starts] - steps[starts])[run]
    ends = np.r_[starts[1:], len(seq)]
    for place in sorted(set(run[np.abs(steps) > LARGEST_WINDOW].tolist())):
        own = slice(int(starts[place]), int(ends[place]))
        total[own] = _unwrap_with_strays(seq[own].tolist(), int(before[starts[place]]))
    taken = np.where(total > REFUSED, total, FARTHEST)
    lowest = np.minimum.reduceat(taken, starts)
    total -= np.where(known[stream[starts]], 0, lowest)[run] * (total > REFUSED)
    return total


def _unwrap_with_strays(numbers: list[int], base: int) -> list[int]:
    """Offsets in one stream that has jumps no window allows: a jump is believed where the next segment agrees with it.

    A stray (a forged segment, or one of a connection before) would else shift all that follow it by 2**32.
    """
    offsets, highest, reached = [], base, 0
    for place, number in enumerate(numbers):
        step = _distance(number, highest)
        jumps = abs(step) > LARGEST_WINDOW
        following = numbers[place + 1 : place + 2]
        if jumps and not any(abs(_distance(other, number)) <= LARGEST_WINDOW for other in following):
            offsets.append(REFUSED)
            continue
        offsets.append(reached + step)
        if jumps or step > 0:
            highest, reached = number, reached + step
    return offsets


def _distance(number: int, other: int) -> int:
    """How far a sequence number lies behind another, -2**31 to 2**31 - 1 (RFC 9293 section 3.4)."""
    return (number - other + (1 << 31)) % (1 << 32) - (1 << 31)


def _covered_before(stream: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each piece, how far the pieces before it in the same stream reach; 0 for the first."""
    reach = np.maximum.accumulate(end + stream * FARTHEST) if len(end) else end
    shifted = np.r_[np.int64(0), reach[:-1]] - stream * FARTHEST
    new = np.r_[True, stream[1:] != stream[:-1]] if len(end) else np.zeros(0, bool)
    shifted = shifted[: len(end)]
    shifted[new] = 0
    return np.asarray(shifted)
