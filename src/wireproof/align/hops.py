"""All conversations over one hop: join their packets, set the clocks, and build each direction's flow.

Takes two points and the conversations that travel between them; gives one `Hop` each and the clock between the points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wireproof.align.changes import find_changes
from wireproof.align.clocks import estimate_clock
from wireproof.align.flows import End, Leftovers, build_flow
from wireproof.align.journeys import Change, Clock, Hop, HopFlow, Rows
from wireproof.align.match import Match, settle_copies
from wireproof.align.pairs import TalkPair
from wireproof.conversations import CaptureTables
from wireproof.limits import limit

UNDER_WAY_S = limit(
    "path.under_way_s", 0.2, "a packet sent this shortly before the other capture's end may still have been under way"
)
UNSURE_CLOCK_S = limit(
    "path.unsure_clock_s", 2.0, "captures whose clocks could not be compared may be off by what NTP lets pass unnoticed"
)
RST = 0x04


@dataclass(slots=True)
class Stretch:
    """Two points and what travels between them. `signs[i]` is +1 where point `one` is nearer to the client of `pairs[i]`."""

    one: int
    other: int
    pairs: list[TalkPair]
    signs: NDArray[np.int64]
    match: Match


def stretch_clock(tables: list[CaptureTables], stretch: Stretch) -> Clock:
    """The clock of point `other` against point `one`; resets are left out, since devices between the points make them.

    Copies of one packet count only where there is nothing better: they are joined in order, which a lost one would shift.
    """
    match = stretch.match
    rows, rows_there = match.first.rows[match.first_index], match.second.rows[match.second_index]
    packets = tables[stretch.one].packets
    usable = ~((packets.protocol[rows] == 6) & ((packets.flags[rows] & RST) != 0))
    if (usable & match.even).any():
        usable &= match.even
    role, pair = match.first.role[match.first_index], match.first.pair[match.first_index]
    forward = (role == 0) == (stretch.signs[pair] > 0)
    return estimate_clock(
        packets.time_ns[rows[usable]], tables[stretch.other].packets.time_ns[rows_there[usable]], forward[usable]
    )


@dataclass(slots=True)
class _Sorted:
    """Row groups by (pair, role), cut out of flat arrays."""

    values: tuple[Rows, ...]
    starts: NDArray[np.int64]

    def of(self, code: int) -> tuple[Rows, ...]:
        cut = slice(self.starts[code], self.starts[code + 1])
        return tuple(value[cut] for value in self.values)


def _sort_by_code(code: NDArray[np.int64], codes: int, time: NDArray[np.int64], *values: Rows) -> _Sorted:
    order = np.lexsort((time, code))
    starts = np.searchsorted(code[order], np.arange(codes + 1))
    return _Sorted(tuple(value[order] for value in values), starts)


def build_hops(tables: list[CaptureTables], stretch: Stretch, clocks: list[Clock], spans: list[tuple[int, int]]) -> list[Hop]:
    """One `Hop` for each pair of the stretch, in their order."""
    one, other = tables[stretch.one], tables[stretch.other]
    times = (clocks[stretch.one].to_reference(one.packets.time_ns), clocks[stretch.other].to_reference(other.packets.time_ns))
    match = _settle(stretch, one, other, times)
    codes = 2 * len(stretch.pairs)
    first_rows, second_rows = match.first.rows[match.first_index], match.second.rows[match.second_index]
    code = match.first.pair[match.first_index] * 2 + match.first.role[match.first_index]
    joined = _sort_by_code(code, codes, times[0][first_rows], first_rows, second_rows)
    left = [_sort_left(match, side, codes, times[side]) for side in (0, 1)]
    slack = _slack_ns(stretch, match, times, clocks)
    ends = [(one, times[0], spans[stretch.one], stretch.one), (other, times[1], spans[stretch.other], stretch.other)]
    return [_build_hop(stretch, index, ends, joined, left, slack) for index in range(len(stretch.pairs))]


def _sort_left(match: Match, side: int, codes: int, times: NDArray[np.int64]) -> _Sorted:
    whole = match.second if side else match.first
    index = match.left(side)
    return _sort_by_code(whole.pair[index] * 2 + whole.role[index], codes, times[whole.rows[index]], whole.rows[index])


def _settle(stretch: Stretch, one: CaptureTables, other: CaptureTables, times: tuple[Rows, Rows]) -> Match:
    match = stretch.match
    return settle_copies(
        match,
        (times[0][match.first.rows], times[1][match.second.rows]),
        (one.packets.ip_id[match.first.rows], other.packets.ip_id[match.second.rows]),
    )


def _slack_ns(stretch: Stretch, match: Match, times: tuple[Rows, Rows], clocks: list[Clock]) -> int:
    """How long after sending a packet may still come: the longest delay seen, the clocks' bound, and a margin."""
    pair = (clocks[stretch.one], clocks[stretch.other])
    unsure = 0 if all(clock.known for clock in pair) and pair[0].group == pair[1].group else round(UNSURE_CLOCK_S.value * 1e9)
    bound = sum(clock.bound_ns or 0 for clock in pair)
    delays = np.abs(times[1][match.second.rows[match.second_index]] - times[0][match.first.rows[match.first_index]])
    longest = int(np.quantile(delays, 0.99)) if len(delays) else 0
    return round(UNDER_WAY_S.value * 1e9) + unsure + bound + longest


def _build_hop(
    stretch: Stretch,
    index: int,
    ends: list[tuple[CaptureTables, NDArray[np.int64], tuple[int, int], int]],
    joined: _Sorted,
    left: list[_Sorted],
    slack: int,
) -> Hop:
    pair = stretch.pairs[index]
    members = [End(end[0], end[1], end[2], (end[3], number)) for end, number in zip(ends, (pair.first, pair.second), strict=True)]
    near_is_one = stretch.signs[index] > 0
    flows: list[HopFlow] = []
    directions: list[tuple[HopFlow, End, End, int]] = []
    for role, toward in enumerate(("server", "client")):
        from_one = near_is_one == (role == 0)
        rows = _leftovers(joined.of(2 * index + role), left, 2 * index + role, from_one=from_one, shift=pair.shifts[role])
        sender, receiver = (members[0], members[1]) if from_one else (members[1], members[0])
        flow = build_flow(toward, sender, receiver, rows, slack)
        flows.append(flow)
        directions.append((flow, sender, receiver, rows.shift))
    near, far = (members[0], members[1]) if near_is_one else (members[1], members[0])

    def compare() -> list[Change]:
        return [change for direction in directions for change in find_changes(*direction)]

    return Hop(near.member, far.member, flows[0], flows[1], compare)


def _leftovers(joined: tuple[Rows, ...], left: list[_Sorted], code: int, *, from_one: bool, shift: int) -> Leftovers:
    first, second = joined
    first_left, second_left = left[0].of(code)[0], left[1].of(code)[0]
    if from_one:
        return Leftovers(first, second, first_left, second_left, shift)
    return Leftovers(second, first, second_left, first_left, -shift & 0xFFFFFFFF if shift else 0)
