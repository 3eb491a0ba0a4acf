"""Time-sequence and one-way delay plots of a finding's conversation, as tcptrace and Stevens draw them.

Takes the case and the finding; gives SVG with captions. What is drawn is bounded whatever the capture's size: curves are thinned to what
a screen can show. Delays are drawn only where the clocks of both points are tied to each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from wireproof.align import HopFlow
from wireproof.case import Case
from wireproof.finding import Finding
from wireproof.report.drawing import PLANE, at, element, figure, join, label_ticks, percent, plane, points, tick_labels, ticks
from wireproof.report.passages import Course, find_course
from wireproof.rules.evidence import count, seconds
from wireproof.rules.segments import RST, Segments
from wireproof.rules.subjects import Subject

HEIGHT = 260
PANEL = 120
AXIS = 22
TOP = 14
MOST_MARKS = 800
"""Segments (or delays) of one kind in a plot; more are thinned to one a pixel column."""
LEAST_SEGMENTS = 3
"""With fewer data segments a time-sequence plot says less than the ladder."""
LEAST_DELAYS = 4
LONG, AROUND, MOST_ZOOMED = 100, 12, 300
"""From LONG data segments on, a second plot shows the first evidence with so many segments around it, at most so many in all."""
TOGETHER = 0.05
"""Evidence belongs to the same moment when no more than this share of the whole time lies between two frames of it."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Pair = tuple[float, float]


@dataclass(slots=True)
class Plot:
    """A drawn plot: `svg`, a `caption` that says how to read it, and (class, meaning) of what is in it."""

    title: str
    svg: Markup
    caption: str
    legend: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scale:
    """From time and value to the plane: x over PLANE units, y over `height` pixels, upwards."""

    x: Pair
    y: Pair
    height: int

    def xs(self, values: NDArray[np.float64] | NDArray[np.int64]) -> Floats:
        """Places along x in plane units."""
        return np.asarray((values - self.x[0]) / max(self.x[1] - self.x[0], 1e-12) * PLANE, dtype=np.float64)

    def ys(self, values: NDArray[np.float64] | NDArray[np.int64]) -> Floats:
        """Places along y in pixels from the top."""
        share = (values - self.y[0]) / max(self.y[1] - self.y[0], 1e-12)
        return np.asarray(self.height - share * self.height, dtype=np.float64)

    def axes(self, unit: str = "", wanted: int = 4) -> Markup:
        """Grid lines with round labels; x in seconds below, y at the left margin."""
        parts = []
        upright = ticks(*self.y, wanted)
        for value, text in zip(upright, tick_labels(upright, unit), strict=True):
            y = float(self.ys(np.array([value]))[0])
            parts.append(element("line", x1="0", x2="100%", y1=y, y2=y, class_="grid"))
            parts.append(element("text", text, x="-6", y=y + 4, class_="end tiny dim"))
        for value, text in zip(*label_ticks(*self.x, " s"), strict=True):
            share = float(self.xs(np.array([value]))[0]) / PLANE
            anchor = " end" if share > 0.95 else "" if share < 0.05 else " mid"
            parts.append(element("line", x1=percent(share), x2=percent(share), y1=self.height, y2=self.height + 4, class_="grid"))
            parts.append(element("text", text, x=percent(share), y=self.height + 17, class_=f"tiny dim{anchor}"))
        return join(parts)


@dataclass(frozen=True, slots=True)
class Sight:
    """One direction of a conversation at one point: its segments, their times in seconds, and which of them were lost on the way."""

    subject: Subject
    segments: Segments
    time_s: Floats
    lost: Mask


# --- sequence numbers over time --------------------------------------------------------------------------------------


def build_sequence_plots(case: Case, finding: Finding) -> list[Plot]:
    """Sequence number against time for the direction that the finding is about; none when too little data went there.

    Of a long transfer a second plot shows the surroundings of the first evidence.
    """
    course = find_course(case, finding)
    subject = _sender(course, finding) if course else None
    if course is None or subject is None or int(subject.facts["protocol"]) != 6:
        return []
    segments = Segments(subject)
    data = segments.mine & segments.data
    if int(data.sum()) < LEAST_SEGMENTS:
        return []
    lane = course.lanes.index((subject.point.index, subject.number))
    time_s = (course.times_ns(lane, segments.row) - course.origin_ns) / 1e9
    flow = course.flow(lane, subject.is_client)
    lost = np.isin(segments.row, flow.lost if flow is not None else [])
    sight = Sight(subject, segments, time_s, data & lost)
    plots = [_draw_sequence(sight, np.ones(len(segments), dtype=bool), "")]
    if int(data.sum()) >= LONG:
        plots += _zoom(sight, [item.frame - 1 for item in finding.evidence if item.capture == subject.point.name])
    return plots


def _zoom(sight: Sight, proving: Sequence[int]) -> list[Plot]:
    """The segments around the first evidence, and what follows it closely."""
    places = np.flatnonzero(np.isin(sight.segments.row, proving))
    if not len(places):
        return []
    sent = np.flatnonzero(sight.segments.mine & sight.segments.data)
    pauses = np.diff(sight.time_s[places]) > TOGETHER * np.ptp(sight.time_s[sent])
    last = places[np.flatnonzero(pauses)[0]] if pauses.any() else places[-1]
    start = max(int(np.searchsorted(sent, places[0])) - AROUND, 0)
    end = min(int(np.searchsorted(sent, last)) + AROUND, start + MOST_ZOOMED, len(sent) - 1)
    within = np.zeros(len(sight.segments), dtype=bool)
    within[sent[start] : sent[end] + 1] = True
    number = sight.subject.point.packets.number(int(sight.segments.row[places[0]]))
    return [_draw_sequence(sight, within, f", around frame {number}")]


def _sender(course: Course, finding: Finding) -> Subject:
    """The side whose data is drawn, at the point nearest to it: the one that sends in the finding's direction, else the busier one."""
    point, number = course.lanes[0]
    talk = course.case.points[point].talk(number)
    busier = "client" if talk.client["payload_bytes"] > talk.server["payload_bytes"] else "server"
    role = {"server": "client", "client": "server"}.get(finding.toward, busier)
    point, number = course.lanes[0 if role == "client" else -1]
    holder = course.case.points[point]
    client_side = holder.talk(number).client_side
    return Subject(holder, number, client_side if role == "client" else 1 - client_side)


def _draw_sequence(sight: Sight, within: Mask, where: str) -> Plot:
    segments, subject = sight.segments, sight.subject
    data = segments.mine & segments.data & within
    lost = data & sight.lost
    repeat = data & segments.marked("retransmission") & ~lost
    kinds = {
        "sent": ("segment", data & ~lost & ~repeat),
        "again": ("retransmission", repeat),
        "gone": ("lost on the way", lost),
    }
    scale, shown, edges = _frame_sequence(sight, data, within)
    acks = ~segments.mine & (segments.ack >= 0) & ~segments.has(RST) & within
    time_s = sight.time_s
    curves = [
        _steps(scale, time_s[edges], _edge(segments)[edges], "window") if shown else Markup(""),
        _steps(scale, time_s[acks], segments.ack[acks], "acked"),
        *(_bars(scale, time_s[mask], segments.start[mask], segments.end[mask], name) for name, (_, mask) in kinds.items()),
    ]
    legend = [(name, f"{text} ({int(mask.sum()):,})") for name, (text, mask) in kinds.items() if mask.any()]
    legend += [("acked", "acknowledged up to")] if acks.any() else []
    legend += [("window", "receive window's edge")] if shown else []
    title = f"Sequence numbers: {subject.endpoint} → {subject.peer_endpoint}{where}"
    words = f"{count(int(data.sum()), 'data segment')}, {int(repeat.sum())} retransmitted, {int(lost.sum())} lost"
    caption = f"Bytes sent by the {subject.role} over time, as {subject.point.name} saw it. Relative sequence numbers."
    if edges.any() and not shown:
        caption += " The receive window's edge lies above the plot: the receiver had room."
    crosses = _crosses(scale, time_s[lost], segments.end[lost])
    return Plot(title, _plot(scale, title, words, curves, crosses), caption, legend)


def _edge(segments: Segments) -> Ints:
    return np.asarray(segments.ack + segments.scaled_window(), dtype=np.int64)


def _frame_sequence(sight: Sight, data: Mask, within: Mask) -> tuple[Scale, bool, Mask]:
    """What the plot spans: the data's time and bytes, and the window's edge where it comes near. Also whether and where it does."""
    segments = sight.segments
    edges = ~segments.mine & (segments.ack >= 0) & ~segments.has(RST) & within & (segments.scaled_window() >= 0)
    low, high = int(segments.start[data].min()), int(segments.end[data].max())
    room = max(high - low, 1)
    near = edges & (_edge(segments) <= high + room // 2)
    top = max(high, int(_edge(segments)[near].max())) if near.any() else high
    return Scale(_span(sight.time_s[data]), (low - 0.03 * room, top + 0.06 * room), HEIGHT), bool(near.any()), edges


def _plot(scale: Scale, title: str, words: str, curves: Sequence[Markup], over: Markup) -> Markup:
    moved = element("g", scale.axes() + plane(scale.height, join(curves)) + over, transform=f"translate(0 {TOP})")
    return figure(scale.height + AXIS + TOP, title, words, moved, "plot")


def _span(time_s: Floats) -> Pair:
    low, high = float(time_s.min()), float(time_s.max())
    margin = max((high - low) * 0.02, 1e-6)
    return low - margin, high + 3 * margin


def _bars(scale: Scale, time_s: Floats, start: Ints, end: Ints, name: str) -> Markup:
    """One upright stroke a segment from its first to its last byte."""
    if not len(time_s):
        return Markup("")
    x, top, bottom = scale.xs(time_s), scale.ys(end), scale.ys(start)
    if len(x) > MOST_MARKS:
        x, top, bottom = _thin(x, top, bottom)
    top = np.minimum(top, bottom - 3.0)  # a segment of few bytes must stay visible
    strokes = (f"M{a:.1f} {b:.1f}V{c:.1f}" for a, b, c in zip(x.tolist(), bottom.tolist(), top.tolist(), strict=True))
    return element("path", d="".join(strokes), class_=f"bar {name}")


def _thin(x: Floats, top: Floats, bottom: Floats) -> tuple[Floats, Floats, Floats]:
    """One bar for each of MOST_MARKS columns, over all bars in it."""
    column = np.clip((x / PLANE * MOST_MARKS).astype(np.int64), 0, MOST_MARKS - 1)
    kept = np.unique(column)
    least, most = np.full(MOST_MARKS, np.inf), np.full(MOST_MARKS, -np.inf)
    np.minimum.at(least, column, top)
    np.maximum.at(most, column, bottom)
    return (kept + 0.5) / MOST_MARKS * PLANE, least[kept], most[kept]


def _steps(scale: Scale, time_s: Floats, values: Ints, name: str) -> Markup:
    """A staircase that rises when a value is told and holds until the next one."""
    if not len(values):
        return Markup("")
    values = np.maximum.accumulate(values)
    x, y = np.clip(scale.xs(time_s), 0, PLANE), np.clip(scale.ys(values), -scale.height, 2.0 * scale.height)
    turns = np.flatnonzero(np.diff(y, prepend=np.inf))
    if len(turns) > MOST_MARKS:
        turns = turns[np.linspace(0, len(turns) - 1, MOST_MARKS).astype(np.int64)]
    path = f"M{x[turns[0]]:.1f} {y[turns[0]]:.1f}" + "".join(f"H{x[turn]:.1f}V{y[turn]:.1f}" for turn in turns[1:])
    return element("path", d=f"{path}H{PLANE}", class_=f"step {name}")


def _crosses(scale: Scale, time_s: Floats, end: Ints) -> Markup:
    """A cross above each lost segment, so that colour is not its only sign."""
    picked = np.unique(np.linspace(0, len(end) - 1, min(len(end), 200)).astype(np.int64)) if len(end) else []
    x, y = scale.xs(time_s) / PLANE, scale.ys(end)
    cross = element("path", d="M-4-4L4 4M-4 4L4-4", class_="cross")
    return join(at(float(x[place]), float(y[place]) - 7, cross) for place in picked)


# --- one-way delays ---------------------------------------------------------------------------------------------------


def build_delay_plot(case: Case, finding: Finding) -> Plot | None:
    """One-way delay over time for both directions of the finding's hops; None with a single point or too few matched packets."""
    course = find_course(case, finding) if len(case.points) > 1 else None
    if course is None or course.journey is None:
        return None
    flows = [
        (hop_place, flow)
        for hop_place, hop in enumerate(course.journey.hops)
        for flow in hop.flows
        if len(flow.delay_ns) >= LEAST_DELAYS
    ]
    if not flows:
        return None
    clocks = [case.alignment.clocks[point] for point, _ in course.lanes]
    known = all(clock.known and clock.bound_ns is not None for clock in clocks) and len({clock.group for clock in clocks}) == 1
    title = "One-way delay"
    if not known:
        caption = "Not known: packets matched in one direction only, so the clocks' difference can't be told from the delay."
        return Plot(title, Markup(""), caption)
    return _draw_delays(course, [flow for _, flow in flows], title)


def _draw_delays(course: Course, flows: Sequence[HopFlow], title: str) -> Plot:
    times = [(course.times_ns(_lane(course, flow), flow.sent) - course.origin_ns) / 1e9 for flow in flows]
    span = _span(np.concatenate(times))
    bounds = [_bound_ms(course, flow) for flow in flows]
    delays = [flow.delay_ns / 1e6 for flow in flows]
    top = max(float(np.max(delay)) + bound for delay, bound in zip(delays, bounds, strict=True))
    low = min(0.0, *(float(np.min(delay)) - bound for delay, bound in zip(delays, bounds, strict=True)))
    panels, words = [], []
    for place, (flow, time_s, delay, bound) in enumerate(zip(flows, times, delays, bounds, strict=True)):
        scale = Scale(span, (low, top * 1.08 + 1e-3), PANEL)
        names = [course.case.points[end[0]].name for end in (flow.sender, flow.receiver)]
        median = float(np.median(delay))
        figures = f"median {seconds(median / 1e3)}, ± {seconds(bound / 1e3)}"
        head = element("text", f"{names[0]} → {names[1]}", x="0", y="-5", class_="tiny strong")
        head += element("text", figures, x="100%", y="-5", class_="tiny dim end")
        body = scale.axes(" ms", 3) + plane(PANEL, _band(scale, time_s, delay, bound) + _dots(scale, time_s, delay))
        shift = place * (PANEL + AXIS + 24) + 18
        panels.append(element("g", head + body, transform=f"translate(0 {shift})"))
        words.append(f"{names[0]} to {names[1]}: {figures}")
    svg = figure(len(flows) * (PANEL + AXIS + 24), title, "; ".join(words), join(panels), "plot")
    caption = "Each dot is a packet seen at both points. The band shows how far off all dots of a panel may be together: the clocks are no surer."
    return Plot(title, svg, caption, [("dot", "packet"), ("bandkey", "bound of the clocks")])


def _lane(course: Course, flow: HopFlow) -> int:
    return [point for point, _ in course.lanes].index(flow.sender[0])


def _bound_ms(course: Course, flow: HopFlow) -> float:
    bounds = [course.case.alignment.clocks[point].bound_ns or 0 for point, _ in (flow.sender, flow.receiver)]
    return max(bounds) / 1e6


def _dots(scale: Scale, time_s: Floats, delay: Floats) -> Markup:
    x, y = scale.xs(time_s), scale.ys(delay)
    cells = np.unique(np.column_stack([np.round(x), np.round(y * 2)]).astype(np.int64), axis=0)
    if len(cells) > MOST_MARKS:
        cells = cells[np.linspace(0, len(cells) - 1, MOST_MARKS).astype(np.int64)]
    return element("path", d="".join(f"M{a} {b / 2:g}h0" for a, b in cells.tolist()), class_="dot")


def _band(scale: Scale, time_s: Floats, delay: Floats, bound_ms: float) -> Markup:
    """The running median with the clocks' bound on both sides."""
    order = np.argsort(time_s, kind="stable")
    chunks = [chunk for chunk in np.array_split(order, min(60, max(len(order) // 8, 1))) if len(chunk)]
    middle = np.array([np.median(delay[chunk]) for chunk in chunks])
    x = scale.xs(np.array([float(np.mean(time_s[chunk])) for chunk in chunks]))
    x, middle = np.concatenate([[0], x, [PLANE]]), np.concatenate([middle[:1], middle, middle[-1:]])
    upper = zip(x.tolist(), scale.ys(middle + bound_ms).tolist(), strict=True)
    lower = zip(x[::-1].tolist(), scale.ys(middle - bound_ms)[::-1].tolist(), strict=True)
    return element("path", d=points([*upper, *lower]) + "Z", class_="bound")
