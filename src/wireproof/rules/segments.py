"""The segments of one conversation side by side, with sequence numbers that do not wrap and times in seconds.

Takes a `Subject`; gives arrays for the closer look that a rule takes at few conversations. "Mine" is what the subject's side sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.table.schema import MARKS

if TYPE_CHECKING:
    from wireproof.rules.subjects import Subject

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
NEAR = 1 << 30


class Segments:
    """Arrays over a conversation's TCP segments in file order.

    `row` is the row in the packet table, `time_s` seconds since the conversation's first segment, `start` and `end` sequence numbers of
    the segment's first and following byte counted from its sender's first one, `ack` on the scale of the other side's
    numbers (-1 without ACK flag), `mine` whether the subject's side sent it.
    """

    def __init__(self, subject: Subject) -> None:
        packets = subject.point.packets
        self.subject = subject
        self.row = subject.segments
        self.time_ns = packets.time_ns[self.row]
        self.time_s = (self.time_ns - self.time_ns[:1].sum()) / 1e9
        self.length = packets.length[self.row].astype(np.int64)
        self.flags = packets.flags[self.row]
        self.marks = packets.marks[self.row]
        self.window = packets.window[self.row].astype(np.int64)
        self.mine = packets.direction[self.row] == subject.side
        self.start, self.ack = self._unwrapped(packets)
        self.end = self.start + self.length + ((self.flags & (SYN | FIN)) != 0)
        self.data = self.length > 0

    def __len__(self) -> int:
        return len(self.row)

    def _unwrapped(self, packets: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Each side's numbers as one line: the sequence numbers it sends and the acknowledgments of them, in file order."""
        seq, raw_ack = packets.seq[self.row], packets.ack[self.row]
        near = self._unwrapped_near(seq, raw_ack)
        if near is not None:
            return near
        start = np.zeros(len(self.row), dtype=np.int64)
        ack = np.full(len(self.row), -1, dtype=np.int64)
        acking = (self.flags & ACK) != 0
        for sent in (self.mine, ~self.mine):
            line = unwrap(np.where(sent, seq, raw_ack)[sent | acking])
            told = (~sent & acking)[sent | acking]
            start[sent], ack[~sent & acking] = line[~told], line[told]
        return start, ack

    def _unwrapped_near(
        self, seq: NDArray[np.uint32], raw_ack: NDArray[np.uint32]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
        """The same for numbers that all lie near their line's first one, in a third of the time; None where some do not.

        Within 1 GiB on both sides no step can be 2 GiB long, so distances from the first number are the line itself.
        """
        acking = (self.flags & ACK) != 0
        own, other = self._first(seq, raw_ack, self.mine, acking), self._first(seq, raw_ack, ~self.mine, acking)
        start = (seq - np.where(self.mine, own, other)).view(np.int32)
        ack = np.where(acking, (raw_ack - np.where(self.mine, other, own)).view(np.int32), np.int32(0))
        if any(line.min(initial=0) < -NEAR or line.max(initial=0) > NEAR for line in (start, ack)):
            return None
        return start.astype(np.int64), np.where(acking, ack.astype(np.int64), -1)

    @staticmethod
    def _first(
        seq: NDArray[np.uint32], raw_ack: NDArray[np.uint32], sent: NDArray[np.bool_], acking: NDArray[np.bool_]
    ) -> np.uint32:
        """The first number of a side's line: one that it sent, or an acknowledgment of it."""
        told = sent | acking
        place = int(np.argmax(told)) if len(told) else 0
        if not len(told) or not told[place]:
            return np.uint32(0)
        return np.uint32(seq[place] if sent[place] else raw_ack[place])

    def marked(self, *names: str) -> NDArray[np.bool_]:
        """Which segments carry one of the marks."""
        bits = sum(MARKS[name] for name in names)
        return np.asarray((self.marks & bits) != 0)

    def has(self, flags: int) -> NDArray[np.bool_]:
        """Which segments have one of the flags."""
        return np.asarray((self.flags & flags) != 0)

    def scaled_window(self) -> NDArray[np.int64]:
        """Receive window that each segment announces, in bytes, -1 where its scale is unknown."""
        scales = [int(side["window_scale"]) for side in (self.subject.other, self.subject.mine)]
        shift = np.where(self.mine, max(scales[1], 0), max(scales[0], 0))
        known = np.where(self.mine, scales[1] != -1, scales[0] != -1)
        return np.where(known, np.where(self.has(SYN), self.window, self.window << shift), -1)


def unwrap(numbers: NDArray[np.uint32]) -> NDArray[np.int64]:
    """32-bit sequence numbers as a line without wraps, the first one 0 (steps are taken the short way round, RFC 9293 section 3.4)."""
    if not len(numbers):
        return np.zeros(0, dtype=np.int64)
    steps = np.diff(numbers.astype(np.uint32)).astype(np.int32)
    return np.concatenate(([0], np.cumsum(steps, dtype=np.int64)))
