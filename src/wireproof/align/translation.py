"""Address translation that the user states: which ends of two points' conversations may be the same host, and which can't be.

Takes `Nat` entries and two points' tables; says which conversations they concern, which pairs they explain and which they rule out.
Proves no pair by itself: numbers or payloads have to agree as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.align.ends import address_words
from wireproof.align.hashing import Keys, mix

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
ALL_PORTS = (0, 65535)
WITH_PORTS = (6, 17)
MAPPED = b"\0" * 10 + b"\xff\xff"


@dataclass(frozen=True, slots=True)
class Nat:
    """One translation: hosts of `inside` are seen as `outside` beyond the device, and are reached there under it.

    Ports are ranges, both ends included; `inside_ports` are those that it concerns, `outside_ports` those that it gives out.
    """

    inside: IPv4Network | IPv6Network
    outside: IPv4Address | IPv6Address
    inside_ports: tuple[int, int] = ALL_PORTS
    outside_ports: tuple[int, int] = ALL_PORTS


@dataclass(frozen=True, slots=True)
class _Ends:
    """One end each of some conversations: addresses (two words), ports, and which have ports at all."""

    words: Words
    ports: Ints
    ported: Mask

    def in_range(self, ports: tuple[int, int]) -> Mask:
        """Whose port lies in a range; ICMP identifiers are no ports."""
        return np.asarray(~self.ported | ((self.ports >= ports[0]) & (self.ports <= ports[1])))

    def same_address(self, other: _Ends) -> Mask:
        """Which addresses are equal."""
        return np.asarray((self.words == other.words).all(axis=1))

    def same(self, other: _Ends) -> Mask:
        """Which addresses and ports are equal."""
        return np.asarray(self.same_address(other) & (~self.ported | (self.ports == other.ports)))


_Test = Callable[[_Ends, _Ends], Mask]


class Translation:
    """All stated translations. One after the other counts as well: what one makes may be inside of another."""

    def __init__(self, stated: Sequence[Nat] = ()) -> None:
        self._stated = tuple(stated)
        self._inside = [_network(nat.inside) for nat in stated]
        self._outside = [_address_words(nat.outside) for nat in stated]
        self._leads_to = [self._closure(index) for index in range(len(stated))]

    def __bool__(self) -> bool:
        return bool(self._stated)

    def touches(self, tables: CaptureTables) -> Mask:
        """Conversations with an end that some translation makes or takes."""
        return np.asarray((self._families(tables) > 0).any(axis=1))

    def groups(self, tables: CaptureTables) -> Keys:
        """A number for each conversation, equal for all that may be one conversation by what is stated."""
        families, facts = self._families(tables), tables.conversations.facts
        words, ports = address_words(tables), facts["sides"]["port"].astype(np.int64)
        ported = np.isin(facts["protocol"], WITH_PORTS)
        ends = []
        for side in (0, 1):
            family = families[:, side]
            known = np.where((family > 0)[:, None], 0, words[:, side])
            port = np.where((family > 0) | ~ported, 0, ports[:, side])
            ends.append(mix([known[:, 0], known[:, 1], port, family]))
        return mix([np.minimum(*ends), np.maximum(*ends), facts["protocol"]])

    def agrees(self, one: CaptureTables, first: Ints, other: CaptureTables, second: Ints) -> Mask:
        """Pairs whose ends are the same or translated into each other, client to client or, where that is unsure, crosswise."""
        return self._either_way(one, first, other, second, self._agree)

    def contradicts(self, one: CaptureTables, first: Ints, other: CaptureTables, second: Ints) -> Mask:
        """Pairs in which an inside address would be translated into one that is not stated for it."""
        return ~self._either_way(one, first, other, second, self._may_be)

    def _either_way(self, one: CaptureTables, first: Ints, other: CaptureTables, second: Ints, test: _Test) -> Mask:
        mine, theirs = _ends(one, first), _ends(other, second)
        straight = test(mine[0], theirs[0]) & test(mine[1], theirs[1])
        return np.asarray(straight | (test(mine[0], theirs[1]) & test(mine[1], theirs[0])))

    def _agree(self, mine: _Ends, theirs: _Ends) -> Mask:
        return np.asarray(mine.same(theirs) | self._made(mine, theirs) | self._made(theirs, mine))

    def _may_be(self, mine: _Ends, theirs: _Ends) -> Mask:
        untouched = ~self._is_inside(mine) & ~self._is_inside(theirs)
        return np.asarray(mine.same_address(theirs) | untouched | self._agree(mine, theirs))

    def _is_inside(self, ends: _Ends) -> Mask:
        found = np.zeros(len(ends.words), dtype=bool)
        for index, nat in enumerate(self._stated):
            found |= self._inside[index].holds(ends.words) & ends.in_range(nat.inside_ports)
        return found

    def _made(self, inside: _Ends, outside: _Ends) -> Mask:
        """Whether the outside end is what translations make of the inside one."""
        found = np.zeros(len(inside.words), dtype=bool)
        for index, nat in enumerate(self._stated):
            taken = self._inside[index].holds(inside.words) & inside.in_range(nat.inside_ports)
            for last in self._leads_to[index] if taken.any() else ():
                given = (outside.words == self._outside[last]).all(axis=1)
                found |= taken & given & outside.in_range(self._stated[last].outside_ports)
        return found

    def _closure(self, index: int) -> list[int]:
        """Translations whose outside address a packet may get that this one translates first."""
        found = [index]
        for place in found:
            following = [
                number
                for number, inside in enumerate(self._inside)
                if number not in found and bool(inside.holds(self._outside[place][None, :])[0])
            ]
            found.extend(following)
        return found

    def _families(self, tables: CaptureTables) -> Ints:
        """For each conversation's two ends the group of translations that concern it, 0 for none; chained or overlapping ones are one."""
        words = address_words(tables)
        found = np.zeros(words.shape[:2], dtype=np.int64)
        for index, family in enumerate(self._family_numbers()):
            for side in (0, 1):
                made = (words[:, side] == self._outside[index]).all(axis=1)
                found[made | self._inside[index].holds(words[:, side]), side] = family
        return found

    def _family_numbers(self) -> list[int]:
        """A number from 1 for each translation, the same for those that may concern one address."""
        families = list(range(1, len(self._stated) + 1))
        for one, nat in enumerate(self._stated):
            for two, other in enumerate(self._stated[:one]):
                chained = two in self._leads_to[one] or one in self._leads_to[two]
                overlap = nat.inside.version == other.inside.version and nat.inside.overlaps(other.inside)
                if chained or overlap or nat.outside == other.outside:
                    old, new = max(families[one], families[two]), min(families[one], families[two])
                    families = [new if family == old else family for family in families]
        return families


def _ends(tables: CaptureTables, numbers: Ints) -> tuple[_Ends, _Ends]:
    """Both ends of conversations, the client's first."""
    facts = tables.conversations.facts
    words, side = address_words(tables)[numbers], facts["client"][numbers].astype(np.int64)
    ported, at = np.isin(facts["protocol"][numbers], WITH_PORTS), np.arange(len(numbers))
    client, server = (
        _Ends(words[at, own], facts["sides"]["port"][numbers, own].astype(np.int64), ported) for own in (side, 1 - side)
    )
    return client, server


@dataclass(frozen=True, slots=True)
class _Network:
    """Address and mask of a network."""

    base: Words
    mask: Words
    version: int

    def holds(self, words: Words) -> Mask:
        """Which addresses lie in it. IPv4 addresses lie in no IPv6 network, although they are kept as if they did."""
        inside = ((words & self.mask) == self.base).all(axis=1)
        if self.version == 6:
            inside &= ((words & IPV4.mask) != IPV4.base).any(axis=1)
        return np.asarray(inside)


def _address_words(address: IPv4Address | IPv6Address) -> Words:
    packed = MAPPED + address.packed if address.version == 4 else address.packed
    return np.frombuffer(packed, dtype=np.uint64)


def _network(network: IPv4Network | IPv6Network) -> _Network:
    mask = network.netmask.packed
    whole = b"\xff" * 12 + mask if network.version == 4 else mask
    return _Network(_address_words(network.network_address), np.frombuffer(whole, dtype=np.uint64), network.version)


IPV4 = _network(IPv4Network("0.0.0.0/0"))
NONE_STATED = Translation()
