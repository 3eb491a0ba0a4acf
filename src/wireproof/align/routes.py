"""Which conversations of which points are one and the same, and in which order the points lie on its way.

Takes the links between every two points; gives a table with one row a conversation and one column a point. Knows no packet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.align.pairs import HOW, THIRD_POINT, USED_AGAIN, Ints, Pairs, make_pairs, number_shifts

if TYPE_CHECKING:
    from wireproof.align.match import Match
    from wireproof.conversations import CaptureTables

CERTAINTY = ("high", "medium", "low")
NONE = -1


@dataclass(slots=True)
class Link:
    """Pairs of conversations of two points, their joined packets, and who is nearer to the client: +1 for the first point."""

    pairs: Pairs
    match: Match
    signs: Ints

    def choose(self, one: CaptureTables, other: CaptureTables, first: Ints, second: Ints) -> Pairs:
        """The pairs of these conversations; those that only a third point brought together are made anew."""
        at = self.places(first, second)
        known = at >= 0
        made = make_pairs(first, second, THIRD_POINT)
        made.shifts = number_shifts(one, other, made)
        made.how[known], made.shifts[known] = self.pairs.how[at[known]], self.pairs.shifts[at[known]]
        return made

    def places(self, first: Ints, second: Ints) -> Ints:
        """Where these pairs of conversations stand among the link's own; NONE for those that it does not hold."""
        if not len(self.pairs):
            return np.full(len(first), NONE, dtype=np.int64)
        base = int(max(self.pairs.second.max(), second.max(initial=0))) + 2
        mine, wanted = self.pairs.first * base + self.pairs.second, first * base + second
        order = np.argsort(mine, kind="stable")
        at = order[np.minimum(np.searchsorted(mine[order], wanted), len(mine) - 1)]
        return np.where(mine[at] == wanted, at, NONE)


@dataclass(slots=True)
class Routes:
    """Where each conversation was seen: one row a route, one column a point.

    `numbers[route, point]` is the point's conversation, NONE where it does not show it; `order[route]` lists the points from client to
    server, those without it last; `how[route]` is by what its least sure link was found.
    """

    numbers: Ints
    order: Ints
    how: Ints

    @property
    def lengths(self) -> Ints:
        """How many points show each conversation."""
        return np.asarray((self.numbers >= 0).sum(axis=1))

    def steps(self) -> Iterator[tuple[Ints, Ints, Ints]]:
        """(routes, near points, far points) of every first step, every second step …"""
        for step in range(self.numbers.shape[1] - 1):
            routes = np.flatnonzero(self.lengths > step + 1)
            yield routes, self.order[routes, step], self.order[routes, step + 1]

    def neighbours(self) -> list[tuple[int, int]]:
        """Every two points that are neighbours on some route, the lower one first."""
        found: set[tuple[int, int]] = set()
        for _, near, far in self.steps():
            found.update(map(tuple, np.unique(np.sort(np.column_stack([near, far]), axis=1), axis=0).tolist()))
        return sorted(found)

    def between(self, one: int, other: int) -> tuple[Ints, Ints]:
        """Routes on which two points are neighbours, in order, and +1 where the first one is nearer to the client."""
        found = []
        for routes, near, far in self.steps():
            for start, end, sign in ((one, other, 1), (other, one, -1)):
                own = routes[(near == start) & (far == end)]
                found.append(np.column_stack([own, np.full(len(own), sign)]))
        table = np.concatenate(found)
        table = table[np.argsort(table[:, 0], kind="stable")]
        return table[:, 0], table[:, 1]

    def members(self) -> Iterator[tuple[list[tuple[int, int]], int]]:
        """(point, conversation) of each route in order from client to server, and by what it was found."""
        rows = (self.numbers.tolist(), self.order.tolist(), self.lengths.tolist(), self.how.tolist())
        for numbers, order, length, how in zip(*rows, strict=True):
            yield [(point, numbers[point]) for point in order[:length]], how

    def overall_order(self, places: list[int]) -> list[int]:
        """Points from the clients' side to the servers' by what most routes say."""
        wins = np.zeros(len(places), dtype=np.int64)
        for _, near, far in self.steps():
            wins += np.bincount(near, minlength=len(places)) - np.bincount(far, minlength=len(places))
        return sorted(range(len(places)), key=lambda point: (-int(wins[point]), places[point]))


def join_links(sizes: list[int], links: dict[tuple[int, int], Link], places: list[int]) -> Routes:
    """Conversations linked directly or through a third point are one route, with at most one of each point; surer links first."""
    numbers, how = _merge(sizes, links) if len(sizes) > 2 else _take_over(links)
    return Routes(numbers, _order_points(numbers, links, places), how)


def _take_over(links: dict[tuple[int, int], Link]) -> tuple[Ints, Ints]:
    """Two points: every pair is a route."""
    if not links:
        return np.zeros((0, 1), dtype=np.int64), np.zeros(0, dtype=np.int64)
    pairs = links[0, 1].pairs
    return np.column_stack([pairs.first, pairs.second]), pairs.how


def _merge(sizes: list[int], links: dict[tuple[int, int], Link]) -> tuple[Ints, Ints]:
    """Walk through all links, the surest first, and let each open a route, lengthen one, or join two that share no point."""
    route_of: list[dict[int, int]] = [{} for _ in sizes]
    table: list[list[int]] = []
    how: list[int] = []
    for ends, numbers, found_by in _edges(links):
        own = [route_of[point].get(number) for point, number in zip(ends, numbers, strict=True)]
        if own[0] is not None and own[0] == own[1]:
            continue
        rows = [
            _row(table, route, place, len(sizes))
            for route, place in zip(own, zip(ends, numbers, strict=True), strict=True)
        ]
        if any(NONE not in pair for pair in zip(*rows, strict=True)):
            continue
        kept = next((route for route in own if route is not None), len(table))
        if kept == len(table):
            table.append([])
            how.append(NONE)
        how[kept] = found_by  # links come with the surest first: a route is as sure as its last one
        for route in own:
            if route is not None:
                table[route] = []
        table[kept] = [max(pair) for pair in zip(*rows, strict=True)]
        for point, number in enumerate(table[kept]):
            if number != NONE:
                route_of[point][number] = kept
    how += [USED_AGAIN] * _share_out(links, table, route_of)
    full = [index for index, row in enumerate(table) if row]
    numbered = np.array([table[index] for index in full], dtype=np.int64).reshape(-1, len(sizes))
    return numbered, np.array([how[index] for index in full], dtype=np.int64)


def _share_out(links: dict[tuple[int, int], Link], table: list[list[int]], route_of: list[dict[int, int]]) -> int:
    """Let several routes hold one conversation, where its point shows several of the other points' as one. Gives how many are new."""
    before = len(table)
    edges = [
        ((one, first), (other, second))
        for (one, other), link in links.items()
        for first, second, how in zip(*(column.tolist() for column in link.pairs.columns), strict=True)
        if how == USED_AGAIN
    ]
    linked = {*edges, *(edge[::-1] for edge in edges)}
    for one, two in edges:
        for own, other in ((one, two), (two, one)):
            if _enter(table, route_of, linked, (own, other)):
                break
    return len(table) - before


def _enter(
    table: list[list[int]],
    route_of: list[dict[int, int]],
    linked: set[tuple[tuple[int, int], tuple[int, int]]],
    edge: tuple[tuple[int, int], tuple[int, int]],
) -> bool:
    """Put the second conversation on the first one's route, if all of that route are linked with it. Says whether it stands there."""
    (point, number), other = edge
    route = route_of[point].get(number)
    row = _row(table, route, (point, number), len(route_of))
    if row[other[0]] != NONE:
        return row[other[0]] == other[1]
    home = route_of[other[0]].get(other[1])
    members = [member for member in enumerate(row) if member[1] != NONE]
    if not all((member, other) in linked or route_of[member[0]].get(member[1], NONE) == home for member in members):
        return False
    row[other[0]] = other[1]
    if route is None:
        route_of[point][number] = route = len(table)
        table.append(row)
    route_of[other[0]].setdefault(other[1], route)
    return True


def _row(table: list[list[int]], route: int | None, place: tuple[int, int], points: int) -> list[int]:
    """A route's conversations by point; of a conversation without route just itself."""
    if route is not None:
        return table[route]
    return [place[1] if point == place[0] else NONE for point in range(points)]


def _edges(links: dict[tuple[int, int], Link]) -> Iterator[tuple[tuple[int, int], tuple[int, int], int]]:
    """Every link of two conversations: points, conversations, and by what it was found; the surest first.

    Those of conversations that stand in several are left out.
    """
    for certainty in CERTAINTY:
        codes = [code for code, how in enumerate(HOW) if how.certain == certainty and code != USED_AGAIN]
        for ends, link in links.items():
            pairs = link.pairs.chosen(np.isin(link.pairs.how, codes))
            for first, second, how in zip(*(column.tolist() for column in pairs.columns), strict=True):
                yield ends, (first, second), how


def _order_points(numbers: Ints, links: dict[tuple[int, int], Link], places: list[int]) -> Ints:
    """Points of each route from client to server, by how many others each is nearer than; those that lack it last."""
    wins = np.zeros(numbers.shape, dtype=np.int64)
    for (one, other), link in links.items():
        both = (numbers[:, one] >= 0) & (numbers[:, other] >= 0)
        sign = np.where(both, _signs(numbers, (one, other), link, 1 if places[one] < places[other] else -1), 0)
        wins[:, one] += sign
        wins[:, other] -= sign
    rank = -wins * len(places) + np.array(places)[None, :]
    return np.argsort(np.where(numbers >= 0, rank, np.iinfo(np.int64).max), axis=1, kind="stable")


def _signs(numbers: Ints, ends: tuple[int, int], link: Link, default: int) -> NDArray[np.int64]:
    """What a link says of each route's order, `default` where the route does not hold that link."""
    at = link.places(numbers[:, ends[0]], numbers[:, ends[1]])
    return np.where(at >= 0, np.append(link.signs, default)[at], default)
