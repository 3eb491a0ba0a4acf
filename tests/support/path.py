"""A path between two hosts as a row of parts: links, losses, NAT, clamps, middleboxes and capture points.

Each part is given a packet with its direction (upward: client to server) and says which packets go on, when and whither.
Knows packets, no conversation; the event queue that moves packets from part to part is `World`.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from examples.files import SECOND, Frame, cut
from examples.packets import ICMP, OFFLOADED, TCP, UDP, Ethernet, IPv4, mss, sack
from tests.support.packets import ICMPv6, IPv6, too_big

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
class Lose:
    """Drops the packets for which the rule is true; the rule is given packet, direction and how many it has seen."""

    rule: Callable[[Packet, bool, int], bool]
    seen: int = 0

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Drop or pass on."""
        self.seen += 1
        return [] if self.rule(packet, upward, self.seen) else [Onward(packet, upward)]


def data_numbers(upward: bool, *numbers: int, at_least: int = 1) -> Callable[[Packet, bool, int], bool]:
    """A rule for `Lose`: the first, second … packet of a direction whose segment has `at_least` payload bytes."""
    count = itertools.count(1)

    def rule(packet: Packet, is_upward: bool, seen: int) -> bool:
        segment = packet.upper
        payload = segment.payload if isinstance(segment, TCP) else b""
        return is_upward == upward and len(payload) >= at_least and next(count) in numbers

    return rule


def syn_numbers(*numbers: int) -> Callable[[Packet, bool, int], bool]:
    """A rule for `Lose`: the first, second … SYN of a client."""
    count = itertools.count(1)

    def rule(packet: Packet, is_upward: bool, seen: int) -> bool:
        segment = packet.upper
        return is_upward and isinstance(segment, TCP) and segment.flags == "S" and next(count) in numbers

    return rule


@dataclass(slots=True)
class Narrow:
    """A link with a smaller MTU: packets that must not be fragmented are dropped, with an ICMP error when `tells`."""

    mtu: int
    address: str
    tells: bool = True

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Drop what is larger than the MTU."""
        if wire_size(packet) <= self.mtu:
            return [Onward(packet, upward)]
        if not self.tells:
            return []
        error = too_big(packet, self.mtu)
        shell = IPv4 if isinstance(error, ICMP) else IPv6
        return [Onward(shell(self.address, packet.source, error, ttl=250), not upward, 100 * MICROSECOND)]


@dataclass(slots=True)
class ClampMss:
    """Lowers the MSS that SYNs offer, both ways."""

    size: int

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Rewrite the option where it is larger."""
        segment = packet.upper
        if isinstance(segment, TCP) and "S" in segment.flags and segment.options[:2] == b"\x02\x04":
            offered = int.from_bytes(segment.options[2:4], "big")
            options = mss(min(offered, self.size)) + segment.options[4:]
            packet = with_tcp(packet, replace(segment, options=options))
        return [Onward(packet, upward)]


@dataclass(slots=True)
class SourceNat:
    """Hides the client's address and port behind another address; ports are given out one by one."""

    outside: str
    first_port: int = 40001
    _out: dict[tuple[str, int], int] = field(default_factory=dict)

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Translate the source upward and the target downward."""
        upper = packet.upper
        if not isinstance(upper, TCP | UDP):
            return [Onward(packet, upward)]
        if upward:
            inside = (packet.source, upper.source)
            port = self._out.setdefault(inside, self.first_port + len(self._out))
            return [Onward(replace(packet, source=self.outside, upper=replace(upper, source=port)), True)]
        back = {port: inside for inside, port in self._out.items()}
        if upper.target not in back:
            return []
        address, port = back[upper.target]
        return [Onward(replace(packet, target=address, upper=replace(upper, target=port)), False)]


@dataclass(slots=True)
class TargetNat:
    """Publishes the server under another address."""

    public: str
    inside: str

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Translate the target upward and the source downward."""
        if upward and packet.target == self.public:
            packet = replace(packet, target=self.inside)
        elif not upward and packet.source == self.inside:
            packet = replace(packet, source=self.public)
        return [Onward(packet, upward)]


@dataclass(slots=True)
class ShiftSequence:
    """A firewall that randomises the client's initial sequence number: adds a constant upward, takes it off downward."""

    by: int

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Shift the sequence number, or the acknowledgment number and the SACK edges."""
        segment = packet.upper
        if isinstance(segment, TCP) and upward:
            packet = with_tcp(packet, replace(segment, seq=segment.seq + self.by))
        elif isinstance(segment, TCP):
            ack = segment.ack - self.by if "A" in segment.flags else segment.ack
            packet = with_tcp(packet, replace(segment, ack=ack, options=shift_sack(segment.options, -self.by)))
        return [Onward(packet, upward)]


def shift_sack(options: bytes, by: int) -> bytes:
    """TCP options with every SACK edge moved; the block is expected last, as the builders put it."""
    at = options.find(b"\x01\x01\x05")
    if at < 0:
        return options
    numbers = [int.from_bytes(options[i : i + 4], "big") + by for i in range(at + 4, at + 2 + options[at + 3], 4)]
    return options[:at] + sack(*zip(numbers[::2], numbers[1::2], strict=True))


@dataclass(slots=True)
class ForgeReset:
    """A device that rewrites the acknowledgment field of SYNs and answers every SYN,ACK with a reset of its own."""

    ttl: int = 255
    ack_field: int = 2948578651
    ident: int = 50541
    delay_us: int = 200

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Swallow SYN,ACKs from the server and send it a reset in the client's name."""
        segment = packet.upper
        if not isinstance(segment, TCP) or "S" not in segment.flags:
            return [Onward(packet, upward)]
        if upward:
            return [Onward(with_tcp(packet, replace(segment, ack=self.ack_field)), True)]
        reset = TCP(segment.target, segment.source, segment.ack, segment.seq + 1, "RA", 8192)
        forged = replace(packet, source=packet.target, target=packet.source, upper=reset, ttl=self.ttl)
        if isinstance(forged, IPv4):
            forged = replace(forged, ident=self.ident)
        return [Onward(forged, True, self.delay_us * MICROSECOND)]


@dataclass(slots=True)
class Point:
    """A place where a capture is taken, with its own clock and habits.

    `at` is "client" or "server" when taken on that host, which then shows its own packets without checksums. `near_mac`
    is the MAC toward the client, `far_mac` the one toward the server. `from_s` and `to_s` bound the capture in true time.
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
        rows = [
            Frame(epoch_ns + self.local_time(time_ns), self._frame(packet, upward))
            for time_ns, packet, upward in self._merged()
        ]
        return [cut(frame, self.snap_length) for frame in sorted(rows, key=lambda frame: frame.time_ns)]

    def _merged(self) -> list[tuple[int, Packet, bool]]:
        rows = list(self.seen)
        if self.merge_sent:
            rows = merge_segments(rows, self.sent_here, late=False)
        if self.merge_received:
            rows = merge_segments(rows, lambda upward: not self.sent_here(upward), late=True)
        return rows

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



def told_mtu(packet: Packet) -> tuple[int, tuple[int, int]] | None:
    """The MTU that an ICMP error tells, with the ports of the segment it quotes; None for other packets."""
    upper = packet.upper
    if isinstance(upper, ICMP) and (upper.kind, upper.code) == (3, 4):
        ports = upper.payload[20:24]
    elif isinstance(upper, ICMPv6) and upper.kind == 2:
        ports = upper.payload[40:44]
    else:
        return None
    return int.from_bytes(upper.rest, "big"), (int.from_bytes(ports[:2], "big"), int.from_bytes(ports[2:], "big"))
