"""All TLS, DTLS and QUIC sessions of a capture, opened with the keys at hand, in the order of time: later ones may go on from earlier ones.

Takes a capture's tables and the ring of keys; gives `Clear`. Without any key only sessions under suites that encrypt nothing are opened,
and no other conversation is looked at.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.decrypt.beginning import find_beginning
from wireproof.decrypt.clear import Clear
from wireproof.decrypt.clear_index import Room
from wireproof.decrypt.keys.masters import find_server
from wireproof.decrypt.keys.premasters import AHEAD, look_ahead
from wireproof.decrypt.keys.session import SessionKeys
from wireproof.decrypt.midway import begun_before, find_midway
from wireproof.decrypt.nested import open_nested
from wireproof.decrypt.outcome import Status
from wireproof.decrypt.results import describe, make_talk
from wireproof.decrypt.session import Session
from wireproof.decrypt.shortcomings import Shortcomings
from wireproof.streams import find_protocols, open_streams
from wireproof.streams.tunnels import candidates_of

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear import ClearTalk
    from wireproof.decrypt.clear_stream import ClearStream
    from wireproof.decrypt.keys.ring import KeyRing
    from wireproof.decrypt.outcome import Outcome
    from wireproof.decrypt.short import ShortWay
    from wireproof.streams.protocols import Protocols
    from wireproof.streams.stream import TalkStreams


def open_tls(tables: CaptureTables, ring: KeyRing, *, every: bool = False) -> Clear:
    """Open every TLS, DTLS and QUIC session that the keys open; tell of each other one why it stays closed. `every` also does so without any key."""
    clear, room = Clear(), Room()
    protocols = find_protocols(tables.conversations) if ring or every else None
    numbers = _all_sessions(tables, protocols) if protocols else _under_null_suites(tables)
    with contextlib.closing(ring.premasters):
        for outcome, talk in _open_streams(tables, ring, room, open_streams(tables, _by_time(tables, numbers))):
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
    tables: CaptureTables, ring: KeyRing, room: Room, talks: Iterator[TalkStreams]
) -> Iterator[tuple[Outcome, ClearTalk | None]]:
    """The sessions over TCP: most of them the short way."""
    lacks = Shortcomings(tables)
    open_now: list[ClearStream] = []
    short = _short_way(tables, ring, room)
    begin = short.begin if short else lambda _: None
    for talk, begun in look_ahead(talks, begin, AHEAD if ring.private_keys else 1):
        opened = short.open(begun) if short and begun else None
        if opened:
            outcome = lacks.amend(opened[0], talk)
            yield outcome, opened[1] if outcome is opened[0] else replace(opened[1], outcome=outcome)
            continue
        beginning = find_beginning(talk) or find_midway(talk)
        if beginning is None:
            continue
        server = find_server(tables, talk.conversation, 1 - beginning.client_side, ring)
        session = Session(beginning, SessionKeys(ring, server), room)
        session.run()
        outcome = lacks.amend(describe(session, talk.conversation, ring), talk)
        closed = outcome.status is Status.CLOSED
        yield outcome, None if closed else make_talk(session, tables, talk.conversation, outcome, open_now)


def _short_way(tables: CaptureTables, ring: KeyRing, room: Room) -> ShortWay | None:
    """What opens short and usual sessions with these keys. It loads the cryptography library."""
    if not ring:
        return None
    from wireproof.decrypt.short import ShortWay

    return ShortWay(tables, ring, room)


def _add_datagrams(clear: Clear, tables: CaptureTables, protocols: Protocols, ring: KeyRing, room: Room) -> None:
    """The sessions of DTLS and QUIC, among those of TLS by time. What opens them loads the cryptography library."""
    from wireproof.decrypt.dtls.sessions import find_dtls, open_dtls
    from wireproof.decrypt.quic.sessions import find_quic, open_quic

    clear.datagrams, of_dtls = open_dtls(tables, _by_time(tables, find_dtls(protocols)), ring, room)
    clear.quic, of_quic = open_quic(tables, _by_time(tables, find_quic(protocols)), ring, room)
    clear.outcomes += of_dtls + of_quic


def _all_sessions(tables: CaptureTables, protocols: Protocols) -> NDArray[np.int64]:
    """Conversations that may hold TLS, those among them whose handshake the capture lacks."""
    conversations = tables.conversations
    spoken = protocols.tcp
    found = [spoken[name] for name in ("tls", "tls-inside") if name in spoken]
    return np.unique(np.concatenate([*found, begun_before(conversations, protocols)]))


def _under_null_suites(tables: CaptureTables) -> NDArray[np.int64]:
    return np.array([one.number for one in candidates_of(tables) if one.suite], np.int64)


def _by_time(tables: CaptureTables, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The conversations in the order of their first packets."""
    rows = [int(tables.conversations.rows(number)[0]) for number in numbers.tolist()]
    return numbers[np.argsort([tables.packets.number(row) for row in rows], kind="stable")] if rows else numbers
