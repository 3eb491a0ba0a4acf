"""What every log has: the file it comes from, the records in it by line, and times whose zone may not be known.

Holds records; reads none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

SHOWN = 200
"""Characters of a line that reports show."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a log says happened at `time_ns`: nanoseconds since 1970, of the clock on the wall where the zone is not known.

    `line` counts from 1 (0 in binary logs, where `number` counts records). `pid` is the process, 0 where the log names none.
    """

    time_ns: int
    text: str
    line: int = 0
    number: int = 0
    pid: int = 0


CONNECTIONS = frozenset(("tcp-syn", "tcp-connect", "tcp-reset"))
"""Kinds of anchors whose keys are the two ends of a connection."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """An event of a log that a capture shows too, by which the log's clock can be told.

    `kind` says what happened, `key` what tells it from others of its kind; both sides make the same ones:

    - `tcp-syn`, `tcp-connect` (the handshake is over), `tcp-reset`: two endpoints as `address:port` (IPv6 in brackets), sorted
    - `tcp-data`: the peer's end, the own one or "", who sent (`peer` or `own`), and the line
    - `sip`: Call-ID, CSeq as `1 INVITE`, and the method of a request or the status of an answer
    """

    time_ns: int
    line: int
    kind: str
    key: tuple[str, ...]


def pair_key(one: str, other: str) -> tuple[str, ...]:
    """The key of an event between two endpoints, the same from either end."""
    return (one, other) if one <= other else (other, one)


@dataclass(slots=True, kw_only=True)
class Log:
    """What one reader understood of one file.

    `title` says in words what it is. `in_utc` tells that times are UTC; else they are those of the wall clock where it was written, in a
    zone that `case.toml` may state and matching events may tell. `notes` say what was not understood.
    """

    title: ClassVar[str] = "log"

    file: str
    in_utc: bool = False
    zone_s: int | None = None
    """Seconds east of UTC of its times, where that is stated."""
    zone_file: str = ""
    """The file beside it that states its machine's zone, where nothing nearer states one; events may tell that it is of another machine."""
    point: str = ""
    """The capture point at which it was taken, where that is stated."""
    of_capture: bool = False
    """Whether it is what that point's file holds beside packets, by the same clock."""
    notes: list[str] = field(default_factory=list)
    lines: Sequence[str] = field(default_factory=list, repr=False)
    """The text that it was read from; none for binary logs."""
    unit: str = "line"
    """What findings count its records in: lines of its text, or events or records where there is none."""

    def line_text(self, number: int) -> str:
        """A line as it stands there, counted from 1, cut where it is very long; empty for none."""
        if not 0 < number <= len(self.lines):
            return ""
        words = " ".join(self.lines[number - 1].split())
        return words if len(words) <= SHOWN else f"{words[: SHOWN - 1]}…"

    def events(self) -> Iterator[Event]:
        """What happened when, for one timeline over all inputs; nothing in outputs that show a state."""
        return iter(())

    def anchors(self) -> Iterator[Anchor]:
        """Events that captures show too; nothing where the log names none exactly enough."""
        return iter(())
