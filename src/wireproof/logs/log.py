"""What every log has: the file it comes from, the records in it by line, and times whose zone may not be known.

Holds records; reads none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar


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


@dataclass(slots=True, kw_only=True)
class Log:
    """What one reader understood of one file.

    `title` says in words what it is. `in_utc` tells that times are UTC; else they are those of the wall clock where it was written, in a
    zone that `case.toml` may state and matching events may tell. `notes` say what was not understood.
    """

    title: ClassVar[str] = "log"

    file: str
    in_utc: bool = False
    notes: list[str] = field(default_factory=list)

    def events(self) -> Iterator[Event]:
        """What happened when, for one timeline over all inputs; nothing in outputs that show a state."""
        return iter(())
