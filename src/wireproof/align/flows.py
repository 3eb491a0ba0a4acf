"""One direction of one conversation over one hop: what arrived, what was lost, what only the receiving point shows.

Takes the joined rows and the leftovers of both points; gives a `HopFlow`. A segment is lost only when no segment at the receiving
point holds its bytes, the receiving point was capturing at that time, and its host did not acknowledge them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wireproof.align.coverage import count_cover, first_time_covered, first_time_reached, unwrap
from wireproof.align.journeys import HopFlow, Rows
from wireproof.conversations import CaptureTables

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
MISSED_CHECKED = 4000
"""Lost segments whose acknowledgement is looked for; a capture with more has told its story."""


@dataclass(slots=True)
class End:
    """One point's view of a conversation: its tables, times on the reference clock, capture span, and (point, conversation)."""

    tables: CaptureTables
    times: NDArray[np.int64]
    span: tuple[int, int]
    member: tuple[int, int]


@dataclass(slots=True)
class Leftovers:
    """Joined rows of one direction (sent[i] is received[i]) and the rows of either end that found no partner."""

    sent: Rows
    received: Rows
    sent_left: Rows
    received_left: Rows
    shift: int = 0
    """What the path added to this direction's sequence numbers."""


def build_flow(toward: str, sender: End, receiver: End, rows: Leftovers, slack_ns: int) -> HopFlow:
    """Sort one direction's rows by what became of them. `slack_ns` is how long after sending a packet may still be under way."""
    flow = HopFlow(
        toward, sender.member, receiver.member, rows.sent, rows.received, *([_none()] * 6),
        delay_ns=receiver.times[rows.received] - sender.times[rows.sent],
    )
    if len(rows.sent_left):
        _sort_sent(flow, sender, receiver, rows, slack_ns)
    if len(rows.received_left):
        flow.inserted = _find_inserted(sender, receiver, rows, slack_ns)
    return flow


def _none() -> Rows:
    return np.zeros(0, dtype=np.int64)


def _is_bare(end: End, rows: Rows) -> NDArray[np.bool_]:
    """Pure ACKs: TCP segments that take no sequence number."""
    packets = end.tables.packets
    return (packets.protocol[rows] == 6) & (packets.length[rows] == 0) & (packets.flags[rows] & (SYN | FIN | RST) == 0)


def _within(end: End, times: NDArray[np.int64], slack_ns: int) -> NDArray[np.bool_]:
    """Whether the end was surely capturing when packets of these times passed it."""
    return (times >= end.span[0]) & (times + slack_ns <= end.span[1])


def _ranges(end: End, rows: Rows, base: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sequence ranges of rows, SYN and FIN taking one number each."""
    packets = end.tables.packets
    starts = unwrap(packets.seq[rows], base)
    taken = ((packets.flags[rows] & SYN) != 0).astype(np.int64) + ((packets.flags[rows] & FIN) != 0)
    return starts, starts + packets.length[rows] + taken


def _sort_sent(flow: HopFlow, sender: End, receiver: End, rows: Leftovers, slack_ns: int) -> None:
    """Split what found no partner at the receiving point into outside, merged, lost, missed and pure ACKs."""
    left = rows.sent_left
    inside = _within(receiver, sender.times[left], slack_ns)
    bare = _is_bare(sender, left)
    flow.outside = left[~inside]
    flow.lost_acks = left[inside & bare]
    open_rows = left[inside & ~bare]
    if not len(open_rows):
        return
    tcp = sender.tables.packets.protocol[open_rows] == 6
    merged = np.zeros(len(open_rows), dtype=bool)
    missed = np.zeros(len(open_rows), dtype=bool)
    if tcp.any():
        merged[tcp] = _find_merged(sender, receiver, open_rows[tcp], rows)
        check = np.flatnonzero(tcp & ~merged)[:MISSED_CHECKED]
        if len(check):
            missed[check] = _find_missed(sender, receiver, open_rows[check], rows.shift)
    flow.merged = open_rows[merged]
    flow.missed = open_rows[missed]
    flow.lost = open_rows[~merged & ~missed]


def _find_merged(sender: End, receiver: End, rows: Rows, leftovers: Leftovers) -> NDArray[np.bool_]:
    """Which sent segments arrived in segments cut otherwise; of several copies as many as arrived, the last ones."""
    base = int(sender.tables.packets.seq[rows[0]])
    starts, ends = _ranges(sender, rows, base)
    by_starts, by_ends = _ranges(receiver, leftovers.received_left, (base + leftovers.shift) & 0xFFFFFFFF)
    arrived = count_cover(starts, ends, by_starts, by_ends)
    copies = count_cover(starts, ends, starts, ends)
    later = np.zeros(len(rows), dtype=np.int64)
    for index in np.flatnonzero((arrived > 0) & (arrived < copies)).tolist():
        later[index] = np.count_nonzero((starts[index + 1 :] <= starts[index]) & (ends[index + 1 :] >= ends[index]))
    taking = ends > starts
    return taking & (arrived > later)


def _find_missed(sender: End, receiver: End, rows: Rows, shift: int) -> NDArray[np.bool_]:
    """Which of these the receiving host acknowledged before its capture shows their bytes: the capture lacks them, not the host."""
    packets = receiver.tables.packets
    base = (int(sender.tables.packets.seq[rows[0]]) + shift) & 0xFFFFFFFF
    starts, ends = _ranges(sender, rows, int(sender.tables.packets.seq[rows[0]]))
    own = receiver.tables.conversations.rows(receiver.member[1])
    own = own[(packets.protocol[own] == 6) & ((packets.layers[own] & (1 << 11)) == 0)]
    from_sender = _sent_by_same_side(sender, receiver, rows, own)
    arriving, answering = own[from_sender], own[~from_sender]
    answering = answering[(packets.flags[answering] & (ACK | RST)) == ACK]
    by_starts, by_ends = _ranges(receiver, arriving, base)
    covered = first_time_covered(starts, ends, by_starts, by_ends, receiver.times[arriving])
    acked = first_time_reached(ends, unwrap(packets.ack[answering], base), receiver.times[answering])
    return (ends > starts) & (acked < covered)


def _sent_by_same_side(sender: End, receiver: End, rows: Rows, own: Rows) -> NDArray[np.bool_]:
    """Which rows at the receiving end come from the host that sent `rows`."""
    from_client = sender.tables.packets.direction[rows[0]] == sender.tables.conversations.facts["client"][sender.member[1]]
    client_there = receiver.tables.conversations.facts["client"][receiver.member[1]]
    return np.asarray((receiver.tables.packets.direction[own] == client_there) == from_client)


def _find_inserted(sender: End, receiver: End, rows: Leftovers, slack_ns: int) -> Rows:
    """Rows of the receiving end that its sender's side never sent, while that side was capturing."""
    left = rows.received_left[~_is_bare(receiver, rows.received_left)]
    times = receiver.times[left]
    left = left[(times - slack_ns >= sender.span[0]) & (times <= sender.span[1])]
    if not len(left):
        return left
    packets = receiver.tables.packets
    tcp = packets.protocol[left] == 6
    reset = tcp & ((packets.flags[left] & RST) != 0)
    keep = np.ones(len(left), dtype=bool)
    sent = np.concatenate([rows.sent, rows.sent_left])
    if reset.any() and (sender.tables.packets.flags[rows.sent_left] & RST).any():
        keep &= ~reset          # a reset that was rewritten on the way is the sender's own after all
    plain = tcp & ~reset
    if plain.any() and len(sent):
        base = int(sender.tables.packets.seq[sent[0]])
        starts, ends = _ranges(receiver, left[plain], (base + rows.shift) & 0xFFFFFFFF)
        keep[plain] = count_cover(starts, ends, *_ranges(sender, sent, base)) == 0
    return left[keep]
