"""The first eight bytes behind a header, of many packets at once: enough to tell IKE from ESP on UDP 4500, and ESP packets apart.

Takes a capture's tables and rows; gives one array. Knows no protocol.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

CHUNK = 8192
HEAD = 8


def find_udp_rows(tables: CaptureTables, numbers: NDArray[np.int64], least: int = 1) -> NDArray[np.int64]:
    """Rows of these UDP conversations with at least `least` bytes of payload, in the order in which they were captured.

    Packets that ICMP errors quote are left out. A packet put together from others stands where the last of them stands.
    """
    packets = tables.packets
    if not len(numbers):
        return np.zeros(0, np.int64)
    rows = np.concatenate([tables.conversations.rows(number) for number in numbers.tolist()])
    layers = packets.layers[rows]
    good = (layers & LAYERS["udp"] != 0) & (layers & LAYERS["quoted"] == 0) & (packets.length[rows] >= least)
    return in_file_order(tables, np.sort(rows[good]))


def in_file_order(tables: CaptureTables, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ascending rows with the derived ones among them put behind the frame that completed each."""
    packets = tables.packets
    derived = rows[rows >= packets.frames]
    if not len(derived):
        return rows
    place = rows.copy()
    place[rows >= packets.frames] = [packets.number(row) - 1 for row in derived.tolist()]
    return np.asarray(rows[np.argsort(place, kind="stable")])


def read_heads(tables: CaptureTables, rows: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Eight bytes at offset `at` of each row's frame, shape (rows, 8); zeros where the file holds fewer."""
    heads = np.zeros((len(rows), HEAD), np.uint8)
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        frames = zip(tables.read_frames(rows[part]), at[part].tolist(), strict=True)
        raw = b"".join([frame[place : place + HEAD].ljust(HEAD, b"\0") for frame, place in frames])
        heads[part] = np.frombuffer(raw, np.uint8).reshape(-1, HEAD)
    return heads
