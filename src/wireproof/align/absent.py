"""Conversations that one point shows and another lacks, although the other point's own host is one of their ends.

A point's own hosts are told from its capture: the few addresses that nearly all of its conversations have in common and whose packets
still have the TTL that they left with. For a point in the middle of a path nothing is claimed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from wireproof.align.journeys import Absent, Journey
from wireproof.conversations import CaptureTables
from wireproof.limits import limit

INITIAL_TTLS = (32, 64, 128, 255)
OWN_SHARE = limit(
    "path.own_host_share", 0.9, "a host's own capture has it as an end of all but a few broadcasts; a capture on a path does not"
)
OWN_MOST = 3


def find_absent(
    tables: list[CaptureTables], journeys: list[Journey], spans: list[tuple[int, int]], slack_ns: int
) -> Iterator[Absent]:
    """Yield each TCP or UDP conversation between own hosts of two points that only one of the two shows."""
    hosts = [own_hosts(table) for table in tables]
    seen = [{number for journey in journeys for point, number in journey.members if point == index} for index in range(len(tables))]
    names = _other_names(tables, journeys)
    for here in range(len(tables)):
        for there in range(len(tables)):
            if here != there and hosts[here] and hosts[there]:
                known = hosts[there] | {alias for alias, (at, own) in names.get(here, {}).items() if at == there and own in hosts[there]}
                yield from _absent_at(tables[here], seen[here], hosts[here], known, (here, there), spans[there], slack_ns)


def own_hosts(tables: CaptureTables) -> set[bytes]:
    """Addresses of the capturing host, 16 bytes each; empty where the capture does not tell them."""
    facts = tables.conversations.facts
    wanted = np.isin(facts["protocol"], (6, 17, 1, 58))
    talks = [(raw.tobytes()[:16], raw.tobytes()[16:]) for raw in facts["addresses"][wanted][:20000]]
    talks = [ends for ends in talks if not any(_is_group(end) for end in ends)]
    found: set[bytes] = set()
    left = talks
    while left and len(found) < OWN_MOST:
        address, count = Counter(end for ends in left for end in set(ends)).most_common(1)[0]
        if found and count < 2:
            break
        found.add(address)
        left = [ends for ends in left if address not in ends]
        if len(left) <= (1 - OWN_SHARE.value) * len(talks):
            break
    if len(left) > (1 - OWN_SHARE.value) * len(talks):
        return set()
    fresh = _fresh_addresses(tables)
    return {address for address in found if address in fresh} or found


def _is_group(address: bytes) -> bool:
    """Multicast or broadcast, IPv4 or IPv6."""
    if address[:12] == b"\0" * 10 + b"\xff\xff":
        return address[12] >= 224 or address[12:] == b"\xff" * 4
    return address[0] == 0xFF


def _fresh_addresses(tables: CaptureTables) -> set[bytes]:
    """Addresses whose packets carry a TTL that stacks start with."""
    facts = tables.conversations.facts
    fresh: set[bytes] = set()
    for side in (0, 1):
        ttl = facts["sides"]["ttl_max"][:, side]
        chosen = np.isin(ttl, INITIAL_TTLS) & (facts["sides"]["packets"][:, side] > 0)
        fresh |= {raw.tobytes()[16 * side : 16 * side + 16] for raw in facts["addresses"][chosen]}
    return fresh


def _other_names(tables: list[CaptureTables], journeys: list[Journey]) -> dict[int, dict[bytes, tuple[int, bytes]]]:
    """Per point: an address it shows -> (another point, the address by which that point shows the same host)."""
    names: dict[int, dict[bytes, tuple[int, bytes]]] = {}
    for journey in journeys[:5000]:
        for point, number in journey.members:
            for other, number_there in journey.members:
                if point == other:
                    continue
                mine, theirs = tables[point].conversations.facts[number], tables[other].conversations.facts[number_there]
                for role in (0, 1):
                    alias = _end(mine, role)
                    names.setdefault(point, {})[alias] = (other, _end(theirs, role))
    return names


def _end(facts: np.void, role: int) -> bytes:
    """Address of the client (role 0) or server (role 1)."""
    side = int(facts["client"]) if role == 0 else 1 - int(facts["client"])
    return bytes(facts["addresses"].tobytes()[16 * side : 16 * side + 16])


def _absent_at(
    tables: CaptureTables,
    seen: set[int],
    own: set[bytes],
    there: set[bytes],
    points: tuple[int, int],
    span: tuple[int, int],
    slack_ns: int,
) -> Iterator[Absent]:
    """Conversations of `tables` from its own hosts to the other point's, that the other point lacks while it captured."""
    facts = tables.conversations.facts
    for number in np.flatnonzero(np.isin(facts["protocol"], (6, 17))).tolist():
        if number in seen:
            continue
        client, server = _end(facts[number], 0), _end(facts[number], 1)
        toward = "server" if client in own and server in there else "client" if server in own and client in there else ""
        if not toward or client == server:
            continue
        sides = facts["sides"][number]
        first = min(int(side["first_ns"]) for side in sides if side["packets"])
        if span[0] <= first and first + slack_ns <= span[1]:
            yield Absent(points[0], number, points[1], toward)
