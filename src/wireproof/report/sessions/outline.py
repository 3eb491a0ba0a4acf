"""The TLS sessions of a capture as plain rows, the reasons why some stay closed, and what each key was good for.

Takes a capture point, its opened sessions and the keys; gives a `SessionTable` that every renderer reads. Opens nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wireproof.decrypt.outcome import Reason, Status
from wireproof.errors import Fence
from wireproof.report.sessions.keys import KeyItem, make_keys
from wireproof.report.sessions.words import join_numbers, name_briefly, suite_title
from wireproof.wire.tls import version_name
from wireproof.wire.tls_suites import encrypts_nothing, suite_name

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.decrypt.clear import Clear
    from wireproof.decrypt.keys.ring import KeyRing
    from wireproof.decrypt.outcome import Outcome


AT_FRAME = re.compile(r"\bat frame ([0-9]+)")
PRIVATE_KEY_OPENS = (Reason.NO_KEY, Reason.OTHER_KEY)
"""Reasons against which the private key of the server's certificate helps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One TLS session. `number` counts from 1 in order of time, `conversation` from 0 as `wireproof show` does.

    `frame` is where it begins, `reason_frame` where it becomes unreadable (0: nowhere). `family` is TLS, DTLS or QUIC. `suite` is IANA's
    name, `suite_title` a short one.
    `certificate` and `thumbprint` name the server's certificate where its private key is what is missing.
    `key` names what opened it (`key_title` in short), `encrypts_nothing` that no key was needed. `records` and `octets` are application data that was read.
    """

    number: int
    conversation: int
    frame: int
    client: str
    server: str
    server_name: str = ""
    family: str = "TLS"
    version: str = ""
    suite: str = ""
    suite_title: str = ""
    status: Status = Status.CLOSED
    reason: Reason = Reason.NONE
    text: str = ""
    advice: str = ""
    key: str = ""
    key_title: str = ""
    encrypts_nothing: bool = False
    resumed: bool = False
    handshakes: int = 1
    sessions: int = 1
    inside: str = ""
    records: int = 0
    octets: int = 0
    unread: int = 0
    reason_frame: int = 0
    certificate: str = ""
    thumbprint: str = ""

    @property
    def opened(self) -> bool:
        """Whether something in it was read."""
        return self.status is not Status.CLOSED


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """Sessions that stay closed, wholly or in part, for one reason and with one advice; `texts` gives each sentence its sessions."""

    reason: Reason
    advice: str
    rows: tuple[SessionRow, ...]

    @property
    def certificates(self) -> dict[tuple[str, str], int]:
        """The certificates (name, thumbprint) whose private keys would open sessions of this group, with how many, the most useful first."""
        counts = Counter((row.certificate, row.thumbprint) for row in self.rows if row.thumbprint)
        return dict(counts.most_common())

    @property
    def texts(self) -> dict[str, list[int]]:
        """Every sentence on why, with the numbers of its sessions; those that differ in frames only are one."""
        found: dict[str, list[SessionRow]] = {}
        for row in self.rows:
            found.setdefault(AT_FRAME.sub("at frame", row.text), []).append(row)
        return {_of_all([row.text for row in rows]): [row.number for row in rows] for rows in found.values()}


@dataclass(frozen=True, slots=True)
class SessionTable:
    """TLS sessions of one capture. `keys` are all sources at hand, those that opened nothing here included.

    Where it is not `complete`, no key was at hand, and only sessions under suites that encrypt nothing were looked at.
    """

    capture: str
    file: str
    rows: tuple[SessionRow, ...]
    keys: tuple[KeyItem, ...] = ()
    complete: bool = True
    failed: bool = False
    """A defect stopped the look at them; a note tells which."""

    def count(self, status: Status) -> int:
        """How many sessions have this status."""
        return sum(row.status is status for row in self.rows)

    @property
    def opened(self) -> int:
        """How many sessions were read, wholly or in part."""
        return sum(row.opened for row in self.rows)

    @property
    def needed(self) -> int:
        """How many sessions have anything encrypted: a handshake that ended before has nothing to read."""
        return sum(row.reason is not Reason.NOT_FINISHED for row in self.rows)

    def first(self, top: int) -> list[SessionRow]:
        """The first `top` sessions of each state and reason in order of time; 0 for all."""
        if not top:
            return list(self.rows)
        counts: Counter[tuple[Status, Reason]] = Counter()
        chosen = []
        for row in self.rows:
            kind = (row.status, row.reason)
            counts[kind] += 1
            if counts[kind] <= top:
                chosen.append(row)
        return chosen

    @property
    def groups(self) -> list[ReasonGroup]:
        """Why sessions stay closed, the most frequent reason first, what needs no advice last."""
        found: dict[tuple[Reason, str], list[SessionRow]] = {}
        for row in self.rows:
            if row.reason is not Reason.NONE:
                found.setdefault((row.reason, row.advice), []).append(row)
        groups = [ReasonGroup(reason, advice, tuple(rows)) for (reason, advice), rows in found.items()]
        return sorted(groups, key=lambda group: (group.reason is Reason.NOT_FINISHED, -len(group.rows)))

    @property
    def openers(self) -> dict[str, int]:
        """What opened how many sessions, the most useful first; "" for suites that need no key."""
        counts = Counter(row.key_title for row in self.rows if row.opened)
        return dict(counts.most_common())


def _of_all(texts: Sequence[str]) -> str:
    """One sentence for several that differ in the numbers of their frames."""
    first, *others = texts
    if all(text == first for text in others):
        return first
    told = (f"at frames {join_numbers(frames)}" for frames in zip(*map(AT_FRAME.findall, texts), strict=True))
    return AT_FRAME.sub(lambda _: next(told), first)


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
    rows = tuple(
        _make_row(point, clear, number, outcome, titles) for number, outcome in enumerate(clear.outcomes, start=1)
    )
    rows = _name_certificates(point, rows)
    return SessionTable(point.name, point.file, rows, make_keys(point, rows, ring, titles))


def _status(outcome: Outcome) -> Status:
    """A session of which only the handshake was read is closed to who wants to know what was said."""
    nothing_said = outcome.status is Status.PARTLY and outcome.unread > 0 and not outcome.octets
    return Status.CLOSED if nothing_said else outcome.status


def _make_row(point: Point, clear: Clear, number: int, outcome: Outcome, titles: Mapping[str, str]) -> SessionRow:
    talk, opened = point.talk(outcome.conversation), clear.talks.get(outcome.conversation)
    client = opened.client_side if opened else talk.client_side
    return SessionRow(
        number=number,
        conversation=outcome.conversation,
        frame=_frame(point, outcome.row),
        client=talk.endpoint(client),
        server=talk.endpoint(1 - client),
        server_name=outcome.server_name,
        family="QUIC" if outcome.inside == "quic" else "DTLS" if talk.protocol == "udp" else "TLS",
        version=version_name(outcome.version) if outcome.version else "",
        suite=suite_name(outcome.suite) if outcome.suite >= 0 else "",
        suite_title=suite_title(outcome.suite) if outcome.suite >= 0 else "",
        status=_status(outcome),
        reason=outcome.reason,
        text=outcome.text,
        advice=outcome.advice,
        key=outcome.key,
        key_title=titles.get(outcome.key, outcome.key),
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


def _name_certificates(point: Point, rows: tuple[SessionRow, ...]) -> tuple[SessionRow, ...]:
    """The rows, with the server's certificate where its private key would open the session."""
    if not any(row.reason in PRIVATE_KEY_OPENS for row in rows):
        return rows
    sessions = point.said.tls_sessions
    named = []
    for row in rows:
        session = sessions.get(row.conversation) if row.reason in PRIVATE_KEY_OPENS else None
        first = session.certificates[0] if session and session.certificates else None
        named.append(replace(row, certificate=first.title, thumbprint=first.thumbprint) if first else row)
    return tuple(named)


def _frame(point: Point, row: int) -> int:
    return point.packets.number(row) if row >= 0 else 0
