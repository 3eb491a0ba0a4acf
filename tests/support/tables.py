"""Frames straight into tables, through a real file, with the file closed again.

Takes frames or a path, gives CaptureTables. Rows can no longer be fetched from the file; derived ones can.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.support.files import ETHERNET, SECOND, Frame, write_pcap
from wireproof.conversations import CaptureTables, read_capture


def read_closed(path: Path) -> CaptureTables:
    """Read a capture file and let go of it."""
    tables = read_capture(path)
    tables.capture.close()
    return tables


def spaced(frames: Iterable[bytes], gap_ns: int = 1_000_000) -> list[Frame]:
    """Frames at even distances, from one second past the epoch on."""
    return [Frame(SECOND + gap_ns * place, bytes(frame)) for place, frame in enumerate(frames)]


def read_frames(folder: Path, frames: Iterable[Frame], link_type: int = ETHERNET) -> CaptureTables:
    """Write frames as a nanosecond pcap into a folder and read it."""
    return read_closed(write_pcap(folder / "made.pcap", frames, link_type=link_type, nanoseconds=True))
