"""The timeline figure of a whole case: a strip a capture with its packets over time, a lane a log, findings as numbers, marker pings as lines.

Takes the case and its outline; gives SVG. All captures and logs share the first capture's clock, so that their overlap can be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from wireproof.errors import Fence
from wireproof.report.drawing import PLANE, at, element, figure, join, label_ticks, percent, plane, points
from wireproof.report.log_lanes import LANE, NEAR_NS, Lane, Lanes, LoggedEvent, draw_lane, find_lanes
from wireproof.report.marks import MarkItem, moments
from wireproof.rules.evidence import count, joined, seconds

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.report.outline import FindingItem, Outline

STRIP, LABEL, AXIS = 44, 18, 24
MARK_ROW = 16
"""Height of the labels of marker pings."""
BINS = 240
MARKER = 20
"""Height of one row of markers."""
CLOSE = 0.035
"""Markers nearer than this share of the width stand above each other."""
MOST_ROWS = 4
MOST_MARKERS = 40


@dataclass(frozen=True, slots=True)
class Strips:
    """A drawn timeline and its caption."""

    svg: Markup
    caption: str
    logged: list[LoggedEvent] = field(default_factory=list)
    """The most telling events of the logs, in order of time."""
    start_ns: int = 0
    """The first capture's time at the left edge."""


@dataclass(frozen=True, slots=True)
class _Window:
    """The time shown: nanoseconds on the reference clock. `overlap` is when all captures run, None where they never do."""

    start: int
    end: int
    overlap: tuple[int, int] | None

    def share(self, time_ns: int) -> float:
        """0 at the start, 1 at the end."""
        return min(max((time_ns - self.start) / max(self.end - self.start, 1), 0.0), 1.0)


def build_strips(case: Case, report: Outline) -> Strips | None:
    """Strips and markers; None when no capture holds a packet."""
    times = [_times(case, point) for point in case.points]
    spans = [(int(values.min()), int(values.max())) for values in times if len(values)]
    if not spans:
        return None
    latest, earliest = max(start for start, _ in spans), min(end for _, end in spans)
    overlap = (latest, earliest) if len(spans) > 1 and latest < earliest else None
    window = _Window(min(start for start, _ in spans), max(end for _, end in spans), overlap)
    parts, y = [], 4.0 + (MARK_ROW if report.marks else 0)
    for point, values in zip(case.points, times, strict=True):
        markers = _place_markers(window, point, report.items)
        y += MARKER * max((row + 1.2 for _, row, _ in markers), default=0)
        parts += [_strip(window, point, values, y), *(_raise(marker, y) for marker in markers)]
        y += LABEL + STRIP + 10
    logs = _find_lanes(case, report, window)
    for lane in logs.lanes:
        markers = _place_on_lane(window, lane, report.items)
        y += MARKER * max((row + 1.2 for _, row, _ in markers), default=0)
        parts += [draw_lane(lane, window.share, y), *(_raise(marker, y) for marker in markers)]
        y += LANE
    content = join([_shade(window, y), _draw_marks(window, report.marks, y), *parts, _axis(window, y)])
    described = f"{count(len(case.points), 'capture')} over {seconds((window.end - window.start) / 1e9)}"
    described += f", {count(len(logs.lanes), 'log')}" if logs.lanes else ""
    caption = " ".join([_caption(case, window, len(spans)), *_more_words(report, logs)])
    svg = figure(round(y) + AXIS, "Timeline of the captures", described, content, "timeline")
    return Strips(svg, caption, logs.rows, window.start)


def _find_lanes(case: Case, report: Outline, window: _Window) -> Lanes:
    """The lanes of the logs; where that fails, none and a sentence."""
    told: list[str] = []
    with Fence("looking for events of logs", told.append):
        return find_lanes(case, report, window.start - NEAR_NS, window.end + NEAR_NS)
    return Lanes(remarks=tuple(told))


def _more_words(report: Outline, logs: Lanes) -> list[str]:
    """How to read what is drawn beside strips and findings."""
    words = ["Dashed lines are marker pings with their bytes of data."] if report.marks else []
    if logs.lanes:
        words.append("Ticks are events of logs; those that a finding names are longer and red.")
    return [*words, *logs.remarks]


def _draw_marks(window: _Window, marks: Sequence[MarkItem], bottom: float) -> Markup:
    """A dashed line a moment that was marked; labels of lines that are close stand together."""
    parts: list[Markup] = []
    labels: list[tuple[float, list[str]]] = []
    for mark in moments(marks):
        share = window.share(mark.reference_ns)
        title = element("title", f"{mark.size} bytes, frame {mark.frame} of {mark.capture}: {mark.meaning}")
        x = percent(share)
        parts.append(element("line", title, x1=x, x2=x, y1=MARK_ROW, y2=bottom, class_="mark-line"))
        if labels and share - labels[-1][0] < CLOSE:
            labels[-1][1].append(str(mark.size))
        else:
            labels.append((share, [str(mark.size)]))
    for share, sizes in labels:
        anchor = " end" if share > 0.95 else "" if share < 0.05 else " mid"
        words = " ".join(dict.fromkeys(sizes))
        parts.append(element("text", words, x=percent(share), y=MARK_ROW - 4, class_=f"tiny strong{anchor}"))
    return join(parts)


def _times(case: Case, point: Point) -> NDArray[np.int64]:
    own = np.asarray(point.packets.time_ns[: point.packets.frames], dtype=np.int64)
    return case.alignment.clocks[point.index].to_reference(own) if len(case.points) > 1 else own


def _caption(case: Case, window: _Window, captures: int) -> str:
    words = ["Packets over time, each strip to its own scale. Numbers are findings at their first frame."]
    if captures > 1:
        told = "the captures do not overlap in time"
        if window.overlap:
            told = f"all captures run together for {seconds((window.overlap[1] - window.overlap[0]) / 1e9)} (tinted)"
        words.append(f"Times are on the clock of {case.points[0].name}; {told}.")
        apart = [point.name for point in case.points if case.alignment.clocks[point.index].group]
        if apart:
            words.append(f"Nothing ties {joined(apart)} to it: their place is where their own clocks put them.")
    return " ".join(words)


def _strip(window: _Window, point: Point, values: NDArray[np.int64], y: float) -> Markup:
    """Name, busiest interval and area of one capture."""
    label = element("text", point.name, x="0", y=y + 12, class_="strong")
    if not len(values):
        return label + element("text", "no packets", x="100%", y=y + 12, class_="tiny dim end")
    length_ns = max(window.end - window.start, 1)
    places = np.clip((values - window.start) * (BINS / length_ns), 0, BINS - 1).astype(np.int64)
    counts = np.bincount(places, minlength=BINS)
    busiest = f"at most {count(int(counts.max()), 'packet')} in {seconds(length_ns / 1e9 / BINS)}"
    label += element("text", busiest, x="100%", y=y + 12, class_="tiny dim end")
    area = plane(STRIP, element("path", d=_area(counts, places), class_="area"), y=y + LABEL)
    ends = [percent(window.share(int(end))) for end in (values.min(), values.max())]
    bottom = y + LABEL + STRIP
    return label + area + element("line", x1=ends[0], x2=ends[1], y1=bottom, y2=bottom, class_="base")


def _area(counts: NDArray[np.int64], places: NDArray[np.int64]) -> str:
    """Outline of the counted packets from the capture's first to its last interval."""
    first, last = int(places.min()), int(places.max())
    tops = (STRIP - counts[first : last + 1] / counts.max() * (STRIP - 2)).tolist()
    edges = (np.arange(first, last + 2) * (PLANE / BINS)).tolist()
    outline = [(edges[0], float(STRIP))]
    for left, right, top in zip(edges, edges[1:], tops, strict=False):
        outline += [(left, top), (right, top)]
    return points([*outline, (edges[-1], float(STRIP))]) + "Z"


def _shade(window: _Window, bottom: float) -> Markup:
    """The time in which every capture runs."""
    if window.overlap is None:
        return Markup("")
    left, right = window.share(window.overlap[0]), window.share(window.overlap[1])
    return element("rect", x=percent(left), width=percent(right - left), y=0, height=bottom, class_="overlap")


def _place_markers(window: _Window, point: Point, items: Sequence[FindingItem]) -> list[tuple[float, int, Markup]]:
    """(share, row, shape) for the findings whose first frame this capture holds."""
    found = []
    for item in items:
        first = next((row for row in item.rows if row.line is not None), None)
        if first is not None and first.capture == point.name:
            found.append((min(max(window.share(first.reference_ns), 0.012), 0.988), item))
    return _stack(found)


def _place_on_lane(window: _Window, lane: Lane, items: Sequence[FindingItem]) -> list[tuple[float, int, Markup]]:
    """(share, row, shape) for the findings that no frame proves, at their first line of this log."""
    at = {event.line: event.reference_ns for event in lane.events if event.line}
    found = []
    for item in items:
        lines = [
            row.log_line for row in item.rows if row.log_line and row.capture.replace("\\", "/").endswith(lane.name)
        ]
        first = next((at[line] for line in lines if line in at), None)
        if first is not None and all(row.line is None for row in item.rows):
            found.append((min(max(window.share(first), 0.012), 0.988), item))
    return _stack(found)


def _stack(found: Sequence[tuple[float, FindingItem]]) -> list[tuple[float, int, Markup]]:
    """Markers in order of place, those that are close to each other in rows of their own."""
    placed: list[tuple[float, int, Markup]] = []
    free = [-1.0] * MOST_ROWS
    for share, item in sorted(found, key=lambda pair: pair[0])[:MOST_MARKERS]:
        row = next((place for place, right in enumerate(free) if share - right >= CLOSE), MOST_ROWS - 1)
        free[row] = share
        placed.append((share, row, _marker(item)))
    return placed


def _marker(item: FindingItem) -> Markup:
    shape = element("circle", r=8.5, class_="disc") + element("text", item.number, y=4, class_="mid")
    title = element("title", f"{item.number}: {item.finding.title}")
    pin = element("line", x1=0, x2=0, y1=9, y2=14, class_="pin")
    return element(
        "a", title + pin + shape, href=f"#f-{item.finding.id}", class_=f"marker {item.finding.severity.value}"
    )


def _raise(marker: tuple[float, int, Markup], y: float) -> Markup:
    """Put a marker above the strip whose label begins at `y`."""
    share, row, shape = marker
    return at(share, y - 12 - row * MARKER, shape)


def _axis(window: _Window, y: float) -> Markup:
    length_s = (window.end - window.start) / 1e9
    parts = [element("line", x1="0", x2="100%", y1=y, y2=y, class_="grid")]
    for value, text in zip(*label_ticks(0.0, length_s, " s"), strict=True):
        share = value / length_s if length_s else 0.0
        anchor = " end" if share > 0.95 else "" if share < 0.05 else " mid"
        parts.append(element("line", x1=percent(share), x2=percent(share), y1=y, y2=y + 4, class_="grid"))
        parts.append(element("text", text, x=percent(share), y=y + 17, class_=f"tiny dim{anchor}"))
    return join(parts)
