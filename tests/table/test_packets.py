"""The packet table grows, spills and names its rows without losing any."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.packets import UDP, Ethernet, IPv4
from tests.support.tables import decode
from wireproof.table import PacketTable, packets
from wireproof.table.packets import ROW_BYTES
from wireproof.table.schema import MARKS, PACKET_COLUMNS

FRAME = bytes(Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", IPv4("10.0.0.1", "10.0.0.2", UDP(1, 2, b"abc"))))


def fill(table: PacketTable, rows: int) -> None:
    table.reserve(rows)
    table.seq[:rows] = np.arange(rows)
    table.time_ns[:rows] = np.arange(rows) * -3
    table.count = rows


def test_what_is_there_stays_while_the_columns_grow() -> None:
    table = PacketTable(1)
    fill(table, 3000)
    table.reserve(50_000)
    assert table.room >= 50_000
    assert table.seq[:3000].tolist() == list(range(3000))
    assert table.time_ns[2999] == -8997


def test_columns_do_not_share_bytes() -> None:
    table = PacketTable(777)
    for place, column in enumerate(PACKET_COLUMNS):
        getattr(table, column.name)[:] = place
    for place, column in enumerate(PACKET_COLUMNS):
        values = getattr(table, column.name)
        assert values.dtype == np.dtype(column.dtype)
        assert len(values) == table.room
        assert (values == place).all(), column.name


def test_large_tables_live_in_a_file_and_keep_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packets, "SPILL_BYTES", 5000 * ROW_BYTES)
    table = PacketTable(4096)
    fill(table, 4000)
    assert not isinstance(table.seq.base, np.memmap)
    table.reserve(9000)
    assert isinstance(table.seq.base, np.memmap)
    assert table.seq[:4000].tolist() == list(range(4000))


def test_a_guess_never_takes_more_than_stays_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packets, "SPILL_BYTES", 10_000 * ROW_BYTES)
    table = PacketTable(10)
    table.expect(10**12)
    assert table.room == 10_000
    table.expect(0)
    assert table.room == 10_000


def test_trimmed_columns_have_one_entry_a_row() -> None:
    table, _ = decode([FRAME] * 3)
    assert len(table) == 3
    assert {len(getattr(table, column.name)) for column in PACKET_COLUMNS} == {3}


def test_a_row_s_number_is_that_of_the_frame_that_completed_it() -> None:
    table = PacketTable()
    fill(table, 5)
    table.outer = {3: 1, 4: 3}
    assert [table.number(row) for row in range(5)] == [1, 2, 3, 2, 2]


def test_marked_rows_are_found_by_the_mark_s_name() -> None:
    table, _ = decode([FRAME] * 3)
    table.marks[1] = MARKS["zero_window"] | MARKS["keep_alive"]
    assert table.marked("keep_alive").tolist() == [False, True, False]
    assert not table.marked("retransmission").any()


def test_polars_gets_every_column_and_the_frame_number() -> None:
    table, _ = decode([FRAME] * 2)
    frame = table.to_polars()
    assert frame.columns == ["frame", *(column.name for column in PACKET_COLUMNS)]
    assert frame["frame"].to_list() == [1, 2]
    assert frame["length"].to_list() == [3, 3]


@pytest.mark.parametrize("piece", [1, 3, 7, 1 << 20])
def test_rows_with_a_flag_are_found_piece_by_piece(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(packets, "PIECE_ROWS", piece)
    table = PacketTable()
    table.count = 7
    table.marks[:7] = [1, 0, 2, 3, 0, 0, 6]
    assert table.rows_with("marks", 2).tolist() == [2, 3, 6]
    assert table.rows_with("marks", 1 | 4, first=3).tolist() == [3, 6]
    assert table.rows_with("marks", 8).tolist() == []
    assert PacketTable().rows_with("layers", 1).tolist() == []


def test_frames_are_cited_by_the_numbers_that_a_listing_prints() -> None:
    table = PacketTable()
    table.count = table.frames = 3
    table.numbers = np.array([1917, 1921, 4392])
    assert [table.number(row) for row in range(3)] == [1917, 1921, 4392]
    assert [table.row_of(number) for number in (1917, 4392, 1918, 0, 5000)] == [0, 2, -1, -1, -1]


def test_frames_without_printed_numbers_count_from_one() -> None:
    table = PacketTable()
    table.count = table.frames = 2
    assert [table.row_of(number) for number in (1, 2, 3, 0)] == [0, 1, -1, -1]
