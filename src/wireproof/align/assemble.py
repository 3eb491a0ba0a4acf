"""All points of a case to one Alignment: pair conversations, order the points, set the clocks, make every hop.

The only file here that knows all steps; each step is its neighbour's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from wireproof.align.absent import Sight, find_absent
from wireproof.align.clocks import chain, reverse
from wireproof.align.consensus import find_agreeing
from wireproof.align.contents import pair_by_content, verify_renumbered
from wireproof.align.hops import UNDER_WAY_S, UNSURE_CLOCK_S, Crossing, Stretch, stretch_clock
from wireproof.align.journeys import Alignment, Clock, Journey
from wireproof.align.match import Match, match_packets
from wireproof.align.order import order_pairs
from wireproof.align.pairs import HOW, Free, Pairs, pair_conversations
from wireproof.align.reused import pair_reused
from wireproof.align.routes import Link, Routes, join_links
from wireproof.align.translation import Nat, Translation

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables

Ends = tuple[int, int]


class HasTables(Protocol):
    """What alignment needs of a point."""

    @property
    def name(self) -> str: ...  # noqa: D102 - the point's name

    @property
    def tables(self) -> CaptureTables: ...  # noqa: D102 - its tables


def align(points: Sequence[HasTables], path_order: list[str] | None = None, stated: Sequence[Nat] = ()) -> Alignment:
    """Bring the points together. `path_order` names them from client to server where the user knows it.

    `stated` are the address translations that the user knows of.
    """
    nat = Translation(stated)
    tables = [point.tables for point in points]
    places = _places(points, path_order)
    links = {
        (one, other): _link(tables[one], tables[other], 1 if places[one] < places[other] else -1, nat)
        for one in range(len(tables))
        for other in range(one + 1, len(tables))
    }
    routes = join_links([len(table.conversations) for table in tables], links, places)
    stretches = {ends: _stretch(tables, ends, links[ends], routes) for ends in routes.neighbours()}
    clocks = _set_clocks(tables, stretches)
    spans = [_span(clock, table) for clock, table in zip(clocks, tables, strict=True)]
    journeys = _make_journeys(
        routes, {ends: Crossing(tables, stretch, clocks, spans) for ends, stretch in stretches.items()}
    )
    order = routes.overall_order(places)
    under_way, unsure = round(UNDER_WAY_S.value * 1e9), round(UNSURE_CLOCK_S.value * 1e9)
    absent = list(find_absent(Sight(tables, routes, clocks, spans, order, under_way, unsure)))
    return Alignment(clocks, order, journeys, absent, spans)


def leave_apart(points: Sequence[HasTables]) -> Alignment:
    """Points that nothing ties together: each on its own clock, with no conversation in common."""
    clocks = [Clock(bound_ns=None if index else 0, known=not index, group=index) for index in range(len(points))]
    spans = [_span(clock, point.tables) for clock, point in zip(clocks, points, strict=True)]
    return Alignment(clocks, list(range(len(points))), [], [], spans)


def _places(points: Sequence[HasTables], path_order: list[str] | None) -> list[int]:
    """Each point's place along the path: as stated among those points that are, else as given."""
    names = [point.name for point in points]
    stated = [names.index(name) for name in path_order or () if name in names]
    places = list(range(len(points)))
    for place, point in zip(sorted(stated), stated, strict=True):
        places[point] = place
    return places


def _link(one: CaptureTables, other: CaptureTables, default: int, nat: Translation) -> Link:
    """Pair the conversations of two points, by ever weaker signs, and keep what agrees on one clock."""
    pairs, free = pair_conversations(one, other, nat)
    match = match_packets(one, other, pairs)
    before = pairs.shifts.copy()
    stands = verify_renumbered(one, other, pairs, _joined_packets(match, pairs))
    free.give_back(pairs.chosen(~stands))
    pairs, more = pairs.chosen(stands), _pair_reused(one, other, pairs.chosen(stands), free)
    more = more.plus(pair_by_content(one, other, free, nat))
    if len(more) or not stands.all() or (pairs.shifts != before[stands]).any():
        pairs = pairs.plus(more)
        match = match_packets(one, other, pairs)
    agreeing = find_agreeing(one, other, pairs, match) & (_joined_packets(match, pairs) > 0)
    if not agreeing.all():
        pairs = pairs.chosen(agreeing)
        match = match_packets(one, other, pairs)
    return Link(pairs, match, order_pairs(one, other, pairs, match, default))


def _pair_reused(one: CaptureTables, other: CaptureTables, pairs: Pairs, free: Free) -> Pairs:
    """Further pairs of conversations on the same endpoints, as far as packets of theirs are at both points; takes them from `free`."""
    more = pair_reused(one, other, pairs, free)
    if not len(more):
        return more
    whole = pairs.plus(more)
    joined = _joined_packets(match_packets(one, other, whole), whole)
    return free.take(more.chosen(joined[len(pairs) :] > 0))


def _joined_packets(match: Match, pairs: Pairs) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """How many packets of each pair were found at both points."""
    rows, _ = match.joined()
    return np.bincount(match.pair[0][rows], minlength=len(pairs))


def _stretch(tables: list[CaptureTables], ends: Ends, link: Link, routes: Routes) -> Stretch:
    """What travels between two neighbouring points; packets are joined again only where that is not what was linked."""
    one, other = ends
    own, signs = routes.between(one, other)
    first, second = routes.numbers[own, one], routes.numbers[own, other]
    pairs = link.pairs
    if len(first) == len(pairs) and (first == pairs.first).all() and (second == pairs.second).all():
        return Stretch(one, other, pairs, signs, link.match)
    chosen = link.choose(tables[one], tables[other], first, second)
    return Stretch(one, other, chosen, signs, match_packets(tables[one], tables[other], chosen))


def _set_clocks(tables: list[CaptureTables], stretches: dict[Ends, Stretch]) -> list[Clock]:
    """Every point's clock against the first point's, along the chain of stretches with the most joined packets.

    Points that share nothing with the first are set against the first of their own group.
    """
    steps = {ends: stretch_clock(tables, stretch) for ends, stretch in stretches.items()}
    clocks: dict[int, Clock] = {}
    for base in range(len(tables)):
        if base not in clocks:
            clocks[base] = Clock(bound_ns=0, group=base)
            while step := _best_step(steps, clocks):
                one, other = step
                if one in clocks:
                    clocks[other] = chain(clocks[one], steps[step])
                else:
                    clocks[one] = chain(clocks[other], reverse(steps[step]))
    return [clocks[index] for index in range(len(tables))]


def _best_step(steps: dict[Ends, Clock], clocks: dict[int, Clock]) -> Ends | None:
    """The surest stretch from a point whose clock is set to one whose is not."""
    ready = [
        (step.known, step.matches, ends)
        for ends, step in steps.items()
        if step.matches and (ends[0] in clocks) != (ends[1] in clocks)
    ]
    return max(ready)[2] if ready else None


def _span(clock: Clock, tables: CaptureTables) -> tuple[int, int]:
    times = tables.packets.time_ns
    if not len(times):
        return (0, 0)
    ends = clock.to_reference(np.array([times.min(), times.max()]))
    return int(ends[0]), int(ends[1])


def _make_journeys(routes: Routes, crossings: dict[Ends, Crossing]) -> list[Journey]:
    """One record a route, with its hops."""
    hops = np.empty(routes.numbers.shape, dtype=object)
    for (one, other), crossing in crossings.items():
        own, signs = routes.between(one, other)
        hops[own, np.where(signs > 0, one, other)] = list(crossing.hops())
    journeys = []
    for (members, how), from_point in zip(routes.members(), hops.tolist(), strict=True):
        own_hops = [from_point[point] for point, _ in members[:-1]]
        journeys.append(Journey(members, own_hops, HOW[how].certain, HOW[how].because))
    return journeys
