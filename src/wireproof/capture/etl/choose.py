"""Makes packets of what events say: one appearance of each packet that PktMon saw several times, parts put together.

Takes rows of PACKET_DTYPE, gives rows in order of time, one a packet. Knows no layout of events.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.etl.packets import (
    ENDS,
    ETHERNET,
    IEEE_802_11,
    RAW_IP,
    RECEIVED,
    STARTS,
    WHOLE,
)

LONGEST_JOINED = 1 << 20
"""Parts that make more than this are no packet: the longest that Windows hands a network card is 256 KiB."""
MOST_OPEN = 4096
"""Packets of which parts are held at a time: one a processor and interface is usual."""


@dataclass(frozen=True, slots=True)
class Appearances:
    """What PktMon saw: `chosen` has one row a packet, `drops` each event of a drop with its packet's row of `chosen`."""

    chosen: NDArray[Any]
    drops: NDArray[Any]
    dropped_row: NDArray[np.int64]


LINK_ORDER = np.full(256, 3, np.uint8)
LINK_ORDER[[ETHERNET, RAW_IP, IEEE_802_11]] = 0, 1, 2
"""Which appearance to prefer. Some Wi-Fi filters state 802.11 for what still is Ethernet, so it comes last."""


def choose_appearances(seen: NDArray[Any]) -> Appearances:
    """One appearance of each packet: the one nearest to the wire whose bytes start with a link header.

    A packet moves through the components in order of `appearance`. The first one is nearest to the wire for a received packet, the
    last one for a sent packet. Where none has an Ethernet header the IP packet is taken, then 802.11. The event of a drop is taken only
    where nothing else has that header.
    """
    order = np.lexsort((seen["ticks"], seen["appearance"], seen["number"], seen["group"]))
    seen = seen[order]
    packet = np.zeros(len(seen), np.int64)
    if len(seen):
        changes = (seen["group"][1:] != seen["group"][:-1]) | (seen["number"][1:] != seen["number"][:-1])
        packet[1:] = np.cumsum(changes)
    first = np.searchsorted(packet, packet)
    nearness = np.arange(len(seen)) - first
    nearness = np.where(seen["way"][first] == RECEIVED, nearness, -nearness)
    preferred = np.lexsort((nearness, seen["is_drop"], LINK_ORDER[seen["link"]], packet))
    chosen = preferred[np.searchsorted(packet, np.arange(packet[-1] + 1 if len(packet) else 0))]
    dropped = np.flatnonzero(seen["is_drop"])
    return Appearances(seen[chosen], seen[dropped], packet[dropped])


@dataclass(slots=True)
class Joined:
    """Packets that came in several events: `packets` has one row each, `parts` the places and lengths of its bytes in order.

    `lost` counts parts whose packet is not whole.
    """

    packets: NDArray[Any]
    parts: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    lost: int = 0


def join_parts(rows: NDArray[Any]) -> Joined:
    """Put packets together whose bytes came in several events, as Windows before 8.1 logs them. `rows` are in order of time.

    The parts of one packet follow one another on one processor and interface. The packet has the time of its last part.
    """
    whole = rows["edges"] == WHOLE
    joined = Joined(rows)
    if whole.all():
        return joined
    opened: dict[tuple[int, int, int], list[int]] = {}
    keep = whole.copy()
    for index in np.flatnonzero(~whole).tolist():
        row = rows[index]
        key = (int(row["processor"]), int(row["upper"]), int(row["lower"]))
        if row["edges"] & STARTS:
            joined.lost += len(opened.pop(key, ()))
            if len(opened) < MOST_OPEN:
                opened[key] = []
        if key not in opened:
            joined.lost += 1
            continue
        opened[key].append(index)
        if row["edges"] & ENDS:
            parts = opened.pop(key)
            keep[index] = _close(joined, rows, parts)
    joined.lost += sum(len(parts) for parts in opened.values())
    _renumber(joined, rows, keep)
    return joined


def _close(joined: Joined, rows: NDArray[Any], parts: list[int]) -> bool:
    """Note the parts under the index of the last one; False when they make no packet."""
    length = int(rows["captured"][parts].sum(dtype=np.int64))
    if length > LONGEST_JOINED:
        joined.lost += len(parts)
        return False
    joined.parts[parts[-1]] = [(int(rows["place"][part]), int(rows["captured"][part])) for part in parts]
    return True


def _renumber(joined: Joined, rows: NDArray[Any], keep: NDArray[np.bool_]) -> None:
    """Take out the rows that are not kept, and state the lengths of joined packets."""
    number = np.cumsum(keep) - 1
    joined.packets = rows[keep]
    joined.parts = {int(number[index]): parts for index, parts in joined.parts.items()}
    for row, parts in joined.parts.items():
        joined.packets["captured"][row] = sum(length for _, length in parts)
