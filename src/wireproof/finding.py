"""What a rule may say: a `Finding` with its evidence, or `Undecided` with what to capture next.

Takes nothing from other rooms and knows no capture: frames are numbers, captures are names.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any


class Severity(enum.StrEnum):
    """How much a user has to care, most urgent first."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return list(Severity).index(self)


class Confidence(enum.StrEnum):
    """How far the frames prove the statement: `high` leaves no other reading that the frames allow."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the surest."""
        return list(Confidence).index(self)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One frame (or log line) that proves a part of a finding.

    `capture` is the capture's name in the report and `frame` its number from 1, as Wireshark counts. For a log line
    `capture` holds the file's name and `line` its number from 1; `text` is what the log says there where the line as it stands does not
    show that (XML of many events in one line), else "". `mark` says how renderers colour the row: `lost` (red: sent, never
    arrived), `seen` (green: present at both ends), `forged` (red: the named sender never sent it), or "" (plain).
    """

    capture: str
    frame: int = 0
    note: str = ""
    mark: str = ""
    line: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Owner:
    """The process at one end. `name` is "" where no source has it; `source` says in words who named the process, `conflict` who named another."""

    pid: int
    name: str = ""
    services: tuple[str, ...] = ()
    source: str = ""
    conflict: str = ""
    lines: tuple[Evidence, ...] = field(default=(), compare=False)
    """Where logs name it, and what it is called."""

    @property
    def label(self) -> str:
        """`svchost.exe (920)`, or `PID 920`."""
        return f"{self.name} ({self.pid})" if self.name else f"PID {self.pid}"


@dataclass(frozen=True, slots=True)
class Talk:
    """The conversation that a finding is about, with the addresses of the first capture that the finding names.

    `client` and `server` are `address:port` (IPv6 in brackets), or bare addresses for protocols without ports.
    `seen_as` maps the name of another capture to the (client, server) pair it shows, where NAT stands between.
    """

    protocol: str
    client: str
    server: str
    seen_as: tuple[tuple[str, tuple[str, str]], ...] = ()
    owners: tuple[Owner | None, Owner | None] = (None, None)
    """The processes at the client and at the server; None where no source names one."""


@dataclass(slots=True)
class Finding:
    """One thing that went wrong (or is worth knowing), with the frames that prove it.

    `cause` is the key by which repeats collapse: findings of one rule with equal cause become one with a count. `facts` hold the figures in
    SI units, the unit as suffix of the key (`_s`, `_ms`, `_bytes`). `explains` lists ids of findings that this one causes.
    """

    rule: str
    severity: Severity
    confidence: Confidence
    title: str
    summary: str
    evidence: list[Evidence]
    where: str = ""
    toward: str = ""
    talk: Talk | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    fix: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    filters: dict[str, str] = field(default_factory=dict)
    cause: tuple[str, ...] = ()
    explains: list[str] = field(default_factory=list)
    conversations: list[tuple[str, int]] = field(default_factory=list)
    """(capture name, conversation index) pairs that this finding covers; chains are found through them."""
    depends_on: list[tuple[str, int]] = field(default_factory=list)
    """Further such pairs: conversations that its own ones waited for, such as a proxy's with the server behind it. What is wrong
    with one of these may have caused this finding."""
    aside: bool = False
    """A remark that only helps to read other findings: left out where its captures show nothing above severity info."""

    @property
    def id(self) -> str:
        """Stable over runs: hash of rule, conversation, direction and first evidence; not of figures or wording."""
        import hashlib  # loads OpenSSL, which a command that finds nothing need not wait for

        first = self.evidence[0] if self.evidence else Evidence("")
        talk = (self.talk.protocol, self.talk.client, self.talk.server) if self.talk else ()
        text = "\x1f".join(
            map(str, (self.rule, *talk, self.toward, first.capture, first.frame, first.line, *self.cause))
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Undecided:
    """A rule saw a symptom that these inputs can't settle. `capture_next` is what would settle it."""

    rule: str
    reason: str
    capture_next: str
