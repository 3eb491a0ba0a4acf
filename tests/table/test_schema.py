"""The schema: names and codes that are each used once and explained."""

from __future__ import annotations

from wireproof.table.packets import PacketTable
from wireproof.table.schema import LAYERS, MARKS, PACKET_COLUMNS, PROBLEMS


def test_every_column_is_explained_once_and_has_an_attribute() -> None:
    names = [column.name for column in PACKET_COLUMNS]
    assert len(set(names)) == len(names)
    assert all(column.meaning and column.filled_by in {"walk", "decode", "track"} for column in PACKET_COLUMNS)
    assert all(hasattr(PacketTable(), name) for name in names)


def test_bits_are_single_and_distinct() -> None:
    for bits in (LAYERS, MARKS):
        assert all(value & (value - 1) == 0 for value in bits.values())
        assert len(set(bits.values())) == len(bits)


def test_every_problem_has_words() -> None:
    assert [code for code, text in PROBLEMS.items() if not text] == [0]
