"""Web server under a SYN flood, and the lines of its stack's trace: the article shows the state, not the packets.

The article prints no listing; its picture is of the one event of the trace. The flood is that of a spoofing sender: 600 SYNs within three
seconds from as many addresses, of which the backlog takes the first 200. The events are worded as the provider's manifest has them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from examples.files import SECOND, write_capture
from examples.filler import Listed, Neighbourhood, Station, number_frames
from examples.packets import TCP, Ethernet, IPv4, mss
from tests.support.trace_lines import ATTACK

SERVER, PORT = "10.15.4.20", 80
SERVER_MAC, GATEWAY_MAC = "00:15:5d:04:20:01", "00:1d:a1:15:04:01"
START_NS = int(datetime(2014, 1, 13, 9, 13, tzinfo=UTC).timestamp()) * SECOND
FLOOD, ANSWERED = 600, 200

LOGS = {"tcpip-trace.txt": ATTACK}
EXPECT: dict[str, Any] = {
    "rules": ("tcp-syn-flood", "windows-syn-attack"),
    "half_open": FLOOD,
    "lines": {"tcpip-trace.txt": (1, 2)},
}


def source(turn: int) -> tuple[str, int]:
    """The end that a SYN claims to come from."""
    return f"203.0.{turn % 113}.{turn * 7 % 251 + 1}", 1024 + turn * 37 % 60000


def exchange(turn: int) -> list[tuple[int, bytes]]:
    """One SYN, and the SYN/ACK while the backlog has room: (nanoseconds since the flood began, frame)."""
    address, port = source(turn)
    at_ns, seq, own = turn * 5_000_000, turn * 7919 + 5, turn * 104_729 + 11
    syn = IPv4(address, SERVER, TCP(port, PORT, seq, 0, "S", 512, mss(1460)), ttl=241, ident=turn)
    found = [(at_ns, bytes(Ethernet(GATEWAY_MAC, SERVER_MAC, syn, padded=True)))]
    if turn < ANSWERED:
        answer = IPv4(SERVER, address, TCP(PORT, port, own, seq + 1, "SA", 8192, mss(1460)), ttl=128, ident=turn)
        found.append((at_ns + 60_000, bytes(Ethernet(SERVER_MAC, GATEWAY_MAC, answer))))
    return found


def build(folder: Path) -> dict[str, Path]:
    """Write `server.pcapng`."""
    began = START_NS + 60 * SECOND
    rows = sorted(row for turn in range(FLOOD) for row in exchange(turn))
    story = [Listed(400 + place, began + at_ns, data) for place, (at_ns, data) in enumerate(rows)]
    hood = Neighbourhood(
        Station(SERVER, SERVER_MAC), (Station("10.15.4.2", GATEWAY_MAC), Station("10.15.4.3", GATEWAY_MAC))
    )
    return {"server": write_capture(folder / "server.pcapng", number_frames(story, hood, START_NS))}
