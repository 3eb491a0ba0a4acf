"""The same packet at two points: every packet of paired conversations keyed by what the path leaves alone, then joined.

Takes two points' tables and their conversation pairs; gives pairs of rows and what found no partner. All keys are computed over
whole columns at once; only groups whose copies do not come out even are looked at singly.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wireproof.align.journeys import Rows
from wireproof.align.pairs import TalkPair
from wireproof.conversations import CaptureTables

Keys = NDArray[np.uint64]
SYN, ACK = 0x02, 0x10
KEPT_FLAGS = 0x17
"""FIN, SYN, RST, ACK. PSH and the ECN bits change on the way: segmentation offload moves the one, routers set the other."""


@dataclass(slots=True)
class Side:
    """One point's packets that belong to paired conversations: rows, pair index, role (0 from the client), and keys."""

    rows: Rows
    pair: NDArray[np.int64]
    role: NDArray[np.int64]
    keys: Keys


@dataclass(slots=True)
class Match:
    """Rows that are the same packet at both points, and what is left over, as indexes into the two `Side`s.

    `even` are matches of packets that occur once at each point (safe for clocks).
    """

    first: Side
    second: Side
    first_index: Rows
    second_index: Rows
    even: NDArray[np.bool_]

    def left(self, side: int) -> Rows:
        """Indexes of a side's packets that found no partner."""
        whole, used = (self.first, self.first_index) if side == 0 else (self.second, self.second_index)
        free = np.ones(len(whole.rows), dtype=bool)
        free[used] = False
        return np.flatnonzero(free)


def match_packets(one: CaptureTables, other: CaptureTables, pairs: list[TalkPair]) -> Match:
    """Join the packets of both points on their keys; copies of one key are joined in order when both points have as many."""
    shifts = np.array([pair.shifts for pair in pairs], dtype=np.uint32).reshape(-1, 2)
    first = _side(one, [pair.first for pair in pairs], np.zeros_like(shifts))
    second = _side(other, [pair.second for pair in pairs], shifts)
    return _join(first, second)


def _side(tables: CaptureTables, numbers: list[int], shifts: NDArray[np.uint32]) -> Side:
    """Collect and key the packets of the listed conversations; `shifts` is taken off their sequence numbers."""
    packets = tables.packets
    pair_of = np.full(len(tables.conversations) + 1, -1, dtype=np.int64)
    pair_of[numbers] = np.arange(len(numbers))
    pair = pair_of[packets.conversation]
    rows = np.flatnonzero((pair >= 0) & ((packets.layers & (1 << 11)) == 0))
    pair = pair[rows]
    client = tables.conversations.facts["client"][np.asarray(numbers, dtype=np.int64)]
    role = (packets.direction[rows] != client[pair]).astype(np.int64)
    return Side(rows, pair, role, _keys(tables, rows, pair, role, shifts))


def _keys(
    tables: CaptureTables, rows: Rows, pair: NDArray[np.int64], role: NDArray[np.int64], shifts: NDArray[np.uint32]
) -> Keys:
    """A 64-bit key a packet: conversation, role, and for TCP numbers, length and flags, else length and content."""
    packets = tables.packets
    length = packets.length[rows]
    tcp = packets.protocol[rows] == 6
    seq, ack = packets.seq[rows] - shifts[pair, role], packets.ack[rows] - shifts[pair, 1 - role]
    flags = packets.flags[rows] & KEPT_FLAGS
    ack = np.where(flags & ACK, ack, 0)
    # A pure ACK is nothing but its numbers and window: without the window, updates and duplicates would be one.
    bare = np.where(length == 0, packets.window[rows], 0)
    parts = [pair, role, length, np.where(tcp, seq, 0), np.where(tcp, ack, 0), np.where(tcp, flags, 0), np.where(tcp, bare, 0)]
    other = np.flatnonzero(~tcp)
    if len(other):
        content = np.zeros(len(rows), dtype=np.uint64)
        content[other] = _contents(tables, rows[other])
        parts.append(content)
    return _mix(parts)


def _mix(parts: list[NDArray[np.generic]]) -> Keys:
    """Fold columns into one 64-bit hash a row."""
    mixed = np.zeros(len(parts[0]), dtype=np.uint64)
    for part in parts:
        mixed ^= part.astype(np.uint64)
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return mixed


def _contents(tables: CaptureTables, rows: Rows) -> Keys:
    """Hash of the first transport payload bytes (the header's own for protocols without ports), so that NAT leaves it alone."""
    starts = np.maximum(tables.packets.payload_at[rows], tables.packets.transport_at[rows])
    frames = tables.read_frames(rows)
    hashes = (zlib.crc32(data[start : start + 64]) for data, start in zip(frames, starts.tolist(), strict=True))
    return np.fromiter(hashes, dtype=np.uint64, count=len(rows))


def _join(first: Side, second: Side) -> Match:
    """Join equal keys, copy by copy, where both sides have the same number of copies."""
    both, first_group, second_group = _groups(first.keys, second.keys)
    first_count = np.bincount(first_group, minlength=both)
    second_count = np.bincount(second_group, minlength=both)
    level = (first_count == second_count) & (first_count > 0)
    first_order = np.argsort(first_group, kind="stable")
    second_order = np.argsort(second_group, kind="stable")
    first_index = first_order[level[first_group[first_order]]]
    second_index = second_order[level[second_group[second_order]]]
    even = first_count[first_group[first_index]] == 1
    return Match(first, second, first_index, second_index, even)


def _groups(first: Keys, second: Keys) -> tuple[int, NDArray[np.int64], NDArray[np.int64]]:
    """Number the distinct keys of both sides together."""
    unique, inverse = np.unique(np.concatenate([first, second]), return_inverse=True)
    return len(unique), inverse[: len(first)], inverse[len(first) :]


def settle_copies(match: Match, times: tuple[NDArray[np.int64], NDArray[np.int64]], ids: tuple[Rows, Rows]) -> Match:
    """Join the remaining copies: where one point has more of a key than the other, by IP identification, then by time.

    `times` are both sides' times on one clock and `ids` their IP identifications, both by index into the sides.
    """
    left_first, left_second = match.left(0), match.left(1)
    if not len(left_first) or not len(left_second):
        return match
    both, first_group, second_group = _groups(match.first.keys[left_first], match.second.keys[left_second])
    second_of: dict[int, list[int]] = {}
    shared = np.isin(second_group, first_group)
    for index, group in zip(left_second[shared].tolist(), second_group[shared].tolist(), strict=True):
        second_of.setdefault(group, []).append(index)
    first_of: dict[int, list[int]] = {}
    for index, group in zip(left_first.tolist(), first_group.tolist(), strict=True):
        if group in second_of:
            first_of.setdefault(group, []).append(index)
    found: list[tuple[int, int]] = []
    for group, mine in first_of.items():
        found += _settle_group(mine, second_of[group], times, ids)
    if not found:
        return match
    extra = np.array(found, dtype=np.int64)
    return Match(
        match.first,
        match.second,
        np.concatenate([match.first_index, extra[:, 0]]),
        np.concatenate([match.second_index, extra[:, 1]]),
        np.concatenate([match.even, np.zeros(len(extra), dtype=bool)]),
    )


def _settle_group(
    mine: list[int], theirs: list[int], times: tuple[NDArray[np.int64], NDArray[np.int64]], ids: tuple[Rows, Rows]
) -> list[tuple[int, int]]:
    """Join copies of one packet, several on at least one side."""
    found: list[tuple[int, int]] = []
    rest_theirs = list(theirs)
    rest_mine: list[int] = []
    for index in mine:
        same = [other for other in rest_theirs if ids[0][index] and ids[0][index] == ids[1][other]]
        if len(same) == 1:
            found.append((index, same[0]))
            rest_theirs.remove(same[0])
        else:
            rest_mine.append(index)
    for other in reversed(rest_theirs):
        if not rest_mine:
            break
        nearest = min(rest_mine, key=lambda index: abs(int(times[0][index]) - int(times[1][other])))
        found.append((nearest, other))
        rest_mine.remove(nearest)
    return found
