"""A small TCP session as frames, for the tests of this family; checksums of either side as wanted."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.files import Frame
from tests.support.packets import RIGHT, TCP, Ethernet, IPv4

CLIENT, SERVER = "10.1.1.9", "10.1.2.8"
CLIENT_MAC, SERVER_MAC = "02:00:00:00:00:09", "02:00:00:00:00:08"
GIVEN = 40
"""Bytes in each answer."""
STEP_NS = 10_000_000

Checksum = Callable[[int], int]
"""Checksum of a sender's n-th segment, or one of the builder's marks."""


def right(_turn: int) -> int:
    """Every checksum is right."""
    return RIGHT


def session(turns: int = 8, up: Checksum = right, down: Checksum = right) -> list[Frame]:
    """A handshake, and so many questions with answers; the client's frames are not padded yet."""
    frames: list[Frame] = []
    seq, ack = 1000, 5000

    def add(upward: bool, flags: str, payload: bytes = b"") -> None:
        turn = len(frames)
        numbers = (seq, ack) if upward else (ack, seq)
        ends, ports = ((CLIENT, SERVER), (50000, 80)) if upward else ((SERVER, CLIENT), (80, 50000))
        macs = (CLIENT_MAC, SERVER_MAC) if upward else (SERVER_MAC, CLIENT_MAC)
        checksum = (up if upward else down)(turn)
        segment = TCP(*ports, numbers[0], numbers[1] if "A" in flags else 0, flags, payload=payload, checksum=checksum)
        frames.append(
            Frame(turn * STEP_NS, bytes(Ethernet(*macs, IPv4(*ends, segment, ident=turn), padded=not upward)))
        )

    add(True, "S")
    add(False, "SA")
    seq, ack = seq + 1, ack + 1
    add(True, "A")
    for turn in range(turns):
        add(True, "PA", b"ask%04d" % turn)
        seq += 7
        add(False, "PA", b"give%04d" % turn + bytes(GIVEN - 8))
        ack += GIVEN
    return frames
