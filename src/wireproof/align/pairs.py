"""The same conversation at two points: by addresses and initial sequence numbers, or through NAT by those numbers alone.

Takes two points' conversations; gives pairs and what they were paired by. Looks at no packet and no clock; what it can't tell is
left to `contents.py` (payloads) and `consensus.py` (one clock).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.align.ends import address_words, ends_keys
from wireproof.align.hashing import Keys, mix
from wireproof.align.translation import NONE_STATED, Translation
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
NO_NUMBER = -1


@dataclass(frozen=True, slots=True)
class How:
    """What a pair was found by."""

    certain: str
    because: str


SAME_NUMBER, SAME_ENDS, RENUMBERED, BOTH_NUMBERS, ONE_NUMBER = range(5)
SAME_CONTENT, ONE_CONTENT, THIRD_POINT, USED_AGAIN, STATED_NAT = range(5, 10)
HOW: tuple[How, ...] = (
    How("high", "same addresses, ports and initial sequence number"),
    How("high", "same addresses and ports"),
    How("medium", "same addresses and ports; sequence numbers shifted"),
    How("high", "same initial sequence numbers of both sides, through NAT"),
    How("medium", "same initial sequence number of one side and a port, through NAT"),
    How("high", "the same payloads"),
    How("medium", "the same payload"),
    How("medium", "through a third point"),
    How("high", "same addresses and ports, used again; one capture lacks the SYN in between"),
    How("high", "the address translation that case.toml states"),
)
"""By the codes above. What `BOTH_NUMBERS` says of 64 random bits is as sure as equal addresses."""


@dataclass(slots=True)
class Pairs:
    """Conversation `first[i]` of one point is `second[i]` of the other, found by `HOW[how[i]]`.

    `shifts[i]` is what the path added to the sequence numbers: of the client's in column 0, of the server's in column 1.
    """

    first: Ints
    second: Ints
    how: Ints
    shifts: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.first)

    @property
    def columns(self) -> tuple[Ints, Ints, Ints]:
        """Both conversations, and by what each pair was found."""
        return self.first, self.second, self.how

    def chosen(self, which: Mask | Ints) -> Pairs:
        """Some of the pairs, in this order."""
        return Pairs(self.first[which], self.second[which], self.how[which], self.shifts[which])

    def plus(self, more: Pairs) -> Pairs:
        """These pairs and then those."""
        return Pairs(
            np.concatenate([self.first, more.first]),
            np.concatenate([self.second, more.second]),
            np.concatenate([self.how, more.how]),
            np.concatenate([self.shifts, more.shifts]),
        )


def make_pairs(first: Ints, second: Ints, how: int) -> Pairs:
    """Pairs found in one way, nothing shifted."""
    return Pairs(first, second, np.full(len(first), how, dtype=np.int64), np.zeros((len(first), 2), dtype=np.uint32))


class Free:
    """Conversations of two points that are still without partner: those with packets, and a unicast address at both ends."""

    def __init__(self, one: CaptureTables, other: CaptureTables) -> None:
        self.masks = (_between_two_hosts(one), _between_two_hosts(other))

    def numbers(self, side: int, which: Mask | None = None) -> Ints:
        """Free conversations of one point, of those in `which`."""
        mask = self.masks[side]
        return np.flatnonzero(mask if which is None else mask & which)

    def take(self, pairs: Pairs) -> Pairs:
        """Give conversations away."""
        self.masks[0][pairs.first] = False
        self.masks[1][pairs.second] = False
        return pairs

    def give_back(self, pairs: Pairs) -> None:
        """Take conversations back: they were no pair."""
        self.masks[0][pairs.first] = True
        self.masks[1][pairs.second] = True


def pair_conversations(one: CaptureTables, other: CaptureTables, nat: Translation = NONE_STATED) -> tuple[Pairs, Free]:
    """Pair the conversations of two points, each with at most one of the other point; also gives what is left over."""
    free = Free(one, other)
    pairs = free.take(_pair_same_numbers(one, other, free))
    pairs = pairs.plus(free.take(_pair_same_ends(one, other, free)))
    for stated in (True, False) if nat else (False,):
        for of_client, of_server in ((True, True), (True, False), (False, True)):
            pairs = pairs.plus(
                free.take(_pair_translated(one, other, free, (of_client, of_server), nat if stated else None))
            )
            if not stated and nat:
                wrong = nat.contradicts(one, pairs.first, other, pairs.second)
                free.give_back(pairs.chosen(wrong))
                pairs = pairs.chosen(~wrong)
    return pairs, free


def _pair_translated(
    one: CaptureTables, other: CaptureTables, free: Free, numbers: tuple[bool, bool], nat: Translation | None
) -> Pairs:
    """Same initial numbers of client, server, or both; with `nat` those only whose addresses it translates into each other."""
    keyed = []
    for side, tables in enumerate((one, other)):
        isns = [
            initial_numbers(tables, of_client=is_client)
            for is_client, wanted in zip((True, False), numbers, strict=True)
            if wanted
        ]
        known = np.logical_and.reduce([isn >= 0 for isn in isns])
        own = free.numbers(side, known if nat is None else known & nat.touches(tables))
        keyed.append((mix([*(isn[own] for isn in isns), *([] if nat is None else [nat.groups(tables)[own]])]), own))
    how = STATED_NAT if nat else BOTH_NUMBERS if all(numbers) else ONE_NUMBER
    pairs = make_pairs(*join_unique(*keyed), how)
    if nat:
        pairs = pairs.chosen(nat.agrees(one, pairs.first, other, pairs.second))
    elif how == ONE_NUMBER:
        pairs = pairs.chosen(_one_port_equal(one, other, pairs))
    pairs = pairs.chosen(ends_keys(one)[pairs.first] != ends_keys(other)[pairs.second])
    pairs.shifts = number_shifts(one, other, pairs)
    return pairs


def _between_two_hosts(tables: CaptureTables) -> Mask:
    """Conversations with packets whose ends are single hosts. Groups are left out: which of their packets a point gets is for switches to say."""
    facts = tables.conversations.facts
    raw = address_words(tables).view(np.uint8).reshape(len(facts), 2, 16)
    mapped = (raw[:, :, :10] == 0).all(axis=2) & (raw[:, :, 10:12] == 0xFF).all(axis=2)
    group = np.where(mapped, (raw[:, :, 12] >= 224) | (raw[:, :, 12] == 0), raw[:, :, 0] == 0xFF)
    first = facts["sides"]["first_row"].astype(np.int64)
    flooded = (
        (tables.packets.layers[np.maximum(first - 1, 0)] & LAYERS["multicast"]) != 0
        if len(tables.packets)
        else first > 0
    )
    subnet = mapped & (raw[:, :, 15] == 255) & ((first > 0) & flooded)[:, ::-1]
    # What only an ICMP error quotes has no packet here that could be found elsewhere.
    shown = (facts["sides"]["packets"] > 0).any(axis=1)
    return np.asarray((facts["protocol"] > 0) & shown & ~(group | subnet).any(axis=1))


def initial_numbers(tables: CaptureTables, *, of_client: bool) -> Ints:
    """Initial sequence number of each TCP conversation's client or server, NO_NUMBER where its SYN was not seen."""
    talks = tables.conversations
    side = talks.client_facts if of_client else talks.server_facts
    return np.where(talks.is_tcp & (side["syn_row"] > 0), side["isn"].astype(np.int64), NO_NUMBER)


def join_unique(here: tuple[Keys, Ints], there: tuple[Keys, Ints]) -> tuple[Ints, Ints]:
    """Numbers whose keys are equal and occur once at either point. Each argument: keys, and the numbers that they stand for."""
    once = []
    for keys, numbers in (here, there):
        values, index, counts = np.unique(keys, return_index=True, return_counts=True)
        once.append((values[counts == 1], numbers[index[counts == 1]]))
    _, first, second = np.intersect1d(once[0][0], once[1][0], assume_unique=True, return_indices=True)
    order = np.argsort(once[0][1][first])
    return once[0][1][first][order], once[1][1][second][order]


def _pair_same_numbers(one: CaptureTables, other: CaptureTables, free: Free) -> Pairs:
    """Same addresses, ports and initial number of the client."""
    keyed = []
    for side, tables in enumerate((one, other)):
        isn = initial_numbers(tables, of_client=True)
        numbers = free.numbers(side, isn >= 0)
        keyed.append((mix([ends_keys(tables)[numbers], isn[numbers]]), numbers))
    return make_pairs(*join_unique(*keyed), SAME_NUMBER)


def _pair_same_ends(one: CaptureTables, other: CaptureTables, free: Free) -> Pairs:
    """Same addresses and ports where the client's number is not known at both points, or was changed on the way."""
    sides = []
    for side, tables in enumerate((one, other)):
        numbers = free.numbers(side)
        sides.append((ends_keys(tables)[numbers], numbers))
    shared = np.intersect1d(sides[0][0], sides[1][0])
    groups: list[dict[int, list[int]]] = []
    for keys, numbers in sides:
        group: dict[int, list[int]] = defaultdict(list)
        chosen = np.isin(keys, shared)
        for key, number in zip(keys[chosen].tolist(), numbers[chosen].tolist(), strict=True):
            group[key].append(number)
        groups.append(group)
    found = [triple for key, mine in groups[0].items() for triple in _match_lives(one, other, mine, groups[1][key])]
    array = np.array(found, dtype=np.int64).reshape(-1, 3)
    pairs = Pairs(array[:, 0], array[:, 1], array[:, 2], np.zeros((len(array), 2), dtype=np.uint32))
    _agree_on_clients(one, other, pairs)
    pairs.shifts = number_shifts(one, other, pairs)
    return pairs


def _match_lives(
    one: CaptureTables, other: CaptureTables, mine: list[int], theirs: list[int]
) -> list[tuple[int, int, int]]:
    """Conversations that used one pair of endpoints one after the other, brought together.

    Those that begin with other numbers at both points are told by their order when there are as many; one left over at each point is one
    conversation.
    """
    known = [_with_syn(one, mine), _with_syn(other, theirs)]
    rest = [[n for n in numbers if n not in own] for numbers, own in zip((mine, theirs), known, strict=True)]
    if len(mine) == len(theirs) == 1:
        return [(mine[0], theirs[0], RENUMBERED if known[0] and known[1] else SAME_ENDS)]
    found = []
    if len(known[0]) == len(known[1]):
        found = [(first, second, RENUMBERED) for first, second in zip(*known, strict=True)]
    if len(rest[0]) == len(rest[1]) == 1:
        found.append((rest[0][0], rest[1][0], SAME_ENDS))
    return found


def _with_syn(tables: CaptureTables, numbers: list[int]) -> list[int]:
    """Those whose client's SYN was seen."""
    client = tables.conversations.client_facts
    return [number for number in numbers if tables.conversations.is_tcp[number] and client["syn_row"][number]]


def _agree_on_clients(one: CaptureTables, other: CaptureTables, pairs: Pairs) -> None:
    """Where two points take different ends for the client, the one that knows better tells the other."""
    tables = (one, other)
    numbers = (pairs.first, pairs.second)
    ends = [_client_ends(side, own) for side, own in zip(tables, numbers, strict=True)]
    differs = ends[0] != ends[1]
    sure = [side.conversations.facts["client_known"][own] for side, own in zip(tables, numbers, strict=True)]
    wrong = (differs & (sure[0] < sure[1]), differs & (sure[0] >= sure[1]))
    for side, own, mask in zip(tables, numbers, wrong, strict=True):
        if mask.any():
            side.conversations.swap_clients(own[mask])


def _client_ends(tables: CaptureTables, numbers: Ints) -> Keys:
    """One number for each conversation's client endpoint."""
    words = address_words(tables)[numbers, tables.conversations.facts["client"][numbers]]
    return mix([words[:, 0], words[:, 1], tables.conversations.client_facts["port"][numbers]])


def number_shifts(one: CaptureTables, other: CaptureTables, pairs: Pairs) -> NDArray[np.uint32]:
    """What a device added to the numbers of client and server, from both points' initial ones; 0 where one is not known."""
    columns = []
    for of_client in (True, False):
        mine = initial_numbers(one, of_client=of_client)[pairs.first]
        theirs = initial_numbers(other, of_client=of_client)[pairs.second]
        columns.append(np.where((mine >= 0) & (theirs >= 0), (theirs - mine) & 0xFFFFFFFF, 0))
    return np.column_stack(columns).astype(np.uint32)


def _one_port_equal(one: CaptureTables, other: CaptureTables, pairs: Pairs) -> Mask:
    mine, theirs = one.conversations, other.conversations
    client = mine.client_facts["port"][pairs.first] == theirs.client_facts["port"][pairs.second]
    server = mine.server_facts["port"][pairs.first] == theirs.server_facts["port"][pairs.second]
    return np.asarray(client | server)
