"""The TLS sessions of a capture as plain rows, the reasons why some stay closed, and what each key was good for.

Takes a capture point, its opened sessions and the keys; gives a `SessionTable` that every renderer reads. Opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from wireproof.decrypt.outcome import Reason, Status
from wireproof.errors import Fence
from wireproof.report.sessions.keys import make_keys
from wireproof.report.sessions.table import SessionKind, SessionRow, SessionRows, SessionTable
from wireproof.report.sessions.words import name_briefly, suite_title
from wireproof.wire.tls import version_name
from wireproof.wire.tls_suites import encrypts_nothing, suite_name

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.decrypt.clear import Clear
    from wireproof.decrypt.keys.ring import KeyRing
    from wireproof.decrypt.outcome import Outcome
    from wireproof.messages.certificates import Certificate

UDP = 17
PRIVATE_KEY_OPENS = (Reason.NO_KEY, Reason.OTHER_KEY)
"""Reasons against which the private key of the server's certificate helps."""


def find_sessions(case: Case) -> list[SessionTable]:
    """The table of each capture, in the order of the captures."""
    return [
        SessionTable(point.name, point.file, (), failed=True)
        if point.clear is None
        else outline_sessions(point, point.clear, case.keys)
        for point in case.points
    ]


def find_decryption(case: Case, note: Callable[[str], None]) -> list[SessionTable]:
    """The tables worth a word in a report: of all captures where keys are at hand, else where something could be read without any.

    A defect here becomes a note.
    """
    tables: list[SessionTable] = []
    with Fence("listing the TLS sessions", note):
        tables += find_sessions(case) if case.keys is not None or any(point.clear for point in case.points) else []
    return [replace(table, complete=case.keys is not None) for table in tables if table.keys or table.opened]


def outline_sessions(point: Point, clear: Clear, ring: KeyRing | None = None) -> SessionTable:
    """The table of one capture's sessions."""
    titles = name_briefly(source.name for source in ring.sources) if ring is not None else {}
    kinds = _find_kinds(point, clear.outcomes, titles)
    # As the sessions were opened: bringing captures together may later take the other side for the client of a conversation.
    numbers = [one.conversation for one in clear.outcomes]
    clients: list[int] = point.tables.conversations.facts["client"][numbers].tolist()
    certificates = _find_certificates(point, clear.outcomes)

    def make(place: int) -> SessionRow:
        row = _make_row(point, clear, place, kinds[place], clients[place])
        first = certificates.get(row.conversation) if row.reason in PRIVATE_KEY_OPENS else None
        return replace(row, certificate=first.title, thumbprint=first.thumbprint) if first else row

    rows = SessionRows(kinds, make)
    return SessionTable(point.name, point.file, rows, make_keys(point, rows, ring, titles))


def _find_kinds(point: Point, outcomes: Sequence[Outcome], titles: Mapping[str, str]) -> list[SessionKind]:
    """What each session is counted as."""
    over_udp = point.tables.conversations.facts["protocol"][[one.conversation for one in outcomes]] == UDP
    return [
        SessionKind(
            _status(one),
            one.reason,
            one.key,
            titles.get(one.key, one.key),
            "QUIC" if one.inside == "quic" else "DTLS" if udp else "TLS",
        )
        for one, udp in zip(outcomes, over_udp.tolist(), strict=True)
    ]


def _status(outcome: Outcome) -> Status:
    """A session of which only the handshake was read is closed to who wants to know what was said."""
    nothing_said = outcome.status is Status.PARTLY and outcome.unread > 0 and not outcome.octets
    return Status.CLOSED if nothing_said else outcome.status


def _make_row(point: Point, clear: Clear, place: int, kind: SessionKind, client: int) -> SessionRow:
    outcome = clear.outcomes[place]
    talk, opened = point.talk(outcome.conversation), clear.talks.get(outcome.conversation)
    if opened:
        client = opened.client_side
    return SessionRow(
        number=place + 1,
        conversation=outcome.conversation,
        frame=_frame(point, outcome.row),
        client=talk.endpoint(client),
        server=talk.endpoint(1 - client),
        server_name=outcome.server_name,
        family=kind.family,
        version=version_name(outcome.version) if outcome.version else "",
        suite=suite_name(outcome.suite) if outcome.suite >= 0 else "",
        suite_title=suite_title(outcome.suite) if outcome.suite >= 0 else "",
        status=kind.status,
        reason=outcome.reason,
        text=outcome.text,
        advice=outcome.advice,
        key=outcome.key,
        key_title=kind.key_title,
        encrypts_nothing=outcome.suite >= 0 and encrypts_nothing(outcome.suite),
        resumed=outcome.resumed,
        handshakes=outcome.handshakes,
        sessions=outcome.sessions,
        inside=outcome.inside,
        records=outcome.records,
        octets=outcome.octets,
        unread=outcome.unread,
        reason_frame=_frame(point, outcome.reason_row),
    )


def _find_certificates(point: Point, outcomes: Iterable[Outcome]) -> dict[int, Certificate]:
    """The server's certificate by conversation, where its private key would open the session."""
    wanted = [one.conversation for one in outcomes if one.reason in PRIVATE_KEY_OPENS]
    if not wanted:
        return {}
    sessions = point.said.tls_sessions
    return {
        number: sessions[number].certificates[0]
        for number in wanted
        if number in sessions and sessions[number].certificates
    }


def _frame(point: Point, row: int) -> int:
    return point.packets.number(row) if row >= 0 else 0
