"""What a comparison says: differences of a few kinds, each with what both captures show, and what matters most first.

Takes nothing; gives the form that reports read. Judges nothing.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireproof.processes.compare.exchange import Exchange, Service


class Kind(enum.StrEnum):
    """What kind of difference, those that matter most first."""

    ANSWER = "other answer"
    """The bad capture's clients were told something else, which they did not go on with: whatever fails then follows from it."""
    FAILS = "fails"
    """Worked in the good capture, and not in the bad one."""
    STOPS = "stops"
    """The bad capture goes on to just before this and not further."""
    NEW_FAILURE = "new failure"
    """Only the bad capture tried it, and it failed."""
    SLOWER = "slower"
    OUTCOME = "outcome"
    """Something else came of it, and at least once no success."""
    DETAIL = "detail"
    """Something else was agreed on."""
    WORKS = "works"
    """Failed in the good capture, and worked in the bad one."""
    MISSING = "missing"
    """Only the good capture has it."""
    EXTRA = "extra"
    """Only the bad capture has it."""
    FASTER = "faster"


MATTERS = (Kind.ANSWER, Kind.FAILS, Kind.STOPS, Kind.NEW_FAILURE, Kind.SLOWER, Kind.OUTCOME)
"""Kinds that may be the reason why the user sees a difference."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `good` and `bad` say in words what each capture shows, "" where it shows nothing.

    `action` is "" for a process that one capture does not show at all. `good_exchange` and `bad_exchange` are the exchanges to look
    at. `follows` are later steps with the same service that one capture lacks as well, `elsewhere` further services with the same
    difference.
    """

    kind: Kind
    service: Service
    action: str
    good: str
    bad: str
    good_exchange: Exchange | None = None
    bad_exchange: Exchange | None = None
    bad_service: Service | None = None
    follows: tuple[str, ...] = ()
    elsewhere: tuple[Service, ...] = ()
    is_last: bool = False
    """Of something missing: the bad capture has nothing that comes later in the good one."""


@dataclass(slots=True)
class Comparison:
    """Everything compared.

    `alike` counts actions that came out the same, `services` pairs services of the good capture with those of the bad one, `notes`
    are defects that cost a part.
    """

    differences: list[Difference] = field(default_factory=list)
    alike: int = 0
    services: dict[Service, Service] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def of(self, *kinds: Kind) -> list[Difference]:
        """The differences of some kinds."""
        return [difference for difference in self.differences if difference.kind in kinds]

    @property
    def first(self) -> Difference | None:
        """The first difference that matters.

        Where nothing came out alike, the captures hardly show one process, and what only one of them tried says nothing.
        """
        wanted = [kind for kind in MATTERS if kind is not Kind.NEW_FAILURE or self.alike]
        return next((difference for difference in self.differences if difference.kind in wanted), None)
