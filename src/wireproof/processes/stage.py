"""A process as stages: what was tried in order, with its frames and times, and how each ended.

Takes nothing; gives the form that every process is told in. Judges nothing: that a stage failed is what its frames show.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Outcome(enum.StrEnum):
    """How a stage ended, as far as the capture shows."""

    DONE = "done"
    FAILED = "failed"
    UNANSWERED = "unanswered"
    UNDER_WAY = "under way"
    """It began, and the capture ends before it is over."""
    NOT_SEEN = "not seen"
    """Nothing of it in the capture, which need not mean that it did not happen."""


@dataclass(frozen=True, slots=True)
class Step:
    """One frame that a stage rests on, with what it shows; `row` is its packet row."""

    row: int
    note: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a process.

    `name` is stable and machine-readable, such as `endpoint-resolved`; `title` is for readers. Times are seconds since the
    capture's first frame, None where nothing of the stage was seen. `facts` are plain values for reports and comparisons.
    """

    name: str
    title: str
    outcome: Outcome
    start_s: float | None = None
    end_s: float | None = None
    steps: tuple[Step, ...] = ()
    facts: dict[str, object] = field(default_factory=dict)
    conversations: tuple[int, ...] = ()
    aside: bool = False

    @property
    def duration_s(self) -> float | None:
        """How long it took; None where it was not seen whole."""
        return None if self.start_s is None or self.end_s is None else self.end_s - self.start_s
