"""The captures of a case as every report lists them: what they are, when they were made, and how their clocks differ.

Takes a case; gives plain values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.align.journeys import Clock

if TYPE_CHECKING:
    from wireproof.case import Case

NOT_COMPARABLE = Clock(known=False)
"""What is said of the clock of a capture that shares no packets with the first one, directly or through others."""


@dataclass(frozen=True, slots=True)
class CaptureItem:
    """One capture. Times are nanoseconds since 1970 on its own clock, 0 for a capture without frames.

    Its clock plus `clock_offset_s` is the first capture's, within `clock_bound_s` either way (None: no bound known);
    `clock_known` is False where the offset could only be guessed, since frames matched in one direction only, or where
    no frames matched: the offset is 0 then.
    """

    name: str
    file: str
    format: str
    packets: int
    conversations: int
    start_ns: int
    duration_s: float
    dropped: int = 0
    clock_offset_s: float = 0.0
    clock_drift_ppm: float = 0.0
    clock_bound_s: float | None = None
    clock_known: bool = True


def make_captures(case: Case) -> Iterator[CaptureItem]:
    """Every capture of a case, in the order given."""
    clocks = case.alignment.clocks if len(case.points) > 1 else [Clock()] * len(case.points)
    for point, measured in zip(case.points, clocks, strict=True):
        clock = NOT_COMPARABLE if measured.group else measured
        times = point.packets.time_ns[: point.packets.frames]
        known = {"start_ns": int(times.min()), "duration_s": int(times.max() - times.min()) / 1e9} if len(times) else {}
        item = CaptureItem(
            name=point.name,
            file=point.file,
            format=point.capture.format,
            packets=point.packets.frames,
            conversations=len(point.conversations),
            start_ns=int(known.get("start_ns", 0)),
            duration_s=float(known.get("duration_s", 0.0)),
            dropped=point.capture.dropped,
            clock_offset_s=clock.offset_ns / 1e9,
            clock_drift_ppm=float(clock.drift_ppm),
            clock_bound_s=clock.bound_ns / 1e9 if clock.bound_ns is not None else None,
            clock_known=clock.known,
        )
        yield item
