"""Conversations grouped by the server endpoint that they go to, or by the client's address that they come from.

For rules that see one thing in many conversations. Takes conversation numbers of a point; gives groups, largest first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wireproof.limits import limit

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.conversations import Talk

NAMED_MOST = limit(
    "fold.conversations",
    1000,
    "findings are linked through the conversations they name; beyond a thousand of one cause more names add nothing",
)


@dataclass(frozen=True, slots=True)
class Group:
    """Conversations of one point with something in common. `numbers` are in file order."""

    point: Point
    numbers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def first(self) -> Talk:
        """Its first conversation."""
        return self.point.talk(int(self.numbers[0]))

    @property
    def client_facts(self) -> NDArray[Any]:
        """Facts of what the clients sent, one record a conversation."""
        facts = self.point.conversations.facts[self.numbers]
        return np.asarray(facts["sides"][np.arange(len(facts)), facts["client"]])

    @property
    def server_facts(self) -> NDArray[Any]:
        """Facts of what the servers sent."""
        facts = self.point.conversations.facts[self.numbers]
        return np.asarray(facts["sides"][np.arange(len(facts)), 1 - facts["client"]])

    @property
    def clients(self) -> int:
        """How many client addresses it has."""
        return len(np.unique(addresses(self.point, self.numbers, of_server=False)))

    @property
    def servers(self) -> int:
        """How many server endpoints (address and port) it has."""
        return len(np.unique(server_keys(self.point, self.numbers)))

    def named(self) -> list[tuple[str, int]]:
        """Its conversations as a finding names them, the first ones."""
        return [(self.point.name, number) for number in self.numbers[: int(NAMED_MOST.value)].tolist()]


def addresses(point: Point, numbers: NDArray[np.int64], *, of_server: bool) -> NDArray[Any]:
    """The server's (or client's) 16-byte address of each conversation, as opaque keys."""
    facts = point.conversations.facts[numbers]
    both = np.frombuffer(facts["addresses"].tobytes(), np.dtype((np.void, 16))).reshape(-1, 2)
    side = 1 - facts["client"] if of_server else facts["client"]
    return np.asarray(both[np.arange(len(facts)), side])


def server_keys(point: Point, numbers: NDArray[np.int64]) -> NDArray[Any]:
    """Address and port of each conversation's server, as opaque keys."""
    facts = point.conversations.facts[numbers]
    ports = facts["sides"]["port"][np.arange(len(facts)), 1 - facts["client"]]
    keys = np.empty(len(facts), np.dtype([("address", "V16"), ("port", "<u2")]))
    keys["address"], keys["port"] = addresses(point, numbers, of_server=True), ports
    return np.asarray(keys.view(np.dtype((np.void, 18))))


def by_server(point: Point, numbers: NDArray[np.int64]) -> list[Group]:
    """Groups with one server address and port each."""
    return list(_grouped(point, numbers, server_keys(point, numbers)))


def by_client(point: Point, numbers: NDArray[np.int64]) -> list[Group]:
    """Groups with one client address each."""
    return list(_grouped(point, numbers, addresses(point, numbers, of_server=False)))


def _grouped(point: Point, numbers: NDArray[np.int64], keys: NDArray[Any]) -> Iterator[Group]:
    if not len(numbers):
        return
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    order = np.argsort(inverse.reshape(-1), kind="stable")
    groups = np.split(numbers[order], np.cumsum(counts)[:-1])
    for group in sorted(groups, key=lambda group: (-len(group), int(group[0]))):
        yield Group(point, group)


def same_server(group: Group) -> Group:
    """All TCP conversations of the point with the server endpoint of a group's first conversation."""
    conversations = group.point.conversations
    wanted = server_keys(group.point, group.numbers[:1])[0]
    port = int(group.first.server["port"])
    likely = np.flatnonzero(conversations.is_tcp & (conversations.side_facts("port") == port).any(axis=1))
    return Group(group.point, likely[server_keys(group.point, likely) == wanted])


def is_one_point(case: Case) -> bool:
    """Whether the case has a single capture, so that nobody can say what happened elsewhere on the path."""
    return len(case.points) == 1
