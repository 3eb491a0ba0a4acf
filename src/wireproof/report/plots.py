"""Time-sequence and one-way delay plots of a finding's conversation, as tcptrace and Stevens draw them.

Takes the case and the finding; gives SVG with captions. What is drawn is bounded whatever the capture's size: curves are thinned to what
a screen can show. Delays are drawn only where the clocks of both points are tied to each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from wireproof.report.curves import (
    Floats,
    Ints,
    Mask,
    Scale,
    draw_band,
    draw_bars,
    draw_crosses,
    draw_dots,
    draw_steps,
    pad_span,
)
from wireproof.report.drawing import element, figure, join, plane
from wireproof.report.passages import Course, find_course
from wireproof.rules.evidence import count, seconds
from wireproof.rules.segments import RST, Segments
from wireproof.rules.subjects import Subject

if TYPE_CHECKING:
    from wireproof.align.journeys import HopFlow
    from wireproof.case import Case
    from wireproof.finding import Finding

HEIGHT, PANEL, AXIS, TOP = 260, 120, 22, 14
"""Heights in pixels: a sequence plot, one direction's delays, the labels below, the room above."""
LEAST_SEGMENTS = 3
"""With fewer data segments a time-sequence plot says less than the ladder."""
LEAST_DELAYS, MOST_PANELS = 4, 8
LONG, AROUND, MOST_ZOOMED = 100, 12, 300
"""From LONG data segments on, a second plot shows the first evidence with so many segments around it, at most so many in all."""
TOGETHER = 0.05
"""Evidence belongs to the same moment when no more than this share of the whole time lies between two frames of it."""


@dataclass(slots=True)
class Plot:
    """A drawn plot: `svg`, a `caption` that says how to read it, and (class, meaning) of what is in it."""

    title: str
    svg: Markup
    caption: str
    legend: list[tuple[str, str]] = field(default_factory=list)


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
        plots += _zoom(
            sight,
            [
                subject.point.packets.row_of(item.frame)
                for item in finding.evidence
                if item.capture == subject.point.name
            ],
        )
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
        draw_steps(scale, time_s[edges], _edge(segments)[edges], "window") if shown else Markup(""),
        draw_steps(scale, time_s[acks], segments.ack[acks], "acked"),
        *(
            draw_bars(scale, time_s[mask], segments.start[mask], segments.end[mask], name)
            for name, (_, mask) in kinds.items()
        ),
    ]
    legend = [(name, f"{text} ({int(mask.sum()):,})") for name, (text, mask) in kinds.items() if mask.any()]
    legend += [("acked", "acknowledged up to")] if acks.any() else []
    legend += [("window", "receive window's edge")] if shown else []
    title = f"Sequence numbers: {subject.endpoint} → {subject.peer_endpoint}{where}"
    words = f"{count(int(data.sum()), 'data segment')}, {int(repeat.sum())} retransmitted, {int(lost.sum())} lost"
    caption = f"Bytes sent by the {subject.role} over time, as {subject.point.name} saw it. Relative sequence numbers."
    if edges.any() and not shown:
        caption += " The receive window's edge lies above the plot: the receiver had room."
    crosses = draw_crosses(scale, time_s[lost], segments.end[lost]) if lost.any() else Markup("")
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
    return Scale(pad_span(sight.time_s[data]), (low - 0.03 * room, top + 0.06 * room), HEIGHT), bool(near.any()), edges


def _plot(scale: Scale, title: str, words: str, curves: Sequence[Markup], over: Markup) -> Markup:
    moved = element("g", scale.axes() + plane(scale.height, join(curves)) + over, transform=f"translate(0 {TOP})")
    return figure(scale.height + AXIS + TOP, title, words, moved, "plot")


# --- one-way delays ---------------------------------------------------------------------------------------------------


def build_delay_plot(case: Case, finding: Finding) -> Plot | None:
    """One-way delay over time for both directions of the finding's hops; None with a single point or too few matched packets."""
    course = find_course(case, finding) if len(case.points) > 1 else None
    if course is None or course.journey is None:
        return None
    flows = [flow for hop in course.journey.hops for flow in hop.flows if len(flow.delay_ns) >= LEAST_DELAYS]
    if not flows:
        return None
    clocks = [case.alignment.clocks[point] for point, _ in course.lanes]
    known = (
        all(clock.known and clock.bound_ns is not None for clock in clocks)
        and len({clock.group for clock in clocks}) == 1
    )
    title = "One-way delay"
    if not known:
        caption = (
            "Not known: packets matched in one direction only, so the clocks' difference can't be told from the delay."
        )
        return Plot(title, Markup(""), caption)
    return _draw_delays(course, flows[:MOST_PANELS], title)


def _draw_delays(course: Course, flows: Sequence[HopFlow], title: str) -> Plot:
    times = [(course.times_ns(_lane(course, flow), flow.sent) - course.origin_ns) / 1e9 for flow in flows]
    bounds = [_bound_ms(course, flow) for flow in flows]
    ends = [(delay.min() - bound, delay.max() + bound) for delay, bound in zip(_delays_ms(flows), bounds, strict=True)]
    low, high = min(0.0, *(float(end[0]) for end in ends)), max(float(end[1]) for end in ends)
    scale = Scale(pad_span(np.concatenate(times)), (low, high * 1.08 + 1e-3), PANEL)
    panels: list[Markup] = []
    words: list[str] = []
    for flow, time_s, delay, bound in zip(flows, times, _delays_ms(flows), bounds, strict=True):
        names = " → ".join(course.case.points[end[0]].name for end in (flow.sender, flow.receiver))
        figures = f"median {seconds(float(np.median(delay)) / 1e3)}, ± {seconds(bound / 1e3)}"
        head = element("text", names, x="0", y="-5", class_="tiny strong")
        head += element("text", figures, x="100%", y="-5", class_="tiny dim end")
        curves = draw_band(scale, time_s, delay, bound) + draw_dots(scale, time_s, delay)
        shift = len(panels) * (PANEL + AXIS + 24) + 18
        body = head + scale.axes(" ms", 3) + plane(PANEL, curves)
        panels.append(element("g", body, transform=f"translate(0 {shift})"))
        words.append(f"{names}: {figures}")
    svg = figure(len(flows) * (PANEL + AXIS + 24), title, "; ".join(words), join(panels), "plot")
    caption = "Each dot is a packet seen at both points. All dots of a panel may be off together by as much as the band shows: the clocks are no surer."
    return Plot(title, svg, caption, [("dot", "packet"), ("bandkey", "bound of the clocks")])


def _delays_ms(flows: Sequence[HopFlow]) -> list[Floats]:
    return [np.asarray(flow.delay_ns / 1e6, dtype=np.float64) for flow in flows]


def _lane(course: Course, flow: HopFlow) -> int:
    return [point for point, _ in course.lanes].index(flow.sender[0])


def _bound_ms(course: Course, flow: HopFlow) -> float:
    bounds = [course.case.alignment.clocks[point].bound_ns or 0 for point, _ in (flow.sender, flow.receiver)]
    return max(bounds) / 1e6
