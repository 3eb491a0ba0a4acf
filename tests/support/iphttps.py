"""IP-HTTPS tunnels as captures: real TLS handshakes under suites that encrypt nothing, or plain HTTP, with IPv6 packets inside.

The addresses are those of the printed DirectAccess trace. `tunnel` gives the frames of the outer interface; `inside` those that
the tunnel interface shows, as Network Monitor records both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.support.files import SECOND, Frame
from tests.support.null_tls import shake_hands
from tests.support.packets import TCP, IPv6, Upper
from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Send, Step, Talk

ENDLESS = b"Content-Length: 18446744073709551615\r\n\r\n"
POST = b"POST /IPHTTPS HTTP/1.1\r\nHost: uag1.contoso.com:443\r\n" + ENDLESS
OK = b"HTTP/1.1 200 OK\r\nServer: Microsoft-HTTPAPI/2.0\r\n" + ENDLESS
NEAR, FAR = "2002:836b:5:1000:34cd:1b68:10dc:eaf4", "2002:836b:5::836b:5"
OUTER = ("192.168.137.88", "131.107.0.5")

Write = tuple[str, bytes]


def inner(upper: Upper, by: str = "client") -> bytes:
    """One IPv6 packet from one end of the tunnel to the other."""
    ends = (NEAR, FAR) if by == "client" else (FAR, NEAR)
    return bytes(IPv6(*ends, upper))


def tcp_inner(flags: str, by: str = "client", seq: int = 100, ack: int = 0, payload: bytes = b"") -> bytes:
    """A segment of a conversation to port 445 inside the tunnel."""
    ports = (50000, 445) if by == "client" else (445, 50000)
    return inner(TCP(*ports, seq=seq, ack=ack, flags=flags, payload=payload), by)


def talk_inner() -> list[Write]:
    """A short TCP conversation inside the tunnel."""
    return [
        ("client", tcp_inner("S")),
        ("server", tcp_inner("SA", "server", 500, 101)),
        ("client", tcp_inner("A", seq=101, ack=501)),
        ("client", tcp_inner("PA", seq=101, ack=501, payload=b"question" * 100)),
        ("server", tcp_inner("PA", "server", 501, 901, b"answer" * 150)),
        ("client", tcp_inner("FA", seq=901, ack=1401)),
        ("server", tcp_inner("FA", "server", 1401, 902)),
        ("client", tcp_inner("A", seq=902, ack=1402)),
    ]


def steps(writes: Sequence[Write], tls: bool = True, before: Sequence[Write] = (), **options: Any) -> list[Step]:
    """What the outer conversation carries: `before` in clear, then a handshake (unless plain), POST, response and the writes."""
    inside = [("client", POST), ("server", OK), *writes]
    if not tls:
        return [Send(by, data) for by, data in (*before, *inside)]
    pair = shake_hands(**options)
    for by, data in inside:
        pair.say(by, data)
    return [*(Send(by, data) for by, data in before), *pair.steps]


def tunnel(writes: Sequence[Write], port: int = 443, between: Sequence[Any] = (), **options: Any) -> list[Frame]:
    """The capture at the client's outer interface."""
    world = World([Point("client", at="client"), *between, Link(5)])
    Talk(world, Host(OUTER[0]), Host(OUTER[1]), [*steps(writes, **options), Close("client")], ports=(58449, port))
    return world.captures()["client"]


def inside(frames: Sequence[Frame], writes: Sequence[Write]) -> list[Frame]:
    """Frames of the tunnel's own interface (number 1, raw IP) for the packets of these writes, a millisecond apart."""
    begin = frames[0].time_ns + SECOND // 20
    return [Frame(begin + place * 1_000_000, data, interface=1) for place, (_, data) in enumerate(writes)]
