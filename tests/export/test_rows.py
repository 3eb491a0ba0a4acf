"""Rows found inside others stand where those stand that completed them."""

from __future__ import annotations

import numpy as np

from wireproof.export.rows import RowOrder
from wireproof.table import PacketTable


def table(count: int, outer: dict[int, int]) -> PacketTable:
    """A table of so many frames, and rows behind them."""
    packets = PacketTable()
    packets.frames, packets.count, packets.outer = count, count + len(outer), outer
    return packets


def test_frames_are_their_own_order() -> None:
    order, rows = RowOrder(table(5, {})), np.arange(5)
    assert order.ranks(rows).tolist() == order.rows(rows).tolist() == rows.tolist()
    assert order.numbers(rows).tolist() == [1, 2, 3, 4, 5]


def test_inner_rows_follow_their_outer_ones_however_deep() -> None:
    order = RowOrder(table(3, {3: 0, 4: 0, 5: 1, 6: 5}))
    assert order.rows(np.arange(7)).tolist() == [0, 3, 4, 1, 5, 6, 2]
    assert order.rows(order.ranks(np.arange(7))).tolist() == list(range(7))
    assert order.numbers(np.array([3, 5, 6, 2])).tolist() == [1, 2, 2, 3]
