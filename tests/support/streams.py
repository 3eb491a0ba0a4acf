"""One upload whose every packet's fate is chosen: frames of the sending and the receiving host, and the truth about them.

A `Plan` says for each segment what became of each copy, and where offloads merge; `play` turns it into two captures. Real bytes,
constant delay, no TCP stack: the copies are the plan's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from examples.packets import TCP, Ethernet, IPv4
from tests.support.files import Frame

SENDER, RECEIVER = "10.9.0.1", "10.9.0.2"
MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
MILLISECOND = 1_000_000
START_NS = 1_709_629_200 * 1_000_000_000
DELAY_NS, REPEAT_NS, STEP_NS = 20 * MILLISECOND, 300 * MILLISECOND, 2 * MILLISECOND
FIRST_SEQ = 2**32 - 4000
"""So near the wrap that every plan of some segments crosses it."""

DELIVERED, LOST, UNSEEN = "delivered", "lost", "unseen"
"""Fates of a copy: captured at the receiver; dropped on the way; received by the host although its capture lacks it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Size in bytes and the fate of each copy; `joined_sent`: the sender hands it over together with the one before (TSO);
    `joined_received`: the receiver's adapter joins it to the one before when both just came (GRO).
    """

    size: int
    fates: tuple[str, ...]
    joined_sent: bool = False
    joined_received: bool = False


@dataclass(slots=True)
class Row:
    """One captured data frame at the sender: which copies of which segments it holds."""

    time_ns: int
    start: int
    size: int
    parts: list[tuple[int, str, int]] = field(default_factory=list)
    """(segment, fate, size)."""

    def holds(self, fate: str) -> bool:
        """Whether a part of it met this fate."""
        return any(own == fate for _, own, _ in self.parts)

    @property
    def lost_bytes(self) -> int:
        """Bytes that did not get to the receiving host."""
        return sum(size for _, fate, size in self.parts if fate == LOST)


@dataclass(slots=True)
class Played:
    """Both captures, and the sender's data rows by frame number."""

    frames: dict[str, list[Frame]]
    rows: dict[int, Row]


def play(plan: list[Segment]) -> Played:
    """Send the plan's segments one after the other, the repeats later, and close after five quiet seconds."""
    sent = _sent_rows(plan)
    received = _received_rows(plan)
    last = max([row.time_ns for row in sent], default=START_NS) + 5000 * MILLISECOND
    acks = _acks(plan)
    total = sum(segment.size for segment in plan)
    reached = max((number for _, number in acks), default=0)
    edges = [
        (START_NS - 200 * MILLISECOND, True, "S", -1, 0),
        (START_NS - 160 * MILLISECOND, False, "SA", 0, 0),
        (START_NS - 120 * MILLISECOND, True, "A", 0, 0),
        (last, True, "FA", total, 0),
        (last + 80 * MILLISECOND, False, "FA", 0, reached + (reached == total)),
    ]
    captures: dict[str, list[Frame]] = {}
    for name in ("sender", "receiver"):
        at_sender = name == "sender"
        rows = [(row.time_ns, _data(row.start, row.size, row.time_ns)) for row in (sent if at_sender else received)]
        rows += [
            (time + (0 if up == at_sender else DELAY_NS), _packet(up, flags, start, ack))
            for time, up, flags, start, ack in edges
        ]
        rows += [(time + (DELAY_NS if at_sender else 0), _packet(False, "A", 0, number)) for time, number in acks]
        captures[name] = [Frame(time, data) for time, data in sorted(rows, key=lambda row: row[0])]
    places = {_data(row.start, row.size, row.time_ns): row for row in sent}
    numbered = {
        number: places[frame.data] for number, frame in enumerate(captures["sender"], 1) if frame.data in places
    }
    return Played(captures, numbered)


def _copies(plan: list[Segment]) -> list[tuple[int, int, int, str, int]]:
    """(time sent, start, segment, fate, copy) of every copy, in order of time."""
    found, start = [], 0
    for index, segment in enumerate(plan):
        for copy, fate in enumerate(segment.fates):
            found.append((START_NS + index * STEP_NS + copy * REPEAT_NS, start, index, fate, copy))
        start += segment.size
    return sorted(found)


def _sent_rows(plan: list[Segment]) -> list[Row]:
    rows: list[Row] = []
    for time, start, index, fate, copy in _copies(plan):
        size = plan[index].size
        before = rows[-1] if rows else None
        if (
            before
            and copy == 0
            and plan[index].joined_sent
            and before.start + before.size == start
            and before.parts[-1][0] == index - 1
        ):
            before.size += size
            before.parts.append((index, fate, size))
        else:
            rows.append(Row(time, start, size, [(index, fate, size)]))
    return rows


def _received_rows(plan: list[Segment]) -> list[Row]:
    rows: list[Row] = []
    for time, start, index, fate, copy in _copies(plan):
        if fate != DELIVERED:
            continue
        size, before = plan[index].size, rows[-1] if rows else None
        recent = before is not None and time + DELAY_NS - before.time_ns <= 3 * STEP_NS
        if before and recent and copy == 0 and plan[index].joined_received and before.start + before.size == start:
            before.size += size
            before.time_ns = time + DELAY_NS
        else:
            rows.append(Row(time + DELAY_NS, start, size))
    return rows


def _acks(plan: list[Segment]) -> list[tuple[int, int]]:
    """(time, number) of the receiving host's acknowledgments, each when the stretch without gap grows.

    What the adapter joins the host gets, and acknowledges, with the last of it.
    """
    came = {(row.start, row.size): row.time_ns for row in _received_rows(plan)}
    starts = [sum(segment.size for segment in plan[:index]) for index in range(len(plan) + 1)]
    have: set[int] = set()
    found, reached = [], 0
    for time, start, index, fate, copy in _copies(plan):
        if fate == LOST:
            continue
        have.add(index)
        if copy == 0:
            joined = (
                own
                for (begin, size), own in came.items()
                if begin <= start < begin + size and 0 <= own - time - DELAY_NS <= 40 * STEP_NS
            )
            time = max([time, *(own - DELAY_NS for own in joined)])  # noqa: PLW2901
        while reached in have:
            reached += 1
        if not found or starts[reached] > found[-1][1]:
            found.append((time + DELAY_NS + MILLISECOND, starts[reached]))
    return sorted(found)


def _data(start: int, size: int, time_ns: int) -> bytes:
    """A data segment; its IP identification is that of its time, so that no two copies look alike."""
    text = b"".join(number.to_bytes(4, "big") for number in range(start // 4, (start + size) // 4 + 2))[start % 4 :][
        :size
    ]
    segment = TCP(40000, 9000, FIRST_SEQ + 1 + start, 5001, "PA", payload=text)
    return bytes(Ethernet(*MACS, IPv4(SENDER, RECEIVER, segment, ident=time_ns // MILLISECOND % 65521)))


def _packet(upward: bool, flags: str, start: int, number: int) -> bytes:
    """A segment without data: `start` counts the sender's bytes upward, `number` is what is acknowledged downward."""
    if upward:
        return bytes(
            Ethernet(
                *MACS,
                IPv4(SENDER, RECEIVER, TCP(40000, 9000, FIRST_SEQ + 1 + start, 5001 if "A" in flags else 0, flags)),
            )
        )
    seq = 5000 if "S" in flags else 5001
    segment = TCP(9000, 40000, seq, FIRST_SEQ + 1 + number, flags)
    return bytes(Ethernet(*MACS[::-1], IPv4(RECEIVER, SENDER, segment)))
