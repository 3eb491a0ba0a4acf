"""Conversations of a case that a log or trace names by their ends.

Takes ends; gives places. Ports decide first, for all conversations at once; text is compared for the few that are left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from wireproof.case import Case, Point

Endpoint = tuple[str, int]
PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}
MOST = 2000
"""Conversations of one pair of ports that are compared by address."""


def find_talks(case: Case, protocol: str, one: Endpoint, other: Endpoint) -> list[tuple[Point, int]]:
    """Every conversation between two ends, in whichever direction; a port 0 stands for any."""
    found = []
    for point in case.points:
        talks = point.conversations
        mask = talks.facts["protocol"] == PROTOCOLS.get(protocol, -1)
        ports = talks.side_facts("port")
        for port in {one[1], other[1]} - {0}:
            mask = mask & (ports == port).any(axis=1)
        for number in np.flatnonzero(mask)[:MOST].tolist():
            talk = point.talk(number)
            if {talk.address(0), talk.address(1)} == {one[0], other[0]}:
                found.append((point, number))
    return found


def is_unanswered(point: Point, number: int) -> bool:
    """Whether one side of a conversation sent nothing, or nothing but resets."""
    facts = point.conversations.facts[number]["sides"]
    return any(int(side["packets"]) == int(side["rsts"]) for side in facts)
