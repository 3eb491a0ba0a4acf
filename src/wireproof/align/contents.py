"""Conversations told by what they say: the same payloads at two points, whatever addresses and sequence numbers these show.

Takes conversations that their numbers left without partner, or that mere addresses paired; reads their first payloads again from
the files. Gives pairs, and what the path added to their sequence numbers.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.align.pairs import (
    ONE_CONTENT,
    RENUMBERED,
    SAME_CONTENT,
    SAME_ENDS,
    SAME_NUMBER,
    STATED_NAT,
    Free,
    Ints,
    Mask,
    Pairs,
    number_shifts,
)
from wireproof.align.translation import NONE_STATED, Translation
from wireproof.limits import limit
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

CONTENT_VOTES = limit(
    "align.content_votes",
    2,
    "two clients may ask the same question once; question and answer alike is one conversation",
)
CONTENT_PACKETS = limit(
    "align.content_packets", 24, "the first packets of a conversation identify it; more would only cost reading"
)
CONTENT_TALKS = limit(
    "align.content_talks",
    20000,
    "pairing by content reads frames again; beyond this many unpaired conversations it stops",
)
MATCHED_SHARE = limit(
    "align.matched_share",
    0.5,
    "two conversations that share a payload by chance share little else; real ones lose few packets",
)
VERIFIED = 300
LEAST_PAYLOAD = 8
HASHED_BYTES = 64
TCP = 6
ICMP_PROTOCOLS = (1, 58)
TOLD_BY_CONTENT = (TCP, 17, *ICMP_PROTOCOLS)
HASH_BITS = 128
Sample = tuple[int, int]
"""A row of either point that carry the same payload."""


@dataclass(slots=True)
class Payloads:
    """Rows of one point's first data packets, with a hash of protocol, length and content each."""

    rows: list[int]
    hashes: list[int]

    def places(self, tables: CaptureTables, within: dict[int, int] | None = None) -> dict[int, list[int]]:
        """Rows by hash, and by the group that `within` gives their conversation."""
        found: dict[int, list[int]] = defaultdict(list)
        for row, value in zip(self.rows, self.hashes, strict=True):
            group = within[int(tables.packets.conversation[row])] if within else 0
            found[group << HASH_BITS | value].append(row)
        return found


def shared_bytes(one: CaptureTables, other: CaptureTables, most: int = HASHED_BYTES) -> int:
    """How many payload bytes may be compared so that a capture with cut frames still agrees with one without."""
    held = [_least_held(tables, most) for tables in (one, other)]
    return min(*held, most)


def _least_held(tables: CaptureTables, most: int) -> int:
    """Payload bytes that even the most cut of the data packets holds."""
    packets = tables.packets
    cut = np.flatnonzero((packets.captured < packets.original) & (packets.payload_at > 0))
    if not len(cut):
        return most
    held = packets.captured[cut].astype(np.int64) - packets.payload_at[cut]
    return max(0, int(held[np.minimum(held, most) < np.minimum(packets.length[cut], most)].min(initial=most)))


def read_payloads(tables: CaptureTables, numbers: Ints, size: int) -> Payloads:
    """The first data packets of conversations, hashed over at most `size` payload bytes."""
    packets = tables.packets
    rows: list[int] = []
    for number in numbers.tolist():
        own = tables.conversations.rows(number)
        told = (packets.length[own] >= LEAST_PAYLOAD) & (packets.payload_at[own] > 0)
        own = own[told & ((packets.layers[own] & LAYERS["quoted"]) == 0)]
        rows.extend(own[: int(CONTENT_PACKETS.value)].tolist())
    found = Payloads([], [])
    for row, data in zip(rows, tables.read_frames(rows), strict=True):
        length = int(packets.length[row])
        payload = data[int(packets.payload_at[row]) :][: min(size, length)]
        if len(payload) >= LEAST_PAYLOAD:
            found.rows.append(row)
            found.hashes.append(
                _echo(tables, row) << 72 | int(packets.protocol[row]) << 64 | length << 32 | zlib.crc32(payload)
            )
    return found


def _echo(tables: CaptureTables, row: int) -> int:
    """Type and code of an ICMP message and the sequence number of an echo: all that tells apart the echoes of some systems."""
    packets = tables.packets
    if packets.protocol[row] not in ICMP_PROTOCOLS:
        return 0
    return int(packets.code[row]) << 16 | int(packets.seq[row]) & 0xFFFF


def pair_by_content(one: CaptureTables, other: CaptureTables, free: Free, nat: Translation = NONE_STATED) -> Pairs:
    """Pair free conversations whose first payloads are the same bytes, each payload occurring once at either point.

    Where the user states a translation, once among the conversations that it may translate into each other.
    """
    found = _pairs_of([])
    if nat:
        within = tuple(
            dict(enumerate(np.where(nat.touches(tables), nat.groups(tables), 0).tolist())) for tables in (one, other)
        )
        samples = _same_payloads(one, other, free, within)
        found = _take_pairs(one, other, free, samples, STATED_NAT, nat)
    samples = _same_payloads(one, other, free)
    return found.plus(_take_pairs(one, other, free, samples, SAME_CONTENT, nat))


def _same_payloads(
    one: CaptureTables, other: CaptureTables, free: Free, within: tuple[dict[int, int], ...] = ()
) -> dict[tuple[int, int], list[Sample]]:
    """Rows of both points with one payload that no other row has, by the conversations that they belong to.

    With `within`, which gives each conversation of either point a group, that no other row of the group has; group 0 is left out.
    """
    places = []
    size = shared_bytes(one, other)
    for side, tables in enumerate((one, other)):
        wanted = np.isin(tables.conversations.facts["protocol"], TOLD_BY_CONTENT)
        if within:
            wanted &= np.fromiter(within[side].values(), dtype=np.uint64, count=len(wanted)) != 0
        places.append(free.numbers(side, wanted))
    samples: dict[tuple[int, int], list[Sample]] = defaultdict(list)
    if not min(map(len, places)) or max(map(len, places)) > CONTENT_TALKS.value:
        return samples
    here, there = (
        read_payloads(tables, own, size).places(tables, within[side] if within else {})
        for side, (tables, own) in enumerate(zip((one, other), places, strict=True))
    )
    for content, rows in here.items():
        theirs = there.get(content, [])
        if len(rows) == len(theirs) == 1:
            ends = int(one.packets.conversation[rows[0]]), int(other.packets.conversation[theirs[0]])
            samples[ends].append((rows[0], theirs[0]))
    return samples


def _take_pairs(
    one: CaptureTables,
    other: CaptureTables,
    free: Free,
    samples: dict[tuple[int, int], list[Sample]],
    how: int,
    nat: Translation,
) -> Pairs:
    """The pairs that enough samples speak for, most samples first, as far as what is stated allows them."""
    found = []
    for (first, second), pieces in sorted(samples.items(), key=lambda piece: -len(piece[1])):
        is_tcp = one.conversations.facts["protocol"][first] == TCP
        enough = CONTENT_VOTES.value if is_tcp and how != STATED_NAT else 1
        if len(pieces) < enough or not (free.masks[0][first] and free.masks[1][second]):
            continue
        if nat and not _is_allowed(one, other, (first, second), how, nat):
            continue
        code = how if how == STATED_NAT or len(pieces) > 1 else ONE_CONTENT
        found.append(free.take(_pairs_of([(first, second, code, *_agree(one, other, pieces))])))
    return _joined(found)


def _is_allowed(one: CaptureTables, other: CaptureTables, pair: tuple[int, int], how: int, nat: Translation) -> bool:
    first, second = (np.array([number]) for number in pair)
    if how == STATED_NAT:
        return bool(nat.agrees(one, first, other, second)[0])
    return not nat.contradicts(one, first, other, second)[0]


def _pairs_of(rows: list[tuple[int, int, int, int, int]]) -> Pairs:
    array = np.array(rows, dtype=np.int64).reshape(-1, 5)
    return Pairs(array[:, 0], array[:, 1], array[:, 2], array[:, 3:].astype(np.uint32))


def _joined(found: list[Pairs]) -> Pairs:
    whole = _pairs_of([])
    for pairs in found:
        whole = whole.plus(pairs)
    return whole


def _agree(one: CaptureTables, other: CaptureTables, samples: list[Sample]) -> tuple[int, int]:
    """Let both points agree on who is the client, then tell what was added to each side's numbers."""
    row, there = samples[0]
    facts, facts_there = one.conversations.facts, other.conversations.facts
    first, second = int(one.packets.conversation[row]), int(other.packets.conversation[there])
    role = int(one.packets.direction[row] != facts["client"][first])
    if role != int(other.packets.direction[there] != facts_there["client"][second]):
        wrong = (one, first) if facts["client_known"][first] < facts_there["client_known"][second] else (other, second)
        wrong[0].conversations.swap_clients(np.array([wrong[1]]))
    return _sample_shifts(one, other, samples)


def _sample_shifts(one: CaptureTables, other: CaptureTables, samples: list[Sample]) -> tuple[int, int]:
    """What a device added to the sequence numbers of client and server, from packets with the same payload."""
    shifts = _told_shifts(one, other, samples)
    return shifts.get(0, 0), shifts.get(1, 0)


def _told_shifts(one: CaptureTables, other: CaptureTables, samples: list[Sample]) -> dict[int, int]:
    """The same by role, 0 for the client, 1 for the server; without a role of which there is no sample."""
    shifts: dict[int, int] = {}
    for row, there in samples:
        role = int(one.packets.direction[row] != one.conversations.facts["client"][one.packets.conversation[row]])
        if one.packets.protocol[row] == TCP:
            shifts[role] = (int(other.packets.seq[there]) - int(one.packets.seq[row])) & 0xFFFFFFFF
    return shifts


def verify_renumbered(one: CaptureTables, other: CaptureTables, pairs: Pairs, joined: Ints) -> Mask:
    """Look into TCP pairs that share addresses and ports, or one number, and little else: the same bytes under other numbers?

    `joined` counts the packets of each pair that were found at both points. Writes the shifts of the sequence numbers into `pairs`, by
    the handshake or by the payloads, and says which pairs stand: those that say different things don't.
    """
    few = one.conversations.is_tcp[pairs.first] & (joined < MATCHED_SHARE.value * _shown(one, other, pairs))
    half = few & (pairs.how == SAME_NUMBER)
    pairs.shifts[half] = number_shifts(one, other, pairs)[half]
    stands = np.ones(len(pairs), dtype=bool)
    for kind, sample in ((pairs.how == RENUMBERED, VERIFIED), (few & np.isin(pairs.how, (SAME_NUMBER, SAME_ENDS)), 0)):
        doubted = np.flatnonzero(kind)[: int(CONTENT_TALKS.value)]
        for turn, place in enumerate(doubted.tolist()):
            if sample and turn == sample and stands.all():
                break  # a firewall renumbers all conversations alike: some hundred that are right speak for the rest
            stands[place] = _verify(one, other, pairs, place)
    return stands


def _shown(one: CaptureTables, other: CaptureTables, pairs: Pairs) -> Ints:
    """Packets of each pair at the point that shows fewer of them."""
    counts = [tables.conversations.facts["sides"]["packets"].sum(axis=1, dtype=np.int64) for tables in (one, other)]
    return np.asarray(np.minimum(counts[0][pairs.first], counts[1][pairs.second]))


def _verify(one: CaptureTables, other: CaptureTables, pairs: Pairs, place: int) -> bool:
    """Whether one pair says the same at both points, or nothing that could tell; corrects its shifts by what it says."""
    size = shared_bytes(one, other)
    here = read_payloads(one, pairs.first[place : place + 1], size)
    there = read_payloads(other, pairs.second[place : place + 1], size)
    how = int(pairs.how[place])
    if not here.rows or not there.rows:
        return how != SAME_ENDS
    theirs = there.places(other)
    samples = [(rows[0], theirs[value][0]) for value, rows in here.places(one).items() if value in theirs]
    if how == RENUMBERED and _is_other_handshake(pairs.shifts[place], _told_shifts(one, other, samples)):
        return False
    if samples:
        pairs.shifts[place] = _known_shifts(pairs.shifts[place], _sample_shifts(one, other, samples))
        pairs.how[place] = RENUMBERED if how == SAME_ENDS else how
    return bool(samples) or how == SAME_NUMBER


def _is_other_handshake(by_numbers: NDArray[np.uint32], by_content: dict[int, int]) -> bool:
    """Whether payloads keep their numbers although the handshakes differ: these are of two conversations on the same endpoints."""
    return any(not shift and by_numbers[role] for role, shift in by_content.items())


def _known_shifts(by_numbers: NDArray[np.uint32], by_content: tuple[int, int]) -> tuple[int, int]:
    """Shifts by the handshake where it was seen, else by the payloads."""
    return int(by_numbers[0]) or by_content[0], int(by_numbers[1]) or by_content[1]
