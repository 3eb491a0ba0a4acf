"""A client that asks an endpoint mapper for a service and then connects to what is named: healthy or stopped on the way.

`Story` says what is special; `story.points()` gives frames by capture point, played by the simulator over a path with a firewall.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, replace

from examples.files import Frame
from examples.packets import ICMP, TCP
from tests.support import dcom, rpc
from tests.support.middleboxes import Lose, SourceNat, TargetNat
from tests.support.packets import ICMPv6, IPv6, quoting
from tests.support.path import Link, Onward, Packet, Part, Point, World
from tests.support.talk import Close, Host, Send, Stack, Step, Talk


@dataclass(slots=True)
class TurnAway:
    """A firewall that answers SYNs to a port: with a reset in the server's name, or as `reporter` with an ICMP error.

    `late` lets the connection be made and answers the first data instead.
    """

    port: int
    reporter: str = ""
    late: bool = False

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Answer what is meant, pass on the rest."""
        segment = packet.upper
        if not upward or not isinstance(segment, TCP) or segment.target != self.port:
            return [Onward(packet, upward)]
        if not (segment.payload if self.late else "S" in segment.flags):
            return [Onward(packet, upward)]
        if not self.reporter:
            reset = TCP(
                segment.target, segment.source, segment.ack if self.late else 0, segment.seq + segment.length, "RA", 0
            )
            return [Onward(replace(packet, source=packet.target, target=packet.source, upper=reset, ttl=128), False)]
        error = (
            ICMPv6(1, 1, payload=quoting(packet, 60))
            if isinstance(packet, IPv6)
            else ICMP(3, 13, payload=quoting(packet))
        )
        return [Onward(replace(packet, source=self.reporter, target=packet.source, upper=error, ttl=64), False)]


@dataclass(slots=True)
class Story:
    """What happens between a client, its mapper and the service.

    `named` are (address, port) of the towers, or (0x07, text) string bindings when `dcom`.

    `fate` of connections to `port`: silent, refused, prohibited, cut (after the handshake), unanswered (by the host) or open.
    `answer` overrides the whole answer's bytes, `exporter` makes the question a ResolveOxid of that number. `works_on` is another port that
    the client tries with success, `other_port` one that fails and was never named.
    """

    v6: bool = False
    mapper_port: int = 135
    port: int = 49155
    named: Sequence[tuple[str, int]] | None = None
    bindings: Sequence[tuple[int, str]] | None = None
    interface: str = rpc.MAPI
    order: str = "<"
    wide: bool = False
    fragment: int = 0
    mss: int = 1460
    fate: str = "silent"
    connects_to: str = ""
    target: str = ""
    source_nat: str = ""
    answer: bytes = b""
    bind_answer: bytes = b""
    bound: bool = True
    connects: bool = True
    after_s: float = 0.5
    only: Sequence[str] = ("client", "server")
    until_s: float = 40.0
    other_port: int = 0
    exporter: int = -1
    works_on: int = 0
    retries_s: float = 0.0
    last_octet: int = 50
    reporter: str = ""

    @property
    def addresses(self) -> tuple[str, str]:
        """Client and server."""
        return ("2001:db8:a::14", "2001:db8:b::50") if self.v6 else ("10.44.1.14", f"10.77.2.{self.last_octet}")

    @property
    def asked(self) -> str:
        """The address that the client asks."""
        return self.target or self.addresses[1]

    def points(self) -> dict[str, list[Frame]]:
        """Frames of the capture points, those in `only`."""
        world = World(self._parts())
        stack = Stack(mss=self.mss, scale=None, sack=False)
        client, server = Host(self.addresses[0], stack), Host(self.addresses[1], stack)
        Talk(world, client, server, self._asking(), (50001, self.mapper_port), target=self.asked)
        if self.connects:
            to = self.connects_to or self.asked
            Talk(world, client, server, self._calling(), (50002, self.port), start_s=self.after_s, target=to)
        if self.works_on:
            Talk(world, client, server, self._calling(), (50004, self.works_on), start_s=25.0, target=self.asked)
        if self.retries_s:
            Talk(world, client, server, self._calling(), (50005, self.port), start_s=self.retries_s, target=self.asked)
        if self.other_port:
            Talk(world, client, server, [Send("client", 10)], (50003, self.other_port), start_s=1.0, target=self.asked)
        # Somebody else, so that the captures go on.
        for turn in range(int(self.until_s)):
            Talk(
                world, client, Host(self.addresses[1], stack), [Send("client", 50), Send("server", 50), Close("client")],
                (51000 + turn, 8080), start_s=float(turn), target=self.asked,
            )  # fmt: skip
        captures = world.captures()
        return {name: captures[name] for name in self.only}

    def _parts(self) -> list[Part]:
        parts: list[Part] = [Point("client", at="client"), Link(1.0)]
        if self.target:
            parts.append(TargetNat(self.target, self.addresses[1]))
        if self.source_nat:
            parts.append(SourceNat(self.source_nat))
        port = self.other_port or self.port
        if self.fate == "open" and not self.other_port:
            return [*parts, Link(1.0), Point("server", at="server")]
        if self.fate == "unanswered":
            return [*parts, Link(1.0), Point("server", at="server"), Lose(self._is_closed)]
        if self.fate in ("refused", "cut"):
            parts.append(TurnAway(port, late=self.fate == "cut"))
        elif self.fate == "prohibited":
            parts.append(TurnAway(port, self.reporter or ("2001:db8:f::1" if self.v6 else "10.99.0.1")))
        else:
            parts.append(Lose(self._is_closed))
        return [*parts, Link(1.0), Point("server", at="server")]

    def _is_closed(self, packet: Packet, upward: bool, _: int) -> bool:
        """Whether the firewall drops a packet; `retries_s` after the beginning it has been opened, for one client port."""
        segment = packet.upper
        if not upward or not isinstance(segment, TCP) or segment.source == 50005:
            return False
        return segment.target == (self.other_port or self.port)

    def _calling(self) -> list[Step]:
        """A healthy call to the service."""
        return [
            Send("client", rpc.bind(1, [self.interface])),
            Send("server", rpc.bind_answer(1)),
            Send("client", rpc.request(2, 0, bytes(64))),
            Send("server", rpc.response(2, bytes(200))),
            Close("client"),
        ]

    def _asking(self) -> list[Step]:
        steps: list[Step] = []
        service = (
            dcom.ISYSTEM_ACTIVATOR if self.bindings is not None else rpc.EPM if self.exporter < 0 else rpc.EXPORTER
        )
        if self.bound:
            steps.append(Send("client", rpc.bind(1, [service], self.order)))
            syntax = rpc.NDR64 if self.wide else rpc.NDR
            steps.append(Send("server", self.bind_answer or rpc.bind_answer(1, order=self.order, syntax=syntax)))
        steps += [Send("client", self._question()), Send("server", self.answer or self._answer())]
        return [*steps, Close("client", 2000)]

    def _question(self) -> bytes:
        if self.bindings is not None:
            return unsigned(dcom.create_instance(2, "feee1975-b61e-42eb-b500-939ea5ee4b2a"))
        if self.exporter >= 0:
            return rpc.request(2, self.exporter, rpc.resolve_request(self.order), self.order)
        return rpc.request(2, 3, rpc.map_request(self.interface, self.order, self.wide), self.order)

    def _answer(self) -> bytes:
        if self.bindings is not None:
            stub = dcom.activated_stub(0x1234, "0000b400-0580-0000-9a5e-c2357038b9df", rpc.dual_strings(self.bindings))
        else:
            v4 = "0.0.0.0" if ipaddress.ip_address(self.asked).version == 6 else self.asked
            named = self.named if self.named is not None else [(v4, self.port)]
            towers = [rpc.tower(self.interface, port, address) for address, port in named]
            stub = rpc.map_answer(towers, 0, self.order, self.wide)
        if self.fragment:
            return rpc.response_in_fragments(2, stub, self.fragment, self.order)
        return rpc.response(2, stub, self.order)


def unsigned(data: bytes) -> bytes:
    """A call of dcom.py in a connection without authentication: it has context 1 there and 0 here."""
    return data[:20] + b"\0\0" + data[22:]
