"""Scripted conversations between two simulated hosts: "client sends 281 bytes", "server answers", "close".

`Talk` plays a script over a `World` (the path with its capture points); `Host` and `Stack` say how the ends behave.
The stack is a small honest TCP: sliding window, delayed and duplicate acknowledgments, SACK, fast retransmit, doubled
retransmission timeouts. Give times in the unit that the name states; all times are true time, points have own clocks.

    world = World([Point("client", at="client"), Link(5), Point("server", at="server")])
    Talk(world, Host("10.0.0.1"), Host("10.0.0.2"), [Send("client", 281), Send("server", 9000), Close("client")])
    captures = world.captures()        # {"client": [Frame, …], "server": [Frame, …]}
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field

from examples.files import SECOND, Frame
from examples.packets import TCP, UDP, IPv4, Upper, mss, sack, sack_permitted, timestamps, wscale
from tests.support.packets import IPv6
from tests.support.path import MILLISECOND, Packet, World, told_mtu


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


@dataclass(frozen=True, slots=True)
class Send:
    """`by` ("client" or "server") sends bytes (or so many), `after_ms` after it has all that the other sent before."""

    by: str
    data: bytes | int
    after_ms: float = 1.0


@dataclass(frozen=True, slots=True)
class Close:
    """`by` sends FIN; the other answers with its own."""

    by: str
    after_ms: float = 1.0


@dataclass(frozen=True, slots=True)
class Reset:
    """`by` sends RST,ACK."""

    by: str
    after_ms: float = 1.0


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """`by` sends up to `tries` keep-alives, a second apart until one is answered, and a reset when none is."""

    by: str
    after_ms: float
    tries: int = 1
    every_ms: float = 1000.0


Step = Send | Close | Reset | KeepAlive


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


class End:
    """One side of a TCP conversation."""

    def __init__(self, talk: Talk, host: Host, is_client: bool, ports: tuple[int, int], isn: int) -> None:
        self.talk, self.world, self.host, self.is_client = talk, talk.world, host, is_client
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
        while self.waiting and (self.seq - self.una + min(self.mss, len(self.waiting)) <= limit or self.seq == self.una):
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
                self.talk.next_step()
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
            self.talk.peer_closed(self)
        self.talk.data_arrived(self)

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


class Talk:
    """One TCP conversation: plays `steps` one after the other. `ports` are the client's and the server's.

    `target` is the address that the client connects to, where NAT publishes the server under another than its own.
    """

    def __init__(
        self,
        world: World,
        client: Host,
        server: Host,
        steps: Sequence[Step],
        ports: tuple[int, int] = (50001, 9000),
        start_s: float = 0.0,
        target: str = "",
    ) -> None:
        self.world, self.steps, self.turn = world, list(steps), 0
        mixed = (ports[0] * 2654435761 + round(start_s * 1000)) % 2**30
        self.client = End(self, client, True, ports, 0x10000000 + mixed)
        self.server = End(self, server, False, (ports[1], 0), 0x50000000 + mixed * 3 % 2**30)
        self.sent_to = {"client": 0, "server": 0}
        self.pending: Send | None = None
        self.target = target or server.address
        world.listeners.append(self.listen)
        world.at(round(start_s * SECOND), self.begin)

    def begin(self) -> None:
        """The client connects."""
        self.client.peer_address = self.target
        self.client.connect()

    def listen(self, packet: Packet, upward: bool) -> bool:
        """Take a packet that is for one of the two ends; the server learns the client's (translated) address."""
        end, segment = self.server if upward else self.client, packet.upper
        told = told_mtu(packet)
        if told and told[1] == (end.port, end.peer_port):
            end.narrow(told[0])
            return True
        if not isinstance(segment, TCP) or packet.target != end.host.address or segment.target != end.port:
            return False
        if upward and not end.peer_address and "S" in segment.flags and self.client.peer_address:
            end.peer_address, end.peer_port = packet.source, segment.source
        if (end.peer_address, end.peer_port) != (packet.source, segment.source):
            return False
        end.arrive(segment)
        return True

    def end(self, name: str) -> End:
        """The side of that name."""
        return self.client if name == "client" else self.server

    def next_step(self) -> None:
        """Schedule the next step of the script."""
        if self.turn < len(self.steps):
            step = self.steps[self.turn]
            self.turn += 1
            self.world.at(self.world.now_ns + round(step.after_ms * MILLISECOND), lambda: self.do(step))

    def do(self, step: Step) -> None:
        """Carry out a step that is due."""
        end = self.end(step.by)
        if end.closed:
            return
        if isinstance(step, Send):
            self.send(step, end)
        elif isinstance(step, Close):
            end.fin_wanted = True
            end.flush()
            self.next_step()
        elif isinstance(step, Reset):
            end.emit(end.segment(end.seq, "RA"))
            end.closed = True
        else:
            self.keep_alive(step, end, step.tries, end.answered)

    def send(self, step: Send, end: End) -> None:
        """Write a step's data; the script goes on at once when the same side sends next, else when all has arrived."""
        data = step.data if isinstance(step.data, bytes) else text_of(step.data)
        other = "server" if step.by == "client" else "client"
        self.sent_to[other] += len(data)
        following = self.steps[self.turn] if self.turn < len(self.steps) else None
        if following and following.by == step.by:
            end.write(data)
            self.next_step()
        else:
            self.pending = step
            end.write(data)

    def keep_alive(self, step: KeepAlive, end: End, left: int, answered: int) -> None:
        """Send a keep-alive and look for the answer after the interval."""
        if end.answered > answered and left < step.tries:
            self.next_step()
            return
        if not left:
            end.emit(end.segment(end.seq, "RA"))
            end.closed = True
            return
        end.emit(end.segment(end.seq - 1, "A"))
        due_ns = self.world.now_ns + round(step.every_ms * MILLISECOND)
        self.world.at(due_ns, lambda: self.keep_alive(step, end, left - 1, answered))

    def data_arrived(self, end: End) -> None:
        """Data arrived in order at one end: go on when it is all that was sent."""
        name = "client" if end.is_client else "server"
        waiting = self.pending
        if waiting and waiting.by != name and end.received >= self.sent_to[name]:
            self.pending = None
            self.next_step()

    def peer_closed(self, end: End) -> None:
        """The other side's FIN arrived: close too, once."""
        if not end.fin_wanted:
            self.world.at(self.world.now_ns + MILLISECOND, lambda: self.close_back(end))

    @staticmethod
    def close_back(end: End) -> None:
        """Send the answering FIN unless this side closed by itself."""
        if not end.closed and end.expected is not None:
            end.fin_wanted = True
            end.flush()


def text_of(size: int) -> bytes:
    """So many bytes of harmless text."""
    line = b"The quick brown fox jumps over the lazy dog, and the lazy dog sleeps on.\r\n"
    return (line * (size // len(line) + 1))[:size]


class Ask:
    """One question in a datagram and its answer; `again_ms` are the times after the first at which it is repeated.

    `answer_to` says which time of asking is answered (1: the first; 0: none).
    """

    def __init__(
        self,
        world: World,
        client: Host,
        server: Host,
        ports: tuple[int, int],
        payloads: tuple[bytes, bytes],
        start_s: float = 0.0,
        again_ms: Sequence[float] = (),
        answer_to: int = 1,
        think_ms: float = 1.0,
    ) -> None:
        self.world, self.client, self.server, self.ports, self.payloads = world, client, server, ports, payloads
        self.answer_to, self.think_ms, self.heard = answer_to, think_ms, 0
        world.listeners.append(self.listen)
        for delay_ms in (0.0, *again_ms):
            world.at(round(start_s * SECOND + delay_ms * MILLISECOND), self.ask)

    def ask(self) -> None:
        """Send the question."""
        self.world.send(self.client.wrap(self.server.address, UDP(*self.ports, self.payloads[0])), upward=True)

    def listen(self, packet: Packet, upward: bool) -> bool:
        """Answer the question when it is the one to answer."""
        upper = packet.upper
        if not upward or not isinstance(upper, UDP) or upper.payload != self.payloads[0]:
            return False
        self.heard += 1
        if self.heard == self.answer_to:
            back = self.server.wrap(packet.source, UDP(self.ports[1], upper.source, self.payloads[1]))
            due_ns = self.world.now_ns + round(self.think_ms * MILLISECOND)
            self.world.at(due_ns, lambda: self.world.send(back, upward=False))
        return True
