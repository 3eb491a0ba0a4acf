"""The frame table: its entries a few at a time, what leads nowhere counted, and what is no table not believed."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
import pytest

from wireproof.capture import netmon_index
from wireproof.capture.netmon_index import FrameTable
from wireproof.capture.netmon_layout import Header

AT = 1000
REACH = 2000


def open_table(entries: Sequence[int], missing: int = 0) -> FrameTable:
    """A table of entries at `AT`, the last bytes of which are missing from the file."""
    data = bytes(AT) + struct.pack(f"<{len(entries)}I", *entries)
    data = data[: len(data) - missing]
    header = Header(2, 0, 1, 0, (AT, 4 * len(entries)), (0, 0), (0, 0))
    return FrameTable(lambda at, count: data[at : at + count], header)


def test_entries_come_in_their_order_and_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netmon_index, "ROWS", 3)
    table = open_table([500, 100, 300, 200, 400])
    assert [table.take(REACH).tolist() for _ in range(3)] == [[500, 100, 300], [200, 400], []]
    assert table.is_whole(REACH)
    assert table.bad == 0


def test_entries_outside_the_file_are_counted_with_the_first_place() -> None:
    table = open_table([100, 5, 200, REACH - 10, 300])
    assert table.take(REACH).tolist() == [100, 200, 300]
    table.mark_bad(np.array([300]))
    assert (table.bad, table.bad_at) == (3, 5)


@pytest.mark.parametrize("missing", [1, 4, 7])
def test_a_cut_table_gives_what_is_there_and_is_not_whole(missing: int) -> None:
    table = open_table([100, 200, 300], missing)
    assert table.take(REACH).tolist() == [100, 200, 300][: (12 - missing) // 4]
    assert not table.take(REACH).size
    assert not table.is_whole(REACH)


def test_a_table_of_which_most_leads_elsewhere_is_none() -> None:
    table = open_table([100, 9, 9, 9])
    assert not table.take(REACH).size
    assert not table.is_whole(REACH)
    assert table.bad == 0


def test_a_table_without_entries_is_whole_where_it_stands_in_the_file() -> None:
    assert open_table([]).is_whole(REACH)
    assert not open_table([]).is_whole(AT - 1)
