"""The packet table: growth, spilling to a temporary file, frame numbers, Polars."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.path import Link, Point, World
from tests.support.talk import Close, Host, Send, Talk
from tests.support.verdicts import make_case
from wireproof.table import packets as module
from wireproof.table.packets import PacketTable
from wireproof.table.schema import PACKET_COLUMNS


def transfer(folder: Path) -> PacketTable:
    world = World([Point("client", at="client"), Link(1)])
    Talk(world, Host("10.0.0.1"), Host("10.0.0.2"), [Send("client", 300), Send("server", 40_000), Close("client")])
    return make_case(folder, world.captures()).points[0].packets


def test_columns_that_outgrow_their_share_of_memory_live_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = transfer(tmp_path)
    monkeypatch.setattr(module, "SPILL_BYTES", 1)
    spilled = transfer(tmp_path)
    assert isinstance(spilled.seq.base if not isinstance(spilled.seq, np.memmap) else spilled.seq, np.memmap)
    for column in PACKET_COLUMNS:
        assert np.array_equal(getattr(kept, column.name), getattr(spilled, column.name)), column.name


def test_growing_keeps_what_is_there() -> None:
    table = PacketTable(8)
    table.seq[:8] = np.arange(8)
    table.count = 8
    table.reserve(100_000)
    assert table.seq[:8].tolist() == list(range(8))
    table.trim()
    assert len(table.seq) == len(table) == 8


def test_a_derived_row_has_the_number_of_the_frame_that_completed_it() -> None:
    table = PacketTable()
    table.outer = {5: 3, 6: 5}
    assert [table.number(row) for row in (3, 5, 6)] == [4, 4, 4]


def test_the_polars_frame_has_every_column_and_the_frame_numbers(tmp_path: Path) -> None:
    table = transfer(tmp_path)
    frame = table.to_polars()
    assert frame.columns == ["frame", *(column.name for column in PACKET_COLUMNS)]
    assert frame["frame"].to_list()[:3] == [1, 2, 3]
    assert frame["seq"].to_list() == table.seq.tolist()
