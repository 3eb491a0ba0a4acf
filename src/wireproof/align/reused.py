"""Endpoints used again, where one capture lacks the SYN in between: its conversation holds packets of several of the other point's.

Takes the pairs found so far; gives further ones, in which a conversation may stand several times. Whether they share packets is for
the caller to find out. Looks at no packet and no clock: conversations of one pair of endpoints follow one another.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from wireproof.align.ends import ends_keys
from wireproof.align.pairs import USED_AGAIN, Free, Pairs, make_pairs
from wireproof.limits import limit

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

HELD = limit(
    "align.reused_held",
    32,
    "a capture that lacks more SYNs in a row than this on one pair of endpoints lacks nearly everything else too",
)
MOST = limit("align.reused_most", 2000, "each further pair has the packets of a conversation compared once more")


def pair_reused(one: CaptureTables, other: CaptureTables, pairs: Pairs, free: Free) -> Pairs:
    """Pair each TCP conversation without partner with those of its endpoints that may hold its packets.

    These are the partners of the conversations before and after it on the same endpoints, and those without partner in between.
    """
    tables, keys = (one, other), (ends_keys(one), ends_keys(other))
    free_keys = [keys[side][free.numbers(side, of_side.conversations.is_tcp)] for side, of_side in enumerate(tables)]
    wanted = np.union1d(np.intersect1d(free_keys[0], keys[1]), np.intersect1d(free_keys[1], keys[0]))
    if not len(wanted):
        return make_pairs(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), USED_AGAIN)
    lives = [_by_key(own, wanted) for own in keys]
    partners = dict(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    sides = (partners, {second: first for first, second in partners.items()})
    masks = [mask.tolist() for mask in free.masks]
    found: set[tuple[int, int]] = set()
    for key in wanted.tolist():
        mine, theirs = lives[0][key], lives[1][key]
        found |= set(_held(mine, theirs, sides[0], masks[1], masks[0]))
        found |= {(first, second) for second, first in _held(theirs, mine, sides[1], masks[0], masks[1])}
        if len(found) >= MOST.value:
            break
    array = np.array(sorted(found)[: int(MOST.value)], dtype=np.int64).reshape(-1, 2)
    return make_pairs(array[:, 0], array[:, 1], USED_AGAIN)


def _by_key(
    keys: np.ndarray[tuple[int, ...], np.dtype[np.uint64]], wanted: np.ndarray[tuple[int, ...], np.dtype[np.uint64]]
) -> dict[int, list[int]]:
    """Conversations by the key of their endpoints, in order."""
    found: dict[int, list[int]] = defaultdict(list)
    numbers = np.flatnonzero(np.isin(keys, wanted))
    for number, key in zip(numbers.tolist(), keys[numbers].tolist(), strict=True):
        found[key].append(number)
    return found


def _held(
    mine: list[int], theirs: list[int], partner: dict[int, int], free: list[bool], own_free: list[bool]
) -> list[tuple[int, int]]:
    """(own, other) for each own conversation without partner and those of the other point that may hold its packets."""
    found, before, times = [], -1, 0
    for place, number in enumerate(mine):
        if number in partner:
            before, times = partner[number], 0
        elif own_free[number] and times < HELD.value:
            times += 1
            after = next((partner[later] for later in mine[place + 1 :] if later in partner), None)
            last = len(free) if after is None else after
            between = [one for one in theirs if before < one < last and free[one]][: int(HELD.value)]
            around = [one for one in (before, after) if one is not None and one >= 0]
            found += [(number, one) for one in {*around, *between}]
    return found
