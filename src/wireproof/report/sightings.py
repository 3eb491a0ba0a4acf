"""What became of one frame at the other capture points, read from the case's alignment.

Takes a case; gives `Sighting`s of single rows. Without a second point there are none. Judges nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.conversations.lines import FrameLine, describe
from wireproof.errors import Fence

if TYPE_CHECKING:
    from wireproof.align.journeys import Hop, HopFlow, Journey
    from wireproof.case import Case, Point

Place = tuple[int, int]
"""(point, conversation)"""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What another capture shows of a frame.

    `state` is one of: "seen" (`line` is the frame there); "lost" (it left and did not arrive); "not sent" (it came but was
    not sent there); "absent" (an ACK that did not arrive, which proves no loss); "cut otherwise" (its bytes passed in
    other segments); "not captured" (it passed, but that capture lacks it); "out of time" (no capture ran there).
    """

    capture: str
    state: str
    line: FrameLine | None = None
    delay_s: float | None = None


class Tracer:
    """Follows frames of one case from point to point."""

    def __init__(self, case: Case) -> None:
        self._case = case

    @functools.cached_property
    def _journeys(self) -> dict[Place, list[Journey]]:
        """Journeys by conversation: several where one capture shows as one what another shows as several, on ports used again."""
        found: dict[Place, list[Journey]] = {}
        if len(self._case.points) > 1:
            for journey in self._case.alignment.journeys:
                for member in journey.members:
                    found.setdefault(member, []).append(journey)
        return found

    def reference_ns(self, point: Point, row: int) -> int:
        """The time of a row on the first point's clock, in nanoseconds since 1970."""
        time_ns = point.packets.time_ns[row : row + 1]
        if len(self._case.points) < 2:
            return int(time_ns[0])
        return int(self._case.alignment.clocks[point.index].to_reference(time_ns)[0])

    def follow(self, point: Point, row: int) -> tuple[Sighting, ...]:
        """What the points before and behind `point` show of a row, nearest first in each direction."""
        place = (point.index, int(point.packets.conversation[row]))
        found: list[Sighting] = []
        # A frame is worth showing even where comparing the captures fails on it.
        with Fence("following frames from capture to capture", self._case.notes.append):
            for journey in self._journeys.get(place, ()):
                found += self._walk(journey, place, row, forward=True)
                found += self._walk(journey, place, row, forward=False)
        return tuple(found)

    def _walk(self, journey: Journey, place: Place, row: int, *, forward: bool) -> Iterator[Sighting]:
        """Follow a row hop by hop, with the packet (`forward`) or against it, until it is not found."""
        while True:
            flow = _next_flow(journey.hops, place, row, forward=forward)
            if flow is None:
                return
            target = flow.receiver if forward else flow.sender
            state, found = _look_up(flow, row, forward=forward)
            if not state:
                return
            other = self._case.points[target[0]]
            line = describe(other.tables, found) if found is not None else None
            yield Sighting(other.name, state, line, self._delay(flow, row, found, forward=forward))
            if found is None:
                return
            place, row = target, found

    def _delay(self, flow: HopFlow, row: int, found: int | None, *, forward: bool) -> float | None:
        """One-way delay of the hop in seconds; None where the clocks do not give one."""
        clocks = self._case.alignment.clocks
        if found is None or not (clocks[flow.sender[0]].known and clocks[flow.receiver[0]].known):
            return None
        places = np.flatnonzero((flow.sent if forward else flow.received) == row)
        return float(flow.delay_ns[places[0]]) / 1e9 if len(places) and len(flow.delay_ns) > places[0] else None


def _next_flow(hops: list[Hop], place: Place, row: int, *, forward: bool) -> HopFlow | None:
    """The flow that a row takes away from `place` (or came by); a row of the other direction is in none of them."""
    for hop in hops:
        for flow in hop.flows:
            own = flow.sender if forward else flow.receiver
            if own == place and _look_up(flow, row, forward=forward)[0]:
                return flow
    return None


def _look_up(flow: HopFlow, row: int, *, forward: bool) -> tuple[str, int | None]:
    """State of a row in a flow and its row at the other end; ("", None) when the flow does not hold it."""
    own, other = (flow.sent, flow.received) if forward else (flow.received, flow.sent)
    places = np.flatnonzero(own == row)
    if len(places):
        return "seen", int(other[places[0]])
    if not forward:
        return ("not sent", None) if _holds(flow.inserted, row) else ("", None)
    for state, rows in (
        ("lost", flow.lost),
        ("absent", flow.lost_acks),
        ("cut otherwise", flow.merged),
        ("not captured", flow.missed),
        ("out of time", flow.outside),
    ):
        if _holds(rows, row):
            return state, None
    return "", None


def _holds(rows: NDArray[np.int64], row: int) -> bool:
    return bool((rows == row).any())
