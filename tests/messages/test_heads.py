"""First bytes of many packets at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.support.files import write_pcap
from tests.support.ike import at, datagram
from tests.support.packets import UDP, Ethernet, IPv4, fragment_v4
from wireproof.conversations import read_capture
from wireproof.messages.heads import find_udp_rows, read_heads

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")


def test_eight_bytes_of_each_row_and_zeros_behind_fewer(tmp_path: Path) -> None:
    tables = read_capture(write_pcap(tmp_path / "x.pcap", at((0, datagram(b"abcdefghij")), (1, datagram(b"xy")))))
    rows = find_udp_rows(tables, np.array([0]))
    heads = read_heads(tables, rows, tables.packets.payload_at[rows].astype(np.int64))
    # The second frame is padded to the least that Ethernet carries.
    assert heads[0].tobytes() == b"abcdefgh"
    assert heads[1].tobytes()[:2] == b"xy"
    tables.capture.close()


def test_what_came_in_fragments_stands_where_its_last_fragment_stands(tmp_path: Path) -> None:
    pieces = fragment_v4(IPv4("10.1.1.9", "131.107.0.2", UDP(500, 500, bytes(2000))), 1480)
    frames = [datagram(b"before"), *(bytes(Ethernet(*MACS, piece)) for piece in pieces), datagram(b"behind")]
    tables = read_capture(write_pcap(tmp_path / "x.pcap", at(*enumerate(frames))))
    rows = find_udp_rows(tables, np.array([0]))
    assert [tables.packets.number(row) for row in rows.tolist()] == [1, 3, 4]
    tables.capture.close()
