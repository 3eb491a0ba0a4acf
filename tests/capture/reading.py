"""Reads a capture whole, for tests that look at frames as bytes. Holds what every batch promises on the way."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import BinaryIO

from tests.support.files import Frame
from wireproof.capture import Capture, open_capture

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND


@dataclass
class Read:
    """What came out of a capture: per frame (time_ns, data, original length, interface), and where its bytes lie."""

    capture: Capture
    frames: list[tuple[int, bytes, int, int]] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)

    @property
    def notes(self) -> list[str]:
        """The texts of the capture's notes."""
        return [note.text for note in self.capture.notes]

    @property
    def data(self) -> list[bytes]:
        """The bytes of every frame."""
        return [frame[1] for frame in self.frames]


def walk(capture: Capture) -> Read:
    """Every frame of an open capture; fails when a frame does not lie inside its batch."""
    found = Read(capture)
    for batch in capture.batches():
        columns = (batch.position, batch.captured, batch.original, batch.time_ns, batch.interface)
        for row in zip(*(column[: batch.count].tolist() for column in columns), strict=True):
            position, captured, original, time_ns, interface = row
            assert position + captured <= len(batch.data)
            assert interface < len(capture.link_types)
            found.frames.append((time_ns, bytes(batch.data[position : position + captured]), original, interface))
            found.offsets.append(batch.origin + position)
    return found


def read(source: bytes | str | BinaryIO) -> Read:
    """Open bytes, a path or a file, and read it whole."""
    with open_capture(io.BytesIO(source) if isinstance(source, bytes) else source, name="test") as capture:
        return walk(capture)


def some_frames(count: int = 5, size: int = 60) -> list[Frame]:
    """Frames that differ in time, length and bytes."""
    return [
        Frame(START + number * 1_234_000, bytes((number + 1) % 251 for _ in range(size + number)))
        for number in range(count)
    ]


def rows(frames: list[Frame]) -> list[tuple[int, bytes, int, int]]:
    """The frames as `Read.frames` gives them."""
    return [(frame.time_ns, frame.data, frame.wire_length, frame.interface) for frame in frames]
