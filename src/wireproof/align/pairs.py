"""The same conversation at two points: by addresses and initial sequence numbers, through NAT by those numbers alone, else by content.

Takes two points' conversations; gives pairs with how sure they are. Knows no clock: captures of different moments simply share
nothing.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wireproof.conversations import CaptureTables
from wireproof.limits import limit

CONTENT_VOTES = limit(
    "align.content_votes", 2, "two clients may ask the same question once; question and answer alike is one conversation"
)
CONTENT_PACKETS = limit(
    "align.content_packets", 24, "the first packets of a conversation identify it; more would only cost reading"
)
CONTENT_TALKS = limit(
    "align.content_talks", 20000, "pairing by content reads frames again; beyond this many unpaired conversations it stops"
)
LEAST_PAYLOAD = 8
HASHED_BYTES = 64


@dataclass(frozen=True, slots=True)
class TalkPair:
    """Conversation `first` of one point is `second` of the other. `shifts[side]` is what the path added to the sequence numbers.

    Side 0 is what the client sent, side 1 what the server sent. `same_ends`: both points show the same addresses and ports.
    """

    first: int
    second: int
    certain: str
    because: str
    shifts: tuple[int, int] = (0, 0)
    same_ends: bool = False


def pair_conversations(one: CaptureTables, other: CaptureTables) -> list[TalkPair]:
    """Pair the conversations of two points, each with at most one of the other point."""
    free_one, free_other = set(range(len(one.conversations))), set(range(len(other.conversations)))
    pairs: list[TalkPair] = []
    for find in (_pair_by_address, _pair_by_numbers, _pair_by_content):
        for pair in find(one, other, free_one, free_other):
            if pair.first in free_one and pair.second in free_other:
                free_one.discard(pair.first)
                free_other.discard(pair.second)
                pairs.append(pair)
    return pairs


def _identity(tables: CaptureTables, wanted: Iterable[int]) -> Iterator[tuple[int, bytes, int]]:
    """(conversation, endpoints as bytes from client to server, client's ISN or -1) of each wanted conversation."""
    talks = tables.conversations
    facts = talks.facts
    client, server = talks.client_facts, talks.server_facts
    addresses = facts["addresses"]
    for number in wanted:
        raw = addresses[number].tobytes()
        ends = raw if facts["client"][number] == 0 else raw[16:] + raw[:16]
        ports = int(client["port"][number]) << 16 | int(server["port"][number])
        isn = int(client["isn"][number]) if client["syn_row"][number] else -1
        yield number, ends + ports.to_bytes(4, "big") + bytes([facts["protocol"][number]]), isn


def _pair_by_address(
    one: CaptureTables, other: CaptureTables, free_one: set[int], free_other: set[int]
) -> Iterator[TalkPair]:
    """Same addresses, ports and protocol; for TCP the same initial number too, or one that a device shifted."""
    there: dict[bytes, list[tuple[int, int]]] = defaultdict(list)
    for number, ends, isn in _identity(other, sorted(free_other)):
        there[ends].append((number, isn))
    here: dict[bytes, list[tuple[int, int]]] = defaultdict(list)
    for number, ends, isn in _identity(one, sorted(free_one)):
        if ends in there:
            here[ends].append((number, isn))
    for ends, mine in here.items():
        yield from _pair_same_ends(one, other, mine, there[ends])


def _pair_same_ends(
    one: CaptureTables, other: CaptureTables, mine: list[tuple[int, int]], theirs: list[tuple[int, int]]
) -> Iterator[TalkPair]:
    """Conversations on the same addresses and ports: equal ISNs first; a single pair left over is paired as well."""
    by_isn = {isn: number for number, isn in theirs if isn >= 0}
    left = [(number, isn) for number, isn in mine if by_isn.get(isn) is None]
    for number, isn in mine:
        if isn in by_isn:
            yield TalkPair(number, by_isn[isn], "high", "same addresses, ports and initial sequence number", same_ends=True)
    taken = {by_isn[isn] for _, isn in mine if isn in by_isn}
    rest = [(number, isn) for number, isn in theirs if number not in taken]
    if len(left) != 1 or len(rest) != 1:
        return
    (first, isn), (second, isn_there) = left[0], rest[0]
    if isn >= 0 and isn_there >= 0:
        shifts = _isn_shifts(one, other, first, second)
        yield TalkPair(first, second, "medium", "same addresses and ports; sequence numbers shifted", shifts, same_ends=True)
    else:
        yield TalkPair(first, second, "high", "same addresses and ports", same_ends=True)


def _isn_shifts(one: CaptureTables, other: CaptureTables, first: int, second: int) -> tuple[int, int]:
    """What a device added to the numbers of client and server, from both points' ISNs; 0 where one is not known."""
    shifts = []
    for mine, theirs in (
        (one.conversations.client_facts[first], other.conversations.client_facts[second]),
        (one.conversations.server_facts[first], other.conversations.server_facts[second]),
    ):
        known = mine["syn_row"] and theirs["syn_row"]
        shifts.append((int(theirs["isn"]) - int(mine["isn"])) & 0xFFFFFFFF if known else 0)
    return shifts[0], shifts[1]


def _numbers(tables: CaptureTables, free: set[int]) -> dict[tuple[int, int], list[int]]:
    """Free TCP conversations by (client ISN, server ISN), -1 where the server's is not known."""
    talks = tables.conversations
    client, server = talks.client_facts, talks.server_facts
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number in np.flatnonzero(talks.is_tcp & (client["syn_row"] > 0)):
        if int(number) in free:
            answer = int(server["isn"][number]) if server["syn_row"][number] else -1
            found[int(client["isn"][number]), answer].append(int(number))
    return found


def _pair_by_numbers(
    one: CaptureTables, other: CaptureTables, free_one: set[int], free_other: set[int]
) -> Iterator[TalkPair]:
    """Other addresses, same initial sequence numbers: NAT. Both numbers leave no doubt, one needs a port in common."""
    here, there = _numbers(one, free_one), _numbers(other, free_other)
    for isns, mine in here.items():
        theirs = there.get(isns, [])
        if -1 not in isns and len(mine) == len(theirs) == 1:
            yield TalkPair(mine[0], theirs[0], "high", "same initial sequence numbers of both sides, through NAT")
    by_client: dict[int, list[int]] = defaultdict(list)
    for (isn, _), numbers in there.items():
        by_client[isn].extend(numbers)
    for (isn, _), mine in here.items():
        theirs = by_client.get(isn, [])
        if len(mine) == len(theirs) == 1 and _one_port_equal(one, other, mine[0], theirs[0]):
            shifts = _isn_shifts(one, other, mine[0], theirs[0])
            yield TalkPair(mine[0], theirs[0], "medium", "same initial sequence number of the client and a port, through NAT", shifts)


def _one_port_equal(one: CaptureTables, other: CaptureTables, first: int, second: int) -> bool:
    mine, theirs = one.conversations, other.conversations
    return bool(
        mine.client_facts["port"][first] == theirs.client_facts["port"][second]
        or mine.server_facts["port"][first] == theirs.server_facts["port"][second]
    )


def _pair_by_content(
    one: CaptureTables, other: CaptureTables, free_one: set[int], free_other: set[int]
) -> Iterator[TalkPair]:
    """Conversations whose first payloads are the same bytes, each payload occurring once at either point."""
    if not free_one or not free_other or max(len(free_one), len(free_other)) > CONTENT_TALKS.value:
        return
    here, there = _payloads(one, free_one), _payloads(other, free_other)
    samples: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for content, rows in here.items():
        theirs = there.get(content, [])
        if len(rows) == len(theirs) == 1:
            ends = int(one.packets.conversation[rows[0]]), int(other.packets.conversation[theirs[0]])
            samples[ends].append((rows[0], theirs[0]))
    for (first, second), rows in sorted(samples.items(), key=lambda found: -len(found[1])):
        enough = CONTENT_VOTES.value if one.conversations.facts["protocol"][first] == 6 else 1
        if len(rows) >= enough:
            certain = "high" if len(rows) > 1 else "medium"
            because = f"the same payload in {len(rows)} packet{'s' if len(rows) > 1 else ''}"
            yield TalkPair(first, second, certain, because, _content_shifts(one, other, rows))


def _payloads(tables: CaptureTables, free: set[int]) -> dict[tuple[int, int, int, int], list[int]]:
    """Rows of the first data packets of free conversations by (protocol, role, length, hash of the first payload bytes)."""
    packets = tables.packets
    rows: list[int] = []
    for number in sorted(free):
        own = tables.conversations.rows(number)
        own = own[(packets.length[own] >= LEAST_PAYLOAD) & (packets.payload_at[own] > 0)]
        rows.extend(own[: int(CONTENT_PACKETS.value)].tolist())
    client = tables.conversations.facts["client"]
    found: dict[tuple[int, int, int, int], list[int]] = defaultdict(list)
    for row, data in zip(rows, tables.read_frames(rows), strict=True):
        payload = data[int(packets.payload_at[row]) :][: min(HASHED_BYTES, int(packets.length[row]))]
        if len(payload) >= LEAST_PAYLOAD:
            number = int(packets.conversation[row])
            role = int(packets.direction[row] != client[number])
            protocol = int(tables.conversations.facts["protocol"][number])
            found[protocol, role, int(packets.length[row]), zlib.crc32(payload)].append(row)
    return found


def _content_shifts(one: CaptureTables, other: CaptureTables, samples: list[tuple[int, int]]) -> tuple[int, int]:
    """What a device added to each side's sequence numbers, from packets with the same payload."""
    shifts = [0, 0]
    client: NDArray[np.uint8] = one.conversations.facts["client"]
    for row, row_there in samples:
        role = int(one.packets.direction[row] != client[one.packets.conversation[row]])
        if one.packets.protocol[row] == 6:
            shifts[role] = (int(other.packets.seq[row_there]) - int(one.packets.seq[row])) & 0xFFFFFFFF
    return shifts[0], shifts[1]
