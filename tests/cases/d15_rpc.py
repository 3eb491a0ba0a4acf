"""SCCM client push: the DCOM activation answers with port 1431, and the SYNs to it never reach the client.

The server's frame numbers, times, sequence numbers and the activation's figures are the printed ones. The client's
capture holds the session with port 135 and no SYN to port 1431; its frame numbers and clock are chosen.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from examples.files import SECOND, Frame, write_capture
from examples.filler import Listed, Neighbourhood, Station, number_frames
from examples.packets import OFFLOADED, TCP, Ethernet, IPv4, mss, sack_permitted, wscale
from tests.support import dcom

SERVER, CLIENT = "10.0.9.149", "10.102.0.230"
SERVER_MAC, GATEWAY_MAC = "00:22:64:08:91:a6", "00:22:90:e3:b7:80"
CLIENT_MAC, CLIENT_GATEWAY_MAC = "00:1c:c0:66:00:e6", "00:22:90:66:00:01"
PORT_135, PORT_1431 = (51763, 135), (51785, 1431)
SERVER_ISN, CLIENT_ISN, SECOND_ISN = 2250995253, 1315818582, 1764982397
START_NS = int(datetime(2012, 9, 5, 14, 42, 13, tzinfo=UTC).timestamp()) * SECOND + 200_000_000
"""Second 0 of the server's trace, for which 34.03 s is 14:42:47."""
CLIENT_CLOCK_NS, HALF_TRIP_NS = 37_200_000_000, 1_330_000
GROUP, CALL = 0xBB15, 3
PIPES = (
    "PIPE\\atsvc",
    "PIPE\\wkssvc",
    "pipe\\keysvc",
    "PIPE\\srvsvc",
    "pipe\\trkwks",
    "PIPE\\W32TIME",
    "PIPE\\ROUTER",
    "PIPE\\winreg",
)
"""The listing leaves one binding out, as its count of words shows; the last one stands for it."""
BINDINGS = (
    *((dcom.PIPE_TOWER, f"\\\\CLIENTNAME[\\{pipe}]") for pipe in PIPES),
    (dcom.TCP_TOWER, "CLIENTNAME[1431]"),
    (dcom.TCP_TOWER, "10.102.0.230[1431]"),
)
BIND = dcom.bind(dcom.BIND, CALL, 1493, GROUP)
BIND_ACK = dcom.bind_answer(dcom.BIND_ACK, CALL, 176, GROUP)
ALTER = dcom.bind(dcom.ALTER, CALL, 177, GROUP)
ALTERED = dcom.bind_answer(dcom.ALTER_ANSWER, CALL, 111, GROUP)
CREATE = dcom.create_instance(CALL, "feee1975-b61e-42eb-b500-939ea5ee4b2a")
CREATED = dcom.create_instance_answer(
    CALL, 0xB8957F961925A2BB, "0000b400-0580-0000-9a5e-c2357038b9df", dcom.string_bindings(BINDINGS, 378, 263)
)

Row = tuple[int, float, bool, str, int, bytes]
SESSION_135: tuple[Row, ...] = (
    (5851, 34.0337296, True, "S", 8192, b""),
    (5852, 34.0364843, False, "SA", 65535, b""),
    (5853, 34.0365076, True, "A", 258, b""),
    (5877, 34.0610846, True, "A", 258, BIND[:1460]),
    (5878, 34.0610867, True, "PA", 258, BIND[1460:]),
    (5880, 34.0642128, False, "A", 65535, b""),
    (5882, 34.0748352, False, "PA", 65535, BIND_ACK),
    (5883, 34.0750212, True, "PA", 257, ALTER),
    (5884, 34.0785470, False, "PA", 65358, ALTERED),
    (5885, 34.0786863, True, "PA", 257, CREATE),
    (5886, 34.0848992, False, "PA", 64489, CREATED),
    (5921, 34.2850113, True, "A", 253, b""),
)
"""Server frame number, second, whether the server (which opened the session) sends, flags, window, payload."""
SYNS_1431 = ((8980, 55.1014127), (9390, 58.1101896), (11236, 64.1163158))

EXPECT: dict[str, Any] = {
    "rules": ("path-loss", "rpc-port-blocked", "tcp-syn-unanswered"),
    "evidence": {"server": tuple(number for number, _ in SYNS_1431)},
    "answer": {"server": 5886},
    "port": 1431,
    "backoff_s": (3.0, 6.0),
    "where": "between server and client",
}


def at_server(second: float) -> int:
    """Nanoseconds since 1970 of a second of the server's trace."""
    return START_NS + round(second * 1e7) * 100


def session_packets() -> list[tuple[int, int, IPv4]]:
    """The session with port 135 as sent: (server frame number, server time, packet)."""
    nxt = {True: SERVER_ISN, False: CLIENT_ISN}
    found = []
    for place, (number, second, outward, flags, window, payload) in enumerate(SESSION_135):
        options = b""
        if "S" in flags:
            options = mss(1460) + wscale(8 if outward else 0) + sack_permitted()
        ports = PORT_135 if outward else PORT_135[::-1]
        ack = nxt[not outward] if "A" in flags else 0
        segment = TCP(*ports, nxt[outward], ack, flags, window, options, payload)
        nxt[outward] += segment.length
        ends = (SERVER, CLIENT) if outward else (CLIENT, SERVER)
        ident = 639 if payload is CREATE else (620 if outward else 41800) + place
        found.append((number, at_server(second), IPv4(*ends, segment, ttl=128, ident=ident)))
    return found


def seen_at(host: str, packet: IPv4) -> bytes:
    """The frame as a capture on one of the two hosts holds it."""
    sent, segment = packet.source == host, packet.upper
    assert isinstance(segment, TCP)
    if sent and host == SERVER:
        packet = replace(packet, upper=replace(segment, checksum=OFFLOADED))
    macs = (SERVER_MAC, GATEWAY_MAC) if host == SERVER else (CLIENT_MAC, CLIENT_GATEWAY_MAC)
    aged = packet if sent else replace(packet, ttl=packet.ttl - 4)
    return bytes(Ethernet(*(macs if sent else macs[::-1]), aged, padded=not sent))


def server_frames() -> list[Frame]:
    """The server's capture, 11,236 frames and a few more."""
    story = [Listed(number, time_ns, seen_at(SERVER, packet)) for number, time_ns, packet in session_packets()]
    for turn, (number, second) in enumerate(SYNS_1431):
        syn = TCP(*PORT_1431, SECOND_ISN, 0, "S", 8192, mss(1460) + (wscale(8) if turn < 2 else b"") + sack_permitted())
        packet = IPv4(SERVER, CLIENT, syn, ttl=128, ident=1290 + 37 * turn)
        story.append(Listed(number, at_server(second), seen_at(SERVER, packet)))
    peers = (Station("10.0.9.20", "00:22:64:08:91:20"), Station("10.0.9.53", "00:22:64:08:91:53"))
    return number_frames(story, Neighbourhood(Station(SERVER, SERVER_MAC), peers), START_NS)


def client_frames() -> list[Frame]:
    """The client's capture over the same minute and more, with its own clock."""
    story = []
    for turn, (_, time_ns, packet) in enumerate(session_packets()):
        arrival_ns = HALF_TRIP_NS if packet.source == SERVER else -HALF_TRIP_NS
        local_ns = time_ns + arrival_ns + CLIENT_CLOCK_NS
        story.append(Listed(311 + 2 * turn, local_ns, seen_at(CLIENT, packet)))
    peers = (Station("10.102.0.20", "00:1c:c0:66:00:20"), Station("10.102.0.53", "00:1c:c0:66:00:53"))
    hood = Neighbourhood(Station(CLIENT, CLIENT_MAC), peers)
    frames = number_frames(sorted(story), hood, START_NS + CLIENT_CLOCK_NS + 5 * SECOND)
    last_ns = frames[-1].time_ns
    later = (Frame(last_ns + turn * SECOND, data) for turn in range(1, 50) for data in hood.exchange(2))
    return frames + list(later)


def build(folder: Path) -> dict[str, Path]:
    """Write `server.pcapng` and `client.pcapng`."""
    return {
        "server": write_capture(folder / "server.pcapng", server_frames()),
        "client": write_capture(folder / "client.pcapng", client_frames()),
    }
