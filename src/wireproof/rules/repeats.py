"""Which segments one side sent again, why, and which of them were never acknowledged.

Takes a `Subject`; gives `Repeats`, the ground on which several rules judge. What a capture shows twice (mirror ports, several interfaces) and
what is sent against a closed window is told apart from real repeats.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.limits import limit
from wireproof.rules.evidence import count
from wireproof.rules.segments import RST, SYN, Segments

if TYPE_CHECKING:
    from wireproof.rules.subjects import Subject

SAME_COPY = limit(
    "repeats.same_copy_s",
    0.005,
    "a capture that shows a packet twice shows both within milliseconds, with one IP identification",
)
TIMEOUT = limit("repeats.timeout_s", 0.19, "no stack in use waits less than 200 ms before it repeats on its timer")

DSACKS_READ = 300
"""Answers of one conversation whose options are read again from the file."""

STUCK_MOST = 100
"""Repeated segments of one conversation that are looked at, those with most copies."""

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stuck:
    """A segment that was sent at least once more. `copies` are places in `Segments`, the first one the original when captured."""

    copies: Places
    length: int
    acknowledged: bool


class Repeats:
    """Repeated data segments of the subject's side; all arrays hold places in `segments`."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.segments = Segments(subject)

    @cached_property
    def sent(self) -> Places:
        """Every data segment of this side, keep-alives and window probes left aside."""
        s = self.segments
        return np.flatnonzero(s.mine & s.data & ~s.has(SYN | RST) & ~s.marked("keep_alive", "zero_window_probe"))

    @cached_property
    def previous(self) -> NDArray[np.int64]:
        """For each of `sent` the place of the segment before that started at the same byte; -1 for none."""
        starts = self.segments.start[self.sent]
        order = np.argsort(starts, kind="stable")
        same = np.flatnonzero(starts[order[1:]] == starts[order[:-1]])
        again, before = order[same + 1], order[same]
        # Copies of which none is marked are no repeats.
        repeated = np.isin(starts[again], starts[self.segments.marked("retransmission")[self.sent]])
        found = np.full(len(self.sent), -1, dtype=np.int64)
        found[again[repeated]] = self.sent[before[repeated]]
        return found

    @cached_property
    def shown_twice(self) -> NDArray[np.bool_]:
        """Which of `sent` are the same packet as the copy before, captured twice."""
        s, packets = self.segments, self.subject.point.packets
        before = np.where(self.previous >= 0, self.previous, 0)
        apart = s.time_ns[self.sent] - s.time_ns[before]
        ids = packets.ip_id[s.row]
        counted = (ids[self.sent] != 0) | (ids[before] != 0)
        near = np.where(counted, apart < SAME_COPY.value * 1e9, apart < SAME_COPY.value * 1e8)
        same = (
            (ids[self.sent] == ids[before])
            & (s.length[self.sent] == s.length[before])
            & (s.ack[self.sent] == s.ack[before])
        )
        return np.asarray((self.previous >= 0) & near & same)

    @cached_property
    def _marked(self) -> NDArray[np.bool_]:
        """Marked repeats, without what the capture shows twice or anew, and of bytes below data that this side had sent."""
        s = self.segments
        furthest = np.maximum.accumulate(s.end[self.sent])
        back = np.concatenate((np.zeros(1, dtype=bool), s.start[self.sent][1:] < furthest[:-1]))[: len(self.sent)]
        marked = s.marked("retransmission")[self.sent] & back
        return np.asarray(marked & ~self.shown_twice & ~self._begun_anew)

    @cached_property
    def _begun_anew(self) -> NDArray[np.bool_]:
        """Which of `sent` come after a reset or a new SYN since the copy before: a capture that was replayed, not a repeat."""
        s = self.segments
        life = np.cumsum(s.has(RST) | (s.mine & s.has(SYN)))
        return np.asarray((self.previous >= 0) & (life[self.sent] != life[self.previous]))

    @cached_property
    def spurious(self) -> Places:
        """Repeats of what had been acknowledged already; without a first copy it is the capture that shows packets in a wrong order."""
        return self.sent[
            self._marked & (self.previous >= 0) & self.segments.marked("spurious_retransmission")[self.sent]
        ]

    @cached_property
    def _wanted(self) -> Places:
        """Repeats of what had not been acknowledged, those against a closed window left aside."""
        needed = self._marked & ~self.segments.marked("spurious_retransmission")[self.sent]
        return np.asarray(self.sent[needed & ~self._window_closed()[self.sent]])

    @cached_property
    def arrived_twice(self) -> Places:
        """Repeats that the other side answered with D-SACK (RFC 2883): the first copy had arrived, as after a tail loss probe."""
        s = self.segments
        answers = np.flatnonzero(~s.mine)
        following = np.searchsorted(answers, self._wanted[:DSACKS_READ])
        known = following < len(answers)
        places = answers[following[known]]
        frames = self.subject.point.frames(s.row[places].tolist())
        starts = self.subject.point.packets.transport_at[s.row[places]].tolist()
        told = np.asarray([tells_duplicate(frame[at:]) for frame, at in zip(frames, starts, strict=True)], dtype=bool)
        return np.asarray(self._wanted[:DSACKS_READ][known][told])

    @cached_property
    def real(self) -> Places:
        """Repeats that were needed as far as the capture shows."""
        return self._wanted[~np.isin(self._wanted, self.arrived_twice)]

    def _window_closed(self) -> NDArray[np.bool_]:
        """Whether the other side's last announced window was 0, at each segment."""
        s = self.segments
        theirs = np.flatnonzero(~s.mine & ~s.has(RST))
        if not len(theirs):
            return np.zeros(len(s), dtype=bool)
        last = np.searchsorted(theirs, np.arange(len(s))) - 1
        return np.asarray((last >= 0) & (s.window[theirs[np.maximum(last, 0)]] == 0))

    @cached_property
    def waited_s(self) -> NDArray[np.float64]:
        """Seconds between each of `real` and the copy before; NaN where the capture lacks it."""
        before, times = self.previous[np.searchsorted(self.sent, self.real)], self.segments.time_s
        return np.where(before >= 0, times[self.real] - times[np.maximum(before, 0)], np.nan)

    @cached_property
    def stalled_s(self) -> float:
        """Seconds in which this side sent no data until its timer made it repeat some."""
        times = self.segments.time_s[self.sent]
        quiet = np.diff(times, prepend=times[:1])[np.searchsorted(self.sent, self.real)]
        return float(quiet[quiet >= TIMEOUT.value].sum())

    @cached_property
    def fast(self) -> int:
        """How many of `real` answered duplicate ACKs."""
        return int(self.segments.marked("fast_retransmission")[self.real].sum())

    @cached_property
    def timeouts(self) -> int:
        """How many of `real` waited for the retransmission timer."""
        return int((self.waited_s >= TIMEOUT.value).sum())

    @cached_property
    def acknowledged_to(self) -> int:
        """The highest byte that the other side acknowledged; -1 when the capture holds no ACK of it."""
        acks = self.segments.ack[~self.segments.mine]
        return int(acks.max()) if len(acks) else -1

    @cached_property
    def sent_again(self) -> NDArray[np.bool_]:
        """Which of `sent` start where one of `real` does."""
        return np.isin(self.segments.start[self.sent], self.segments.start[self.real])

    @cached_property
    def stuck(self) -> list[Stuck]:
        """Repeated segments, most copies first."""
        s = self.segments
        copies = self.sent[~self.shown_twice & self.sent_again]
        order = np.argsort(s.start[copies], kind="stable")
        bounds = np.flatnonzero(np.diff(s.start[copies[order]])) + 1
        groups = [np.sort(group) for group in np.split(copies[order], bounds) if len(group)]
        most = sorted(groups, key=len, reverse=True)[:STUCK_MOST]
        return [Stuck(group, int(s.length[group].max()), self._got_through(group)) for group in most]

    def _got_through(self, copies: Places) -> bool:
        """Acknowledged; where the capture lacks the other side's ACKs: followed by data that comes after it."""
        s, end = self.segments, int(self.segments.end[copies].min())
        if self.acknowledged_to >= 0:
            return end <= self.acknowledged_to
        return bool(((self.sent > copies[-1]) & (s.start[self.sent] >= end)).any())

    @cached_property
    def patterns(self) -> list[str]:
        """What the lost segments have in common, in words; empty when nothing stands out."""
        checks = (_only_large, _one_direction, _after_idle, _periodic, _bursts)
        return [text for text in (check(self) for check in checks) if text]

    @property
    def telling(self) -> int:
        """Real repeats that speak of loss: answers to duplicate ACKs, timeouts, and those whose first copy this point never saw.

        What is left are early probes of the last segment, which cost nothing.
        """
        return self.fast + self.timeouts + int(np.isnan(self.waited_s).sum())

    @property
    def share(self) -> float:
        """Real repeats as part of all data segments sent."""
        return len(self.real) / max(1, len(self.sent))


def tells_duplicate(segment: bytes) -> bool:
    """Whether a TCP segment's first SACK block lies below its acknowledgment number: a D-SACK (RFC 2883 section 4)."""
    end, at = 4 * (segment[12] >> 4) if len(segment) > 19 else 0, 20
    while at + 1 < min(end, len(segment)) and segment[at]:
        size = 1 if segment[at] == 1 else segment[at + 1]
        if segment[at] == 5 and size >= 10 and at + 10 <= len(segment):
            right, ack = int.from_bytes(segment[at + 6 : at + 10], "big"), int.from_bytes(segment[8:12], "big")
            return (ack - right) % 2**32 < 2**31
        at += max(size, 1)
    return False


def events(repeats: Repeats, apart_s: float = 0.2) -> list[Places]:
    """Real repeats in groups: those that follow one another within `apart_s` are one event."""
    times = repeats.segments.time_s[repeats.real]
    return np.split(repeats.real, np.flatnonzero(np.diff(times) > apart_s) + 1) if len(times) else []


def _only_large(repeats: Repeats) -> str:
    """Every repeated segment is larger than every one that was sent once."""
    lost, once = sizes(repeats)
    if not len(lost) or not len(once) or lost.min() <= once.max():
        return ""
    return (
        f"only large segments: every repeated one has {int(lost.min()):,} bytes or more, "
        f"those of up to {int(once.max()):,} bytes were sent once"
    )


def sizes(repeats: Repeats) -> tuple[Places, Places]:
    """Lengths of segments that were repeated, and of those that were sent once; large ones count only when they were acknowledged."""
    s = repeats.segments
    lost, once = s.length[repeats.real], repeats.sent[~repeats.sent_again]
    if not len(lost):
        return lost, s.length[once]
    return lost, s.length[once[(s.end[once] <= repeats.acknowledged_to) | (s.length[once] < lost.min())]]


def _one_direction(repeats: Repeats) -> str:
    other = repeats.subject.other
    if int(other["data_packets"]) < 20 or int(other["retransmissions"]) or len(repeats.real) < 3:
        return ""
    return f"only in this direction: none of the {int(other['data_packets']):,} data segments of the other side was repeated"


def _after_idle(repeats: Repeats) -> str:
    """Every event follows ten seconds without any data."""
    s, found = repeats.segments, events(repeats, 5.0)
    if len(found) < 2:
        return ""
    gaps = np.concatenate(([0.0], np.diff(s.time_s)))
    for event in found:
        first = event[0]
        recent = (s.time_s > s.time_s[first] - 15.0) & (np.arange(len(s)) <= first)
        if not (gaps[recent] >= 10.0).any():
            return ""
    return "only after idle times of ten seconds or more"


def _periodic(repeats: Repeats) -> str:
    times = np.asarray([repeats.segments.time_s[event[0]] for event in events(repeats, 0.5)])
    steps = np.diff(times)
    if len(steps) < 4 or steps.std() > 0.1 * steps.mean():
        return ""
    return f"periodic: about every {steps.mean():.3g} s"


def _bursts(repeats: Repeats) -> str:
    found = events(repeats)
    if len(repeats.real) < 10 or len(found) * 4 > len(repeats.real):
        return ""
    return f"in bursts: {len(repeats.real):,} repeats in {count(len(found), 'moment')}"
