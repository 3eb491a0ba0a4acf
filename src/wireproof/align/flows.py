"""One direction of one conversation over one hop: what arrived, what was lost, what only the receiving point shows.

Takes the joined rows and the leftovers of both points; gives a `HopFlow`. A segment is lost only when its bytes, or a part of them,
are in no segment at the receiving point, that point was capturing at the time, and its host did not acknowledge them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.align.coverage import NEVER, Ranges, find_gaps, find_uncovered, first_covered, first_reached, straighten
from wireproof.align.journeys import HopFlow, Rows
from wireproof.align.nearest import pair_nearest

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
TCP = 6
Mask = NDArray[np.bool_]


@dataclass(slots=True)
class End:
    """One point's view of a conversation: its tables, times on the reference clock, capture span, and (point, conversation)."""

    tables: CaptureTables
    times: NDArray[np.int64]
    span: tuple[int, int]
    member: tuple[int, int]

    @property
    def number(self) -> int:
        """The conversation."""
        return self.member[1]

    def is_tcp(self, rows: Rows) -> Mask:
        """Which rows are TCP segments."""
        return np.asarray(self.tables.packets.protocol[rows] == TCP)

    def has(self, rows: Rows, flags: int) -> Mask:
        """Which rows are TCP segments with one of the flags."""
        packets = self.tables.packets
        return np.asarray((packets.protocol[rows] == TCP) & ((packets.flags[rows] & flags) != 0))


@dataclass(slots=True)
class Sorting:
    """One direction's rows: joined ones (sent[i] is received[i]), those of either end that found no partner, and further copies.

    `twins` are rows that the sending capture holds twice. `copies` marks which of `sent_left` and of `received_left` the other point shows
    as well, only not as often. `shift` is what the path added to this direction's sequence numbers.
    """

    sent: Rows
    received: Rows
    sent_left: Rows
    received_left: Rows
    twins: Rows
    copies: tuple[Mask, Mask]
    shift: int = 0


@dataclass(frozen=True, slots=True)
class Margins:
    """How sure times are. `slack_ns`: how long after sending a packet may still be under way; `early_ns`: by how much the clocks may
    disagree; `delay_ns`: what the path's delay usually is.
    """

    slack_ns: int
    early_ns: int
    delay_ns: int


@dataclass(slots=True)
class Direction:
    """Everything that is known of one direction over one hop. `toward` is `server` or `client`; `back` are the rows of the other one."""

    toward: str
    sender: End
    receiver: End
    rows: Sorting
    margins: Margins
    back: Sorting

    @property
    def all_sent(self) -> Rows:
        """Rows at the sending point, in order."""
        return np.sort(np.concatenate([self.rows.sent, self.rows.sent_left]))

    @property
    def all_received(self) -> Rows:
        """Rows at the receiving point, in order."""
        return np.sort(np.concatenate([self.rows.received, self.rows.received_left]))


def build_flow(way: Direction) -> HopFlow:
    """Sort one direction's rows by what became of them."""
    rows = way.rows
    delay = way.receiver.times[rows.received] - way.sender.times[rows.sent]
    flow = HopFlow(
        way.toward, way.sender.member, way.receiver.member, rows.sent, rows.received, twins=rows.twins, delay_ns=delay
    )
    resets = _changed_resets(way)
    if len(rows.sent_left):
        _sort_sent(flow, way, resets[0])
    if len(rows.received_left):
        flow.inserted = _find_inserted(way, resets[1])
    return flow


def _changed_resets(way: Direction) -> tuple[Rows, Rows]:
    """Resets that arrive with other numbers than they left with, at the sending and at the receiving point: told by time."""
    mine = way.rows.sent_left[way.sender.has(way.rows.sent_left, RST)]
    there = way.rows.received_left[way.receiver.has(way.rows.received_left, RST)]
    if not len(mine) or not len(there):
        return mine[:0], there[:0]
    times, times_there = way.sender.times[mine], way.receiver.times[there] - way.margins.delay_ns
    pairs = [
        (i, j)
        for i, j in pair_nearest(times, times_there)
        if abs(int(times[i] - times_there[j])) <= way.margins.slack_ns
    ]
    return mine[[i for i, _ in pairs]], there[[j for _, j in pairs]]


def _sort_sent(flow: HopFlow, way: Direction, changed_resets: Rows) -> None:
    """Split what found no partner at the receiving point into outside, merged, lost, missed and pure ACKs."""
    left, sender = way.rows.sent_left, way.sender
    inside = _while_capturing(way.receiver.span, sender.times[left], way.margins)
    bare = _is_bare(sender, left)
    flow.outside, flow.lost_acks = left[~inside], left[inside & bare]
    open_rows = left[inside & ~bare]
    fate = _Fate(
        lost=~np.isin(open_rows, changed_resets),
        missed=np.zeros(len(open_rows), dtype=bool),
        never=~way.rows.copies[0][inside & ~bare],
        lost_bytes=sender.tables.packets.length[open_rows].astype(np.int64),
    )
    counting = sender.is_tcp(open_rows) & ~sender.has(open_rows, RST)
    if counting.any():
        _follow_bytes(way, open_rows[counting]).write(fate, counting)
    flow.missed = open_rows[fate.missed & ~fate.lost]
    flow.lost, flow.lost_bytes = open_rows[fate.lost], fate.lost_bytes[fate.lost]
    flow.never = open_rows[fate.lost & fate.never]
    flow.merged = open_rows[~fate.lost & ~fate.missed]


@dataclass(slots=True)
class _Fate:
    """What became of rows, one entry each: see the fields of `HopFlow`."""

    lost: Mask
    missed: Mask
    never: Mask
    lost_bytes: NDArray[np.int64]

    def write(self, whole: _Fate, which: Mask) -> None:
        """Take these entries over into those of more rows."""
        for name in ("lost", "missed", "never", "lost_bytes"):
            getattr(whole, name)[which] = getattr(self, name)


def _while_capturing(span: tuple[int, int], times: NDArray[np.int64], margins: Margins) -> Mask:
    """Whether a point was surely capturing when packets of these times passed it."""
    return np.asarray((times >= span[0] + margins.early_ns) & (times + margins.slack_ns <= span[1]))


def _is_bare(end: End, rows: Rows) -> Mask:
    """Pure ACKs: TCP segments that take no sequence number."""
    return np.asarray(end.is_tcp(rows) & (end.tables.packets.length[rows] == 0) & ~end.has(rows, SYN | FIN | RST))


@dataclass(frozen=True, slots=True)
class Line:
    """Segments of one direction at one end with first and last byte on a line of numbers. `base` is the sequence number at its 0."""

    end: End
    rows: Rows
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    base: int
    acks: tuple[NDArray[np.int64], NDArray[np.int64]]
    """What the other host acknowledged, on the same line, and when; in time order."""

    def ranges(self, wanted: Rows, moved_by: int = 0) -> Ranges:
        """The ranges of some rows (all of them on the line), with times on the reference clock."""
        at = np.searchsorted(self.rows, wanted)
        return Ranges(self.starts[at] + moved_by, self.ends[at] + moved_by, self.end.times[wanted])


def _line(end: End, rows: Rows, answers: Rows | None = None) -> Line:
    """Put rows of one direction on a line, with what `answers` acknowledge.

    Resets stay away from it: devices write odd numbers into them.
    """
    packets = end.tables.packets
    rows = rows[end.is_tcp(rows) & ~end.has(rows, RST)]
    answers = rows[:0] if answers is None else answers
    numbers = np.concatenate([packets.seq[rows], packets.ack[answers]])
    order = np.argsort(np.concatenate([rows, answers]), kind="stable")
    line = np.empty(len(numbers), dtype=np.int64)
    line[order] = straighten(numbers[order])
    starts = line[: len(rows)]
    taken = packets.length[rows].astype(np.int64) + end.has(rows, SYN) + end.has(rows, FIN)
    base = int(numbers[order[0]]) if len(order) else 0
    return Line(end, rows, starts, starts + taken, base, (line[len(rows) :], end.times[answers]))


def _acknowledging(end: End, rows: Rows) -> Rows:
    """Those that acknowledge something, in order."""
    rows = np.sort(rows)
    return np.asarray(rows[end.has(rows, ACK) & ~end.has(rows, RST)])


def _answers(way: Direction) -> Rows:
    """Rows at the receiving point by which its host acknowledges what came."""
    back = way.back
    return _acknowledging(way.receiver, np.concatenate([back.sent, back.sent_left, back.twins]))


def _last_answers(way: Direction) -> Rows:
    """Rows at the sending point with acknowledgments of the other host that came after all that the receiving capture shows of it.

    Further back the receiving capture shows what its host acknowledged: what it lacks there, another device may have made. So may
    have been what does not carry the host's own TTL.
    """
    back, packets = way.back, way.sender.tables.packets
    if not len(back.received):
        return back.received
    last = int(np.argmax(back.received))
    if (back.sent_left > back.sent[last]).any():
        return back.received[:0]
    rows = back.received_left[back.received_left > back.received[last]]
    return _acknowledging(way.sender, rows[np.isin(packets.ttl[rows], packets.ttl[back.received])])


def _distance(mine: Line, theirs: Line, rows: Sorting) -> int:
    """What to add to numbers of the receiver's line to have them on the sender's: told by a packet of both, else by the numbers."""
    both = np.flatnonzero(np.isin(rows.sent, mine.rows))
    if len(both):
        at = int(both[0])
        place, there = np.searchsorted(mine.rows, rows.sent[at]), np.searchsorted(theirs.rows, rows.received[at])
        return int(mine.starts[place] - theirs.starts[there])
    return (theirs.base - rows.shift - mine.base + (1 << 31)) % (1 << 32) - (1 << 31)


def _follow_bytes(way: Direction, open_rows: Rows) -> _Fate:
    """What became of TCP rows, told by their bytes."""
    rows, receiver = way.rows, way.receiver
    mine = _line(way.sender, way.all_sent, _last_answers(way))
    theirs = _line(receiver, way.all_received, _answers(way))
    apart = _distance(mine, theirs, rows)
    segments = rows.received_left[receiver.is_tcp(rows.received_left) & ~receiver.has(rows.received_left, RST)]
    shown = theirs.ranges(theirs.rows, apart)
    cuts = np.concatenate([shown.starts, shown.ends])
    gaps = find_gaps(mine.ranges(open_rows), theirs.ranges(segments, apart), way.margins.delay_ns, cuts)
    covered = first_covered(gaps.ends - 1, shown)
    # What the host acknowledged before its capture shows the bytes, the capture lacks and not the host.
    unseen = first_reached(gaps.ends, theirs.acks[0] + apart, theirs.acks[1]) < covered
    unseen |= (covered == NEVER) & (first_reached(gaps.ends, *mine.acks) < NEVER)
    nowhere = ~unseen & (covered == NEVER)
    counts = len(open_rows)
    lost_bytes = np.bincount(gaps.owner, weights=(gaps.ends - gaps.starts) * ~unseen, minlength=counts).astype(np.int64)
    # SYN and FIN take a number each and are no bytes of payload.
    length = way.sender.tables.packets.length[open_rows].astype(np.int64)
    missed, never = (np.bincount(gaps.owner[which], minlength=counts) > 0 for which in (unseen, nowhere))
    return _Fate(lost_bytes > 0, missed, never, np.minimum(lost_bytes, length))


def _find_inserted(way: Direction, changed_resets: Rows) -> Rows:
    """Rows of the receiving end that its sender's side never sent, while that side was capturing."""
    receiver, rows = way.receiver, way.rows
    left = rows.received_left[~rows.copies[1]]
    left = left[~_is_bare(receiver, left) & ~np.isin(left, changed_resets)]
    left = left[_sent_while_capturing(way, left)]
    segments = receiver.is_tcp(left) & ~receiver.has(left, RST)
    if segments.any():
        keep = ~segments
        keep[segments] = _has_new_bytes(way, left[segments])
        left = left[keep]
    return left


def _sent_while_capturing(way: Direction, left: Rows) -> Mask:
    """Whether the sender's side would show a packet that arrived in these rows, had it been sent there.

    A packet that came after one which both points show was sent after it, whatever the delay.
    """
    times, rows, span = way.receiver.times[left], way.rows, way.sender.span
    began = span[0] + way.margins.slack_ns
    if len(rows.received):
        began = min(began, int(way.receiver.times[rows.received].min()))
    return (times >= began) & (times + way.margins.early_ns <= span[1])


def _has_new_bytes(way: Direction, left: Rows) -> Mask:
    """Which segments hold bytes that the sender's capture shows in none."""
    mine, theirs = _line(way.sender, way.all_sent), _line(way.receiver, way.all_received)
    came = theirs.ranges(left, _distance(mine, theirs, way.rows))
    gaps = find_uncovered(came, mine.ranges(mine.rows))
    return np.bincount(gaps.owner, minlength=len(left)) > 0
