"""Frames found inside others get rows of their own that point at their carrier."""

from __future__ import annotations

import numpy as np

from tests.support.files import Frame
from tests.support.packets import TCP, UDP, Ethernet, IPv4
from tests.support.tables import batch_of
from wireproof.conversations import derived
from wireproof.conversations._track import Tracker
from wireproof.conversations.derived import DerivedFrame, append_derived
from wireproof.table import PacketTable
from wireproof.table.build import TableBuilder
from wireproof.table.schema import LAYERS

CARRIER = bytes(Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", IPv4("10.0.0.1", "10.0.0.2", UDP(1, 2, b"tunnel"))))
INNER = bytes(IPv4("10.1.0.1", "10.1.0.2", TCP(1099, 80, seq=5, payload=b"abc")))


def carriers() -> tuple[TableBuilder, Tracker]:
    """Three carrying frames, the last from a second interface."""
    packets, tracker = PacketTable(), Tracker()
    builder = TableBuilder(packets)
    frames = [Frame(100, CARRIER), Frame(200, CARRIER), Frame(300, CARRIER, interface=1)]
    builder.append(batch_of(frames), np.array([1, 1], np.uint16))
    tracker.track(builder.headers, packets.time_ns, packets)
    packets.frames = packets.count
    return builder, tracker


def test_a_row_is_added_that_takes_time_place_and_interface_from_its_carrier() -> None:
    builder, tracker = carriers()
    kept = append_derived([DerivedFrame(INNER, len(INNER), 2), DerivedFrame(INNER, 4000, 1)], builder, tracker)
    packets = builder.packets
    assert kept == {3: INNER, 4: INNER}
    assert packets.count == 5
    assert packets.frames == 3
    assert packets.outer == {3: 2, 4: 1}
    assert packets.time_ns[3:5].tolist() == [300, 200]
    assert packets.interface[3:5].tolist() == [1, 0]
    assert packets.offset[3:5].tolist() == packets.offset[[2, 1]].tolist()
    assert packets.captured[3:5].tolist() == [len(INNER)] * 2
    assert packets.original[3:5].tolist() == [len(INNER), 4000]


def test_what_is_inside_is_decoded_and_followed() -> None:
    builder, tracker = carriers()
    append_derived([DerivedFrame(INNER, len(INNER), 0)], builder, tracker)
    packets = builder.packets
    assert packets.layers[3] == LAYERS["ipv4"] | LAYERS["tcp"] | LAYERS["derived"]
    assert (packets.seq[3], packets.length[3], packets.conversation[3]) == (5, 3, 1)


def test_no_frames_add_no_rows() -> None:
    builder, tracker = carriers()
    assert append_derived([], builder, tracker) == {}
    assert builder.packets.count == 3


def test_many_frames_go_in_batches(monkeypatch: object) -> None:
    monkeypatch.setattr(derived, "BATCH_FRAMES", 3)
    monkeypatch.setattr(derived, "BATCH_BYTES", 2 * len(INNER))
    builder, tracker = carriers()
    kept = append_derived((DerivedFrame(INNER, len(INNER), row % 3) for row in range(7)), builder, tracker)
    assert list(kept) == list(range(3, 10))
    assert builder.packets.outer == {3 + row: row % 3 for row in range(7)}
