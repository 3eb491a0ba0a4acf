"""How far a handshake came that was never finished: its last message and the packet that completed it.

Takes a `Session` after its run; gives words and a row. Opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from wireproof.decrypt.handshake_parts import CLIENT_HELLO, FINISHED, SERVER_HELLO, Messages
from wireproof.decrypt.record_feed import RecordFeed, Stop
from wireproof.wire.tls import ALERT, CHANGE_CIPHER_SPEC, HANDSHAKE, MESSAGES, RETRY_RANDOM, TLS_1_3, alert_name

if TYPE_CHECKING:
    from wireproof.decrypt.direction import Direction
    from wireproof.decrypt.record_feed import Body
    from wireproof.decrypt.session import Session

ROLES = ("client", "server")
CLIENT, HELLOS = 0, (CLIENT_HELLO, SERVER_HELLO)
RECORDS_MOST = 1024
"""Records of one side that are gone through: a handshake has some dozens."""
OF_ONE_SIDE = frozenset((0, 1, 2, 3, 4, 5, 6, 8, 12, 13, 14, 16))
"""Messages of which the name alone tells who sends them."""


class Last(NamedTuple):
    """The last message of a handshake, such as "ServerHello" or "the client's Finished"; its row; whether bytes are missing behind it."""

    name: str
    row: int
    lacks: bool = False


def is_unfinished(session: Session) -> bool:
    """Whether nothing was said under the session's keys since its handshake did not come to an end, as far as that can be seen."""
    both, handshake = session.directions, session.handshakes[0]
    if handshake.client_hello is None or (handshake.server_hello is None and handshake.kinds - {CLIENT_HELLO}):
        # Who goes on was answered: the capture lacks one side.
        return False
    if any(one.tally.records + one.tally.unread for one in both):
        # In TLS 1.3 all that stays closed looks like data; the client's Finished is the first of it that it sends.
        client, server = both
        began = client.start >= 0 and server.start >= 0 and session.version >= TLS_1_3
        return began and not client.tally.protected and not server.tally.records
    if session.version >= TLS_1_3:
        return not all(_is_finished(one) for one in both)
    return not all(one.changes for one in both)


def _is_finished(one: Direction) -> bool:
    """Whether a side's Finished of TLS 1.3 was opened."""
    return any(record.kind == HANDSHAKE and FINISHED in _kinds(record.data) for record in one.tally.opened.values())


def _kinds(content: bytes) -> list[int]:
    return [message[0] for message in Messages().add(content)]


def find_last(session: Session) -> Last | None:
    """What the handshake said last, in the order of the capture; None where it said nothing."""
    said = [last for one in session.directions if one.start >= 0 and (last := _last_of(session, one))]
    lacks = any(last.lacks for last in said)
    return max(said, key=lambda last: last.row)._replace(lacks=lacks) if said else None


def last_alert(session: Session) -> str:
    """The last alert in clear with its sender, as a clause; empty where there is none."""
    for role in (1, 0):
        if clause := alert_clause(session.directions[role].tally.alert, ROLES[role]):
            return clause
    return ""


def alert_clause(alert: bytes, who: str) -> str:
    """Who sent which alert; empty for none."""
    return f"the {who} sent the alert {alert_name(alert[1])}" if len(alert) == 2 else ""


def _last_of(session: Session, one: Direction) -> Last | None:
    """What one side said last."""
    feed, messages = RecordFeed(one.source, one.start), Messages()
    name, row, changed = "", one.source.row(one.start), False
    for _ in range(RECORDS_MOST):
        record = feed.take()
        if record is None:
            break
        if record.kind != ALERT:
            changed = changed or record.kind == CHANGE_CIPHER_SPEC
            for said in _names(session, one, record, messages, changed):
                name = said
            row = max(one.source.rows(record.start, feed.at), default=row)
    if feed.stop is Stop.NO_RECORD:
        # A hello in the form of SSL 2.0 is no record.
        name = name or ("ClientHello" if one.role == CLIENT else "")
    elif feed.had or messages.waits:
        row = max(one.source.rows(feed.at, feed.at + feed.had), default=row)
        name = (
            f"{name} and a part of what follows it" if name else f"a part of {message_name(HELLOS[one.role], one.role)}"
        )
    return Last(name, row, feed.stop is Stop.GAP) if name else None


def _names(session: Session, one: Direction, record: Body, messages: Messages, changed: bool) -> Iterator[str]:
    """What a record holds, in words."""
    opened = one.tally.opened.get(record.start)
    is_old = session.version < TLS_1_3
    if record.kind == CHANGE_CIPHER_SPEC:
        # In TLS 1.3 it says nothing (RFC 8446 appendix D.4).
        yield from [f"the {ROLES[one.role]}'s ChangeCipherSpec"] if is_old else []
    elif opened is not None or (record.kind == HANDSHAKE and not (changed and is_old)):
        for message in messages.add(opened.data if opened is not None else record.body):
            is_retry = message[0] == SERVER_HELLO and message[6:38] == RETRY_RANDOM
            yield "HelloRetryRequest" if is_retry else message_name(message[0], one.role)
    else:
        yield f"the {ROLES[one.role]}'s {'Finished' if record.kind == HANDSHAKE else 'encrypted messages'}"


def message_name(kind: int, role: int) -> str:
    """`ServerHello`, `the client's Finished`."""
    name = "".join(word.capitalize() for word in MESSAGES.get(kind, f"message {kind}").split("_"))
    return name if kind in OF_ONE_SIDE else f"the {ROLES[role]}'s {name}"
