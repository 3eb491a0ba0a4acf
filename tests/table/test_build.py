"""A batch becomes rows: where its frames lie in the file, when they came, and what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.support.files import Frame
from tests.support.packets import UDP, Ethernet, IPv4
from tests.support.tables import batch_of
from wireproof.table import PacketTable
from wireproof.table.build import TableBuilder

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
FRAMES = [
    Frame(10 * size, bytes(Ethernet(*MACS, IPv4("10.0.0.1", "10.0.0.2", UDP(1, 2, bytes(size)))))) for size in range(5)
]
LINKS = np.array([1], np.uint16)


def test_offsets_count_from_the_start_of_the_file_beyond_4_gib() -> None:
    packets = PacketTable()
    batch = replace(batch_of(FRAMES), origin=5 << 32)
    TableBuilder(packets).append(batch, LINKS)
    assert packets.offset[:5].tolist() == [(5 << 32) + int(place) for place in batch.position]


def test_each_batch_is_appended_behind_the_one_before() -> None:
    packets = PacketTable()
    builder = TableBuilder(packets)
    for part in (FRAMES[:2], FRAMES[2:]):
        builder.append(batch_of(part), LINKS)
        assert builder.headers.count == len(part)
    assert builder.headers.first_row == 2
    assert packets.count == 5
    assert packets.time_ns[:5].tolist() == [0, 10, 20, 30, 40]
    assert packets.length[:5].tolist() == [0, 1, 2, 3, 4]
    assert packets.captured[:5].tolist() == packets.original[:5].tolist() == [len(frame.data) for frame in FRAMES]


def test_only_as_many_rows_as_the_batch_counts_are_taken() -> None:
    packets = PacketTable()
    TableBuilder(packets).append(replace(batch_of(FRAMES), count=3), LINKS)
    assert packets.count == 3


def test_an_empty_batch_adds_nothing() -> None:
    packets = PacketTable()
    TableBuilder(packets).append(replace(batch_of(FRAMES), count=0), LINKS)
    assert packets.count == 0
