"""Which conversations a rule looks at: each distinct one once, at the capture point where its symptom is judged best.

Takes a rule's vectorised test over a point's conversations; gives `Subject`s. A conversation that several points show is one:
it is judged at the point nearest to the side that the rule speaks of. Decides nothing else.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.case import Case, Point
from wireproof.limits import limit
from wireproof.rules.evidence import label

if TYPE_CHECKING:
    from wireproof.conversations import Talk
    from wireproof.finding import Talk as TalkLabel

Mask = NDArray[np.bool_]
Select = Callable[[Point], Mask]
"""Test over all conversations of a point: an array of shape (conversations, 2), true where a side is worth a closer look; that it is TCP
is seen to."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One side (0 or 1) of one conversation at one point."""

    point: Point
    number: int
    side: int

    @property
    def talk(self) -> Talk:
        """The conversation."""
        return self.point.talk(self.number)

    @property
    def facts(self) -> Any:
        """Facts of the conversation as a whole."""
        return self.point.conversations.facts[self.number]

    @property
    def mine(self) -> Any:
        """Facts of what this side sent."""
        return self.facts["sides"][self.side]

    @property
    def other(self) -> Any:
        """Facts of what the other side sent."""
        return self.facts["sides"][1 - self.side]

    @property
    def is_client(self) -> bool:
        """Whether this side opened the conversation."""
        return int(self.facts["client"]) == self.side

    @property
    def role(self) -> str:
        """`client` or `server`."""
        return "client" if self.is_client else "server"

    @property
    def peer_role(self) -> str:
        """`client` or `server`: what the other side is, and where this side's packets go."""
        return "server" if self.is_client else "client"

    @property
    def endpoint(self) -> str:
        """`address:port` of this side."""
        return self.talk.endpoint(self.side)

    @property
    def peer_endpoint(self) -> str:
        """`address:port` of the other side."""
        return self.talk.endpoint(1 - self.side)

    @property
    def address(self) -> str:
        """This side's address."""
        return self.talk.address(self.side)

    @property
    def peer_address(self) -> str:
        """The other side's address."""
        return self.talk.address(1 - self.side)

    @property
    def segments(self) -> NDArray[np.int64]:
        """Rows of its TCP segments in file order, without ICMP errors that quote it."""
        rows = self.point.conversations.rows(self.number)
        return np.asarray(rows[self.point.packets.protocol[rows] == 6])

    def label(self, case: Case) -> TalkLabel:
        """The conversation's label, with the addresses that other points show."""
        others = members(case).get((self.point.index, self.number), ())
        return label(
            self.talk, ((case.points[p].name, case.points[p].talk(n)) for p, n in others if p != self.point.index)
        )


_MEMBERS: weakref.WeakKeyDictionary[Case, dict[tuple[int, int], list[tuple[int, int]]]] = weakref.WeakKeyDictionary()


def members(case: Case) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """(point, conversation) to all (point, conversation) of the same journey, client's end first; empty for one point."""
    if len(case.points) < 2:
        return {}
    if case not in _MEMBERS:
        _MEMBERS[case] = {member: journey.members for journey in case.alignment.journeys for member in journey.members}
    return _MEMBERS[case]


LOOKED_AT = limit(
    "subjects.most",
    300,
    "a closer look at one conversation takes up to a millisecond; whoever has hundreds of one kind sees the cause in these",
)


def subjects(case: Case, select: Select, weight: str, *, near_peer: bool = False) -> list[Subject]:
    """The TCP (conversation, side) pairs that `select` names, each conversation at one point only, worst first.

    That point is the one nearest to the side itself, or to the other side with `near_peer`. `weight` is the side fact by which the worst
    are found where a point has more than `subjects.most`.
    """
    found: list[Subject] = []
    for point in case.points:
        pairs = np.argwhere(select(point) & (point.conversations.is_tcp & ~loose(point))[:, None])
        worst = np.argsort(-sides(point, weight)[pairs[:, 0], pairs[:, 1]].astype(np.int64), kind="stable")
        found += [Subject(point, number, side) for number, side in pairs[worst[: int(LOOKED_AT.value)]].tolist()]
    return nearest(case, found, near_peer=near_peer)


def loose(point: Point) -> Mask:
    """Conversations of a listing that may lack messages, or hold those of another one: their lines name no ports."""
    found = np.zeros(len(point.conversations), dtype=bool)
    numbers = point.packets.conversation[np.asarray(point.capture.loose_rows, dtype=np.int64)]
    found[numbers[numbers >= 0]] = True
    return found


def nearest(case: Case, found: Iterable[Subject], *, near_peer: bool = False) -> list[Subject]:
    """Leave of subjects that are the same side of one conversation the one at the point nearest to that side (or its peer)."""
    same = members(case)
    best: dict[tuple[object, ...], tuple[int, Subject]] = {}
    for subject in found:
        own = (subject.point.index, subject.number)
        journey = same.get(own, [own])
        place = journey.index(own)
        distance = place if subject.is_client != near_peer else len(journey) - 1 - place
        key = (journey[0], subject.role)
        if key not in best or distance < best[key][0]:
            best[key] = (distance, subject)
    return [subject for _, subject in best.values()]


def first_sight(case: Case, point: Point, numbers: NDArray[np.int64], *, near_client: bool) -> NDArray[np.int64]:
    """Of a point's conversations those that no other point shows nearer to the client (or the server)."""
    same = members(case)
    if not same or not len(numbers):
        return numbers
    end = 0 if near_client else -1
    kept = [n for n in numbers.tolist() if same.get((point.index, n), [(point.index, n)])[end] == (point.index, n)]
    return np.asarray(kept, dtype=np.int64)


def seen_first(case: Case, point: Point, numbers: Iterable[int]) -> set[int]:
    """Of these conversations of a point those that no other point shows nearer to the client: the ones to judge there."""
    chosen = np.array(sorted(set(numbers)), dtype=np.int64)
    return set(first_sight(case, point, chosen, near_client=True).tolist())


def sides(point: Point, name: str) -> NDArray[Any]:
    """A side fact of all conversations, shape (conversations, 2)."""
    return point.conversations.side_facts(name)


def either(mask: Mask) -> Mask:
    """Which conversations have a true side, of shape (conversations, 2); `any` over an axis of two is many times slower."""
    return mask[:, 0] | mask[:, 1]
