"""Outlook through DirectAccess: the mapper behind a load balancer names its own address, and the filter between drops the answer.

The UAG server's capture of the map request and its answer has the printed frame numbers, ports, sequence numbers, sizes and towers; the
article gives no times and no frames around them, so these are chosen, as is the client's session. Of that the article prints
times, ports, sequence numbers and sizes, from a log of the client's TCP/IP driver: 72 bytes asked, 24 answered, and a close.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from examples.files import SECOND, Frame, write_capture
from examples.filler import Listed, Neighbourhood, Station, number_frames
from examples.packets import TCP, Ethernet, IPv4, mss, sack_permitted, wscale
from tests.support import rpc
from tests.support.packets import IPv6
from tests.support.path import Packet

UAG, CAS, OTHER = "10.1.1.1", "10.11.2.2", "10.11.2.7"
UAG_MAC, GATEWAY_MAC = "00:15:5d:01:01:01", "00:15:5d:01:01:fe"
CLIENT, CAS_V6 = "2001:0:a0b:86e8:388e:fcb:4337:1876", "2002:a01:86e8:8001::a0b:202"
CLIENT_MAC, TUNNEL_MAC = "02:00:54:55:4e:01", "02:00:54:55:4e:02"
PORTS, CLIENT_PORTS = (33654, 135), (61581, 135)
ASKED_SEQ, ASKED_ACK = 2005198912, 3769475906
CLIENT_ISN, CAS_ISN = 2258039006, 3786409002
NAMED_PORT = 41376
START_NS = int(datetime(2012, 4, 3, 15, 37, 0, tzinfo=UTC).timestamp()) * SECOND
"""The day is chosen; the log's time of day counts from here."""

BIND = rpc.bind(1, [rpc.EPM])
BIND_ACK = rpc.bind_answer(1)
MAP = rpc.request(2, 3, rpc.map_request(rpc.MAPI))
MAPPED = rpc.response(2, rpc.map_answer([rpc.tower(rpc.MAPI, NAMED_PORT, OTHER)]))
REFUSAL = rpc.bind_nak(1)

EXPECT: dict[str, Any] = {
    "rules": ("rpc-endpoint-elsewhere",),
    "evidence": {"uag": (32046, 32049)},
    "asked": CAS,
    "named": [OTHER],
    "ports": [NAMED_PORT],
    "service": "Exchange mailbox access (MAPI)",
}

Row = tuple[int, float, bool, str, bytes]
AT_UAG: tuple[Row, ...] = (
    (32038, 27.0190, True, "S", b""),
    (32039, 27.0195, False, "SA", b""),
    (32040, 27.0196, True, "A", b""),
    (32041, 27.0201, True, "PA", BIND),
    (32043, 27.0210, False, "PA", BIND_ACK),
    (32046, 27.0216, True, "PA", MAP),
    (32049, 27.0225, False, "PA", MAPPED),
    (32052, 27.0228, True, "FA", b""),
    (32053, 27.0233, False, "FA", b""),
    (32054, 27.0234, True, "A", b""),
)
"""Frame number, second, whether the UAG server sends, flags, payload."""
AT_CLIENT: tuple[Row, ...] = (
    (1, 26.9648542, True, "S", b""),
    (2, 27.0024371, False, "SA", b""),
    (3, 27.0024439, True, "A", b""),
    (4, 27.0027949, True, "PA", BIND),
    (5, 27.0428553, False, "PA", REFUSAL),
    (6, 27.0430171, True, "FA", b""),
    (7, 27.0458327, False, "FA", b""),
    (8, 27.0459000, True, "A", b""),
)
"""The same of the client: it asks through NAT64, and what comes back is no endpoint."""


def segments(rows: tuple[Row, ...], ports: tuple[int, int], firsts: tuple[int, int]) -> list[tuple[Row, TCP]]:
    """The segments of a session whose sides begin with these sequence numbers."""
    nxt = {True: firsts[0], False: firsts[1]}
    found = []
    for row in rows:
        _, _, outward, flags, payload = row
        options = mss(1460) + wscale(8) + sack_permitted() if "S" in flags else b""
        ends = ports if outward else ports[::-1]
        ack = nxt[not outward] if "A" in flags else 0
        segment = TCP(*ends, nxt[outward], ack, flags, 258 if "S" not in flags else 8192, options, payload)
        nxt[outward] += segment.length
        found.append((row, segment))
    return found


def at(second: float) -> int:
    """Nanoseconds since 1970 of a second of that minute."""
    return START_NS + round(second * 1e7) * 100


def uag_frames() -> list[Frame]:
    """The UAG server's capture, 32,054 frames and what follows."""
    first = (ASKED_SEQ - 1 - len(BIND), ASKED_ACK - 1 - len(BIND_ACK))
    story = []
    for (number, second, outward, _, _), segment in segments(AT_UAG, PORTS, first):
        ends, macs = ((UAG, CAS), (UAG_MAC, GATEWAY_MAC)) if outward else ((CAS, UAG), (GATEWAY_MAC, UAG_MAC))
        packet: Packet = IPv4(*ends, segment, ttl=128 if outward else 126, ident=number % 65536)
        story.append(Listed(number, at(second), bytes(Ethernet(*macs, packet, padded=not outward))))
    hood = Neighbourhood(
        Station(UAG, UAG_MAC), (Station("10.1.1.20", "00:15:5d:01:01:20"), Station("10.1.1.53", "00:15:5d:01:01:53"))
    )
    frames = number_frames(story, hood, at(0))
    last_ns = frames[-1].time_ns
    later = (Frame(last_ns + turn * SECOND, data) for turn in range(1, 15) for data in hood.exchange(2))
    return frames + list(later)


def client_frames() -> list[Frame]:
    """The client's tunnel interface, were it captured in clear."""
    found = []
    for (_, second, outward, _, _), segment in segments(AT_CLIENT, CLIENT_PORTS, (CLIENT_ISN, CAS_ISN)):
        ends, macs = (
            ((CLIENT, CAS_V6), (CLIENT_MAC, TUNNEL_MAC)) if outward else ((CAS_V6, CLIENT), (TUNNEL_MAC, CLIENT_MAC))
        )
        found.append(Frame(at(second), bytes(Ethernet(*macs, IPv6(*ends, segment, ttl=128), padded=not outward))))
    return found


def build(folder: Path) -> dict[str, Path]:
    """Write `uag.pcapng`, the capture that the article has."""
    return {"uag": write_capture(folder / "uag.pcapng", uag_frames())}


def build_both(folder: Path) -> dict[str, Path]:
    """Write the client's capture too."""
    return {"client": write_capture(folder / "client.pcapng", client_frames()), **build(folder)}
