"""Twenty ARP requests within a millisecond, each followed by the reset of an idle WSDAPI session: legitimate.

Addresses, the order of the requests, their distances in frame numbers and the printed session with 10.0.80.202 are the
article's. Its capture has 326,000 frames; here the burst starts at frame 437 and the session at 194, and `SHIFTS` leads
to the printed numbers. `build` can also write the capture with those.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from examples.files import SECOND, write_capture
from examples.filler import Listed, Neighbourhood, Station, number_frames
from examples.packets import TCP, Ethernet, IPv4, arp_reply, arp_request, mss, wscale
from tests.support.talk import text_of

CLIENT, CLIENT_MAC = "10.0.80.1", "00:1f:29:10:11:91"
DEVICE_PORT = 5357
PRINTED_SOURCE = "00:23:7d:11:21:6b"
PEERS = (202, 165, 83, 59, 220, 215, 28, 60, 127, 81, 29, 98, 65, 129, 37, 239, 15, 26, 235, 77)
"""Last parts of the addresses asked for, in order."""
REQUESTS = (437, 438, 440, 441, 442, 443, 451, 453, 454, 455, 458, 462, 465, 467, 468, 470, 471, 472, 473, 475)
REPLY_202, RESET_202 = 483, 484
SESSION_202 = (194, 196, 197, 200, 201, 208, 209, 213, 333, 334, 336)
SHIFTS = {"session": 62800, "burst": 326000}
"""What to add to these frame numbers to have the printed ones."""

START_NS = int(datetime(2010, 3, 9, 8, 30, tzinfo=UTC).timestamp()) * SECOND
SESSION_NS = START_NS + 4_212_011_000
BURST_NS = SESSION_NS + 46_800_000 + 115_073_211_000

EXPECT: dict[str, Any] = {
    "rules": ("arp-burst",),
    "severity": "info",
    "count": len(PEERS),
    "evidence": {"capture": (*REQUESTS, RESET_202)},
    "source": CLIENT,
    "port": DEVICE_PORT,
    "quiet": ("tcp-idle-reset", "arp-unanswered", "tcp-connection-refused"),
}


def address(peer: int) -> str:
    """A device's address."""
    return f"10.0.80.{peer}"


def mac(peer: int) -> str:
    """A device's MAC; the first one's is printed."""
    return "00:23:7d:13:2f:6b" if peer == 202 else f"00:23:7d:13:{peer % 7:02x}:{peer:02x}"


def session(peer: int) -> list[tuple[int, bytes]]:
    """The printed session of eleven frames with one device: (µs since its start, frame)."""
    port = 59327 + PEERS.index(peer)
    mine, theirs = 1_000_000 + peer * 7919, 9_000_000 + peer * 104729
    rows = (
        (0, True, "S", 0, 0, 8192, mss(1460) + wscale(2), 0),
        (0, False, "SA", 0, 1, 8192, mss(1460) + wscale(8), 0),
        (0, True, "A", 1, 1, 16425, b"", 0),
        (0, True, "PA", 1, 1, 16425, b"", 223),
        (0, True, "PA", 224, 1, 16425, b"", 658),
        (0, False, "A", 1, 882, 256, b"", 0),
        (46_800, False, "A", 1, 882, 256, b"", 1460),
        (46_800, False, "PA", 1461, 882, 256, b"", 908),
        (46_800, True, "A", 882, 2369, 16425, b"", 0),
    )
    frames = [(0, bytes(arp_request(CLIENT_MAC, CLIENT, address(peer)))), (0, reply(peer))]
    for microseconds, upward, flags, seq, ack, window, options, size in rows:
        own, other = (mine, theirs) if upward else (theirs, mine)
        ports = (port, DEVICE_PORT) if upward else (DEVICE_PORT, port)
        segment = TCP(*ports, own + seq, other + ack if "A" in flags else 0, flags, window, options, text_of(size))
        frames.append((microseconds, framed(peer, segment, upward)))
    return frames


def framed(peer: int, segment: TCP, upward: bool) -> bytes:
    """A segment between the client and a device, with identifications that count up per session."""
    ends = (CLIENT, address(peer)) if upward else (address(peer), CLIENT)
    packet = IPv4(*ends, segment, ttl=128, ident=(segment.seq + segment.ack) % 65536)
    macs = (CLIENT_MAC, mac(peer)) if upward else (mac(peer), CLIENT_MAC)
    return bytes(Ethernet(*macs, packet, padded=not upward))


def reply(peer: int) -> bytes:
    """A device's ARP answer. The first one's frame comes from another MAC than it tells, as printed."""
    frame = arp_reply(mac(peer), address(peer), CLIENT_MAC, CLIENT)
    return bytes(replace(frame, source=PRINTED_SOURCE) if peer == 202 else frame)


def reset(peer: int) -> bytes:
    """The client's reset of its session with a device."""
    port = 59327 + PEERS.index(peer)
    seq, ack = 1_000_000 + peer * 7919 + 882, 9_000_000 + peer * 104729 + 2369
    return framed(peer, TCP(port, DEVICE_PORT, seq, ack, "RA", 0), upward=True)


def opening() -> list[Listed]:
    """All sessions: that with .202 at its frame numbers, ten others between, nine after it."""
    rows = zip(SESSION_202, session(202), strict=True)
    found = [Listed(number, SESSION_NS + microseconds * 1000, data) for number, (microseconds, data) in rows]
    free = iter(range(SESSION_202[7] + 1, SESSION_202[8]))
    after = iter(range(SESSION_202[-1] + 1, REQUESTS[0]))
    for turn, peer in enumerate(PEERS[1:], start=1):
        start_ns = SESSION_NS + turn * (2_000_000 if turn <= 10 else 50_000_000)
        numbers = free if turn <= 10 else after
        found += [
            Listed(next(numbers), start_ns + (place * 150 if turn <= 10 else microseconds) * 1000, data)
            for place, (microseconds, data) in enumerate(session(peer))
        ]
    return found


def burst() -> list[Listed]:
    """The requests at their numbers; each device's answer and reset in the numbers left between and after them."""
    asked = [arp_request(CLIENT_MAC, CLIENT, address(peer)) for peer in PEERS]
    found = [Listed(number, BURST_NS, bytes(data)) for number, data in zip(REQUESTS, asked, strict=True)]
    found += [Listed(REPLY_202, BURST_NS, reply(202)), Listed(RESET_202, BURST_NS, reset(202))]
    free = [n for left, right in pairwise(REQUESTS) for n in range(left + 1, right)]
    free += [*range(REQUESTS[-1] + 1, REPLY_202), *range(RESET_202 + 1, RESET_202 + 60)]
    answers = [(REQUESTS[turn], data) for turn, peer in enumerate(PEERS) if turn for data in (reply(peer), reset(peer))]
    for after, data in answers:
        number = next(number for number in free if number > after)
        free.remove(number)
        found.append(Listed(number, BURST_NS, data))
    return found


def build(folder: Path, printed_numbers: bool = False) -> dict[str, Path]:
    """Write `capture.pcapng`; with the printed frame numbers it takes 30 MB and a few seconds."""
    shifts = SHIFTS if printed_numbers else {"session": 0, "burst": 0}
    story = [row._replace(number=row.number + shifts["session"]) for row in opening()]
    story += [row._replace(number=row.number + shifts["burst"]) for row in burst()]
    peers = (Station("10.0.80.250", "00:1f:29:10:22:fa"), Station("10.0.80.253", "00:1f:29:10:22:fd"))
    hood = Neighbourhood(Station(CLIENT, CLIENT_MAC), peers)
    return {"capture": write_capture(folder / "capture.pcapng", number_frames(story, hood, START_NS, tail=80))}
