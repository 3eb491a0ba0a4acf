"""What a session that was gone through gives: its clear streams, and its outcome.

Takes a `Session` after its run. Opens nothing more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.decrypt.beginning import raw_place
from wireproof.decrypt.clear import ClearTalk
from wireproof.decrypt.clear_stream import ClearStream, Reopening
from wireproof.decrypt.outcome import Outcome, Reason, Status
from wireproof.decrypt.reasons import Facts, advice_of, text_of
from wireproof.decrypt.unfinished import find_last, is_unfinished, last_alert
from wireproof.wire.tls_suite_parts import suite_parts

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.direction import Direction
    from wireproof.decrypt.keys.ring import KeyRing
    from wireproof.decrypt.session import Session

ROLES = ("client", "server")


def describe(session: Session, conversation: int, ring: KeyRing) -> Outcome:
    """The outcome of a session."""
    handshake = session.handshakes[0]
    status, reason = _judge(session)
    last = find_last(session) if _is_unfinished(session, reason) else None
    if last:
        reason = Reason.NO_HANDSHAKE if last.lacks else Reason.NOT_FINISHED
    if reason is Reason.FORWARD_SECRECY and handshake.client_hello is None:
        # Secrets of a key log are found by the client's random.
        reason = Reason.NO_HANDSHAKE
    at = next((one for one in session.directions if one.tally.reason is reason and reason is not Reason.NONE), None)
    text, advice = _explain(session, ring, reason, at) if reason is not Reason.NONE else ("", "")
    if text and session.sessions > 1:
        text += f" The connection holds {session.sessions} TLS sessions, one behind the other."
    hello = handshake.client_hello.hello if handshake.client_hello else None
    return Outcome(
        conversation=conversation,
        status=status,
        reason=reason,
        text=text,
        advice=advice,
        version=handshake.version,
        suite=handshake.suite,
        server_name=hello.server_name if hello else "",
        inside=session.beginning.inside,
        key=session.keys.source,
        resumed=session.keys.resumed,
        handshakes=max(sum(one.server_hello is not None for one in session.handshakes), 1),
        sessions=session.sessions,
        records=sum(one.tally.records for one in session.directions),
        octets=sum(one.found.octets for one in session.directions),
        unread=sum(one.tally.unread for one in session.directions),
        row=_first_row(session),
        reason_row=last.row if last else _reason_row(session, at),
        last_message=last.name if last else "",
        alert=last_alert(session) if last else "",
    )


def _explain(session: Session, ring: KeyRing, reason: Reason, at: Direction | None) -> tuple[str, str]:
    """Why a part stays closed, and what to do next time."""
    suite = session.handshakes[0].suite
    parts = suite_parts(suite)
    facts = Facts(
        suite=suite,
        exchange=parts.key_exchange if parts else "",
        alert=last_alert(session),
        side=ROLES[at.role] if at else "",
        offset=at.tally.at if at else -1,
        has_log=any(source.kind == "key log" for source in ring.sources),
        has_some=bool(session.keys.source),
        closed_behind=at.closed if at else False,
        cut=at.tally.cut if at else False,
        foreign=at.tally.foreign if at else False,
        partly=any(epoch.opened for one in session.directions for epoch in one.epochs),
    )
    return text_of(reason, facts), advice_of(reason, facts)


def _judge(session: Session) -> tuple[Status, Reason]:
    both = session.directions
    opened = any(epoch.opened for one in both for epoch in one.epochs)
    missed = next((one.tally.reason for one in both if one.tally.reason is not Reason.NONE), Reason.NONE)
    if not any(one.tally.protected for one in both):
        return Status.CLOSED, missed or session.keys.reason or Reason.NOT_FINISHED
    if not opened:
        tried = any(one.epochs for one in both)
        return Status.CLOSED, session.keys.reason or missed or (Reason.WRONG_SECRET if tried else Reason.NO_HANDSHAKE)
    closed = any(one.closed for one in both)
    if closed or missed or any(one.tally.unread for one in both):
        return Status.PARTLY, missed or session.keys.reason or Reason.WRONG_SECRET
    return Status.DECRYPTED, Reason.NONE


def _is_unfinished(session: Session, reason: Reason) -> bool:
    """Whether a handshake without an end stands behind this; bytes that are missing or changed, and secrets that do not fit, stand for themselves."""
    others = {Reason.MISSING_BYTES, Reason.TAMPERED, Reason.TOO_MUCH, Reason.WRONG_SECRET}
    return reason is Reason.NOT_FINISHED or (reason not in others and is_unfinished(session))


def _first_row(session: Session) -> int:
    rows = [one.source.row(one.start) for one in session.directions if one.start >= 0]
    return min((row for row in rows if row >= 0), default=-1)


def _reason_row(session: Session, at: Direction | None) -> int:
    if at is not None and at.tally.at >= 0:
        return at.source.row(at.tally.at)
    firsts = [one.source.row(one.tally.closed_at) for one in session.directions if one.tally.closed_at >= 0]
    return min((row for row in firsts if row >= 0), default=-1)


def make_talk(
    session: Session, tables: CaptureTables, conversation: int, outcome: Outcome, open_now: list[ClearStream]
) -> ClearTalk:
    """The clear streams of a session of which something was opened."""
    beginning = session.beginning
    by_side = sorted(session.directions, key=lambda one: one.role ^ beginning.client_side)
    streams = [_make_stream(one, tables, (conversation, side), open_now) for side, one in enumerate(by_side)]
    return ClearTalk(
        conversation=conversation,
        client_side=beginning.client_side,
        streams=(streams[0], streams[1]),
        opened=(by_side[0].tally.opened, by_side[1].tally.opened),
        outcome=outcome,
        inside=beginning.inside,
        begins=(raw_place(by_side[0].source, by_side[0].start), raw_place(by_side[1].source, by_side[1].start)),
        ends=(raw_place(by_side[0].source, by_side[0].plain_from), raw_place(by_side[1].source, by_side[1].plain_from)),
    )


def _make_stream(
    one: Direction, tables: CaptureTables, talk: tuple[int, int], open_now: list[ClearStream]
) -> ClearStream:
    found = one.found
    stream = ClearStream(tables, talk, found, one.source)
    if found.kept < len(found):
        stream.reopen_with(Reopening(one.source, one.epochs, found, open_now))
    return stream
