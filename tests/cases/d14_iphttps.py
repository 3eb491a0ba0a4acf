"""IP-HTTPS client whose SYNs to 1.1.1.1:443 never reach the server: the client's listing, and a server without them.

Frame numbers, times, ports, sequence numbers and options are the printed ones. The server's capture holds healthy
sessions of other clients on the same port over the same minutes, as the article says that only these SYNs are missing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from examples.files import SECOND, Frame, write_capture
from examples.filler import Listed, Neighbourhood, Station, number_frames
from examples.packets import TCP, Ethernet, IPv4, mss, sack_permitted, wscale

CLIENT, SERVER = "192.168.99.7", "1.1.1.1"
CLIENT_MAC, GATEWAY_MAC = "00:1c:25:99:07:07", "00:1d:a1:99:00:01"
SERVER_MAC, SERVER_GATEWAY_MAC = "00:15:5d:01:01:01", "00:1d:a1:01:00:fe"

DAY_NS = int(datetime(2012, 5, 10, tzinfo=UTC).timestamp()) * SECOND
"""The article gives no date."""
START_NS = DAY_NS + (14 * 3600 + 40 * 60 + 13) * SECOND + 993_883_000
"""The listing's time since the start, 199.176755 s, at 14:43:33.170638."""

SYNS: tuple[tuple[int, str, int, int, bool], ...] = (
    (2657, "14:43:33.170638", 54007, 2446300399, True),
    (2693, "14:43:33.563827", 54008, 4024014335, False),
    (2736, "14:43:36.583165", 54008, 4024014335, False),
    (2839, "14:43:42.577128", 54008, 4024014335, False),
    (3482, "14:44:24.615646", 54023, 3215921282, True),
    (3516, "14:44:27.621705", 54023, 3215921282, True),
    (3585, "14:44:33.627033", 54023, 3215921282, False),
    (4432, "14:45:36.642904", 54035, 55761659, True),
    (4472, "14:45:39.638130", 54035, 55761659, True),
    (4539, "14:45:45.653327", 54035, 55761659, False),
    (6202, "14:48:00.662720", 54064, 2998968172, True),
    (6239, "14:48:03.672009", 54064, 2998968172, True),
    (6309, "14:48:09.673882", 54064, 2998968172, False),
)
"""Frame number, time of day, source port, sequence number, and whether the SYN offers window scaling."""

EXPECT: dict[str, Any] = {
    "rules": ("path-loss", "tcp-syn-unanswered"),
    "evidence": {"client": tuple(number for number, *_ in SYNS)},
    "where": "between client and server",
    "toward": "server",
}


HTTPSTUNNEL = """\
c:\\> netsh interface httpstunnel show interface
Last Error Code : 0x274c
err 0x274c
# for hex 0x274c / decimal 10060 :
WSAETIMEDOUT winerror.h
# A connection attempt failed because the connected party did
# not properly respond after a period of time, or established
# connection failed because connected host has failed to
# respond.
WSAETIMEDOUT winsock2.h
# 2 matches found for "0x274c"
"""


def time_of_day(text: str) -> int:
    """Nanoseconds since 1970 of a printed time of day."""
    hours, minutes, seconds = text.split(":")
    return DAY_NS + (int(hours) * 60 + int(minutes)) * 60 * SECOND + round(float(seconds) * 1e6) * 1000


def client_frames() -> list[Frame]:
    """The client's capture: thirteen SYNs in 6309 frames."""
    story = []
    for turn, (number, time, port, seq, scaled) in enumerate(SYNS):
        options = mss(1460) + (wscale(8) if scaled else b"") + sack_permitted()
        syn = IPv4(CLIENT, SERVER, TCP(port, 443, seq, 0, "S", 8192, options), ttl=128, ident=22000 + 13 * turn)
        story.append(Listed(number, time_of_day(time), bytes(Ethernet(CLIENT_MAC, GATEWAY_MAC, syn))))
    peers = (Station("192.168.99.100", "00:1c:25:99:64:64"), Station("192.168.99.20", "00:1c:25:99:14:14"))
    return number_frames(story, Neighbourhood(Station(CLIENT, CLIENT_MAC), peers), START_NS)


def remote_session(turn: int, start_ns: int) -> list[Frame]:
    """A healthy session of another client with the server: handshake, hello, answer, close."""
    client, port, seq, ack = f"203.0.113.{10 + turn}", 50100 + turn, 7_000_000 * turn + 11, 9_000_000 * turn + 7
    options = mss(1460) + wscale(8) + sack_permitted()
    hello = bytes.fromhex("1703010005") + b"hello"
    steps = (
        (0, True, TCP(port, 443, seq, 0, "S", 8192, options)),
        (1, False, TCP(443, port, ack, seq + 1, "SA", 8192, options)),
        (40, True, TCP(port, 443, seq + 1, ack + 1, "A", 256)),
        (42, True, TCP(port, 443, seq + 1, ack + 1, "PA", 256, payload=hello)),
        (43, False, TCP(443, port, ack + 1, seq + 11, "PA", 256, payload=hello)),
        (83, True, TCP(port, 443, seq + 11, ack + 11, "FA", 256)),
        (84, False, TCP(443, port, ack + 11, seq + 12, "FA", 256)),
        (124, True, TCP(port, 443, seq + 12, ack + 12, "A", 256)),
    )
    frames = []
    for milliseconds, upward, segment in steps:
        ident = 300 * turn + milliseconds
        up = IPv4(client, SERVER, segment, ttl=116, ident=ident)
        down = IPv4(SERVER, client, segment, ttl=128, ident=ident)
        ends = (SERVER_GATEWAY_MAC, SERVER_MAC) if upward else (SERVER_MAC, SERVER_GATEWAY_MAC)
        data = bytes(Ethernet(*ends, up if upward else down, padded=upward))
        frames.append(Frame(start_ns + milliseconds * 1_000_000, data))
    return frames


def server_frames() -> list[Frame]:
    """The server's capture: 40 sessions of others and local traffic over the ten minutes around the client's SYNs."""
    begin = START_NS - 20 * SECOND
    sessions = [frame for turn in range(40) for frame in remote_session(turn, begin + turn * 13 * SECOND + 7_000_000)]
    peers = (Station("1.1.1.250", "00:15:5d:01:01:fa"), Station("1.1.1.53", "00:15:5d:01:01:35"))
    hood = Neighbourhood(Station(SERVER, SERVER_MAC), peers)
    noise: list[Frame] = []
    for second in range(0, 530, 3):
        noise += [Frame(begin + second * SECOND + place * 250_000, data) for place, data in enumerate(hood.exchange(9))]
    return sorted(sessions + noise)


def build(folder: Path) -> dict[str, Path]:
    """Write `client.pcapng` and `server.pcapng`."""
    return {
        "client": write_capture(folder / "client.pcapng", client_frames()),
        "server": write_capture(folder / "server.pcapng", server_frames()),
    }


def build_folder(folder: Path) -> Path:
    """The case folder: both captures, and the client's output beside them."""
    build(folder)
    (folder / "httpstunnel.txt").write_text(HTTPSTUNNEL)
    return folder
