"""Nagle against delayed acknowledgment: a Windows and a UNIX server lose 300 ms in every transaction.

The printed transaction (frames 3562 to 3585) stands among earlier and later ones of its kind on one connection, whose
handshake is not in the capture. Capture point is the Windows server, as its unpadded frames show.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from examples.files import SECOND, write_capture
from examples.filler import Listed, Neighbourhood, Station, number_frames
from examples.packets import TCP, Ethernet, IPv4

WINDOWS, UNIX = ("10.15.28.40", 51122), ("10.95.2.40", 7890)
WINDOWS_MAC, GATEWAY_MAC = "00:25:b3:0f:28:40", "00:1e:be:15:28:01"
DAY_NS = int(datetime(2012, 12, 12, 18, 19, tzinfo=UTC).timestamp()) * SECOND

PRINTED: tuple[tuple[int, int, bool, str, int, int, int, int], ...] = (
    (3562, 53_258_784, True, "PA", 2654579738, 1586267028, 253, 323),
    (3563, 53_359_881, False, "A", 1586267028, 2654580061, 49640, 0),
    (3564, 53_359_939, False, "PA", 1586267028, 2654580061, 49640, 6),
    (3566, 53_550_528, True, "A", 2654580061, 1586267034, 253, 0),
    (3567, 53_551_151, False, "PA", 1586267034, 2654580061, 49640, 276),
    (3585, 53_753_770, True, "A", 2654580061, 1586267310, 252, 0),
)
"""Frame number, µs after 18:19, whether Windows sends, flags, sequence and acknowledgment number, window, bytes."""
ASKED, ANSWERED = 323, 282
"""Bytes that one transaction moves each way."""
BEFORE, AFTER = 60, 25
"""Transactions of the same kind around the printed one."""
FRAMES_EACH = 40
"""Distance of their frame numbers: the transaction's own six and other traffic."""

EXPECT: dict[str, Any] = {
    "rules": ("tcp-delayed-ack",),
    "delays_ack": "10.15.28.40",
    "waits": "10.95.2.40",
    "evidence": {"capture": (3564, 3566, 3567)},
    "delayed_ack_ms": 190.6,
    "stalls": BEFORE + 1 + AFTER,
    "write_sizes": (6, 276),
    "conversation": ("10.15.28.40:51122", "10.95.2.40:7890"),
}


def transaction(distance: int) -> list[Listed]:
    """The printed transaction, or the one that is `distance` transactions after it, with slightly other delays."""
    rows = []
    for place, (number, microseconds, sent, flags, printed_seq, printed_ack, window, size) in enumerate(PRINTED):
        moved, answered = (ASKED, ANSWERED) if sent else (ANSWERED, ASKED)
        seq, ack = printed_seq + distance * moved, printed_ack + distance * answered
        segment = TCP(*ports(sent), seq, ack, flags, window, payload=b"x" * size)
        jitter = (place >= 1) * (distance * 37 % 19) * 150 + (place >= 3) * (distance * 53 % 17) * 120
        time_ns = DAY_NS + (microseconds + distance * 700_000 + jitter) * 1000
        addresses = (WINDOWS[0], UNIX[0]) if sent else (UNIX[0], WINDOWS[0])
        packet = IPv4(*addresses, segment, ttl=128 if sent else 60, ident=(number * 7 + distance) % 65536)
        macs = (WINDOWS_MAC, GATEWAY_MAC) if sent else (GATEWAY_MAC, WINDOWS_MAC)
        frame = bytes(Ethernet(*macs, packet, padded=not sent))
        rows.append(Listed(number + distance * FRAMES_EACH, time_ns, frame))
    return rows


def ports(sent: bool) -> tuple[int, int]:
    """Source and target port by direction."""
    return (WINDOWS[1], UNIX[1]) if sent else (UNIX[1], WINDOWS[1])


def build(folder: Path) -> dict[str, Path]:
    """Write `capture.pcapng`: 86 transactions on one connection."""
    story = [row for distance in range(-BEFORE, AFTER + 1) for row in transaction(distance)]
    peers = (Station("10.15.28.20", "00:25:b3:0f:28:20"), Station("10.15.28.53", "00:25:b3:0f:28:53"))
    hood = Neighbourhood(Station(WINDOWS[0], WINDOWS_MAC), peers)
    start_ns = story[0].time_ns - 60 * SECOND
    return {"capture": write_capture(folder / "capture.pcapng", number_frames(story, hood, start_ns))}
