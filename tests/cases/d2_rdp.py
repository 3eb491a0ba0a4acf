"""Terminal server that refuses every connection: its capture, trace lines, netstat and the service's last event.

Frame numbers, times, ports, sequence numbers, windows and lengths are the printed ones, those of the refused attempt too (its numbers count
events of the trace as well, so that 10,800 stands for 61,714). The clock of the listing is an hour ahead of that of the logs, as printed.
What the listing leaves out between the frames 5980 and 8129 is the rest of one session: 116 KB of screen and 10 KB of input.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from examples.files import SECOND, Frame, write_capture
from examples.filler import Listed, Neighbourhood, Station, number_frames
from examples.packets import TCP, Ethernet, IPv4, mss, wscale
from tests.support.talk import text_of

CLIENT, SERVER, RDP = "10.0.107.58", "10.7.3.187", 3389
CLIENT_MAC, SERVER_MAC = "00:1d:a1:10:7f:01", "00:15:5d:07:03:bb"
PORT, CLIENT_ISN, SERVER_ISN = 59193, 3976196062, 3028123794
MIDNIGHT_NS = int(datetime(2013, 1, 6, tzinfo=UTC).timestamp()) * SECOND
START_NS = MIDNIGHT_NS + (9 * 3600 + 52 * 60) * SECOND + 1_000_000_000

ROWS: tuple[tuple[int, float, bool, str, int, int], ...] = (
    (5781, 15.407, True, "S", 8192, 0),
    (5782, 15.407, False, "SA", 8192, 0),
    (5783, 15.447, True, "A", 258, 0),
    (5784, 15.448, True, "PA", 258, 19),
    (5785, 15.451, False, "A", 258, 0),
    (5786, 15.458, False, "PA", 258, 19),
    (5787, 15.520, True, "A", 258, 0),
    (5958, 22.632, True, "PA", 258, 164),
    (5959, 22.632, False, "PA", 258, 858),
    (5971, 22.678, True, "PA", 258, 326),
    (5972, 22.696, False, "PA", 258, 59),
    (5975, 22.752, True, "PA", 258, 181),
    (5976, 22.753, False, "PA", 258, 1157),
    (5977, 22.809, True, "PA", 258, 1380),
    (5978, 22.809, False, "A", 257, 0),
    (5979, 22.809, True, "PA", 258, 209),
    (5980, 22.810, False, "PA", 258, 261),
)
"""Frame number, second after 09:52, whether the client sends, flags, window, payload."""
LATER_ROWS: tuple[tuple[int, float, bool, str, int, int], ...] = (
    (8129, 49.090, True, "A", 253, 0),
    (8154, 49.526, False, "PA", 258, 85),
    (8164, 49.620, True, "A", 253, 0),
    (8170, 49.673, True, "PA", 253, 69),
    (8180, 49.776, False, "PA", 258, 629),
    (8186, 49.874, True, "A", 258, 0),
    (8254, 52.475, False, "PA", 258, 37),
    (8257, 52.567, True, "A", 258, 0),
    (10717, 100.765, False, "RA", 0, 0),
)
CLIENT_AT, SERVER_AT = 3976208206, 3028242245
"""Sequence numbers that the printed listing has reached at frame 8129."""
REFUSED = ((10_800, 113.0, 59210, 2885139468),)
"""Frame number of the SYN, second after 09:52, client's port and sequence number; the reset follows 0.043 ms later."""

TRACE = """\
61714 8:53:53 AM 1/6/2013 111.1142353 Idle (0) 10.0.107.58 10.7.3.187 TCP TCP:Flags=......S., SrcPort=59210, DstPort=MS WBT Server(3389), \
PayloadLen=0, Seq=2885139468, Ack=0, Win=8192 ( Negotiating scale factor 0x8 ) = 8192
61715 8:53:53 AM 1/6/2013 111.1142441 Idle (0) TCPIP_MicrosoftWindowsTCPIP TCPIP_MicrosoftWindowsTCPIP:TCPIP: NBL 0x0000000039EE1B40 fell off \
the receive fast path, Reason: Session state is not compatible. Protocol = TCP, Family = IPV4, Number of NBLs = 1 (0x1). SourceAddress = \
10.0.107.58 Null. DestAddress = 10.7.3.187 Null.
61716 8:53:53 AM 1/6/2013 111.1142562 Idle (0) TCPIP_MicrosoftWindowsTCPIP TCPIP_MicrosoftWindowsTCPIP:TCPIP: Transport (Protocol TCP, \
AddressFamily = IPV4) dropped 1 (0x1) packet(s) with Source = 10.7.3.187:3389, Destination = 10.0.107.58:59210. Reason = Transport endpoint \
was not found.
61717 8:53:53 AM 1/6/2013 111.1142853 Idle (0) 10.7.3.187 10.0.107.58 TCP TCP: [Bad CheckSum]Flags=...A.R.., SrcPort=MS WBT Server(3389), \
DstPort=59210, PayloadLen=0, Seq=0, Ack=2885139469, Win=0
"""
NETSTAT = """\
TCP 0.0.0.0:80 0.0.0.0:0 LISTENING 4 InHost
TCP 0.0.0.0:135 0.0.0.0:0 LISTENING 920 InHost
TCP 0.0.0.0:443 0.0.0.0:0 LISTENING 4 InHost
TCP 0.0.0.0:445 0.0.0.0:0 LISTENING 4 InHost
TCP 0.0.0.0:4279 0.0.0.0:0 LISTENING 5796 InHost
TCP 0.0.0.0:5279 0.0.0.0:0 LISTENING 5796 InHost
TCP 0.0.0.0:8530 0.0.0.0:0 LISTENING 4 InHost
TCP 0.0.0.0:8531 0.0.0.0:0 LISTENING 4 InHost
TCP 0.0.0.0:47001 0.0.0.0:0 LISTENING 4 InHost
TCP 0.0.0.0:49152 0.0.0.0:0 LISTENING 636 InHost
TCP 0.0.0.0:49153 0.0.0.0:0 LISTENING 232 InHost
TCP 0.0.0.0:49154 0.0.0.0:0 LISTENING 240 InHost
TCP 0.0.0.0:49155 0.0.0.0:0 LISTENING 740 InHost
TCP 0.0.0.0:49156 0.0.0.0:0 LISTENING 724 InHost
TCP 0.0.0.0:49161 0.0.0.0:0 LISTENING 3048 InHost
TCP 10.7.3.187:80 10.193.10.7:49684 ESTABLISHED 4 InHost
"""
EVENTS = """\
Error 1/6/2013 8:54:40 AM Service Control Manager 7034 None
The Remote Desktop Services service terminated unexpectedly. It has done this 3 time(s).
"""
LOGS = {"trace.txt": TRACE, "netstat.txt": NETSTAT, "system-events.txt": EVENTS}

EXPECT: dict[str, Any] = {
    "chain": ("windows-service-stopped", "windows-no-listener", "tcp-connection-refused"),
    "evidence": {"server": (10717, 10_800, 10_801)},
    "lines": {"trace.txt": (3,), "netstat.txt": (1,), "system-events.txt": (1,)},
    "service": "Remote Desktop Services",
    "apart_s": 59.235,
}


def frame(upward: bool, segment: TCP, ident: int) -> bytes:
    """A segment as the server's adapter shows it."""
    ends, macs = (
        ((CLIENT, SERVER), (CLIENT_MAC, SERVER_MAC)) if upward else ((SERVER, CLIENT), (SERVER_MAC, CLIENT_MAC))
    )
    packet = IPv4(*ends, segment, ttl=118 if upward else 128, ident=ident % 65536)
    return bytes(Ethernet(*macs, packet, padded=upward))


def missing_rows(client_bytes: int, server_bytes: int) -> list[tuple[int, float, bool, str, int, int]]:
    """The part of the session that the listing leaves out: input and screen, each acknowledged."""
    sizes = [(True, 164)] * (client_bytes // 164) + [(True, client_bytes % 164)]
    sizes += [(False, 1380)] * (server_bytes // 1380) + [(False, server_bytes % 1380)]
    rows = []
    for turn, (upward, size) in enumerate(sizes):
        number, second = 5990 + turn * 13, 22.9 + turn * 0.15
        rows += [(number, second, upward, "PA", 258, size), (number + 1, second + 0.040, not upward, "A", 258, 0)]
    return rows


def session() -> list[Listed]:
    """The session that works until the server resets it."""
    nxt = {True: CLIENT_ISN, False: SERVER_ISN}
    sent = {side: sum(row[5] for row in ROWS if row[2] is side) + 1 for side in (True, False)}
    gap = missing_rows(CLIENT_AT - CLIENT_ISN - sent[True], SERVER_AT - SERVER_ISN - sent[False])
    story = []
    for number, second, upward, flags, window, size in (*ROWS, *gap, *LATER_ROWS):
        options = (mss(1380 if upward else 1460) + wscale(8)) if "S" in flags else b""
        ports = (PORT, RDP) if upward else (RDP, PORT)
        ack = nxt[not upward] if "A" in flags else 0
        segment = TCP(*ports, nxt[upward], ack, flags, window, options, text_of(size))
        nxt[upward] += segment.length
        story.append(
            Listed(
                number,
                MIDNIGHT_NS + (9 * 3600 + 52 * 60) * SECOND + round(second * 1000) * 1_000_000,
                frame(upward, segment, number),
            )
        )
    return story


def refusals() -> list[Listed]:
    """The attempts that follow, each reset at once."""
    story = []
    for number, second, port, seq in REFUSED:
        at_ns = MIDNIGHT_NS + (9 * 3600 + 52 * 60) * SECOND + round(second * 1000) * 1_000_000
        syn = TCP(port, RDP, seq, 0, "S", 8192, mss(1380) + wscale(8))
        story.append(Listed(number, at_ns, frame(True, syn, number)))
        story.append(Listed(number + 1, at_ns + 50_000, frame(False, TCP(RDP, port, 0, seq + 1, "RA", 0), number)))
    return story


def frames() -> list[Frame]:
    """The server's capture."""
    peers = (Station("10.193.10.7", CLIENT_MAC), Station("10.193.10.9", CLIENT_MAC))
    return number_frames([*session(), *refusals()], Neighbourhood(Station(SERVER, SERVER_MAC), peers), START_NS)


def build(folder: Path) -> dict[str, Path]:
    """Write `server.pcapng`."""
    return {"server": write_capture(folder / "server.pcapng", frames())}
