"""All points of a case to one Alignment: pair conversations, order the points, set the clocks, build every hop.

The only file here that knows all steps; each step is its neighbour's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from wireproof.align.absent import find_absent
from wireproof.align.clocks import chain
from wireproof.align.consensus import keep_agreeing
from wireproof.align.hops import UNDER_WAY_S, UNSURE_CLOCK_S, Stretch, build_hops, stretch_clock
from wireproof.align.journeys import Alignment, Clock, Hop, Journey
from wireproof.align.match import Match, match_packets
from wireproof.align.order import order_pairs
from wireproof.align.pairs import TalkPair, pair_conversations
from wireproof.conversations import CaptureTables

Member = tuple[int, int]
CERTAINTY = ("high", "medium", "low")


class HasTables(Protocol):
    """What alignment needs of a point."""

    @property
    def name(self) -> str: ...  # noqa: D102 - the point's name

    @property
    def tables(self) -> CaptureTables: ...  # noqa: D102 - its tables


def align(points: Sequence[HasTables], path_order: list[str] | None = None) -> Alignment:
    """Bring the points together. `path_order` names them from client to server where the user knows it."""
    tables = [point.tables for point in points]
    places = _places(points, path_order)
    links = _find_links(tables, places)
    journeys = _join_links(links)
    _order_members(journeys, links, places)
    stretches = _stretches(tables, journeys, links)
    clocks = _set_clocks(tables, stretches)
    spans = [_span(clock, table) for clock, table in zip(clocks, tables, strict=True)]
    _fill_hops(tables, journeys, stretches, clocks, spans)
    journeys = [journey for journey in journeys if any(len(flow.sent) for hop in journey.hops for flow in hop.flows)]
    unsure = 0.0 if all(clock.known and clock.group == 0 for clock in clocks) else UNSURE_CLOCK_S.value
    absent = list(find_absent(tables, journeys, spans, round((UNDER_WAY_S.value + unsure) * 1e9)))
    return Alignment(clocks, _overall_order(len(points), journeys, places), journeys, absent, spans)


def _places(points: Sequence[HasTables], path_order: list[str] | None) -> list[int]:
    """Each point's place along the path as stated, else as given."""
    names = [point.name for point in points]
    if path_order and set(path_order) >= set(names):
        return [path_order.index(name) for name in names]
    return list(range(len(points)))


class Links:
    """Pairs of conversations between every two points, their joined packets, and who is nearer to the client."""

    def __init__(self) -> None:
        self.pairs: dict[tuple[int, int], list[TalkPair]] = {}
        self.matches: dict[tuple[int, int], Match] = {}
        self.nearer: dict[tuple[Member, Member], int] = {}
        self.direct: dict[tuple[Member, Member], TalkPair] = {}

    def add(self, tables: list[CaptureTables], one: int, other: int, default: int) -> None:
        """Pair the conversations of two points."""
        pairs = pair_conversations(tables[one], tables[other])
        match = match_packets(tables[one], tables[other], pairs)
        kept = keep_agreeing(tables[one], tables[other], pairs, match)
        if len(kept) < len(pairs):
            match = match_packets(tables[one], tables[other], kept)
        self.pairs[one, other], self.matches[one, other] = kept, match
        signs = order_pairs(tables[one], tables[other], kept, match, default)
        for pair, sign in zip(kept, signs.tolist(), strict=True):
            members = (one, pair.first), (other, pair.second)
            self.nearer[members] = sign
            self.direct[members] = pair


def _find_links(tables: list[CaptureTables], places: list[int]) -> Links:
    links = Links()
    for one in range(len(tables)):
        for other in range(one + 1, len(tables)):
            links.add(tables, one, other, 1 if places[one] < places[other] else -1)
    return links


def _join_links(links: Links) -> list[Journey]:
    """Conversations linked directly or through a third point are one journey, with at most one of each point."""
    groups: dict[Member, Journey] = {}
    journeys: list[Journey] = []
    ordered = sorted(links.direct.items(), key=lambda link: CERTAINTY.index(link[1].certain))
    for (first, second), pair in ordered:
        mine, theirs = groups.get(first), groups.get(second)
        if mine is None and theirs is None:
            journey = Journey([first, second], [], pair.certain, pair.because)
            journeys.append(journey)
            groups[first] = groups[second] = journey
        elif mine is not None and theirs is None:
            _add_member(mine, second, groups)
        elif mine is None and theirs is not None:
            _add_member(theirs, first, groups)
    return journeys


def _add_member(journey: Journey, member: Member, groups: dict[Member, Journey]) -> None:
    if all(point != member[0] for point, _ in journey.members):
        journey.members.append(member)
        groups[member] = journey


def _order_members(journeys: list[Journey], links: Links, places: list[int]) -> None:
    """Put each journey's members in order from client to server by how many others each is nearer than."""
    for journey in journeys:
        wins = dict.fromkeys(journey.members, 0)
        members = sorted(journey.members)
        for index, first in enumerate(members):
            for second in members[index + 1 :]:
                sign = links.nearer.get((first, second), 1 if places[first[0]] < places[second[0]] else -1)
                wins[first] += sign
                wins[second] -= sign
        journey.members.sort(key=lambda member: (-wins[member], places[member[0]]))


def _stretches(tables: list[CaptureTables], journeys: list[Journey], links: Links) -> dict[tuple[int, int], Stretch]:
    """Group neighbouring members by the two points, and join their packets (again only where the group changed)."""
    groups: dict[tuple[int, int], dict[tuple[Member, Member], int]] = {}
    for journey in journeys:
        for near, far in zip(journey.members, journey.members[1:], strict=False):
            first, second = sorted((near, far))
            groups.setdefault((first[0], second[0]), {})[first, second] = 1 if near == first else -1
    stretches = {}
    for (one, other), signs in groups.items():
        found = links.pairs[one, other]
        pairs = [pair for pair in found if ((one, pair.first), (other, pair.second)) in signs]
        known = {(pair.first, pair.second) for pair in pairs}
        pairs += [
            TalkPair(first[1], second[1], "medium", "through a third point")
            for first, second in signs
            if (first[1], second[1]) not in known
        ]
        match = links.matches[one, other] if pairs == found else match_packets(tables[one], tables[other], pairs)
        ordered = [signs[(one, pair.first), (other, pair.second)] for pair in pairs]
        stretches[one, other] = Stretch(one, other, pairs, np.array(ordered, dtype=np.int64), match)
    return stretches


def _set_clocks(tables: list[CaptureTables], stretches: dict[tuple[int, int], Stretch]) -> list[Clock]:
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
                    clocks[one] = chain(clocks[other], _reverse(steps[step]))
    return [clocks[index] for index in range(len(tables))]


def _best_step(steps: dict[tuple[int, int], Clock], clocks: dict[int, Clock]) -> tuple[int, int] | None:
    """The surest stretch from a point whose clock is set to one whose is not."""
    ready = [
        (step.known, step.matches, ends)
        for ends, step in steps.items()
        if step.matches and (ends[0] in clocks) != (ends[1] in clocks)
    ]
    return max(ready)[2] if ready else None


def _reverse(step: Clock) -> Clock:
    """The first point's clock against the second's, from the second's against the first's."""
    return Clock(-step.offset_ns, -step.drift_ppm, step.epoch_ns + step.offset_ns, step.bound_ns, step.known, step.matches)


def _span(clock: Clock, tables: CaptureTables) -> tuple[int, int]:
    times = tables.packets.time_ns
    if not len(times):
        return (0, 0)
    ends = clock.to_reference(np.array([times.min(), times.max()]))
    return int(ends[0]), int(ends[1])


def _fill_hops(
    tables: list[CaptureTables],
    journeys: list[Journey],
    stretches: dict[tuple[int, int], Stretch],
    clocks: list[Clock],
    spans: list[tuple[int, int]],
) -> None:
    built: dict[tuple[Member, Member], Hop] = {}
    for stretch in stretches.values():
        for hop in build_hops(tables, stretch, clocks, spans):
            built[hop.near, hop.far] = hop
    for journey in journeys:
        journey.hops = [built[near, far] for near, far in zip(journey.members, journey.members[1:], strict=False)]


def _overall_order(count: int, journeys: list[Journey], places: list[int]) -> list[int]:
    """Points from the clients' side to the servers' by what most journeys say."""
    wins = [0] * count
    for journey in journeys:
        for index, (point, _) in enumerate(journey.members):
            wins[point] += len(journey.members) - 1 - 2 * index
    return sorted(range(count), key=lambda point: (-wins[point], places[point]))
