"""Connections that a log names by their ends, and the packets that carried what it tells, encrypted or not.

Takes a capture's tables and events of a log; gives the times at which the capture shows them. Judges nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

DATA = "tcp-data"
"""The kind of such events. Their key: the peer's end, the own end or "", who sent ("peer" or "own"), the line."""
QUARTER_NS = 900_000_000_000
"""Zones differ from UTC by whole quarters of an hour."""
ZONE_MOST_NS = 14 * 3600 * 1_000_000_000
NEAR_NS = 5_000_000_000
"""A record and its packet are written within milliseconds; clocks of two hosts may be some seconds apart."""
LOOKED_AT, CONNECTIONS = 200, 200

Key = tuple[str, tuple[str, ...]]
"""Kind and key of an event."""


def match_data(tables: CaptureTables, wanted: dict[Key, int]) -> dict[Key, int]:
    """The time of the packet with data for each event, given the events' times in the log; only of connections that leave no doubt."""
    talks: dict[tuple[str, str], dict[Key, int]] = {}
    for key, time_ns in wanted.items():
        if key[0] == DATA:
            talks.setdefault((key[1][0], key[1][1]), {})[key] = time_ns
    found: dict[Key, int] = {}
    for (peer, local), events in list(talks.items())[:CONNECTIONS]:
        place = find_connection(tables, local, peer)
        if place is not None:
            found |= _match(tables, *place, events)
    return found


def _match(tables: CaptureTables, number: int, side: int, events: dict[Key, int]) -> dict[Key, int]:
    """The packet nearest to each event, in the only zone in which all of them fall into the connection's life."""
    sent = {"peer": data_times(tables, number, side), "own": data_times(tables, number, 1 - side)}
    times = np.concatenate(list(sent.values()))
    if not len(times):
        return {}
    first, last = min(events.values()), max(events.values())
    begin, end = int(times.min()) - NEAR_NS, int(times.max()) + NEAR_NS
    low, high = -((first - begin) // QUARTER_NS), (end - last) // QUARTER_NS
    if low != high or abs(low * QUARTER_NS) > ZONE_MOST_NS:
        return {}
    zone = low * QUARTER_NS
    near = {key: nearest(sent[key[1][2]], time_ns + zone) for key, time_ns in events.items()}
    return {key: time_ns for key, time_ns in near.items() if time_ns is not None}


def nearest(times_ns: NDArray[np.int64], at_ns: int) -> int | None:
    """The time nearest to another; None where none is near."""
    if not len(times_ns):
        return None
    best = int(times_ns[np.abs(times_ns - at_ns).argmin()])
    return best if abs(best - at_ns) <= NEAR_NS else None


def data_times(tables: CaptureTables, number: int, side: int) -> NDArray[np.int64]:
    """Times of a side's packets with payload."""
    packets = tables.packets
    rows = tables.conversations.rows_of_side(number, side)
    return np.asarray(packets.time_ns[rows[packets.length[rows] > 0]].astype(np.int64))


def find_connection(tables: CaptureTables, local: str, peer: str) -> tuple[int, int] | None:
    """(conversation, side of the peer) of the one TCP conversation that has these ends; an unknown local end ("") needs a peer that asks.

    None where no conversation or several have them.
    """
    _, colon, port = peer.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()) or len(port) > 5 or int(port) > 65535:
        return None
    conversations = tables.conversations
    ports = conversations.side_facts("port")
    here = np.flatnonzero(((ports[:, 0] == int(port)) | (ports[:, 1] == int(port))) & conversations.is_tcp)
    found = [place for number in here[:LOOKED_AT].tolist() for place in _sides_of(tables, number, local, peer)]
    return found[0] if len(found) == 1 else None


def _sides_of(tables: CaptureTables, number: int, local: str, peer: str) -> list[tuple[int, int]]:
    talk = tables.conversations[number]
    ends = (talk.endpoint(0), talk.endpoint(1))
    return [
        (number, side)
        for side in (0, 1)
        if ends[side] == peer and (ends[1 - side] == local if local else int(talk.client_side) == side)
    ]
