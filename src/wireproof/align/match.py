"""The same packet at two points: every packet of paired conversations keyed by what the path leaves alone, then joined.

Takes two points' tables and their conversation pairs; gives for each row its row at the other point. All keys are computed over
whole columns at once; copies of which one point has more than the other are left to `copies.py`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.align.contents import HASHED_BYTES, shared_bytes
from wireproof.align.hashing import Keys, mix
from wireproof.limits import limit
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.align.journeys import Rows
    from wireproof.align.pairs import Pairs
    from wireproof.conversations import CaptureTables

SYN, ACK = 0x02, 0x10
TCP, ICMP_PROTOCOLS = 6, (1, 58)
KEPT_FLAGS = 0x17
"""FIN, SYN, RST, ACK. PSH and the ECN bits change on the way: segmentation offload moves the one, routers set the other."""
SHOWN_TWICE_S = limit(
    "align.shown_twice_s",
    0.1,
    "a mirror port or filter driver shows one packet twice within a moment; a sender that repeats numbers it anew",
)
LEFT, COPY, NO_PAIR, TWIN = -1, -2, -3, -4
"""Instead of a row at the other point: found no partner; is one copy too many of a packet that both points show; belongs to no pair;
the capture holds the packet twice, and this is the second."""


@dataclass(slots=True)
class Match:
    """Which row of one point is which of the other.

    `partner[row of the first]` is a row of the second, or one of the codes above; `back` the same the other way round. `even` are
    rows of the first whose packet occurs once at either point (safe for clocks). `keys` are those of the rows that are LEFT or COPY, in
    their order. `pair` is the pair that each row of either point belongs to, -1 for none.
    """

    partner: NDArray[np.int32]
    back: NDArray[np.int32]
    even: NDArray[np.bool_]
    keys: tuple[Keys, Keys]
    pair: tuple[NDArray[np.int32], NDArray[np.int32]]

    def joined(self) -> tuple[Rows, Rows]:
        """Rows of both points that are the same packets, in order of the first point's rows."""
        rows = np.flatnonzero(self.partner >= 0)
        return rows, self.partner[rows].astype(np.int64)

    def left(self, side: int) -> Rows:
        """Rows of one point that found no partner."""
        codes = self.back if side else self.partner
        return np.flatnonzero((codes == LEFT) | (codes == COPY))


def match_packets(one: CaptureTables, other: CaptureTables, pairs: Pairs) -> Match:
    """Join the packets of both points on their keys; copies of one key are joined in order when both points have as many.

    A conversation that stands in several pairs is shared out among them, packet by packet.
    """
    size = shared_bytes(one, other)
    first = _Side(one, pairs.first, np.zeros_like(pairs.shifts), size)
    second = _Side(other, pairs.second, pairs.shifts, size)
    return _join(first, second)


class _Side:
    """One point's packets that belong to paired conversations, with their keys.

    A conversation may stand in several pairs, where this point shows several of the other one's as one. Its rows are then entered
    once a pair, until `settle` has found to which each belongs.
    """

    def __init__(self, tables: CaptureTables, numbers: Rows, shifts: NDArray[np.uint32], size: int) -> None:
        packets, facts = tables.packets, tables.conversations.facts
        self.tables = tables
        pair_of = np.full(len(facts) + 1, -1, dtype=np.int32)
        pair_of[numbers[::-1]] = np.arange(len(numbers), dtype=np.int32)[::-1]
        self.further = np.flatnonzero(pair_of[numbers] != np.arange(len(numbers)))
        self.shared = np.unique(numbers[self.further])
        self.of_row = pair_of[packets.conversation]
        self.of_row[(packets.layers & LAYERS["quoted"]) != 0] = -1
        self.rows = np.flatnonzero(self.of_row >= 0)
        self.pair = self.of_row[self.rows]
        for pair in self.further.tolist():
            rows = self._own_rows(numbers[pair])
            self.rows = np.concatenate([self.rows, rows])
            self.pair = np.concatenate([self.pair, np.full(len(rows), pair, dtype=np.int32)])
        role = (packets.direction[self.rows] != facts["client"][numbers][self.pair]).astype(np.uint8)
        self.keys = _keys(tables, self.rows, (self.pair, role), shifts, size)

    def _own_rows(self, number: int) -> Rows:
        """Rows of a conversation but for ICMP errors."""
        rows = self.tables.conversations.rows(number)
        return np.sort(rows[self.of_row[rows] >= 0])

    def settle(self, joined: Rows) -> None:
        """Leave each row to one pair: where it was joined, else where the last joined row before it belongs."""
        if not len(self.shared):
            return
        found = np.full(len(self.of_row), -1, dtype=np.int32)
        found[self.rows[joined]] = self.pair[joined]
        for number in self.shared.tolist():
            rows = self._own_rows(number)
            told = np.flatnonzero(found[rows] >= 0)
            if len(told):
                before = np.maximum(np.searchsorted(told, np.arange(len(rows)), side="right") - 1, 0)
                self.of_row[rows] = found[rows[told[before]]]
        kept = np.flatnonzero(self.pair == self.of_row[self.rows])
        kept = kept[np.argsort(self.rows[kept], kind="stable")]
        self.rows, self.pair, self.keys = self.rows[kept], self.pair[kept], self.keys[kept]


def roles(tables: CaptureTables, rows: Rows) -> NDArray[np.int64]:
    """0 for rows that their conversation's client sent, 1 for the server's."""
    packets = tables.packets
    client = tables.conversations.facts["client"][packets.conversation[rows]]
    return np.asarray(packets.direction[rows] != client, dtype=np.int64)


def _keys(
    tables: CaptureTables,
    rows: Rows,
    whose: tuple[NDArray[np.int32], NDArray[np.uint8]],
    shifts: NDArray[np.uint32],
    size: int,
) -> Keys:
    """A 64-bit key a packet: pair, role, length, and for TCP numbers and flags, else content."""
    packets = tables.packets
    pair, role = whose
    length = packets.length[rows]
    tcp = packets.protocol[rows] == TCP
    flags = packets.flags[rows] & KEPT_FLAGS
    seq, ack = packets.seq[rows], packets.ack[rows]
    if shifts.any():
        seq, ack = seq - shifts[pair, role], ack - shifts[pair, 1 - role]
    ack = np.where(flags & ACK, ack, 0)
    # A pure ACK is nothing but its numbers and window: without the window, updates and duplicates would be one.
    window = np.where((length == 0) & (flags == ACK), packets.window[rows], 0)
    numbers = seq.astype(np.uint64) << np.uint64(32) | ack
    head = flags.astype(np.uint64) << np.uint64(16) | window
    other = np.flatnonzero(~tcp)
    if len(other):
        numbers[other] = _contents(tables, rows[other], size)
        head[other] = 0
    return mix(
        [pair.astype(np.uint64) << np.uint64(33) | role.astype(np.uint64) << np.uint64(32) | length, numbers, head]
    )


def _contents(tables: CaptureTables, rows: Rows, size: int = HASHED_BYTES) -> Keys:
    """Hash of the first transport payload bytes (the header's own for protocols without ports), so that NAT leaves it alone.

    Of ICMP the type and the sequence number of an echo count as well; its identifier is what NAT changes.
    """
    packets = tables.packets
    starts = np.maximum(packets.payload_at[rows], packets.transport_at[rows])
    lengths = np.minimum(packets.length[rows], size)
    frames = tables.read_frames(rows)
    pieces = zip(frames, starts.tolist(), lengths.tolist(), strict=True)
    hashes = np.fromiter(
        (zlib.crc32(data[start : start + length]) for data, start, length in pieces), dtype=np.uint64, count=len(rows)
    )
    icmp = np.isin(packets.protocol[rows], ICMP_PROTOCOLS)
    marks = packets.code[rows].astype(np.uint64) << np.uint64(16) | (packets.seq[rows] & 0xFFFF)
    return np.where(icmp, hashes | marks << np.uint64(32), hashes)


def _join(first: _Side, second: _Side) -> Match:
    """Join equal keys, copy by copy, where both sides have the same number of copies; twins of one capture count once."""
    count = len(first.rows)
    keys = np.concatenate([first.keys, second.keys])
    order = np.argsort(keys, kind="stable")
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = keys[order][1:] != keys[order][:-1]
    twin = _find_twins(first, second, order, begins)
    twins, group, groups = order[twin], (np.cumsum(begins) - 1)[~twin], int(begins.sum())
    order = order[~twin]
    here = order < count
    counts = np.bincount(group[here], minlength=groups), np.bincount(group[~here], minlength=groups)
    level = ((counts[0] == counts[1]) & (counts[0] > 0))[group]
    mine, theirs = order[level & here], order[level & ~here] - count
    even = counts[0][group[level & here]] == 1
    if len(first.shared) or len(second.shared):
        once = _first_times(first.rows[mine]) & _first_times(second.rows[theirs])
        mine, theirs, even = mine[once], theirs[once], even[once]
    match = _unjoined(first, second)
    match.partner[first.rows[mine]] = second.rows[theirs]
    match.back[second.rows[theirs]] = first.rows[mine]
    match.even[first.rows[mine]] = even
    _mark_twins(match, first, second, twins)
    for side, joined in ((first, mine), (second, theirs)):
        side.settle(joined)
    match.keys = (first.keys[match.partner[first.rows] == LEFT], second.keys[match.back[second.rows] == LEFT])
    return match


def _first_times(rows: Rows) -> NDArray[np.bool_]:
    """Which entries name a row for the first time."""
    first = np.zeros(len(rows), dtype=bool)
    first[np.unique(rows, return_index=True)[1]] = True
    return first


def _unjoined(first: _Side, second: _Side) -> Match:
    partner = np.full(len(first.tables.packets), NO_PAIR, dtype=np.int32)
    back = np.full(len(second.tables.packets), NO_PAIR, dtype=np.int32)
    partner[first.rows], back[second.rows] = LEFT, LEFT
    even = np.zeros(len(partner), dtype=bool)
    none = np.zeros(0, dtype=np.uint64)
    return Match(partner, back, even, (none, none), (first.of_row, second.of_row))


def _mark_twins(match: Match, first: _Side, second: _Side, twins: Rows) -> None:
    count = len(first.rows)
    match.partner[first.rows[twins[twins < count]]] = TWIN
    match.back[second.rows[twins[twins >= count] - count]] = TWIN


def _find_twins(first: _Side, second: _Side, order: Rows, begins: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of the ordered packets the same point holds twice: same key and IP identification as the one before, a moment later."""
    again = np.flatnonzero(~begins)
    twin = np.zeros(len(order), dtype=bool)
    if not len(again):
        return twin
    count = len(first.rows)
    now, before = order[again], order[again - 1]
    for side, own in ((first, (now < count)), (second, (before >= count))):
        base = 0 if side is first else count
        rows, earlier = side.rows[now[own] - base], side.rows[before[own] - base]
        packets = side.tables.packets
        ids = packets.ip_id[rows]
        apart = np.abs(packets.time_ns[rows] - packets.time_ns[earlier])
        most = np.where(ids != 0, SHOWN_TWICE_S.value * 1e9, SHOWN_TWICE_S.value * 1e6)
        twin[again[own]] = (ids == packets.ip_id[earlier]) & (apart < most)
    return twin
