"""Ladder diagram of a finding's conversation: one line a capture point, one arrow a packet, time running down.

Takes the case and the finding; gives SVG with its caption and the signs that it uses. Lost packets end in a cross in mid-air, inserted ones
start in mid-air. Nothing is judged here: what became of a packet comes from the alignment.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from wireproof.case import Case
from wireproof.finding import Evidence, Finding
from wireproof.report.drawing import at, element, figure, join, percent
from wireproof.report.passages import Course, Passage, find_course, find_passages
from wireproof.report.segment_text import Describer
from wireproof.rules.evidence import count, seconds

HEAD, ROW, NOTE, FOLD, SLANT = 40, 38, 15, 26, 5
"""Heights in pixels: head of the lanes, a packet, its note, a fold; and how far an arrow falls on each hop."""
GAP_S = 1.0
"""Silence from which on a fold is drawn; shorter ones are named when they stand out."""
STANDS_OUT, STANDS_OUT_S = 20.0, 0.05
"""A shorter silence is named when it is this many times the median one, and this long at least."""
NOTE_LENGTH, NOTE_LINES = 46, 3
"""Characters that fit between two lanes on a phone, and how many such lines a note may take."""

SIGNS = {
    "lost": ("✕", "lost: sent, and never seen at the next point"),
    "inserted": ("◆", "inserted: arrives, though its named sender's side never sent it"),
    "recut": ("▪", "bytes travel on in segments cut otherwise (offload)"),
    "missed": ("╌", "arrived, though the next capture lacks it"),
    "unknown": ("?", "not followed: the next point was not capturing, or an ACK that may be left out on the way"),
    "unseen": ("○", "first seen here: the point before was not capturing it"),
    "router": ("◎", "ICMP error from a device on the way"),
    "repeat": ("↻", "retransmission"),
    "seen": ("✓", "evidence: seen at both ends"),
}


@dataclass(slots=True)
class Ladder:
    """A drawn ladder: `svg`, what its times mean, the (sign, meaning) pairs in use, and how many lanes it has."""

    svg: Markup
    caption: str
    legend: list[tuple[str, str]]
    lanes: int


@dataclass(slots=True)
class _Sheet:
    """What a ladder is drawn from and onto."""

    course: Course
    heads: list[tuple[str, str]]
    shift: int
    notes: dict[tuple[int, int], Evidence]
    describers: list[Describer]
    used: dict[str, None] = field(default_factory=dict)
    bands: list[Markup] = field(default_factory=list)
    folds: list[float] = field(default_factory=list)
    parts: list[Markup] = field(default_factory=list)
    y: float = HEAD

    @property
    def hops(self) -> int:
        return len(self.heads) - 1

    def x(self, lane: float) -> float:
        """A lane's place, 0 to 1; between two lanes for halves."""
        return lane / self.hops


def build_ladder(case: Case, finding: Finding) -> Ladder | None:
    """The ladder of a finding's first conversation; None when its evidence belongs to none."""
    course = find_course(case, finding)
    if course is None:
        return None
    indexes = {point.name: point.index for point in case.points}
    notes = {
        (indexes[item.capture], item.frame - 1): item
        for item in finding.evidence
        if item.capture in indexes and item.frame > 0
    }
    passages, more = find_passages(course, notes)
    if not passages:
        return None
    describers = [Describer(case.points[point], number) for point, number in course.lanes]
    sheet = _Sheet(course, _heads(course), _shift(course), notes, describers)
    _draw(sheet, passages, more)
    legend = [SIGNS[name] for name in SIGNS if name in sheet.used]
    return Ladder(_assemble(sheet, finding, passages), _caption(course, finding), legend, len(sheet.heads))


def _shift(course: Course) -> int:
    """How far the course's lanes stand to the right of the drawing's."""
    return 1 if course.far is not None and course.far[1] == "client" else 0


def _heads(course: Course) -> list[tuple[str, str]]:
    """Name and address above each lane; two hosts for a conversation that one point shows."""
    points = [course.case.points[point] for point, _ in course.lanes]
    talks = [point.talk(number) for point, (_, number) in zip(points, course.lanes, strict=True)]
    client, server = talks[0].client_endpoint, talks[-1].server_endpoint
    if len(points) > 1:
        between = [talk.client_endpoint if talk.client_endpoint != client else "" for talk in talks[1:-1]]
        return [(point.name, text) for point, text in zip(points, [client, *between, server], strict=True)]
    if course.far is None:
        return [("client", client), ("server", server)]
    missing, side = course.case.points[course.far[0]].name, course.far[1]
    return [(points[0].name, client), (missing, server)] if side == "server" else [(missing, client), (points[0].name, server)]


def _translations(course: Course) -> list[str]:
    """Which other addresses the two ends show."""
    (first, number), (last, far_number) = course.lanes[0], course.lanes[-1]
    near, far = course.case.points[first], course.case.points[last]
    seen, there = near.talk(number), far.talk(far_number)
    words = []
    if there.client_endpoint != seen.client_endpoint:
        words.append(f"{far.name} sees the client as {there.client_endpoint}.")
    if there.server_endpoint != seen.server_endpoint:
        words.append(f"{near.name} sees the server as {seen.server_endpoint}.")
    return words


def _caption(course: Course, finding: Finding) -> str:
    first = course.case.points[course.lanes[0][0]].name
    words = [f"Time in seconds since the first frame of {first}; frame numbers stand beside each line."]
    if len(course.lanes) == 1 and course.far is None:
        words.append(f"Only {first} shows this conversation: arrows are what was seen there, not what arrived.")
    if len(course.lanes) > 1:
        words += [_clock(course, point) for point, _ in course.lanes if course.case.alignment.clocks[point].group != point]
    words += _translations(course)
    names = [name for name, _ in finding.conversations]
    conversations = max(map(names.count, names), default=1)
    if conversations > 1:
        words.append(f"One of {count(conversations, 'conversation')} drawn.")
    return " ".join(words)


def _clock(course: Course, point: int) -> str:
    clock, name = course.case.alignment.clocks[point], course.case.points[point].name
    if not clock.known or clock.bound_ns is None:
        return f"The clock of {name} is not tied to the others in both directions, so order between lines is approximate."
    return f"Times of {name} are moved by {clock.offset_ns / 1e9:+.6f} s, known to ± {seconds(clock.bound_ns / 1e9)}."


def _draw(sheet: _Sheet, passages: Sequence[Passage], more: int) -> None:
    gaps = [(b.time_ns - a.time_ns) / 1e9 for a, b in zip(passages, passages[1:], strict=False)]
    positive = sorted(gap for gap in gaps if gap > 0)
    median = positive[len(positive) // 2] if positive else 0.0
    for place, passage in enumerate(passages):
        gap_s = gaps[place - 1] if place else 0.0
        silent = gap_s >= GAP_S or gap_s >= max(STANDS_OUT_S, STANDS_OUT * median)
        if passage.skipped:
            passed = f", {seconds(gap_s)}" if place else ""
            _fold(sheet, f"… {count(passage.skipped, 'more packet')}{passed} …")
        elif silent:
            _fold(sheet, f"{seconds(gap_s)} without a packet")
        _draw_passage(sheet, passage, gap_s if place else None)
    if more:
        _fold(sheet, f"… {count(more, 'more packet')} …")


def _fold(sheet: _Sheet, text: str) -> None:
    sheet.folds.append(sheet.y)
    sheet.parts.append(element("text", text, x="50%", y=sheet.y + 17, class_="mid dim"))
    sheet.y += FOLD


def _draw_passage(sheet: _Sheet, passage: Passage, gap_s: float | None) -> None:
    lane, row = passage.stops[0]
    describer = sheet.describers[lane]
    items = [item for stop in passage.stops if (item := _evidence(sheet, stop))]
    if any(item.mark == "lost" for item in items) and passage.end == "arrived":
        passage.end = "lost"  # its rule knows more than the alignment of this conversation: no other point shows any of it
    mark, text, repeat = describer.mark(row), describer.text(row), describer.is_repeat(row)
    kind = _kind(sheet, passage, items, repeat=repeat)
    label = f"{SIGNS['repeat'][0]} {text}" if repeat else text
    notes = _notes(sheet, passage, items, "" if mark == "retransmission" else mark)
    lines = textwrap.wrap(" · ".join(notes), NOTE_LENGTH, max_lines=NOTE_LINES, placeholder=" …")
    if lines:
        lines[0] = f"{SIGNS[kind][0]} {lines[0]}" if kind in SIGNS else lines[0]
    height, y = ROW + NOTE * len(lines), sheet.y + 22
    if items:
        sheet.bands.append(element("rect", x="0", y=sheet.y, width="100%", height=height, class_=f"band {kind}"))
    below = y + 21 + SLANT * (len(passage.stops) - 1) * (passage.end != "arrived")
    group = [
        element("title", " · ".join(filter(None, (text, mark, *notes)))),
        element("text", label, x=_hop_middle(sheet, passage), y=y - 7, class_="mid label"),
        *_times(sheet, passage, y, gap_s),
        *_arrow(sheet, passage, y),
        *(
            element("text", line, x=_hop_middle(sheet, passage, last=True), y=below + NOTE * place, class_="mid note")
            for place, line in enumerate(lines)
        ),
    ]
    sheet.parts.append(element("g", join(group), class_=f"packet {kind}"))
    sheet.y += height


def _hop_middle(sheet: _Sheet, passage: Passage, *, last: bool = False) -> str:
    """The middle of the first hop that a packet takes, or with `last` of the one on which it ended: where its text stands."""
    way = 1 if passage.to_server else -1
    stop = passage.stops[0][0] + sheet.shift
    came_in = passage.start in {"inserted", "recut", "unseen"} and len(sheet.course.lanes) > 1
    place = stop - way * 0.5 if came_in else stop + way * 0.5
    if last and passage.end != "arrived":
        place = passage.stops[-1][0] + sheet.shift + way * 0.5
    return percent(sheet.x(place)) if sheet.hops > 1 else "50%"


def _notes(sheet: _Sheet, passage: Passage, items: Sequence[Evidence], mark: str) -> list[str]:
    """What is written beneath an arrow: how the packet was changed on the way, then the evidence's notes, else its mark."""
    (first, row), (last, far_row) = passage.stops[0], passage.stops[-1]
    near, far = sheet.describers[first], sheet.describers[last]
    changed = [f"arrives as {far.text(far_row)}"] if near.on_the_wire(row) != far.on_the_wire(far_row) else []
    noted = [item.note for item in items if item.note] or ([mark] if mark else [])
    return list(dict.fromkeys(changed + noted))


def _evidence(sheet: _Sheet, stop: tuple[int, int]) -> Evidence | None:
    return sheet.notes.get((sheet.course.lanes[stop[0]][0], stop[1]))


def _kind(sheet: _Sheet, passage: Passage, items: list[Evidence], *, repeat: bool) -> str:
    """What decides the row's look, most serious first; remembers the signs for the legend."""
    marks = {item.mark for item in items}
    kinds = {
        "lost": passage.end == "lost",
        "inserted": passage.start == "inserted" or "forged" in marks,
        "repeat": repeat,
        "seen": "seen" in marks or (bool(items) and len(passage.stops) == len(sheet.course.lanes) > 1),
    }
    found = [name for name, applies in kinds.items() if applies]
    sheet.used.update(dict.fromkeys([*found, passage.start, passage.end]))
    return found[0] if found else "plain"


def _times(sheet: _Sheet, passage: Passage, y: float, gap_s: float | None) -> list[Markup]:
    time_s = (passage.time_ns - sheet.course.origin_ns) / 1e9
    texts = [element("text", f"{time_s:.6f}", x="-14", y=y, class_="end time")]
    if gap_s is not None and gap_s >= 1e-6:
        texts.append(element("text", f"+{seconds(gap_s)}", x="-14", y=y + 12, class_="end tiny dim"))
    return texts


def _arrow(sheet: _Sheet, passage: Passage, y: float) -> list[Markup]:
    """The line from its start to its end with their signs, and the frame number at each stop."""
    way = 1 if passage.to_server else -1
    stops = [lane + sheet.shift for lane, _ in passage.stops]
    single = len(sheet.course.lanes) == 1 and sheet.course.far is None
    if single:
        stops = [0 if passage.to_server else 1]
    start: float = stops[0] - way * 0.5 * (passage.start in {"inserted", "recut", "unseen"} and not single)
    end: float = stops[-1] + way * {"arrived": 1.0 * single, "missed": 1.0}.get(passage.end, 0.5)
    if passage.start == "router":
        start, stops, end = (0.5, [1 if way > 0 else 0], 1.0 if way > 0 else 0.0) if single else (stops[0] - way * 0.5, stops, end)

    def fall(lane: float) -> float:
        return y + SLANT * abs(lane - start)

    style = {"missed": "dashed", "unknown": "dotted"}.get(passage.end, "solid")
    line = element(
        "line", x1=percent(sheet.x(start)), y1=fall(start), x2=percent(sheet.x(end)), y2=fall(end), class_=f"way {style}"
    )
    shapes = [line, at(sheet.x(end), fall(end), _end_shape(passage.end, way))]
    if start not in stops:
        shapes.append(at(sheet.x(start), fall(start), _start_shape(passage.start)))
    shapes += [at(sheet.x(stop), fall(stop), element("circle", r=2, class_="stop")) for stop in stops[:-1]]
    for stop, (_, row) in zip(stops, passage.stops, strict=True):
        number = sheet.course.case.points[sheet.course.lanes[_lane(sheet, stop, single=single)][0]].packets.number(row)
        shapes.append(_number(sheet, stop, fall(stop), number, departs=stop != end))
    return shapes


def _lane(sheet: _Sheet, stop: int, *, single: bool) -> int:
    return 0 if single else stop - sheet.shift


def _number(sheet: _Sheet, stop: int, y: float, number: int, *, departs: bool) -> Markup:
    """A frame number beside its lane: inside of the outer lanes, above the arrow where it leaves and below where it arrives."""
    text = element("text", f"{number}", x=-5 if stop == sheet.hops else 5, y=-5 if departs else 12)
    return at(sheet.x(stop), y, element("g", text, class_="number end" if stop == sheet.hops else "number"))


def _end_shape(end: str, way: int) -> Markup:
    if end == "lost":
        return element("path", d="M-5-5L5 5M-5 5L5-5", class_="cross")
    if end == "recut":
        return element("rect", x=-3, y=-3, width=6, height=6, class_="head")
    if end == "unknown":
        return element("text", "?", x=6 * way, y=4, class_="mid dim")
    return element("path", d=f"M0 0L{-8 * way}-4V4z", class_="head")


def _start_shape(start: str) -> Markup:
    if start == "inserted":
        return element("path", d="M0-6L6 0L0 6L-6 0z", class_="head")
    if start == "recut":
        return element("rect", x=-3, y=-3, width=6, height=6, class_="head")
    ring = element("circle", r=4.5, class_="open")
    return ring + element("circle", r=1.5, class_="head") if start == "router" else ring


def _lane_lines(x: str, folds: Sequence[float], height: int) -> list[Markup]:
    """A lane, dotted where time is folded."""
    edges = [HEAD - 6.0, *(edge for top in folds for edge in (top + 2, top + FOLD - 2)), float(height)]
    kinds = ("lane", "lane dotted")
    return [
        element("line", x1=x, y1=top, x2=x, y2=bottom, class_=kinds[place % 2])
        for place, (top, bottom) in enumerate(zip(edges, edges[1:], strict=False))
    ]


def _assemble(sheet: _Sheet, finding: Finding, passages: Sequence[Passage]) -> Markup:
    """Lanes under the packets, heads above them, and the whole with its description."""
    height = round(sheet.y + 10)
    lanes, heads = [], []
    for lane, (name, address) in enumerate(sheet.heads):
        x = percent(sheet.x(lane))
        side = "" if lane == 0 else " end" if lane == sheet.hops else " mid"
        lanes += _lane_lines(x, sheet.folds, height)
        heads.append(element("text", name, x=x, y=13, class_=f"name{side}"))
        heads.append(element("text", address, x=x, y=28, class_=f"tiny dim{side}"))
    lost = sum(passage.end == "lost" for passage in passages)
    inserted = sum(passage.start == "inserted" for passage in passages)
    told = ", ".join(filter(None, (count(len(passages), "packet"), lost and f"{lost} lost", inserted and f"{inserted} inserted")))
    description = f"{told} between {' and '.join(name for name, _ in sheet.heads)}, in order of time"
    return figure(height, f"Ladder diagram: {finding.title}", description, join([*sheet.bands, *lanes, *sheet.parts, *heads]), "ladder")
