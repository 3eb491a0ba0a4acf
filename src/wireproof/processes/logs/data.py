"""The packets that carried what a log tells of connections, encrypted or not.

Takes a capture's tables and events of a log; gives the packets that may be them. Judges nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.logs.log import Anchor
from wireproof.processes.logs.connections import find_connection
from wireproof.processes.logs.estimate import EXACT_S, Sight
from wireproof.processes.logs.zones import QUARTER_NS, QUARTER_S, SECOND, ZONES_S

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

DATA = "tcp-data"
"""The kind of such events. Their key: the peer's end, the own end or "", who sent ("peer" or "own"), the line."""
NEAR_NS = 5 * SECOND
"""A record and its packet are written within milliseconds; clocks of two hosts may be some seconds apart."""
CONNECTIONS = 200
"""Connections of a log that are looked for."""
EVENTS, EVENTS_OF_ALL = 200, 2000
"""Events of one connection, and of all, that are looked for."""
BUSY = 0.5
"""Part of all moments beyond which the packets of a connection tell nothing."""


def find_data(tables: CaptureTables, anchors: Iterable[Anchor], witness: int = 0) -> Iterator[Sight]:
    """For each event of a connection that leaves no doubt, the nearest packet with data in every zone that has one near."""
    talks: dict[tuple[str, str], list[Anchor]] = defaultdict(list)
    for anchor in islice((anchor for anchor in anchors if anchor.kind == DATA), EVENTS_OF_ALL):
        talks[anchor.key[0], anchor.key[1]].append(anchor)
    for (peer, local), events in list(talks.items())[:CONNECTIONS]:
        place = find_connection(tables, local, peer)
        if place is None:
            continue
        for sender, side in (("peer", place[1]), ("own", 1 - place[1])):
            rows = data_rows(tables, place[0], side)
            own = [event for event in events[:EVENTS] if event.key[2] == sender]
            if own and len(rows):
                yield from _near(tables.packets.time_ns[rows].astype(np.int64), rows, own, witness)


def _near(times_ns: NDArray[np.int64], rows: NDArray[np.int64], events: list[Anchor], witness: int) -> Iterator[Sight]:
    order = np.argsort(times_ns, kind="stable")
    times_ns, rows = times_ns[order], rows[order]
    crowd = crowd_of(times_ns)
    if crowd > BUSY:
        return
    logged = np.array([event.time_ns for event in events], np.int64)
    begin, end = int(times_ns[0]) - NEAR_NS, int(times_ns[-1]) + NEAR_NS
    for zone_s in range(ZONES_S[0], ZONES_S[1] + QUARTER_S, QUARTER_S):
        moved = logged - zone_s * SECOND
        if moved.max() < begin or moved.min() > end:
            continue
        behind = np.minimum(np.searchsorted(times_ns, moved), len(times_ns) - 1)
        before = np.maximum(behind - 1, 0)
        best = np.where(np.abs(times_ns[behind] - moved) < np.abs(times_ns[before] - moved), behind, before)
        for place in np.flatnonzero(np.abs(times_ns[best] - moved) <= NEAR_NS).tolist():
            at = int(best[place])
            yield Sight(events[place], int(times_ns[at]), witness, int(rows[at]), crowd)


def crowd_of(times_ns: NDArray[np.int64]) -> float:
    """The part of all moments, of a clock whose quarter hour is not known, at which one of these times is within `EXACT_S`."""
    folded = np.sort(times_ns % QUARTER_NS)
    gaps = np.diff(folded, append=folded[0] + QUARTER_NS)
    return float(np.minimum(gaps, 2 * EXACT_S * SECOND).sum() / QUARTER_NS)


def data_rows(tables: CaptureTables, number: int, side: int) -> NDArray[np.int64]:
    """Rows of a side's packets with payload."""
    rows = tables.conversations.rows_of_side(number, side)
    return np.asarray(rows[tables.packets.length[rows] > 0], np.int64)
