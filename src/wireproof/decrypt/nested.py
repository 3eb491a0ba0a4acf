"""TLS inside TLS: sessions that begin within what an opened one says, such as through a proxy that is itself reached over TLS.

Takes opened conversations and the ring of keys; gives the sessions inside them, one level deep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from wireproof.decrypt.beginning import find_beginning
from wireproof.decrypt.keys.masters import ANY
from wireproof.decrypt.keys.session import SessionKeys
from wireproof.decrypt.outcome import Status
from wireproof.decrypt.results import describe, make_talk
from wireproof.decrypt.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear import ClearTalk
    from wireproof.decrypt.clear_index import Room
    from wireproof.decrypt.clear_stream import ClearStream
    from wireproof.decrypt.keys.ring import KeyRing
    from wireproof.decrypt.outcome import Outcome

BEGINNINGS = b"CONNECT ", b"\x05\x01\0\x05\x01", b"\x05\x02\0\x02\x05\x01", b"\x16\x03\x01", b"\x16\x03\x03"
"""How a client begins that reaches others through what it said hello to (RFC 9110 section 9.3.6, RFC 1928), or says hello again."""


def open_nested(
    talks: Iterable[ClearTalk], tables: CaptureTables, ring: KeyRing, room: Room
) -> Iterator[tuple[Outcome, ClearTalk | None]]:
    """The outcome of each session inside one of these, and what was said in it where it could be read."""
    open_now: list[ClearStream] = []
    for talk in talks:
        if not talk.streams[talk.client_side].read(0, 8).startswith(BEGINNINGS):
            continue
        beginning = find_beginning(talk.talk())
        if beginning is None:
            continue
        session = Session(beginning, SessionKeys(ring, ANY), room)
        session.run()
        outcome = replace(describe(session, talk.conversation, ring), inside="tls")
        closed = outcome.status is Status.CLOSED
        yield outcome, None if closed else make_talk(session, tables, talk.conversation, outcome, open_now)
