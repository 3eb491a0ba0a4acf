"""The packets of one conversation as passages over the capture points: where each was seen, and where it ended or came from.

Takes the case's alignment; gives a `Course` of lanes and the few passages worth drawing. Draws nothing, judges nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.conversations.lines import find_row
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.align.journeys import HopFlow, Journey
    from wireproof.case import Case
    from wireproof.finding import Evidence, Finding

MOST_PASSAGES = 60
"""Rows of a ladder: more than a reader follows."""
CONTEXT = 3
"""Passages shown before and after each evidence frame when the conversation is too long to show whole."""
OPENING, CLOSING = 4, 2
"""Passages always shown at the start and at the end: the handshake, and how it ended."""

Member = tuple[int, int]
Rows = NDArray[np.int64]


@dataclass(slots=True)
class Passage:
    """One packet on its way. `stops` are (lane, row) in the order of travel, `time_ns` its first on the reference clock.

    `start` is `sent`, `inserted` (nobody nearer to its sender sent it), `recut` (cut out of other segments on the way), `router` (an ICMP
    error about this conversation) or `unseen` (the point before was not capturing). `end` is `arrived`, `lost`, `recut`, `missed`
    (arrived, though the next capture lacks it) or `unknown` (the next point was not capturing, or an ACK that may be left out).
    """

    stops: list[tuple[int, int]]
    to_server: bool
    time_ns: int
    start: str = "sent"
    end: str = "arrived"
    skipped: int = 0
    """Passages left out between the one before and this one."""


@dataclass(slots=True)
class Course:
    """A conversation's way. `lanes` are its (point, conversation) from client to server, one for a single capture.

    `far` names a capture point that should have seen it and lacks it, with the side (`client` or `server`) that is its host.
    """

    case: Case
    lanes: list[Member]
    journey: Journey | None = None
    far: tuple[int, str] | None = None

    def times_ns(self, lane: int, rows: Rows) -> NDArray[np.int64]:
        """Capture times of rows of a lane on the reference clock."""
        point = self.lanes[lane][0]
        times = np.asarray(self.case.points[point].packets.time_ns[rows], dtype=np.int64)
        return self.case.alignment.clocks[point].to_reference(times) if len(self.case.points) > 1 else times

    @property
    def origin_ns(self) -> int:
        """First frame of the first lane's capture on the reference clock: where the ladder's times count from."""
        return int(self.times_ns(0, np.zeros(1, dtype=np.int64))[0])

    def flow(self, lane: int, to_server: bool) -> HopFlow | None:
        """The flow that leaves a lane in a direction; None behind the last one."""
        place = lane if to_server else lane - 1
        if self.journey is None or not 0 <= place < len(self.journey.hops):
            return None
        return self.journey.hops[place].flows[0 if to_server else 1]


def find_course(case: Case, finding: Finding) -> Course | None:
    """The way of the conversation that a finding's evidence belongs to, most of it; None when it has none."""
    member = _first_member(case, finding)
    if member is None:
        return None
    if len(case.points) == 1:
        return Course(case, [member])
    for journey in case.alignment.journeys:
        if member in journey.members:
            return Course(case, list(journey.members), journey)
    for absent in case.alignment.absent:
        if (absent.point, absent.conversation) == member:
            return Course(case, [member], far=(absent.missing_at, absent.toward))
    return Course(case, [member])


def locate_evidence(case: Case, finding: Finding) -> dict[tuple[int, int], Evidence]:
    """The finding's frames as (point, row), with what it says of each; frames that no capture holds are left out."""
    points = {point.name: point for point in case.points}
    placed: dict[tuple[int, int], Evidence] = {}
    for item in finding.evidence:
        point = points.get(item.capture)
        if point is not None and point.packets.row_of(item.frame) >= 0:
            placed.setdefault((point.index, find_row(point.tables, item.frame)), item)
    return placed


def _first_member(case: Case, finding: Finding) -> Member | None:
    """The conversation that most of the evidence belongs to; the first of several."""
    indexes = {point.name: point.index for point in case.points}
    listed = [(indexes[name], int(number)) for name, number in finding.conversations if name in indexes]
    shown: Counter[Member] = Counter()
    for point, row in locate_evidence(case, finding):
        member = (point, int(case.points[point].packets.conversation[row]))
        if member[1] >= 0 and (not listed or member in listed):
            shown[member] += 1
    if shown:
        return shown.most_common(1)[0][0]
    return listed[0] if listed else None


def find_passages(
    course: Course, evidence: Iterable[tuple[int, int]], most: int = MOST_PASSAGES
) -> tuple[list[Passage], int]:
    """The passages worth showing, at most `most`, in time order, and how many follow the last one. `evidence` are (point, row)."""
    times, lanes, rows = _origins(course)
    proving = {_trace_back(course, lane, row) for lane, row in _in_lanes(course, evidence)}
    proof = sorted(int(place) for lane, row in proving for place in np.flatnonzero((rows == row) & (lanes == lane)))
    chosen = _choose(len(rows), proof, most)
    passages, before = [], -1
    for place in chosen:
        passage = _follow(course, int(lanes[place]), int(rows[place]), int(times[place]))
        passage.skipped = place - before - 1
        passages.append(passage)
        before = place
    return passages, len(rows) - 1 - before


def _in_lanes(course: Course, evidence: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    lane_of = {point: lane for lane, (point, _) in enumerate(course.lanes)}
    return [(lane_of[point], row) for point, row in evidence if point in lane_of]


def _origins(course: Course) -> tuple[NDArray[np.int64], NDArray[np.int64], Rows]:
    """Time, lane and row of each passage's first sight, in time order."""
    parts = []
    for lane, (point, number) in enumerate(course.lanes):
        rows = course.case.points[point].conversations.rows(number)
        known = [flow.received for flow in _arriving(course, lane)]
        if known:
            rows = rows[~np.isin(rows, np.concatenate(known))]
        parts.append((course.times_ns(lane, rows), np.full(len(rows), lane, dtype=np.int64), rows))
    times, lanes, rows = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(times, kind="stable")
    return times[order], lanes[order], rows[order]


def _arriving(course: Course, lane: int) -> list[HopFlow]:
    """The flows that end at a lane, from the client's and from the server's side."""
    flows = (course.flow(lane - 1, True) if lane else None, course.flow(lane + 1, False))
    return [flow for flow in flows if flow is not None]


def _trace_back(course: Course, lane: int, row: int) -> tuple[int, int]:
    """Where the packet of a row was first seen."""
    for flow in _arriving(course, lane):
        found = np.flatnonzero(flow.received == row)
        if len(found):
            before = lane - 1 if flow.toward == "server" else lane + 1
            return _trace_back(course, before, int(flow.sent[found[0]]))
    return lane, row


def _choose(total: int, proof: list[int], most: int) -> list[int]:
    """Places to show: all of a short conversation, else opening, closing and the evidence with its neighbours."""
    if total <= most:
        return list(range(total))
    must = [*range(OPENING), *range(total - CLOSING, total)]
    wanted = dict.fromkeys([*must, *proof[: most - len(must)]])
    around = proof or [0]
    for distance in range(1, CONTEXT + 1 if proof else most):
        if len(wanted) >= most:
            break
        near = (place + step for place in around for step in (-distance, distance))
        wanted.update(dict.fromkeys(place for place in near if 0 <= place < total))
    return sorted(list(wanted)[:most])


def _follow(course: Course, lane: int, row: int, time_ns: int) -> Passage:
    """A packet from its first sight on, hop by hop."""
    point, number = course.lanes[lane]
    packets = course.case.points[point].packets
    quoted = bool(packets.layers[row] & LAYERS["quoted"])
    from_client = int(packets.direction[row]) == course.case.points[point].talk(number).client_side
    to_server = from_client != quoted  # an ICMP error travels to the sender of what it quotes
    passage = Passage([(lane, row)], to_server, time_ns)
    passage.start = "router" if quoted else _start(course, lane, row, to_server)
    flow = course.flow(lane, to_server)
    while flow is not None:
        passage.end = _fate(flow, row)
        if passage.end != "arrived":
            return passage
        row = int(flow.received[np.flatnonzero(flow.sent == row)[0]])
        lane += 1 if to_server else -1
        passage.stops.append((lane, row))
        flow = course.flow(lane, to_server)
    if course.far is not None and to_server == (course.far[1] == "server"):
        passage.end = "lost"
    return passage


def _start(course: Course, lane: int, row: int, to_server: bool) -> str:
    before = (
        course.flow(lane - 1, True) if to_server and lane else course.flow(lane + 1, False) if not to_server else None
    )
    if before is None:
        return "unseen" if course.far is not None and to_server == (course.far[1] == "client") else "sent"
    if row in before.inserted:
        return "inserted"
    return "recut" if len(before.merged) else "unseen"


def _fate(flow: HopFlow, row: int) -> str:
    for rows, fate in ((flow.sent, "arrived"), (flow.lost, "lost"), (flow.merged, "recut"), (flow.missed, "missed")):
        if row in rows:
            return fate
    return "unknown"
