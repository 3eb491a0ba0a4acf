"""Rows that are kept: byte for byte, with the comments that they had, and those that Ethernet can't carry counted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from tests.export.clearing import handshake, read_made
from tests.export.sources import frames_of
from wireproof.export.comments import Comments
from wireproof.export.kept import KeptRows
from wireproof.export.rows import RowOrder


def test_rows_come_as_they_are(tmp_path: Path) -> None:
    tables = read_made(tmp_path, handshake())
    left_out: Counter[str] = Counter()
    source = KeptRows(tables, np.array([2, 0]), Comments(tables, RowOrder(tables.packets)), left_out, None)
    assert source.times.tolist() == tables.packets.time_ns[[2, 0]].tolist()
    made = source.make(np.array([0, 1]))
    assert frames_of(made) == tables.read_frames([2, 0])
    assert made.written.all()
    assert made.carriers.rows.tolist() == [2, 0]
    assert not left_out


def test_what_ethernet_cannot_carry_is_counted(tmp_path: Path) -> None:
    tables = read_made(tmp_path, [b"\x01\x02\x03\x04"], link_type=147)
    left_out: Counter[str] = Counter()
    made = KeptRows(tables, np.array([0]), Comments(tables, RowOrder(tables.packets)), left_out, None).make(
        np.array([0])
    )
    assert not made.written.any()
    assert left_out.total() == 1
