"""The time goes into the path: many round trips, each as long as the distance, while both ends answer at once.

## What is seen
The conversation takes turns (request, response, request …). At each point the other end seems slow. Put together, the packets themselves
are what is slow: the round trip between the two points takes most of the time, and neither host's own pause does.

## Why it matters
Each end's capture alone blames the other end. The number of turns multiplies the distance: 100 round trips of 80 ms are 8 seconds that no
server upgrade and no bandwidth will save.

## Fix
Fewer turns: ask for more at once (larger fetch size, batches, stored procedures, pipelining), keep connections open instead of opening new
ones, or move the chatty part to the server's side (terminal session, proxy, cache, replica). A shorter path helps in proportion.

## Looks alike but is not
A slow application (`app-slow-response`): the pause is at one host. Loss (`path-loss`): single long gaps, not a constant price a turn. A small window
(`tcp-window-limited`): one direction streams and waits for ACKs, without turns.

## References
RFC 9293; RFC 6298 section 2 (round-trip time measurement). The method of comparing both ends' captures is the one that their two blames cancel out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.evidence import display_filter, frame, joined, label, seconds
from wireproof.table.schema import MARKS

if TYPE_CHECKING:
    from wireproof.align.journeys import Journey
    from wireproof.case import Case, Point
    from wireproof.conversations import Talk

SEVERITY = Severity.WARNING
ROUND_TRIP = limit(
    "path-latency.round_trip_s",
    0.04,
    "below 40 ms a person does not notice single turns, and most regional networks are faster",
)
TURNS = limit("path-latency.turns", 8, "a handful of turns is what every application needs to begin")
SHARE = limit("path-latency.share", 0.5, "the path is the cause when it takes most of the time that the turns take")
COST = limit("path-latency.cost_s", 0.5, "less than half a second in all bothers nobody")
LOOKED_AT = 2000


@dataclass(frozen=True, slots=True)
class Turns:
    """What request/response turns cost: pauses are seconds in all, `client_s` and `server_s` at the hosts, `path_s` between the points.

    `hops_s` are the round trips of the stretches between neighbouring points.
    """

    trips: int
    hops_s: tuple[float, ...]
    client_s: float
    server_s: float

    @property
    def round_trip_s(self) -> float:
        """From the client's point to the server's and back."""
        return sum(self.hops_s)

    @property
    def path_s(self) -> float:
        """Time on the path over all turns."""
        return self.trips * self.round_trip_s

    @property
    def share(self) -> float:
        """The path's part of all time that the turns took."""
        whole = self.path_s + self.client_s + self.server_s
        return self.path_s / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class Course:
    """One conversation from the point nearest to its client to the point nearest to its server."""

    case: Case
    journey: Journey

    @property
    def near(self) -> Point:
        """The point nearest to the client."""
        return self.case.points[self.journey.members[0][0]]

    @property
    def far(self) -> Point:
        """The point nearest to the server."""
        return self.case.points[self.journey.members[-1][0]]

    @property
    def talks(self) -> tuple[Talk, Talk]:
        """The conversation at these two points."""
        return self.near.talk(self.journey.members[0][1]), self.far.talk(self.journey.members[-1][1])

    @property
    def hop_trips_s(self) -> list[float]:
        """The round trip of every hop, from its packets' median delay each way.

        No common clock is needed: the offset in one direction's delays is in the other's with the opposite sign.
        """
        found = []
        for hop in self.journey.hops:
            if not all(len(flow.sent) > 1 for flow in hop.flows):
                return []
            found.append(max(0.0, sum(float(np.median(flow.delay_ns)) for flow in hop.flows)) / 1e9)
        return found

    def follow(self, row: int, *, to_server: bool) -> int:
        """The row at the far end (or, of a response, at the near end) of a row at the other; -1 where it is lost on the way."""
        hops = self.journey.hops if to_server else self.journey.hops[::-1]
        for hop in hops:
            flow = hop.to_server if to_server else hop.to_client
            place = np.flatnonzero(flow.sent == row)
            if not len(place):
                return -1
            row = int(flow.received[place[0]])
        return row


def judge(case: Case) -> Iterator[Finding]:
    """One finding a conversation; conversations between the same hosts fold."""
    for course in _candidates(case):
        trips = course.hop_trips_s
        if sum(trips) < ROUND_TRIP.value:
            continue
        turns = _count_turns(course, trips)
        if turns.trips >= TURNS.value and turns.path_s >= COST.value and turns.share >= SHARE.value:
            yield _finding(course, turns)


def _candidates(case: Case) -> Iterator[Course]:
    """TCP conversations that several points show and that take turns, by the near point's own facts."""
    if len(case.points) < 2:
        return
    chatty = [set(_chatty(point).tolist()) for point in case.points]
    found = (journey for journey in case.alignment.journeys if journey.members[0][1] in chatty[journey.members[0][0]])
    for journey in itertools.islice(found, LOOKED_AT):
        yield Course(case, journey)


def _chatty(point: Point) -> NDArray[np.int64]:
    """Conversations whose server answers often, and not much faster than the round trip that this rule asks for."""
    talks = point.conversations
    server = talks.server_facts
    slow = server["response_sum_ns"] >= COST.value / 2 * 1e9
    return np.flatnonzero(talks.is_tcp & (server["responses"] >= TURNS.value / 2) & slow)


def _count_turns(course: Course, trips_s: list[float]) -> Turns:
    """Pauses of the server as its own side's capture shows them, of the client as the client's does, and the path's round trips."""
    near, far = course.talks
    server, client = _pauses(course.far, far, of_server=True), _pauses(course.near, near, of_server=False)
    return Turns(len(server), tuple(trips_s), float(client.sum()) / 1e9, float(server.sum()) / 1e9)


def _pauses(point: Point, talk: Talk, *, of_server: bool) -> NDArray[np.int64]:
    """Times from the other side's last data to this side's next data."""
    side = 1 - talk.client_side if of_server else talk.client_side
    packets, rows = point.packets, talk.rows
    rows = rows[
        (packets.protocol[rows] == 6)
        & (packets.length[rows] > 0)
        & ((packets.marks[rows] & MARKS["retransmission"]) == 0)
    ]
    mine = packets.direction[rows] == side
    turn = np.flatnonzero(mine[1:] & ~mine[:-1])
    times = packets.time_ns[rows]
    return np.asarray(np.maximum(times[turn + 1] - times[turn], 0))


def _finding(course: Course, turns: Turns) -> Finding:
    near, far = course.near, course.far
    talks = course.talks
    return Finding(
        rule="path-latency",
        severity=SEVERITY,
        confidence=Confidence.HIGH if course.journey.certain == "high" else Confidence.MEDIUM,
        title=f"The path's round trip of {seconds(turns.round_trip_s)}, {turns.trips:,} times over, is what takes the time",
        summary=_summary(course, turns),
        evidence=_evidence(course),
        where=f"between {near.name} and {far.name}",
        talk=label(
            talks[0],
            [
                (course.case.points[point].name, course.case.points[point].talk(number))
                for point, number in course.journey.members[1:]
            ],
        ),
        facts={
            "round_trip_ms": round(turns.round_trip_s * 1e3, 3),
            "round_trips": turns.trips,
            "path_s": round(turns.path_s, 3),
            "server_pauses_s": round(turns.server_s, 3),
            "client_pauses_s": round(turns.client_s, 3),
            "path_share": round(turns.share, 3),
            "hops_ms": [round(trip * 1e3, 3) for trip in turns.hops_s],
        },
        fix=[
            f"Save round trips: a transaction that needs 100 of them costs {seconds(100 * turns.round_trip_s)} on this path, whatever the servers do.",
            "Fetch and send more at a time (batching, larger fetch size, pipelining), reuse connections, or run the client next to the server.",
            "If the path should be shorter than this, ask the network's owner for the route (traceroute from both ends) and its queues.",
        ],
        references=["RFC 6298 2"],
        filters={near.name: display_filter(talks[0]), far.name: display_filter(talks[1])},
        cause=(near.name, far.name, talks[0].server_endpoint),
        conversations=[(course.case.points[point].name, number) for point, number in course.journey.members],
    )


def _summary(course: Course, turns: Turns) -> str:
    near, far = course.near.name, course.far.name
    text = (
        f"The client waited {turns.trips:,} times for an answer before it went on, each time for a round trip of {seconds(turns.round_trip_s)}: "
        f"{seconds(turns.path_s)} on the path, {turns.share:.0%} of the time that these turns took. {near} sees a slow server and {far} a "
        f"slow client, yet the server itself paused {seconds(turns.server_s)} in all, the client {seconds(turns.client_s)}."
    )
    if len(turns.hops_s) > 1:
        names = [course.case.points[point].name for point, _ in course.journey.members]
        parts = [
            f"{seconds(trip)} between {one} and {other}"
            for trip, (one, other) in zip(turns.hops_s, itertools.pairwise(names), strict=True)
        ]
        text += f" Of each round trip {joined(parts)} pass."
    return text


def _evidence(course: Course) -> list[Evidence]:
    """The first turns as both ends show them: the request, then the response."""
    near, far = course.near, course.far
    packets, packets_far = near.packets, far.packets
    responses = course.journey.hops[-1].to_client.sent
    responses = responses[packets_far.length[responses] > 0]
    requests = course.journey.hops[0].to_server.sent
    found: list[Evidence] = []
    for request in requests[packets.length[requests] > 0][:2].tolist():
        there = course.follow(request, to_server=True)
        after = responses[responses > there]
        response = course.follow(int(after[0]), to_server=False) if there >= 0 and len(after) else -1
        if response < 0:
            continue
        far_s = float(packets_far.time_ns[after[0]] - packets_far.time_ns[there]) / 1e9
        near_s = float(packets.time_ns[response] - packets.time_ns[request]) / 1e9
        found += [
            frame(near, request, "request leaves", "seen"),
            frame(far, there, "request arrives", "seen"),
            frame(far, int(after[0]), f"answered {seconds(far_s)} later", "seen"),
            frame(near, response, f"{seconds(near_s)} after the request", "seen"),
        ]
    return found
