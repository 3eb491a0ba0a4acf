"""One side of a simulated TCP conversation: a small honest stack.

Sliding window, delayed and duplicate acknowledgments, SACK, fast retransmit, doubled retransmission timeouts. Told what
to send by its `Script`; sends and receives through a `World`.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Protocol

from examples.packets import TCP, IPv4, Upper, mss, sack, sack_permitted, timestamps, wscale
from tests.support.packets import IPv6
from tests.support.path import MILLISECOND, Packet, World

TURN_NS = 20_000
"""Time that a host takes from an event to the packet that it causes."""


@dataclass(frozen=True, slots=True)
class Stack:
    """How a host's TCP behaves. The defaults are those of a present-day host on Ethernet.

    Every second segment is acknowledged after `coalesce_ms`; hosts with receive offload wait a little for more.
    """

    mss: int = 1460
    scale: int | None = 8
    sack: bool = True
    timestamps: bool = False
    window: int = 262_144
    delayed_ack_ms: float = 40.0
    coalesce_ms: float = 0.0
    initial_rto_ms: float = 1000.0
    min_rto_ms: float = 300.0
    retries: int = 5
    syn_retries: int = 4
    initial_segments: int = 10


@dataclass(slots=True)
class Host:
    """An end of the path. Its IP identification counts up over all its packets."""

    address: str
    stack: Stack = field(default_factory=Stack)
    ttl: int = 128
    ident: int = 1000

    def wrap(self, target: str, upper: Upper) -> Packet:
        """A packet from this host."""
        if ipaddress.ip_address(self.address).version == 6:
            return IPv6(self.address, target, upper, ttl=self.ttl)
        self.ident = (self.ident + 1) % 65536
        return IPv4(self.address, target, upper, ttl=self.ttl, ident=self.ident)


@dataclass(slots=True)
class Unacked:
    """A segment on its way."""

    seq: int
    data: bytes
    flags: str
    sacked: bool = False
    repeated: int = 0

    @property
    def end(self) -> int:
        """Sequence number after it."""
        return self.seq + len(self.data) + ("S" in self.flags) + ("F" in self.flags)


class Script(Protocol):
    """Who is told what happens at an end."""

    world: World

    def next_step(self) -> None:
        """The client is through its handshake."""

    def data_arrived(self, end: End) -> None:
        """Data arrived in order."""

    def peer_closed(self, end: End) -> None:
        """The other side's FIN arrived."""


class End:
    """One side of a TCP conversation. `isn` is its initial sequence number, `ports` its own and the peer's."""

    def __init__(self, script: Script, host: Host, is_client: bool, ports: tuple[int, int], isn: int) -> None:
        self.script, self.world, self.host, self.is_client = script, script.world, host, is_client
        self.port, self.peer_port = ports
        self.peer_address = ""
        self.stack = host.stack
        self.seq = self.una = isn
        self.expected: int | None = None
        self.waiting = bytearray()
        self.unacked: list[Unacked] = []
        self.early: dict[int, Unacked] = {}
        self.offered_mss = host.stack.mss - (20 if ":" in host.address else 0)
        self.mss, self.scaled, self.sacks, self.stamped = self.offered_mss, False, False, False
        self.peer_scale = 0
        self.peer_window, self.congestion = 65535, 0
        self.rto_ms, self.timer, self.ack_timer, self.unacked_segments = host.stack.initial_rto_ms, 0, 0, 0
        self.duplicates, self.recover = 0, 0
        self.received = 0
        self.last_echo = 0
        self.fin_wanted = self.fin_sent = self.closed = self.established = False
        self.answered = 0

    def emit(self, segment: TCP) -> None:
        """Send one segment."""
        self.unacked_segments, self.ack_timer = 0, self.ack_timer + 1
        packet = self.host.wrap(self.peer_address, segment)
        self.world.at(self.world.now_ns + TURN_NS, lambda: self.world.send(packet, self.is_client))

    def segment(self, seq: int, flags: str, data: bytes = b"") -> TCP:
        """A segment with this side's current acknowledgment, window and options."""
        ack = self.expected if self.expected is not None and "A" in flags else 0
        shift = self.stack.scale or 0 if self.scaled and "S" not in flags else 0
        window = 0 if "R" in flags else min(65535, self.stack.window >> shift)
        return TCP(self.port, self.peer_port, seq, ack, flags, window, self.options(flags), data)

    def options(self, flags: str) -> bytes:
        """Options as they belong to such a segment."""
        stamps = timestamps(self.world.now_ns // MILLISECOND, self.last_echo)
        if "S" in flags:
            answer = "A" in flags
            options = mss(self.offered_mss)
            options += sack_permitted() if self.stack.sack and (not answer or self.sacks) else b""
            options += stamps if self.stack.timestamps and (not answer or self.stamped) else b""
            return options + (wscale(self.stack.scale) if self.stack.scale and (not answer or self.scaled) else b"")
        options = stamps if self.stamped and "R" not in flags else b""
        if self.sacks and self.early and "A" in flags and "R" not in flags:
            options += sack(*self.early_ranges()[:3])
        return options

    def early_ranges(self) -> list[tuple[int, int]]:
        """Ranges received beyond a gap, in order."""
        ranges: list[tuple[int, int]] = []
        for held in sorted(self.early.values(), key=lambda held: held.seq):
            if ranges and ranges[-1][1] >= held.seq:
                ranges[-1] = (ranges[-1][0], max(held.end, ranges[-1][1]))
            else:
                ranges.append((held.seq, held.end))
        return ranges

    def connect(self) -> None:
        """Send the SYN."""
        self.push(Unacked(self.seq, b"", "S"))

    def write(self, data: bytes) -> None:
        """Queue data and send what the windows allow."""
        self.waiting += data
        self.flush()

    def flush(self) -> None:
        """Send queued data within the congestion and the receiver's window; FIN when wanted and all is out."""
        if not self.established:
            return
        limit = min(self.peer_window, self.congestion)
        while self.waiting and (
            self.seq - self.una + min(self.mss, len(self.waiting)) <= limit or self.seq == self.una
        ):
            data = bytes(self.waiting[: self.mss])
            del self.waiting[: self.mss]
            self.push(Unacked(self.seq, data, "A" if self.waiting else "PA"))
        if self.fin_wanted and not self.fin_sent and not self.waiting:
            self.fin_sent = True
            self.push(Unacked(self.seq, b"", "FA"))

    def push(self, item: Unacked) -> None:
        """Send a new segment and watch over it."""
        self.unacked.append(item)
        self.seq = item.end
        self.emit(self.segment(item.seq, item.flags, item.data))
        if len(self.unacked) == 1:
            self.watch()

    def watch(self) -> None:
        """(Re)start the retransmission timer."""
        self.timer += 1
        mine = self.timer
        self.world.at(self.world.now_ns + round(self.rto_ms * MILLISECOND), lambda: self.expired(mine))

    def expired(self, mine: int) -> None:
        """The retransmission timer ran out: repeat the oldest, wait twice as long, or give up."""
        if mine != self.timer or not self.unacked or self.closed:
            return
        oldest = self.unacked[0]
        allowed = self.stack.syn_retries if "S" in oldest.flags else self.stack.retries
        if oldest.repeated >= allowed:
            self.give_up("S" in oldest.flags)
            return
        self.rto_ms *= 2
        self.congestion, self.duplicates, self.recover = self.mss, 0, 0
        self.repeat(oldest)
        self.watch()

    def give_up(self, connecting: bool) -> None:
        """Stop; an established connection is reset, as Windows does."""
        self.closed = True
        if not connecting:
            self.emit(self.segment(self.seq, "RA"))

    def repeat(self, item: Unacked) -> None:
        """Send a segment again, smaller where the path turned out narrower."""
        item.repeated += 1
        while len(item.data) > self.mss:
            rest = Unacked(item.seq + self.mss, item.data[self.mss :], item.flags)
            item.data = item.data[: self.mss]
            self.unacked.insert(self.unacked.index(item) + 1, rest)
            self.emit(self.segment(item.seq, item.flags, item.data))
            item = rest
        self.emit(self.segment(item.seq, item.flags, item.data))

    def arrive(self, segment: TCP) -> None:
        """Take a segment from the peer."""
        if self.closed and (self.is_client or "S" not in segment.flags):
            return
        if self.closed:
            self.listen_again()
        self.answered += 1
        if "R" in segment.flags:
            self.closed = True
            return
        if "S" in segment.flags:
            self.greet(segment)
        if "A" in segment.flags:
            self.acknowledged(segment)
        if segment.payload or "F" in segment.flags:
            self.take(segment)
        elif "S" not in segment.flags and self.established and segment.seq + 1 == self.expected:
            self.emit(self.segment(self.seq, "A"))

    def listen_again(self) -> None:
        """A new SYN after a reset: the listener answers with another initial sequence number."""
        self.seq = self.una = self.seq + 1_400_000
        self.expected, self.closed, self.unacked = None, False, []

    def greet(self, segment: TCP) -> None:
        """Take the peer's SYN: its number and its offers; the server answers, the client acknowledges."""
        offers = read_options(segment.options)
        self.mss = min(self.offered_mss, int.from_bytes(offers.get(2, b"\x02\x18"), "big"))
        self.mss -= 12 if self.stack.timestamps and 8 in offers else 0
        self.scaled = self.stack.scale is not None and 3 in offers
        self.sacks, self.stamped = self.stack.sack and 4 in offers, self.stack.timestamps and 8 in offers
        self.congestion = self.stack.initial_segments * self.mss
        self.last_echo = int.from_bytes(offers.get(8, bytes(8))[:4], "big")
        repeated = self.expected is not None
        self.expected = segment.seq + 1
        self.peer_window, self.peer_scale = segment.window, offers[3][0] if self.scaled else 0
        if self.is_client:
            self.una, self.unacked, self.rto_ms = self.seq, [], self.stack.min_rto_ms
            self.emit(self.segment(self.seq, "A"))
            self.established, first = True, not self.established
            if first:
                self.script.next_step()
        elif repeated and self.unacked:
            self.repeat(self.unacked[0])
        elif not repeated:
            self.push(Unacked(self.seq, b"", "SA"))

    def acknowledged(self, segment: TCP) -> None:
        """Take the acknowledgment: free what arrived, mark what SACK names, repeat what is missing."""
        offers = read_options(segment.options)
        if 8 in offers:
            self.last_echo = int.from_bytes(offers[8][:4], "big")
        edges = [int.from_bytes(offers[5][i : i + 4], "big") for i in range(0, len(offers.get(5, b"")), 4)]
        for item in self.unacked:
            item.sacked |= any(
                left <= item.seq and item.end <= right for left, right in zip(edges[::2], edges[1::2], strict=True)
            )
        if "S" not in segment.flags:
            self.peer_window = segment.window << self.peer_scale
        if segment.ack > self.una:
            self.progress(segment.ack)
        elif segment.ack == self.una and self.unacked and not segment.payload and "F" not in segment.flags:
            self.duplicate()
        self.flush()

    def progress(self, ack: int) -> None:
        """Data arrived: slide, open the window, restart the timer, fill the next hole while recovering."""
        self.congestion += min(ack - self.una, 2 * self.mss)
        self.una = ack
        self.unacked = [item for item in self.unacked if item.end > ack]
        self.established, self.duplicates = True, 0
        self.rto_ms = self.stack.min_rto_ms
        if self.recover and ack < self.recover and self.unacked:
            self.repeat(self.unacked[0])
        elif ack >= self.recover:
            self.recover = 0
        self.timer += 1
        if self.unacked:
            self.watch()

    def duplicate(self) -> None:
        """A duplicate acknowledgment: the third one repeats the oldest segment (RFC 5681)."""
        self.duplicates += 1
        if self.duplicates == 3 and not self.recover:
            self.recover = self.seq
            self.congestion = max(2 * self.mss, (self.seq - self.una) // 2)
            self.repeat(self.unacked[0])
            self.watch()

    def take(self, segment: TCP) -> None:
        """Take data or FIN: in order it counts, out of order it is kept and acknowledged at once."""
        item = Unacked(segment.seq, segment.payload, "F" if "F" in segment.flags else "")
        assert self.expected is not None
        if item.end <= self.expected or item.seq > self.expected:
            if item.seq > self.expected:
                self.early[item.seq] = item
            self.emit(self.segment(self.seq, "A"))
            return
        filled = bool(self.early)
        self.early[item.seq] = item
        closing = False
        while ready := next((held for held in self.early.values() if held.seq <= self.expected), None):
            del self.early[ready.seq]
            self.received += max(0, min(len(ready.data), ready.end - self.expected))
            self.expected = max(self.expected, ready.end)
            closing |= "F" in ready.flags
        self.answer(at_once=filled or closing or bool(self.early))
        if closing:
            self.script.peer_closed(self)
        self.script.data_arrived(self)

    def answer(self, at_once: bool) -> None:
        """Acknowledge now, or with the second segment, or when the delayed-acknowledgment timer runs out."""
        self.unacked_segments += 1
        if at_once or not self.stack.delayed_ack_ms:
            self.emit(self.segment(self.seq, "A"))
            return
        if self.unacked_segments > 2:
            return
        self.ack_timer += 1
        mine = self.ack_timer
        delay_ms = self.stack.delayed_ack_ms if self.unacked_segments == 1 else self.stack.coalesce_ms
        delay_ns = round(delay_ms * MILLISECOND)
        self.world.at(self.world.now_ns + delay_ns, lambda: self.late_answer(mine))

    def late_answer(self, mine: int) -> None:
        """The delayed acknowledgment, unless something went out meanwhile."""
        if mine == self.ack_timer and not self.closed:
            self.emit(self.segment(self.seq, "A"))

    def narrow(self, mtu: int) -> None:
        """The path told its MTU: send smaller segments from now on, beginning with what is out."""
        overhead = 40 if "." in self.host.address else 60
        if mtu - overhead < self.mss and self.unacked:
            self.mss = mtu - overhead
            for item in [item for item in self.unacked if len(item.data) > self.mss]:
                self.repeat(item)


def read_options(options: bytes) -> dict[int, bytes]:
    """TCP options by kind."""
    found, at = {}, 0
    while at < len(options) and options[at]:
        if options[at] == 1:
            at += 1
            continue
        found[options[at]] = options[at + 2 : at + options[at + 1]]
        at += options[at + 1]
    return found
