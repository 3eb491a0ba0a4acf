"""Parts of a path that lose, shrink, translate, rewrite or forge packets.

Each does one thing to the packets that pass and keeps what it needs to know of them; none knows the conversation.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from examples.packets import ICMP, TCP, UDP, IPv4, mss, sack
from tests.support.packets import ICMPv6, IPv6, too_big
from tests.support.path import MICROSECOND, Onward, Packet, wire_size, with_tcp


@dataclass(slots=True)
class Lose:
    """Drops the packets for which the rule is true; the rule is given packet, direction and how many it has seen.

    `dropped` holds (true time, packet) of what it dropped.
    """

    rule: Callable[[Packet, bool, int], bool]
    seen: int = 0
    dropped: list[tuple[int, Packet]] = field(default_factory=list)

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Drop or pass on."""
        self.seen += 1
        if self.rule(packet, upward, self.seen):
            self.dropped.append((now_ns, packet))
            return []
        return [Onward(packet, upward)]


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

    def translated(self, address: str, port: int) -> tuple[str, int]:
        """Where a client's address and port have been translated to."""
        return self.outside, self._out[address, port]

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
    """A firewall that randomises the client's sequence numbers: adds a constant upward, takes it off downward."""

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
    """A device that rewrites the acknowledgment field of SYNs and answers every SYN,ACK with a reset of its own.

    It does so for one server port, or for all (0).
    """

    port: int = 0
    ttl: int = 255
    ack_field: int = 2948578651
    ident: int = 50541
    delay_us: int = 200

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Swallow SYN,ACKs from the server and send it a reset in the client's name."""
        segment = packet.upper
        meant = isinstance(segment, TCP) and self.port in {0, segment.target if upward else segment.source}
        if not isinstance(segment, TCP) or not meant or "S" not in segment.flags:
            return [Onward(packet, upward)]
        if upward:
            return [Onward(with_tcp(packet, replace(segment, ack=self.ack_field)), True)]
        reset = TCP(segment.target, segment.source, segment.ack, segment.seq + 1, "RA", 8192)
        forged = replace(packet, source=packet.target, target=packet.source, upper=reset, ttl=self.ttl)
        if isinstance(forged, IPv4):
            forged = replace(forged, ident=self.ident)
        return [Onward(forged, True, self.delay_us * MICROSECOND)]


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
