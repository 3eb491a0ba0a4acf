"""Which conversations of the captures go between transport addresses that two parties agreed on by SDP, through NAT too.

Takes a case and its media sessions; gives `Pair`s. Decides nothing about what became of them.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.limits import limit
from wireproof.rules.ice._described import log_of, point_of
from wireproof.rules.sip_log_clock import find_shift

if TYPE_CHECKING:
    from wireproof.wire.sdp import Candidate

    Named = tuple[int, bool, str, Candidate]
    """Session index, whether the caller named it, kind of media, transport address."""

    from wireproof.case import Case, Point
    from wireproof.conversations import Talk
    from wireproof.messages.sip_logged import LoggedSip
    from wireproof.messages.sip_sessions import MediaSession

LOOKED_AT = limit(
    "ice-media-blocked.conversations",
    20_000,
    "conversations of one capture on agreed ports that are compared with the descriptions",
)
BEFORE_S = limit(
    "ice-media-blocked.before_s",
    30.0,
    "media may start before its description is seen, where the signalling takes the longer way",
)
AFTER_S = limit(
    "ice-media-blocked.after_s", 600.0, "checks begin with the answer; ports are given to other sessions later"
)
EPHEMERAL = 10_000
"""A port from here on says something alone; below are the default ports of many programs."""
ACTIVE_PORT = 9
"""The port that stands for none in an active TCP candidate (RFC 6544 section 4.5)."""

SHARED = 16
"""Sessions that may name one address and port, at a time."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One conversation of a point between an address of the caller and one of the called party, as `media` needs them.

    `ends` are by side of the conversation: the candidate that each end is; None where an end was never named. `translated` tells
    by side whether the conversation shows another address than the candidate, with the same port.
    """

    session: MediaSession
    media: str
    point: Point
    number: int
    ends: tuple[Candidate | None, Candidate | None]
    translated: tuple[bool, bool]

    @property
    def talk(self) -> Talk:
        """The conversation."""
        return self.point.talk(self.number)

    @property
    def asker(self) -> int:
        """The side that called the other: over TCP by its SYN, over UDP by its first packet, since ports don't tell there."""
        facts = self.point.conversations.facts[self.number]
        return int(facts["client"]) if facts["protocol"] == 6 else 0

    @property
    def source(self) -> str:
        """`address:port` of the asker."""
        return self.talk.endpoint(self.asker)

    @property
    def target(self) -> str:
        """`address:port` of the other side."""
        return self.talk.endpoint(1 - self.asker)

    @property
    def addresses(self) -> tuple[str, str]:
        """Addresses of the asker and of the other side."""
        return self.talk.address(self.asker), self.talk.address(1 - self.asker)

    def end_of(self, asker: bool) -> Candidate | None:
        """The candidate that the asker (or the other side) is."""
        return self.ends[self.asker if asker else 1 - self.asker]


def find_pairs(case: Case, sessions: list[MediaSession]) -> list[Pair]:
    """All such conversations, in order of points and conversations."""
    index = Index(sessions)
    return [pair for point in case.points for pair in _pairs_at(case, point, sessions, index)]


class Index:
    """What sessions named, by where a conversation's end may meet it: in full, by the address alone (active TCP), by the port alone."""

    def __init__(self, sessions: list[MediaSession]) -> None:
        self.ports: dict[str, set[int]] = {"tcp": set(), "udp": set()}
        self._names: dict[tuple[str, str, int], list[Named]] = defaultdict(list)
        self._starts = [session.descriptions[0].message.time_ns for session in sessions]
        order = sorted(range(len(sessions)), key=lambda place: self._starts[place])
        for place in order:
            for of_caller in (True, False):
                for media, candidate in sessions[place].addresses(of_caller):
                    self._add((place, of_caller, media, candidate))

    def _add(self, named: Named) -> None:
        candidate = named[3]
        transport, address, port = candidate.transport, candidate.address, candidate.port
        self._names[transport, address, port].append(named)
        if port == ACTIVE_PORT:
            return
        self.ports[transport].add(port)
        if candidate.kind != "host" and port >= EPHEMERAL:
            self._names[transport, "", port].append(named)

    def in_order(self, names: list[Named], time_ns: int) -> list[int]:
        """The sessions of these names: those before a time first, from the latest to the earliest."""
        starts = self._starts
        return sorted(
            {name[0] for name in names}, key=lambda place: (starts[place] <= time_ns, starts[place]), reverse=True
        )

    def at(self, transport: str, end: tuple[str, int], time_ns: int) -> list[Named]:
        """Candidates that an end may be, of the sessions nearest in time."""
        keys = [(transport, *end), (transport, "", end[1])]
        if transport == "tcp":
            keys.append((transport, end[0], ACTIVE_PORT))
        return [named for key in keys for named in self._nearest(self._names.get(key, []), time_ns)]

    def _nearest(self, names: list[Named], time_ns: int) -> list[Named]:
        """All of a few; of many those of sessions that began right before, since ports are given out again and again."""
        if len(names) <= SHARED:
            return names
        place = bisect.bisect_right(names, time_ns, key=lambda named: self._starts[named[0]])
        return names[max(0, place - SHARED) : place + 4]


def _pairs_at(case: Case, point: Point, sessions: list[MediaSession], index: Index) -> Iterator[Pair]:
    for number in _likely(point, index).tolist():
        talk = point.talk(number)
        ends = [(talk.address(side), int(talk.facts["sides"][side]["port"])) for side in (0, 1)]
        began = int(talk.facts["sides"][0]["first_ns"])
        named = [index.at(talk.protocol, end, began) for end in ends]
        # Ports are given out again: of several sessions that name both ends, the last one before is the right one.
        for place in index.in_order(named[0] + named[1], began):
            if not _is_timely(case, point, number, sessions[place]):
                continue
            own = [[name for name in names if name[0] == place] for names in named]
            pairs = list(_match(sessions[place], point, number, (ends[0], ends[1]), (own[0], own[1])))
            yield from pairs
            if any(all(pair.ends) for pair in pairs):
                break


def _likely(point: Point, index: Index) -> NDArray[np.int64]:
    """Conversations with a port that somebody named for their transport."""
    ports = point.conversations.side_facts("port")
    protocol = point.conversations.facts["protocol"]
    found = np.zeros(len(protocol), bool)
    for name, code in (("udp", 17), ("tcp", 6)):
        wanted = np.zeros(65536, bool)
        wanted[list(index.ports[name])] = True
        found |= (wanted[ports[:, 0]] | wanted[ports[:, 1]]) & (protocol == code)
    return np.flatnonzero(found)[: int(LOOKED_AT.value)]


def _is_timely(case: Case, point: Point, number: int, session: MediaSession) -> bool:
    """Whether a conversation began about when the session was agreed on; where clocks can't be compared, it may have."""
    facts = point.conversations.facts["sides"][number]
    began = min(int(ns) for ns in facts["first_ns"][facts["packets"] > 0])
    spans = ((capture, session.span_ns(capture)) for capture in range(len(case.points) + len(case.logged_sip)))
    for capture, span in spans:
        if span is None:
            continue
        if point_of(case, capture) is None:
            if not _is_timely_by_log(case, point, began, log_of(case, capture), span):
                return False
            continue
        shift = 0
        if capture != point.index:
            clocks = case.alignment.clocks
            if (
                not (clocks[capture].known and clocks[point.index].known)
                or clocks[capture].group != clocks[point.index].group
            ):
                continue
            shift = clocks[point.index].offset_ns - clocks[capture].offset_ns
        if not span[0] - BEFORE_S.value * 1e9 <= began + shift <= span[1] + AFTER_S.value * 1e9:
            return False
    return True


def _is_timely_by_log(case: Case, point: Point, began: int, logged: LoggedSip, span: tuple[int, int]) -> bool:
    """The same by the times of a log, apart from whole quarters of an hour where its zone is not known."""
    shift = find_shift(case, logged, point)
    own = began - int(shift.back(np.array([began], np.int64), span[0])[0])
    early, late = BEFORE_S.value + shift.slack_s, AFTER_S.value + shift.slack_s
    return span[0] - early * 1e9 <= own <= span[1] + late * 1e9


def _match(
    session: MediaSession,
    point: Point,
    number: int,
    ends: tuple[tuple[str, int], tuple[str, int]],
    named: tuple[list[Named], list[Named]],
) -> Iterator[Pair]:
    """The pair that a conversation is in a session, once for each kind of media."""
    opener = Pair(session, "", point, number, (None, None), (False, False)).asker
    found: dict[str, tuple[int, Pair]] = {}
    for caller_side in (0, 1):
        for media in dict.fromkeys(name[2] for names in named for name in names):
            best = [_best(ends[side], named[side], side == caller_side, media) for side in (0, 1)]
            scores = [score for score, _ in best]
            if not _is_enough(scores, ends, opener):
                continue
            translated = (scores[0] == 1, scores[1] == 1)
            pair = Pair(session, media, point, number, (best[0][1], best[1][1]), translated)
            if sum(scores) > found.get(media, (0, pair))[0]:
                found[media] = (sum(scores), pair)
    yield from (pair for _, pair in found.values())


def _best(end: tuple[str, int], named: list[Named], of_caller: bool, media: str) -> tuple[int, Candidate | None]:
    """2 and the candidate where an end is one of the party's, 1 where only the port is its, 0 and None where neither is."""
    mine = [name[3] for name in named if name[1] == of_caller and name[2] == media]
    exact = [candidate for candidate in mine if candidate.address == end[0]]
    if exact:
        return 2, min(exact, key=lambda candidate: candidate.kind == "default")
    outside = [candidate for candidate in mine if candidate.kind != "host" and candidate.port >= EPHEMERAL]
    if outside:
        return 1, min(outside, key=lambda candidate: candidate.kind == "default")
    return 0, None


def _is_enough(scores: list[int], ends: tuple[tuple[str, int], tuple[str, int]], opener: int) -> bool:
    """Whether both ends are named, by the port alone at one of them, or at least the one that was called is named in full."""
    if all(scores):
        return sum(scores) > 2 or ends[0][1] != ends[1][1]
    return scores[1 - opener] == 2
