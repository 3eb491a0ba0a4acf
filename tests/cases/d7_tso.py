"""A capture at a sender with segmentation offload: frame 8852 states an IP total length of 0.

Numbers, times, lengths and the frame's printed bytes are the article's (its first listing); nothing was lost.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from examples.files import SECOND, write_capture
from examples.filler import Listed, Neighbourhood, Station, number_frames
from examples.packets import OFFLOADED, RIGHT, TCP, Ethernet, IPv4, mss, sack_permitted

CLIENT, SERVER = ("192.168.100.23", 3268), ("192.168.121.51", 8081)
CLIENT_ISN, SERVER_ISN = 0xA2A206BE - 286, 0x5283A3F2 - 1
SERVER_MAC, GATEWAY_MAC = "00:17:a4:77:00:24", "00:15:2c:31:48:00"
START_NS = int(datetime(2010, 6, 1, 8, 0, tzinfo=UTC).timestamp()) * SECOND
IDENT, LARGE_CHECKSUM = 0x57D0, 0x5EA2
TWO_WRITES = (
    b"HTTP/1.1 200 OK\r\nPragma: no-cache\r\nContent-Type: text/html;charset=utf-8\r\nServer: Microsoft-IIS/7.5\r\n"
)
ANSWER = (TWO_WRITES + b"X-Powered-By: ASP.NET\r\nContent-Length: 2434\r\n\r\n").ljust(2580, b"h")
QUESTION = (b"POST /service HTTP/1.1\r\nHost: 192.168.121.51:8081\r\nContent-Length: 21\r\nX-Pad: ").ljust(
    260, b"p"
) + b"\r\n\r\n"

ROWS: tuple[tuple[int, float, bool, str, int, int, int, bytes], ...] = (
    (8773, 17.458870, True, "S", 0, 0, 65535, b""),
    (8774, 17.458988, False, "SA", 0, 1, 8192, b""),
    (8775, 17.459239, True, "A", 1, 1, 65535, b""),
    (8776, 17.459239, True, "PA", 1, 1, 65535, QUESTION),
    (8850, 17.658922, False, "A", 1, 265, 64240, b""),
    (8851, 17.659108, True, "PA", 265, 1, 65535, b"<question>1</question"),
    (8852, 17.661030, False, "PA", 1, 286, 64219, ANSWER),
    (8853, 17.661356, True, "A", 286, 2581, 65535, b""),
    (8854, 17.661404, False, "FA", 2581, 286, 64219, b""),
    (8855, 17.661605, True, "A", 286, 2582, 65535, b""),
    (8859, 17.665981, True, "FA", 286, 2582, 65535, b""),
    (8860, 17.666013, False, "A", 2582, 287, 64219, b""),
)
"""Frame number, second, whether the client sends, flags, relative numbers, window, payload."""

EXPECT: dict[str, Any] = {
    "rules": ("capture-offload-length",),
    "only": True,
    "evidence": {"capture": (8852,)},
    "payload_bytes": 2580,
    "conversation": ("192.168.100.23:3268", "192.168.121.51:8081"),
}


def frame(row: tuple[int, float, bool, str, int, int, int, bytes]) -> Listed:
    """One frame as the server's capture holds it."""
    number, second, upward, flags, seq, ack, window, payload = row
    (source, port), (target, to_port) = (CLIENT, SERVER) if upward else (SERVER, CLIENT)
    own, other = (CLIENT_ISN, SERVER_ISN) if upward else (SERVER_ISN, CLIENT_ISN)
    options = mss(1460) + sack_permitted() if "S" in flags else b""
    checksum = RIGHT if upward else OFFLOADED
    large = len(payload) > 1460
    segment = TCP(
        port,
        to_port,
        own + seq,
        other + ack if "A" in flags else 0,
        flags,
        window,
        options,
        payload,
        LARGE_CHECKSUM if large else checksum,
    )
    packet = IPv4(
        source,
        target,
        segment,
        ttl=124 if upward else 128,
        ident=IDENT if large else number % 65536,
        total_length=0 if large else None,
        checksum=0 if not upward else RIGHT,
    )
    macs = (GATEWAY_MAC, SERVER_MAC) if upward else (SERVER_MAC, GATEWAY_MAC)
    return Listed(number, START_NS + round(second * 1e6) * 1000, bytes(Ethernet(*macs, packet, padded=upward)))


def build(folder: Path) -> dict[str, Path]:
    """Write `capture.pcapng`, 8,900 frames."""
    peers = (Station("192.168.121.20", "00:17:a4:77:00:20"), Station("192.168.121.53", "00:17:a4:77:00:53"))
    hood = Neighbourhood(Station(SERVER[0], SERVER_MAC), peers)
    story = [frame(row) for row in ROWS]
    return {"capture": write_capture(folder / "capture.pcapng", number_frames(story, hood, START_NS))}
