"""All conversations over one hop: the clock between its points, its packets' copies settled, and each direction's flow on demand.

Takes two points and the conversation pairs that travel between them; gives one `Hop` each. What happened to a conversation is worked
out when its hop is first asked, so that tens of thousands of healthy ones cost next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.align.changes import find_changes
from wireproof.align.clocks import estimate_clock
from wireproof.align.copies import Timing, part_early, settle_copies
from wireproof.align.flows import Direction, End, Margins, Sorting, build_flow
from wireproof.align.journeys import Change, Clock, Hop, HopFlow, Rows
from wireproof.align.match import COPY, LEFT, TWIN, Match, roles
from wireproof.limits import limit
from wireproof.table.schema import MARKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.align.pairs import Pairs
    from wireproof.conversations import CaptureTables

UNDER_WAY_S = limit(
    "path.under_way_s", 0.2, "a packet sent this shortly before the other capture's end may still have been under way"
)
UNSURE_CLOCK_S = limit(
    "path.unsure_clock_s", 2.0, "captures whose clocks could not be compared may be off by what NTP lets pass unnoticed"
)
TCP, RST = 6, 0x04
REPEATING = MARKS["retransmission"] | MARKS["keep_alive"] | MARKS["zero_window_probe"]
"""Marks of segments that carry bytes again."""


@dataclass(slots=True)
class Stretch:
    """Two points and what travels between them. `signs[i]` is +1 where point `one` is nearer to the client of pair i."""

    one: int
    other: int
    pairs: Pairs
    signs: NDArray[np.int64]
    match: Match

    def forward(self, table: CaptureTables, rows: Rows) -> NDArray[np.bool_]:
        """Which rows of the first point were sent from there to the second."""
        pair = self.match.pair[0][rows]
        return np.asarray((roles(table, rows) == 0) == (self.signs[pair] > 0))


def stretch_clock(tables: list[CaptureTables], stretch: Stretch) -> Clock:
    """The clock of point `other` against point `one`; resets are left out, since devices between the points make them.

    Copies of one packet count only where there is nothing better: they are joined in order, which a lost one would shift, and the
    repeat of a part looks like the part itself.
    """
    one, other = tables[stretch.one].packets, tables[stretch.other].packets
    rows, there = stretch.match.joined()
    usable = ~((one.protocol[rows] == TCP) & ((one.flags[rows] & RST) != 0))
    repeated = ((one.marks[rows] | other.marks[there]) & REPEATING) != 0
    single = usable & stretch.match.even[rows] & ~repeated
    if single.any():
        usable = single
    rows, there = rows[usable], there[usable]
    return estimate_clock(one.time_ns[rows], other.time_ns[there], stretch.forward(tables[stretch.one], rows))


class Crossing:
    """What crossed one hop: the source of its `Hop`s' flows. Knows both points' clocks."""

    def __init__(
        self, tables: list[CaptureTables], stretch: Stretch, clocks: list[Clock], spans: list[tuple[int, int]]
    ) -> None:
        self.stretch = stretch
        self.points = (stretch.one, stretch.other)
        self.tables = (tables[stretch.one], tables[stretch.other])
        own = (clocks[stretch.one], clocks[stretch.other])
        self.times = tuple(
            clock.to_reference(table.packets.time_ns) for clock, table in zip(own, self.tables, strict=True)
        )
        self.spans = (spans[stretch.one], spans[stretch.other])
        delay = self._usual_delay()
        self._settle(delay)
        self.margins = _margins(own, delay)
        self.uneven = self._find_uneven()

    def _usual_delay(self) -> tuple[int, int]:
        """Median, and what all but one in a hundred packets keep below."""
        rows, there = self.stretch.match.joined()
        if not len(rows):
            return 0, 0
        delay = np.abs(self.times[1][there] - self.times[0][rows])
        middle, longest = np.quantile(delay, (0.5, 0.99))
        return int(middle), int(longest)

    def _settle(self, delay: tuple[int, int]) -> None:
        one = self.tables[0]
        ids = self.tables[0].packets.ip_id, self.tables[1].packets.ip_id
        known = self.stretch.match.pair[0] >= 0
        forward = np.zeros(len(known), dtype=bool)
        rows = np.flatnonzero(known)
        forward[rows] = self.stretch.forward(one, rows)
        timing = Timing((self.times[0], self.times[1]), ids, forward, delay[0])
        settle_copies(self.stretch.match, timing)
        part_early(self.stretch.match, timing)

    def _find_uneven(self) -> NDArray[np.bool_]:
        """Which pairs have a packet at one point that the other one lacks."""
        uneven = np.zeros(len(self.stretch.pairs), dtype=bool)
        match = self.stretch.match
        for side in (0, 1):
            uneven[match.pair[side][match.left(side)]] = True
        return uneven

    def hops(self) -> Iterator[Hop]:
        """One `Hop` for each pair, in their order."""
        pairs, (one, other) = self.stretch.pairs, self.points
        signs, uneven = self.stretch.signs.tolist(), self.uneven.tolist()
        first = [(one, number) for number in pairs.first.tolist()]
        second = [(other, number) for number in pairs.second.tolist()]
        for index, ends in enumerate(zip(first, second, strict=True)):
            near, far = ends if signs[index] > 0 else ends[::-1]
            yield Hop(near, far, not uneven[index], self, index)

    def flows(self, index: int) -> tuple[HopFlow, HopFlow]:
        """Both directions of one pair, toward the server first."""
        one, two = self._directions(index)
        return build_flow(one), build_flow(two)

    def changes(self, index: int) -> list[Change]:
        """Header fields that the two ends of one pair show differently."""
        found: list[Change] = []
        for way in self._directions(index):
            found += find_changes(way)
        return found

    def _directions(self, index: int) -> tuple[Direction, Direction]:
        pairs = self.stretch.pairs
        numbers = int(pairs.first[index]), int(pairs.second[index])
        ends = [End(self.tables[i], self.times[i], self.spans[i], (self.points[i], numbers[i])) for i in (0, 1)]
        rows = [np.sort(self.tables[i].conversations.rows(numbers[i])) for i in (0, 1)]
        rows = [rows[i][self.stretch.match.pair[i][rows[i]] == index] for i in (0, 1)]
        role = [roles(self.tables[i], rows[i]) for i in (0, 1)]
        from_one = [(self.stretch.signs[index] > 0) == (of_role == 0) for of_role in (0, 1)]
        sortings = []
        for of_role in (0, 1):
            mine = [rows[i][role[i] == of_role] for i in (0, 1)]
            sortings.append(self._sort(mine if from_one[of_role] else mine[::-1], from_one=from_one[of_role]))
            shift = int(pairs.shifts[index, of_role])
            sortings[-1].shift = shift if from_one[of_role] or not shift else (1 << 32) - shift
        near, far = ends if from_one[0] else ends[::-1]
        return (
            Direction("server", near, far, sortings[0], self.margins, sortings[1]),
            Direction("client", far, near, sortings[1], self.margins, sortings[0]),
        )

    def _sort(self, rows: list[Rows], *, from_one: bool) -> Sorting:
        """Rows of one direction at its sending and its receiving point by what the match says of them."""
        match = self.stretch.match
        codes, back = (match.partner, match.back) if from_one else (match.back, match.partner)
        mine, theirs = codes[rows[0]], back[rows[1]]
        joined = mine >= 0
        left, left_there = ((own == LEFT) | (own == COPY) for own in (mine, theirs))
        return Sorting(
            rows[0][joined],
            mine[joined].astype(np.int64),
            rows[0][left],
            rows[1][left_there],
            rows[0][mine == TWIN],
            (mine[left] == COPY, theirs[left_there] == COPY),
        )


def _margins(clocks: tuple[Clock, Clock], delay: tuple[int, int]) -> Margins:
    """How long a packet may still come: the longest delay seen, the clocks' bound, and a margin."""
    together = clocks[0].group == clocks[1].group
    unsure = 0 if together and all(clock.known for clock in clocks) else round(UNSURE_CLOCK_S.value * 1e9)
    bound = sum(clock.bound_ns or 0 for clock in clocks)
    return Margins(round(UNDER_WAY_S.value * 1e9) + unsure + bound + delay[1], 0 if together else unsure, delay[0])
