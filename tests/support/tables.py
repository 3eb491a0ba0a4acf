"""Frames straight into tables: through a real file that is closed again, or through the compiled passes alone.

Takes frames or a path, gives CaptureTables (whose rows can no longer be fetched from the file), or packets and
conversations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from tests.support.files import ETHERNET, SECOND, Frame, write_pcap
from wireproof.capture.frames import Batch
from wireproof.conversations import CaptureTables, Conversations, read_capture
from wireproof.conversations._track import Tracker
from wireproof.table import PacketTable
from wireproof.table.build import TableBuilder
from wireproof.table.schema import LAYERS, MARKS, PROBLEMS


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


def batch_of(frames: Sequence[Frame]) -> Batch:
    """Frames as one batch over one buffer, without a file."""
    held = np.array([len(frame.data) for frame in frames], np.uint32)
    return Batch(
        data=memoryview(b"".join(frame.data for frame in frames)),
        origin=0,
        count=len(frames),
        position=np.cumsum(held, dtype=np.uint32) - held,
        captured=held,
        original=np.array([frame.wire_length for frame in frames], np.uint32),
        time_ns=np.array([frame.time_ns for frame in frames], np.int64),
        interface=np.array([frame.interface for frame in frames], np.uint16),
    )


def decode(
    frames: Iterable[bytes | Frame], link_type: int = ETHERNET, in_batches_of: int = 1000
) -> tuple[PacketTable, Conversations]:
    """Decode and track frames without a file. Bytes are put at even distances; reassembly is left out."""
    given = [frame if isinstance(frame, Frame) else bytes(frame) for frame in frames]
    timed = [
        frame if isinstance(frame, Frame) else Frame(SECOND + 1_000_000 * place, frame)
        for place, frame in enumerate(given)
    ]
    packets = PacketTable()
    builder, tracker = TableBuilder(packets), Tracker()
    links = np.full(max((frame.interface for frame in timed), default=0) + 1, link_type, np.uint16)
    for start in range(0, len(timed), in_batches_of):
        builder.append(batch_of(timed[start : start + in_batches_of]), links)
        tracker.track(builder.headers, packets.time_ns, packets)
    packets.frames = packets.count
    packets.trim()
    return packets, Conversations(packets, tracker.facts())


def layers_of(packets: PacketTable, row: int = 0) -> set[str]:
    """Names of the layers found in a row."""
    return {name for name, bit in LAYERS.items() if int(packets.layers[row]) & bit}


def marks_of(packets: PacketTable, row: int) -> set[str]:
    """Names of the marks of a row."""
    return {name for name, bit in MARKS.items() if int(packets.marks[row]) & bit}


def check_sound(packets: PacketTable, talks: Conversations) -> None:
    """Assert what holds for every table, whatever bytes it was made from."""
    rows = np.arange(len(packets))
    for offsets in (packets.network_at, packets.transport_at):
        assert (offsets <= packets.captured).all()
    assert set(packets.problem.tolist()) <= set(PROBLEMS)
    assert not (packets.layers & ~np.uint32(sum(LAYERS.values()))).any()
    assert not (packets.marks & ~np.uint32(sum(MARKS.values()))).any()
    assert (packets.acks_row <= rows).all()
    assert (packets.conversation < len(talks)).all()
    assert (packets.conversation >= -1).all()
    sent = talks.facts["sides"]["packets"].sum() + talks.facts["icmp_errors"].sum()
    assert sent == (packets.conversation >= 0).sum()
