"""All TLS, DTLS and QUIC sessions of a capture, opened with the keys at hand, in the order of time: later ones may go on from earlier ones.

Takes a capture's tables and the ring of keys; gives `Clear`. Without any key only sessions under suites that encrypt nothing are opened,
and no other conversation is looked at.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.decrypt.beginning import find_beginning
from wireproof.decrypt.clear import Clear
from wireproof.decrypt.clear_index import Room
from wireproof.decrypt.keys.masters import find_server
from wireproof.decrypt.keys.session import SessionKeys
from wireproof.decrypt.midway import begun_before, find_midway
from wireproof.decrypt.nested import open_nested
from wireproof.decrypt.outcome import Status
from wireproof.decrypt.results import describe, make_talk
from wireproof.decrypt.session import Session
from wireproof.decrypt.shortcomings import Shortcomings
from wireproof.streams import find_protocols
from wireproof.streams.streams import open_groups
from wireproof.streams.tunnel_candidates import candidates_of

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear import ClearTalk
    from wireproof.decrypt.clear_stream import ClearStream
    from wireproof.decrypt.keys.ring import KeyRing
    from wireproof.decrypt.outcome import Outcome
    from wireproof.decrypt.short.way import ShortWay
    from wireproof.streams.protocols import Protocols
    from wireproof.streams.stream import TalkStreams
    from wireproof.streams.streams import StreamGroup


OVER_UDP = ("dtls", "stun", "quic")
"""What DTLS and QUIC sessions begin with, media of browsers with STUN."""


def open_tls(tables: CaptureTables, ring: KeyRing, *, every: bool = False) -> Clear:
    """Open every TLS, DTLS and QUIC session that the keys open; tell of each other one why it stays closed. `every` also does so without any key."""
    clear, room = Clear(), Room()
    protocols = find_protocols(tables.conversations) if ring or every else None
    numbers = _all_sessions(tables, protocols) if protocols else _under_null_suites(tables)
    with contextlib.closing(ring.premasters):
        for outcome, talk in _open_streams(tables, ring, room, open_groups(tables, _by_time(tables, numbers))):
            clear.outcomes.append(outcome)
            if talk:
                clear.talks[talk.conversation] = talk
    count = len(clear.outcomes)
    for outcome, inner in open_nested(clear.talks.values(), tables, ring, room):
        clear.outcomes.append(outcome)
        if inner:
            clear.nested[inner.conversation] = inner
    if protocols:
        _add_datagrams(clear, tables, protocols, ring, room)
    if len(clear.outcomes) > count:
        number = tables.packets.number
        clear.outcomes.sort(key=lambda one: number(int(tables.conversations.rows(one.conversation)[0])))
    return clear


def _open_streams(
    tables: CaptureTables, ring: KeyRing, room: Room, groups: Iterator[StreamGroup]
) -> Iterator[tuple[Outcome, ClearTalk | None]]:
    """The sessions over TCP: most of them the short way."""
    lacks = Shortcomings(tables)
    long = _LongWay(tables, ring, room, lacks)
    short = _short_way(tables, ring, room, lacks)
    for group in groups:
        shorts = short.begin(group) if short else None
        found = [
            (shorts.open(place) if shorts else None) or long.open(group.talk(place)) for place in range(len(group))
        ]
        if shorts:
            shorts.finish()
        yield from (one for one in found if one)


class _LongWay:
    """Opens any session."""

    def __init__(self, tables: CaptureTables, ring: KeyRing, room: Room, lacks: Shortcomings) -> None:
        self._tables, self._ring, self._room, self._lacks = tables, ring, room, lacks
        self._open_now: list[ClearStream] = []

    def open(self, talk: TalkStreams) -> tuple[Outcome, ClearTalk | None] | None:
        """What became of a conversation's sessions; None where it has none."""
        beginning = find_beginning(talk) or find_midway(talk)
        if beginning is None:
            return None
        tables, ring = self._tables, self._ring
        server = find_server(tables, talk.conversation, 1 - beginning.client_side, ring)
        session = Session(beginning, SessionKeys(ring, server), self._room)
        session.run()
        outcome = self._lacks.amend(describe(session, talk.conversation, ring), talk)
        closed = outcome.status is Status.CLOSED
        return outcome, None if closed else make_talk(session, tables, talk.conversation, outcome, self._open_now)


def _short_way(tables: CaptureTables, ring: KeyRing, room: Room, lacks: Shortcomings) -> ShortWay | None:
    """What opens short and usual sessions with these keys. It loads the cryptography library."""
    if not ring:
        return None
    from wireproof.decrypt.short.way import ShortWay

    return ShortWay(tables, ring, room, lacks)


def _add_datagrams(clear: Clear, tables: CaptureTables, protocols: Protocols, ring: KeyRing, room: Room) -> None:
    """The sessions of DTLS and QUIC, among those of TLS by time. What opens them loads the cryptography library."""
    if any(len(protocols.udp.get(name, ())) for name in OVER_UDP):
        from wireproof.decrypt.dtls.sessions import find_dtls, open_dtls
        from wireproof.decrypt.quic.sessions import find_quic, open_quic

        clear.datagrams, of_dtls = open_dtls(tables, _by_time(tables, find_dtls(protocols)), ring, room)
        clear.quic, of_quic = open_quic(tables, _by_time(tables, find_quic(protocols)), ring, room)
        clear.outcomes += of_dtls + of_quic


def _all_sessions(tables: CaptureTables, protocols: Protocols) -> NDArray[np.int64]:
    """Conversations that may hold TLS, those among them whose handshake the capture lacks."""
    conversations = tables.conversations
    spoken = protocols.tcp
    is_one = np.zeros(len(conversations), bool)
    for found in (
        *(spoken[name] for name in ("tls", "tls-inside") if name in spoken),
        begun_before(conversations, protocols),
    ):
        is_one[found] = True
    return np.flatnonzero(is_one)


def _under_null_suites(tables: CaptureTables) -> NDArray[np.int64]:
    return np.array([one.number for one in candidates_of(tables) if one.suite], np.int64)


def _by_time(tables: CaptureTables, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The conversations in the order of their first packets."""
    rows = [int(tables.conversations.rows(number)[0]) for number in numbers.tolist()]
    return numbers[np.argsort([tables.packets.number(row) for row in rows], kind="stable")] if rows else numbers
