"""Datagrams of conversations: in file order, with their bytes, filtered by length."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.support.said_over import datagram, opened
from wireproof.messages.datagrams import read_datagrams


def test_datagrams_come_in_file_order_with_their_senders(tmp_path: Path) -> None:
    frames = [
        datagram("client", b"four"),
        datagram("client", b"other", (50002, 53)),
        datagram("server", b"eightbyt"),
        datagram("server", b""),
    ]
    with opened(tmp_path, frames) as tables:
        found = list(read_datagrams(tables, np.arange(2)))
        assert [(d.row, d.conversation, d.side, d.data, d.cut) for d in found] == [
            (0, 0, 0, b"four", False), (1, 1, 0, b"other", False), (2, 0, 1, b"eightbyt", False),
        ]  # fmt: skip
        assert [d.data for d in read_datagrams(tables, np.arange(2), least=5, multiple=4)] == [b"eightbyt"]
        assert found[2].place["time_ns"] == int(tables.packets.time_ns[2])
        assert list(read_datagrams(tables, np.zeros(0, np.int64))) == []


def test_what_the_capture_cut_is_marked(tmp_path: Path) -> None:
    with opened(tmp_path, [datagram("client", b"x" * 100)], snap_length=60) as tables:
        (found,) = read_datagrams(tables, np.arange(1))
    assert found.cut
    assert 0 < len(found.data) < 100
