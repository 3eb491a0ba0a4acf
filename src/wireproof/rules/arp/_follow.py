"""What stands around an ARP request: the answer to it, and the IP conversations between asker and asked.

Facts for the rules of this family. Takes a point's ARP table and conversations; decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Talk
from wireproof.messages.arp import ArpTable, ipv4_text

if TYPE_CHECKING:
    from wireproof.case import Point
    from wireproof.conversations import Conversations


def ipv4_ends(conversations: Conversations) -> NDArray[np.int64]:
    """IPv4 addresses of both sides of every conversation as numbers, shape (conversations, 2); -1 for IPv6."""
    raw = np.ascontiguousarray(conversations.facts["addresses"]).view(np.uint8).reshape(-1, 2, 16)
    low = np.ascontiguousarray(raw[:, :, 12:]).view(">u4").reshape(-1, 2).astype(np.int64)
    is_v4 = conversations.facts["version"] == 4
    return np.where(is_v4[:, None], low, -1)


def between(ends: NDArray[np.int64], one: int, other: int) -> NDArray[np.int64]:
    """Conversations between two addresses."""
    there = (ends[:, 0] == one) & (ends[:, 1] == other)
    return np.flatnonzero(there | ((ends[:, 0] == other) & (ends[:, 1] == one)))


def side_of(ends: NDArray[np.int64], number: int, address: int) -> int:
    """The side of a conversation that an address is."""
    return 0 if ends[number, 0] == address else 1


def answer_to(arp: ArpTable, ask: int, within_s: float) -> int:
    """Index of the first answer to a request within so many seconds; -1 when there is none."""
    start = ask + 1
    stop = min(len(arp), start + 5000)
    part = slice(start, stop)
    fits = arp.replies[part] & (arp.sender[part] == arp.target[ask]) & (arp.target[part] == arp.sender[ask])
    fits &= arp.time_ns[part] - arp.time_ns[ask] <= within_s * 1e9
    found = np.flatnonzero(fits)
    return start + int(found[0]) if len(found) else -1


def label(client: int, server: int) -> Talk:
    """The conversation of a finding on ARP: who asks, and for whom."""
    return Talk("arp", ipv4_text(client), ipv4_text(server))


def own_answers_visible(point: Point, mac: int) -> bool:
    """Whether the capture shows ARP answers that are addressed to this MAC: only then does a missing one mean anything.

    A switch keeps unicast answers from every port but the asker's.
    """
    arp, vantage = point.arp, point.vantage
    if vantage.mac and int.from_bytes(vantage.mac, "big") == mac:
        return True
    return bool((arp.replies & (arp.destination == mac) & (arp.source != mac)).any())


def groups(keys: NDArray[Any]) -> list[NDArray[np.int64]]:
    """Indexes of equal keys, each group in its order, groups by first index. `keys` has one row an entry."""
    if not len(keys):
        return []
    _, number = np.unique(keys, axis=0, return_inverse=True)
    order = np.argsort(number.ravel(), kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(number.ravel()[order])) + 1)
    return sorted(parts, key=lambda part: int(part[0]))
