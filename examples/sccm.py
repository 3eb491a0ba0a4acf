"""SCCM agent without policy: the frames that the article prints for both ends of one session.

Numbers, times, lengths, windows, SACK edges and flags are the printed ones. Not printed, and therefore chosen: MAC
addresses, initial sequence numbers, IP identification, the date, and five hops between the ends.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from examples.files import Frame, write_capture
from examples.filler import Listed, Neighbourhood, Station, number_frames
from examples.packets import (
    OFFLOADED,
    RIGHT,
    TCP,
    Ethernet,
    IPv4,
    mss,
    sack,
    sack_permitted,
)

CLIENT, SERVER = "10.1.1.1", "172.16.1.1"
CLIENT_PORT, SERVER_PORT = 1099, 80
CLIENT_ISN, SERVER_ISN = 0x3A5B1C1F, 0x91D40E7B
CLIENT_MAC, CLIENT_GATEWAY_MAC = "00:1b:78:3c:11:02", "00:0f:8f:5a:20:01"
SERVER_MAC, SERVER_GATEWAY_MAC = "00:1a:4b:de:90:14", "00:15:2c:77:03:80"

CLIENT_START_NS = 1_266_830_000_000_000_000
"""Second 0 of the client's capture, 2010-02-22 09:13:20 UTC."""
SERVER_START_NS = CLIENT_START_NS + 4_218_750_000
"""Second 0 of the server's capture: with it the handshake takes 15.6 ms each way, the clock tick of both hosts."""

HEAD = (
    b"CCM_POST /ccm_system/request HTTP/1.1\r\nHost: 172.16.1.1\r\nUser-Agent: ccmhttp\r\n"
    b'Content-Type: multipart/mixed; boundary="aAbBcCdDv1234567890VxXyYzZ"\r\nContent-Length: 2046\r\nX-Padding: '
)
REQUEST = HEAD.ljust(277, b"p") + b"\r\n\r\n"
"""The three segments' payloads are 281, 1460 and 586 bytes: the server acknowledges 282 and holds 1742 to 2328."""
BODY = b"--aAbBcCdDv1234567890VxXyYzZ\r\nContent-Type: text/plain; charset=UTF-16\r\n\r\n"
BODY = (BODY + b"<Msg/>\r\n" * 300)[:2046]
LARGE, SMALL = BODY[:1460], BODY[1460:]
HANDSHAKE_OPTIONS = mss(1460) + sack_permitted()

RETRANSMISSIONS = ((1975, 107.75), (2071, 112.890625), (2264, 123.28125), (2651, 144.171875), (3475, 185.84375))
"""Client frames and seconds of the five repeats of frame 1921."""


def from_client(ident: int, seq: int, ack: int, flags: str, payload: bytes = b"") -> IPv4:
    """A packet as the client sends it; `seq` and `ack` are relative as in the listing."""
    options = HANDSHAKE_OPTIONS if flags == "S" else b""
    ack = SERVER_ISN + ack if "A" in flags else 0
    segment = TCP(CLIENT_PORT, SERVER_PORT, CLIENT_ISN + seq, ack, flags, 65535, options, payload)
    return IPv4(CLIENT, SERVER, segment, ttl=128, ident=ident)


def from_server(ident: int, ack: int, flags: str, window: int, options: bytes = b"") -> IPv4:
    """A packet as the server sends it; none carries data."""
    seq = SERVER_ISN + ("S" not in flags)
    segment = TCP(SERVER_PORT, CLIENT_PORT, seq, CLIENT_ISN + ack, flags, window, options)
    return IPv4(SERVER, CLIENT, segment, ttl=128, ident=ident)


SYN = from_client(4711, 0, 0, "S")
ACK = from_client(4712, 1, 1, "A")
POST = from_client(4713, 1, 1, "PA", REQUEST)
LOST = from_client(4714, 282, 1, "A", LARGE)
REST = from_client(4715, 1742, 1, "PA", SMALL)
SYN_ACK = from_server(20001, 1, "SA", 16384, HANDSHAKE_OPTIONS)
GAP_ACK = from_server(20007, 282, "A", 65254, sack((CLIENT_ISN + 1742, CLIENT_ISN + 2328)))
RESET = from_server(20431, 282, "RA", 0)

CLIENT_SIDE: tuple[tuple[int, float, IPv4], ...] = (
    (1917, 104.96875, SYN),
    (1918, 105.0, SYN_ACK),
    (1919, 105.0, ACK),
    (1920, 105.0, POST),
    (1921, 105.0, LOST),
    (1922, 105.0, REST),
    (1925, 105.140625, GAP_ACK),
    *(
        (number, second, from_client(4730 + 40 * turn, 282, 1, "A", LARGE))
        for turn, (number, second) in enumerate(RETRANSMISSIONS)
    ),
    (4392, 234.9375, RESET),
)
SERVER_SIDE: tuple[tuple[int, float, IPv4], ...] = (
    (13587, 100.765625, SYN),
    (13588, 100.765625, SYN_ACK),
    (13591, 100.796875, ACK),
    (13598, 100.828125, POST),
    (13611, 100.90625, REST),
    (13612, 100.90625, GAP_ACK),
    (30509, 230.71875, RESET),
)
"""Frame number, second of the capture (the article prints the server's as differences) and packet."""


def seen_at(packet: IPv4, own: str) -> IPv4:
    """The packet as a capture on `own` holds it: sent ones without their checksum, received ones five hops older."""
    segment = packet.upper
    assert isinstance(segment, TCP)
    if packet.source != own:
        return replace_fields(packet, segment, packet.ttl - 5, RIGHT)
    return replace_fields(packet, segment, packet.ttl, RIGHT if "S" in segment.flags else OFFLOADED)


def replace_fields(packet: IPv4, segment: TCP, ttl: int, checksum: int) -> IPv4:
    """The packet with another time to live and TCP checksum."""
    return replace(packet, ttl=ttl, upper=replace(segment, checksum=checksum))


def client_frames(tail: int = 60) -> list[Frame]:
    """The client's capture, 4392 frames and `tail` more."""
    story = []
    for number, second, packet in CLIENT_SIDE:
        sent = packet.source == CLIENT
        ends = (CLIENT_MAC, CLIENT_GATEWAY_MAC) if sent else (CLIENT_GATEWAY_MAC, CLIENT_MAC)
        data = bytes(Ethernet(*ends, seen_at(packet, CLIENT), padded=not sent))
        story.append(Listed(number, CLIENT_START_NS + round(second * 1e9), data))
    hood = Neighbourhood(
        Station(CLIENT, CLIENT_MAC),
        (Station("10.1.1.20", "00:1b:78:3c:20:20"), Station("10.1.1.53", "00:1b:78:3c:20:53")),
    )
    return number_frames(story, hood, CLIENT_START_NS, tail)


def server_frames(tail: int = 60) -> list[Frame]:
    """The server's capture, 30509 frames and `tail` more."""
    story = []
    for number, second, packet in SERVER_SIDE:
        sent = packet.source == SERVER
        ends = (SERVER_MAC, SERVER_GATEWAY_MAC) if sent else (SERVER_GATEWAY_MAC, SERVER_MAC)
        data = bytes(Ethernet(*ends, seen_at(packet, SERVER), padded=not sent))
        story.append(Listed(number, SERVER_START_NS + round(second * 1e9), data))
    hood = Neighbourhood(
        Station(SERVER, SERVER_MAC),
        tuple(Station(f"172.16.1.{host}", f"00:1a:4b:de:90:{host:02x}") for host in (20, 33, 53, 77, 90)),
    )
    return number_frames(story, hood, SERVER_START_NS, tail)


def write_case(folder: Path) -> dict[str, Path]:
    """Write both captures; the paths by the name of the capture point."""
    return {
        "client": write_capture(folder / "client.pcapng.gz", client_frames()),
        "server": write_capture(folder / "server.pcapng.gz", server_frames()),
    }
