"""A path between two hosts as a row of parts: links, capture points, and what `middleboxes` offers.

Each part is given a packet with its direction (upward: client to server) and says which go on, when and whither.
Knows packets, no conversation; the event queue that moves packets from part to part is `World`.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from examples.files import SECOND, Frame, cut
from examples.packets import OFFLOADED, TCP, Ethernet, IPv4
from tests.support.packets import IPv6

Packet = IPv4 | IPv6
MICROSECOND = 1_000
MILLISECOND = 1_000_000
EPOCH_NS = 1_709_629_200 * SECOND
"""2024-03-05 09:00:00 UTC, the date of time 0 unless told otherwise."""


class Onward(NamedTuple):
    """A packet that leaves a part: its direction and how long the part held it."""

    packet: Packet
    upward: bool
    delay_ns: int = 0


class Part(Protocol):
    """One part of a path."""

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """What becomes of a packet; an empty list when it is lost."""


def wire_size(packet: Packet) -> int:
    """Bytes of the packet from its IP header on."""
    return len(bytes(packet))


def with_tcp(packet: Packet, segment: TCP) -> Packet:
    """The packet around another segment."""
    return replace(packet, upper=segment)


@dataclass(slots=True)
class Link:
    """A stretch of path: its delay each way, the hops it takes off the time to live, and its rate (0: no limit)."""

    up_ms: float
    down_ms: float | None = None
    hops: int = 1
    megabit: float = 0.0
    _free_ns: dict[bool, int] = field(default_factory=dict)

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Delay the packet; one never overtakes another."""
        delay_ms = self.up_ms if upward or self.down_ms is None else self.down_ms
        serial_ns = round((wire_size(packet) + 14) * 8000 / self.megabit) if self.megabit else 0
        leaves_ns = max(now_ns, self._free_ns.get(upward, 0)) + serial_ns
        self._free_ns[upward] = leaves_ns
        aged = replace(packet, ttl=packet.ttl - self.hops)
        return [Onward(aged, upward, leaves_ns - now_ns + round(delay_ms * MILLISECOND))]


@dataclass(slots=True)
class Point:
    """A place where a capture is taken, with its own clock and habits.

    `at` is "client" or "server" when taken on that host, which then shows its own packets without checksums. `near_mac`
    is the MAC toward the client, `far_mac` the one toward the server. `from_s` and `to_s` bound it in true time.
    """

    name: str
    at: str = ""
    near_mac: str = "02:00:00:00:01:01"
    far_mac: str = "02:00:00:00:01:02"
    offset_s: float = 0.0
    drift_ppm: float = 0.0
    from_s: float = float("-inf")
    to_s: float = float("inf")
    merge_sent: bool = False
    merge_received: bool = False
    snap_length: int = 0
    offload_checksums: bool = True
    seen: list[tuple[int, Packet, bool]] = field(default_factory=list)

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Note the packet and let it pass."""
        if self.from_s * SECOND <= now_ns <= self.to_s * SECOND:
            self.seen.append((now_ns, packet, upward))
        return [Onward(packet, upward)]

    def sent_here(self, upward: bool) -> bool:
        """Whether a packet of that direction was sent by the host on which the capture is taken."""
        return (self.at == "client" and upward) or (self.at == "server" and not upward)

    def local_time(self, true_ns: int) -> int:
        """The capture's clock at a true time; drift counts from time 0."""
        return true_ns + round(self.offset_s * SECOND) + round(true_ns * self.drift_ppm / 1e6)

    def frames(self, epoch_ns: int) -> list[Frame]:
        """The capture: frames in its own time, merged and cut as it does. `epoch_ns` is the date of time 0."""
        rows = (Frame(epoch_ns + self.local_time(row[0]), self._frame(*row[1:])) for row in self.rows())
        return [cut(frame, self.snap_length) for frame in rows]

    def rows(self) -> list[tuple[int, Packet, bool]]:
        """What becomes of frames 1, 2 …: true time, packet (joined where offloads join) and direction."""
        rows = list(self.seen)
        if self.merge_sent:
            rows = merge_segments(rows, self.sent_here, late=False)
        if self.merge_received:
            rows = merge_segments(rows, lambda upward: not self.sent_here(upward), late=True)
        return sorted(rows, key=lambda row: row[0])

    def frame_numbers(self, packets: Sequence[Packet]) -> list[int]:
        """Numbers of the frames in which the point shows segments that were dropped further on, in capture order."""
        found = []
        for number, (_, packet, _) in enumerate(self.rows(), start=1):
            if any(shows(packet.upper, dropped.upper) for dropped in packets):
                found.append(number)
        return found

    def _frame(self, packet: Packet, upward: bool) -> bytes:
        sent = self.sent_here(upward)
        segment = packet.upper
        if sent and self.offload_checksums and isinstance(segment, TCP):
            packet = with_tcp(packet, replace(segment, checksum=OFFLOADED))
        macs = (self.near_mac, self.far_mac) if upward else (self.far_mac, self.near_mac)
        return bytes(Ethernet(*macs, packet, padded=not sent))


def merge_segments(
    rows: Sequence[tuple[int, Packet, bool]], chosen: Callable[[bool], bool], late: bool, gap_ns: int = 60 * MICROSECOND
) -> list[tuple[int, Packet, bool]]:
    """Rows with neighbouring segments of one direction joined up to 64 KB, as TSO and GRO show them.

    The joined row has the time of its last segment when `late` (receiver), else of its first (sender). A segment in
    the other direction ends it, so that no acknowledgment comes before what it acknowledges.
    """
    merged: list[tuple[int, Packet, bool]] = []
    open_rows: dict[tuple[str, int, int], tuple[int, int]] = {}
    for time_ns, packet, upward in rows:
        segment = packet.upper
        if not isinstance(segment, TCP):
            merged.append((time_ns, packet, upward))
            continue
        key = (packet.source, segment.source, segment.target)
        open_rows.pop((packet.target, segment.target, segment.source), None)
        at, last_ns = open_rows.get(key, (-1, 0))
        joined = join(merged[at][1], packet) if at >= 0 and chosen(upward) and time_ns - last_ns <= gap_ns else None
        if joined is None:
            open_rows[key] = (len(merged), time_ns)
            merged.append((time_ns, packet, upward))
        else:
            open_rows[key] = (at, time_ns)
            merged[at] = (time_ns if late else merged[at][0], joined, upward)
    return merged


def join(first: Packet, second: Packet) -> Packet | None:
    """One packet with the payload of both, or None where an adapter would not join them."""
    one, two = first.upper, second.upper
    assert isinstance(one, TCP)
    assert isinstance(two, TCP)
    plain = not set(one.flags + two.flags) - set("PA") and "P" not in one.flags
    fits = one.payload and two.payload and one.seq + len(one.payload) == two.seq and one.ack == two.ack
    if not plain or not fits or len(one.payload) + len(two.payload) > 64000:
        return None
    return with_tcp(first, replace(one, payload=one.payload + two.payload, flags=two.flags))


@dataclass(slots=True)
class World:
    """The event queue: moves packets along the path and hands them to whoever listens at its ends.

    A listener is given packet and direction and says whether the packet was for it. `now_ns` is true time from 0.
    """

    parts: Sequence[Part]
    now_ns: int = 0
    listeners: list[Callable[[Packet, bool], bool]] = field(default_factory=list)
    _queue: list[tuple[int, int, Callable[[], None]]] = field(default_factory=list)
    _turn: itertools.count[int] = field(default_factory=itertools.count)

    def at(self, time_ns: int, action: Callable[[], None]) -> None:
        """Do something at a time that is not past."""
        heapq.heappush(self._queue, (max(time_ns, self.now_ns), next(self._turn), action))

    def send(self, packet: Packet, upward: bool) -> None:
        """Put a packet on the path at the sender's end."""
        self._forward(packet, upward, 0 if upward else len(self.parts) - 1)

    def run(self, until_s: float = float("inf")) -> None:
        """Let everything happen, at most to a time."""
        while self._queue and self._queue[0][0] <= until_s * SECOND:
            self.now_ns, _, action = heapq.heappop(self._queue)
            action()

    def captures(self, epoch_ns: int = EPOCH_NS) -> dict[str, list[Frame]]:
        """Let everything happen; then the frames of every capture point, in path order."""
        self.run()
        return {part.name: part.frames(epoch_ns) for part in self.parts if isinstance(part, Point)}

    def _forward(self, packet: Packet, upward: bool, index: int) -> None:
        if not 0 <= index < len(self.parts):
            any(listener(packet, upward) for listener in self.listeners)
            return
        for onward in self.parts[index].carry(packet, upward, self.now_ns):
            following = index + 1 if onward.upward else index - 1
            self._later(onward, following)

    def _later(self, onward: Onward, index: int) -> None:
        if onward.delay_ns:
            self.at(self.now_ns + onward.delay_ns, lambda: self._forward(onward.packet, onward.upward, index))
        else:
            self._forward(onward.packet, onward.upward, index)


def shows(held: object, dropped: object) -> bool:
    """Whether a held segment is the dropped one, or was joined of it and others."""
    if not isinstance(held, TCP) or not isinstance(dropped, TCP) or held is dropped:
        return held is dropped
    inside = held.seq <= dropped.seq and dropped.seq + len(dropped.payload) <= held.seq + len(held.payload)
    return inside and len(held.payload) > len(dropped.payload) > 0 and held.source == dropped.source
