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

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wireproof.case import Case
from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.evidence import count, frame, seconds
from wireproof.rules.path._hops import Way, ways

SEVERITY = Severity.WARNING
ROUND_TRIP = limit("path-latency.round_trip_s", 0.04, "below 40 ms a person does not notice single turns, and most regional networks are faster")
TURNS = limit("path-latency.turns", 8, "a handful of turns is what every application needs to begin")
SHARE = limit("path-latency.share", 0.5, "the path is the cause when it takes most of the time that the turns take")
COST = limit("path-latency.cost_s", 0.5, "less than half a second in all bothers nobody")
LOOKED_AT = 2000


@dataclass(frozen=True, slots=True)
class Turns:
    """What request/response turns cost: pauses are seconds in all, `client_s` and `server_s` at the hosts, `path_s` between the points."""

    trips: int
    round_trip_s: float
    client_s: float
    server_s: float

    @property
    def path_s(self) -> float:
        """Time on the path over all turns."""
        return self.trips * self.round_trip_s

    @property
    def share(self) -> float:
        """The path's part of all time that the turns took."""
        whole = self.path_s + self.client_s + self.server_s
        return self.path_s / whole if whole else 0.0


def judge(case: Case) -> Iterator[Finding]:
    """One finding a conversation; conversations between the same hosts fold."""
    looked_at = 0
    for way in ways(case):
        if way.flow.toward != "server" or way.hop.near != way.journey.members[0] or way.talk.protocol != "tcp":
            continue
        if not _may_matter(way) or looked_at >= LOOKED_AT:
            continue
        looked_at += 1
        turns = _count_turns(way)
        if turns.round_trip_s >= ROUND_TRIP.value and turns.trips >= TURNS.value and turns.path_s >= COST.value and turns.share >= SHARE.value:
            yield _finding(way, turns)


def _may_matter(way: Way) -> bool:
    """Cheap test on the conversation's own facts before its packets are looked at."""
    server = way.talk.server
    return int(server["responses"]) >= TURNS.value / 2 and len(way.flow.sent) > 1 and len(way.hop.to_client.sent) > 1


def _count_turns(way: Way) -> Turns:
    """Pauses of the server as its own side's capture shows them, of the client as the client's does, and the path's round trip.

    The round trip needs no common clock: the offset in one direction's delays is in the other's with the opposite sign.
    """
    server_pauses = _pauses(way, of_server=True)
    client_pauses = _pauses(way, of_server=False)
    round_trip = float(np.median(way.hop.to_server.delay_ns)) + float(np.median(way.hop.to_client.delay_ns))
    return Turns(len(server_pauses), max(round_trip, 0.0) / 1e9, float(client_pauses.sum()) / 1e9, float(server_pauses.sum()) / 1e9)


def _pauses(way: Way, *, of_server: bool) -> NDArray[np.int64]:
    """Times from the other side's last data to this side's next data, at the point nearest to this side."""
    point_index, number = way.hop.far if of_server else way.hop.near
    point = way.case.points[point_index]
    talk = point.talk(number)
    side = 1 - talk.client_side if of_server else talk.client_side
    rows = talk.rows
    rows = rows[(point.packets.protocol[rows] == 6) & (point.packets.length[rows] > 0) & ((point.packets.marks[rows] & 1) == 0)]
    mine = point.packets.direction[rows] == side
    turn = np.flatnonzero(mine[1:] & ~mine[:-1])
    times = point.packets.time_ns[rows]
    return np.maximum(times[turn + 1] - times[turn], 0)


def _finding(way: Way, turns: Turns) -> Finding:
    near, far = way.case.points[way.hop.near[0]], way.case.points[way.hop.far[0]]
    return Finding(
        rule="path-latency",
        severity=SEVERITY,
        confidence=Confidence.HIGH if way.journey.certain == "high" else Confidence.MEDIUM,
        title=f"The path's round trip of {seconds(turns.round_trip_s)}, {turns.trips} times over, is what takes the time",
        summary=(
            f"{count(turns.trips, 'request')} waited one round trip each: {turns.trips} times {seconds(turns.round_trip_s)} are "
            f"{seconds(turns.path_s)} on the path, {turns.share:.0%} of the time that the turns took. {near.name} sees a slow server and "
            f"{far.name} a slow client, yet the server itself paused {seconds(turns.server_s)} in all, the client {seconds(turns.client_s)}."
        ),
        evidence=_evidence(way),
        where=way.where,
        talk=way.label(),
        facts={
            "round_trip_ms": round(turns.round_trip_s * 1e3, 3),
            "round_trips": turns.trips,
            "path_s": round(turns.path_s, 3),
            "server_pauses_s": round(turns.server_s, 3),
            "client_pauses_s": round(turns.client_s, 3),
            "path_share": round(turns.share, 3),
        },
        fix=[
            f"Save round trips: a transaction that needs 100 of them costs {seconds(100 * turns.round_trip_s)} on this path, whatever the servers do.",
            "Fetch and send more at a time (batching, larger fetch size, pipelining), reuse connections, or run the client next to the server.",
            "If the path should be shorter than this, ask the network's owner for the route (traceroute from both ends) and its queues.",
        ],
        references=["RFC 6298 2"],
        filters=way.filters(),
        cause=(near.name, far.name, way.talk.server_endpoint),
        conversations=way.conversations(),
    )


def _evidence(way: Way) -> list[Evidence]:
    """One turn as both points show it: the request, then the response."""
    found: list[Evidence] = []
    lengths = way.sender.packets.length[way.flow.sent]
    data = np.flatnonzero(lengths > 0)
    answers = way.hop.to_client
    for index in data[:2].tolist():
        request, request_there = int(way.flow.sent[index]), int(way.flow.received[index])
        after = np.flatnonzero((answers.received > request) & (way.receiver.packets.length[answers.sent] > 0))
        if not len(after):
            continue
        response, response_there = int(answers.received[after[0]]), int(answers.sent[after[0]])
        near_s = float(way.sender.packets.time_ns[response] - way.sender.packets.time_ns[request]) / 1e9
        far_s = float(way.receiver.packets.time_ns[response_there] - way.receiver.packets.time_ns[request_there]) / 1e9
        found += [
            frame(way.sender, request, "request leaves", "seen"),
            frame(way.receiver, request_there, "request arrives", "seen"),
            frame(way.receiver, response_there, f"answered {seconds(far_s)} later", "seen"),
            frame(way.sender, response, f"{seconds(near_s)} after the request", "seen"),
        ]
    return found
