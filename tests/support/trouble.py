"""Rarer things that a path or a capturer does to packets: reorder, duplicate, strip, remark, renumber, reject, drop while capturing.

Parts of a path like those of `middleboxes`, and `Point`s with bad habits. None knows a conversation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from examples.files import Frame
from examples.packets import TCP, IPv4
from tests.support.middleboxes import shift_sack
from tests.support.path import MILLISECOND, Onward, Packet, Point, with_tcp
from tests.support.tcp_end import read_options

Choice = Callable[[Packet, bool, int], bool]
"""Given a packet, its direction and how many came before: whether it is meant."""


def every(step: int, *, upward: bool | None = None, data_only: bool = False, first: int = 0) -> Choice:
    """A choice of every so manieth packet of a direction."""
    seen = [first]

    def choose(packet: Packet, is_upward: bool, _: int) -> bool:
        segment = packet.upper
        if upward not in {None, is_upward} or (data_only and not (isinstance(segment, TCP) and segment.payload)):
            return False
        seen[0] += 1
        return seen[0] % step == 0

    return choose


@dataclass(slots=True)
class Delay:
    """Holds chosen packets back, so that later ones overtake them."""

    choose: Choice
    milliseconds: float
    seen: int = 0

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Pass on, late or at once."""
        self.seen += 1
        late = self.choose(packet, upward, self.seen)
        return [Onward(packet, upward, round(self.milliseconds * MILLISECOND) if late else 0)]


@dataclass(slots=True)
class Duplicate:
    """Sends chosen packets twice, the second one a little later."""

    choose: Choice
    milliseconds: float = 0.3
    seen: int = 0

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Pass on, once or twice."""
        self.seen += 1
        again = (
            [Onward(packet, upward, round(self.milliseconds * MILLISECOND))]
            if self.choose(packet, upward, self.seen)
            else []
        )
        return [Onward(packet, upward), *again]


@dataclass(slots=True)
class StripOptions:
    """Overwrites options of SYNs with padding; `kinds` are their numbers."""

    kinds: tuple[int, ...]

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Take the options out of SYNs."""
        segment = packet.upper
        if isinstance(segment, TCP) and "S" in segment.flags:
            kept = {kind: value for kind, value in read_options(segment.options).items() if kind not in self.kinds}
            options = b"".join(bytes((kind, 2 + len(value))) + value for kind, value in kept.items())
            packet = with_tcp(packet, replace(segment, options=options + b"\x01" * (-len(options) % 4)))
        return [Onward(packet, upward)]


@dataclass(slots=True)
class Remark:
    """Writes another traffic class (DSCP and ECN) into IPv4 packets."""

    tos: int

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Rewrite the byte."""
        return [Onward(replace(packet, tos=self.tos) if isinstance(packet, IPv4) else packet, upward)]


@dataclass(slots=True)
class Renumber:
    """A firewall that adds a constant to the sequence numbers of the client's side, another to those of the server's."""

    client: int = 0
    server: int = 0

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Shift numbers as the direction asks, acknowledgments and SACK edges back."""
        segment = packet.upper
        if not isinstance(segment, TCP):
            return [Onward(packet, upward)]
        own, other = (self.client, self.server) if upward else (self.server, self.client)
        ack = segment.ack - other if "A" in segment.flags else segment.ack
        changed = replace(segment, seq=segment.seq + own, ack=ack, options=shift_sack(segment.options, -other))
        return [Onward(with_tcp(packet, changed), upward)]


@dataclass(slots=True)
class RejectBoth:
    """A firewall that lets a number of data packets of a conversation pass, then resets both ends and drops what is sent after."""

    after: int
    ttl: int = 255
    seen: int = 0

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Pass on; or swallow, and the first time reset both ends."""
        segment = packet.upper
        if not isinstance(segment, TCP):
            return [Onward(packet, upward)]
        self.seen += bool(segment.payload)
        if self.seen <= self.after:
            return [Onward(packet, upward)]
        if self.seen > self.after + 1 or not segment.payload:
            return []
        self.seen += 1
        onward = TCP(segment.source, segment.target, segment.seq, segment.ack, "RA", 0)
        back = TCP(segment.target, segment.source, segment.ack, segment.seq + len(segment.payload), "RA", 0)
        away = replace(packet, upper=onward, ttl=self.ttl)
        home = replace(packet, source=packet.target, target=packet.source, upper=back, ttl=self.ttl)
        return [Onward(away, upward), Onward(home, not upward)]


@dataclass(slots=True)
class LeakyPoint(Point):
    """A capture that drops chosen packets although they pass."""

    choose: Choice = field(default=lambda packet, upward, seen: False)
    passed: int = 0
    dropped: list[Packet] = field(default_factory=list)

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Note the packet unless it is dropped, and let it pass."""
        self.passed += 1
        if self.choose(packet, upward, self.passed):
            self.dropped.append(packet)
            return [Onward(packet, upward)]
        return Point.carry(self, packet, upward, now_ns)


def with_vlan(frames: list[Frame], number: int) -> list[Frame]:
    """Ethernet frames as a trunk port shows them."""
    tag = b"\x81\x00" + number.to_bytes(2, "big")
    tagged = (frame._replace(data=frame.data[:12] + tag + frame.data[12:]) for frame in frames)
    return [frame._replace(original=frame.original and frame.original + 4) for frame in tagged]


def with_ticks(frames: list[Frame], tick_ns: int) -> list[Frame]:
    """Frames with times of a coarse clock, rounded down."""
    return [frame._replace(time_ns=frame.time_ns // tick_ns * tick_ns) for frame in frames]


def shown_twice(frames: list[Frame], gap_ns: int = 3000) -> list[Frame]:
    """Every frame twice, as a mirror port for both directions shows them."""
    return sorted(
        [*frames, *(frame._replace(time_ns=frame.time_ns + gap_ns) for frame in frames)],
        key=lambda frame: frame.time_ns,
    )
