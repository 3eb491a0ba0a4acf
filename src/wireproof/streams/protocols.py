"""Which application protocol each conversation speaks, and the streams of those that speak one, in clear or opened with keys.

Takes the facts of all conversations and streams that were opened; gives the conversations of each protocol. Reads no frame before
somebody asks for streams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.streams.recognise import OVER_TCP, OVER_UDP, Beginnings, Mask
from wireproof.streams.streams import open_streams

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables, Conversations
    from wireproof.streams.stream import TalkStreams

NONE: NDArray[np.int64] = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Protocols:
    """Conversations by protocol: `tcp["tls"]` and `udp["sip"]` are conversation numbers in ascending order.

    `opened` are the streams inside encrypted sessions that were opened, by what is spoken in them; their conversations stand under
    `tcp["tls"]` too.
    """

    tcp: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    udp: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    opened: dict[str, list[TalkStreams]] = field(default_factory=dict)

    def has(self, *names: str) -> bool:
        """Whether any conversation speaks one of these."""
        return any(len(spoken.get(name, ())) for spoken in (self.tcp, self.udp, self.opened) for name in names)

    def has_streams(self, *names: str) -> bool:
        """Whether `streams` gives any for one of these."""
        return any(len(spoken.get(name, ())) for spoken in (self.tcp, self.opened) for name in names)

    def of(self, number: int) -> list[str]:
        """Protocols that a conversation may be; more than one where its first bytes fit several, or where one is inside another."""
        both = (*self.tcp.items(), *self.udp.items())
        found = [name for name, numbers in both if _holds(numbers, number)]
        return found + [name for name, talks in self.opened.items() if any(t.conversation == number for t in talks)]

    def streams(self, tables: CaptureTables, *names: str, head: int = 16_384) -> Iterator[TalkStreams]:
        """Both streams of each TCP conversation that speaks one of these: first those in clear, then those that were opened.

        One conversation comes twice where a protocol begins in clear and goes on encrypted, as LDAP does behind StartTLS. Use each
        before asking for the next.
        """
        spoken = [self.tcp[name] for name in names if name in self.tcp]
        numbers = np.unique(np.concatenate(spoken)) if len(spoken) > 1 else next(iter(spoken), NONE)
        if len(numbers):
            yield from open_streams(tables, numbers, head)
        given: set[int] = set()
        for name in names:
            for talk in self.opened.get(name, ()):
                if id(talk) not in given:
                    given.add(id(talk))
                    yield talk


def _holds(numbers: NDArray[np.int64], number: int) -> bool:
    place = int(np.searchsorted(numbers, number))
    return place < len(numbers) and int(numbers[place]) == number


def find_protocols(conversations: Conversations, opened: Iterable[TalkStreams] = ()) -> Protocols:
    """Recognise the conversations of one capture in which either side sent something, and what is spoken inside opened sessions."""
    return Protocols(
        _recognise(conversations, 6, OVER_TCP),
        _recognise(conversations, 17, OVER_UDP),
        _recognise_opened(conversations, list(opened)),
    )


def _recognise(
    conversations: Conversations, protocol: int, tests: Mapping[str, Callable[[Beginnings], Mask]]
) -> dict[str, NDArray[np.int64]]:
    opening = conversations.side_facts("opening")
    ports = conversations.side_facts("port")
    # A telephone that keeps its NAT open with zeros has an opening of zeros.
    spoke = ((opening[:, 0] | opening[:, 1]) != 0) | (ports[:, 0] == 5060) | (ports[:, 1] == 5060)
    numbers = np.flatnonzero(spoke & (conversations.facts["protocol"] == protocol))
    found = _told_by(Beginnings(opening[numbers], ports[numbers]), tests)
    return {name: numbers[mask] for name, mask in found.items()}


def _told_by(first: Beginnings, tests: Mapping[str, Callable[[Beginnings], Mask]]) -> dict[str, NDArray[np.bool_]]:
    """By protocol, which conversations have a side that begins as it does."""
    masks = {name: test(first) for name, test in tests.items()}
    return {name: mask[:, 0] | mask[:, 1] for name, mask in masks.items()}


def _recognise_opened(conversations: Conversations, talks: list[TalkStreams]) -> dict[str, list[TalkStreams]]:
    if not talks:
        return {}
    words = [[int.from_bytes(stream.read(0, 8), "little") for stream in talk.sides] for talk in talks]
    ports = conversations.side_facts("port")[[talk.conversation for talk in talks]]
    found = _told_by(Beginnings(np.array(words, np.uint64), ports), OVER_TCP)
    return {
        name: [talks[place] for place in np.flatnonzero(mask).tolist()]
        for name, mask in found.items()
        if name not in {"tls", "tls-inside"} and mask.any()
    }
