"""The payloads of one UDP conversation, in the order in which they were captured.

Takes a capture's tables and a conversation; gives payloads, fetched a bounded group at a time. Knows no protocol above UDP.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

CHUNK = 2048
"""Frames held at a time."""


class Payload(NamedTuple):
    """The payload of one datagram: its row, who sent it, and what the file holds of it."""

    row: int
    side: int
    data: bytes


def read_payloads(tables: CaptureTables, number: int, begin: int = 0, end: int | None = None) -> Iterator[Payload]:
    """The payloads of a UDP conversation, from its packet `begin` up to `end`; what ICMP errors quote is left out."""
    packets = tables.packets
    rows = tables.conversations.rows(number)[begin:end]
    layers = packets.layers[rows]
    rows = rows[(layers & LAYERS["udp"] != 0) & (layers & LAYERS["quoted"] == 0) & (packets.length[rows] > 0)]
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        places = zip(part.tolist(), packets.payload_at[part].tolist(), packets.length[part].tolist(), strict=True)
        for (row, at, size), frame in zip(places, tables.read_frames(part), strict=True):
            yield Payload(row, int(packets.direction[row]), frame[at : at + size])
