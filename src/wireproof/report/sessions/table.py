"""A capture's TLS sessions as plain values: rows, what they are counted by, and the reasons why some stay closed.

Takes what `outline` found; counts and groups it. Knows no capture and no format.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, overload

from wireproof.decrypt.outcome import Reason, Status
from wireproof.report.sessions.words import join_numbers

if TYPE_CHECKING:
    from wireproof.report.sessions.keys import KeyItem

AT_FRAME = re.compile(r"\bat frame ([0-9]+)")


class SessionKind(NamedTuple):
    """What sessions are counted by."""

    status: Status
    reason: Reason
    key: str
    key_title: str
    family: str

    @property
    def opened(self) -> bool:
        """Whether something in such a session was read."""
        return self.status is not Status.CLOSED


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

    @property
    def kind(self) -> SessionKind:
        """What it is counted as."""
        return SessionKind(self.status, self.reason, self.key, self.key_title, self.family)


class SessionRows(Sequence[SessionRow]):
    """Rows that are made when somebody looks at them: of ten thousand sessions a terminal shows some twenty."""

    def __init__(self, kinds: Sequence[SessionKind], make: Callable[[int], SessionRow]) -> None:
        """`make` gives the row at a place, the same one each time."""
        self.kinds = kinds
        self._make = functools.cache(make)

    def __len__(self) -> int:
        return len(self.kinds)

    @overload
    def __getitem__(self, place: int) -> SessionRow: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[SessionRow]: ...
    def __getitem__(self, place: int | slice) -> SessionRow | Sequence[SessionRow]:
        places = range(len(self))[place]
        return self._make(places) if isinstance(places, int) else [self._make(one) for one in places]


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


@dataclass(frozen=True)
class SessionTable:
    """TLS sessions of one capture. `keys` are all sources at hand, those that opened nothing here included.

    Where it is not `complete`, no key was at hand, and only sessions under suites that encrypt nothing were looked at.
    """

    capture: str
    file: str
    rows: Sequence[SessionRow]
    keys: tuple[KeyItem, ...] = ()
    complete: bool = True
    failed: bool = False
    """A defect stopped the look at them; a note tells which."""

    @functools.cached_property
    def kinds(self) -> Sequence[SessionKind]:
        """What each session is counted as."""
        return self.rows.kinds if isinstance(self.rows, SessionRows) else [row.kind for row in self.rows]

    @functools.cached_property
    def counts(self) -> Counter[SessionKind]:
        """How many sessions there are of each kind, in the order in which the kinds come first."""
        return Counter(self.kinds)

    def count(self, status: Status) -> int:
        """How many sessions have this status."""
        return sum(number for kind, number in self.counts.items() if kind.status is status)

    @property
    def opened(self) -> int:
        """How many sessions were read, wholly or in part."""
        return sum(number for kind, number in self.counts.items() if kind.opened)

    @property
    def needed(self) -> int:
        """How many sessions have anything encrypted: a handshake that ended before has nothing to read."""
        return sum(number for kind, number in self.counts.items() if kind.reason is not Reason.NOT_FINISHED)

    @property
    def closed(self) -> Counter[Reason]:
        """How many sessions stay closed for each reason."""
        found: Counter[Reason] = Counter()
        for kind, number in self.counts.items():
            if not kind.opened:
                found[kind.reason] += number
        return found

    def first(self, top: int) -> list[SessionRow]:
        """The first `top` sessions of each state and reason in order of time; 0 for all."""
        if not top:
            return list(self.rows)
        counts: Counter[tuple[Status, Reason]] = Counter()
        chosen = []
        for place, kind in enumerate(self.kinds):
            counts[kind[:2]] += 1
            if counts[kind[:2]] <= top:
                chosen.append(self.rows[place])
        return chosen

    @property
    def groups(self) -> list[ReasonGroup]:
        """Why sessions stay closed, the most frequent reason first, what needs no advice last."""
        found: dict[tuple[Reason, str], list[SessionRow]] = {}
        for place, kind in enumerate(self.kinds):
            if kind.reason is not Reason.NONE:
                row = self.rows[place]
                found.setdefault((row.reason, row.advice), []).append(row)
        groups = [ReasonGroup(reason, advice, tuple(rows)) for (reason, advice), rows in found.items()]
        return sorted(groups, key=lambda group: (group.reason is Reason.NOT_FINISHED, -len(group.rows)))

    @property
    def openers(self) -> dict[str, int]:
        """What opened how many sessions, the most useful first; "" for suites that need no key."""
        found: Counter[str] = Counter()
        for kind, number in self.counts.items():
            if kind.opened:
                found[kind.key_title] += number
        return dict(found.most_common())


def _of_all(texts: Sequence[str]) -> str:
    """One sentence for several that differ in the numbers of their frames."""
    first, *others = texts
    if all(text == first for text in others):
        return first
    told = (f"at frames {join_numbers(frames)}" for frames in zip(*map(AT_FRAME.findall, texts), strict=True))
    return AT_FRAME.sub(lambda _: next(told), first)
