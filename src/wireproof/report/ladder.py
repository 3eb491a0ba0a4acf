"""Ladder diagram of a finding's conversation: one line a capture point, one arrow a packet, time running down.

Takes the case and the finding; gives SVG with its caption and the signs that it uses. Lost packets end in a cross in mid-air, inserted ones
start in mid-air. Nothing is judged here: what became of a packet comes from the alignment, and from the marks of the evidence.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from markupsafe import Markup

from wireproof.report.arrows import SLANT, Way, draw_arrow, lay_single, lay_way
from wireproof.report.drawing import element, figure, join, percent
from wireproof.report.lanes import name_lanes, write_caption
from wireproof.report.passages import MOST_PASSAGES, Course, Passage, find_course, find_passages, locate_evidence
from wireproof.report.segment_text import Describer
from wireproof.rules.evidence import count, seconds

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.finding import Evidence, Finding

HEAD, ROW, NOTE, FOLD = 40, 38, 15, 26
"""Heights in pixels: head of the lanes, a packet, a line of its note, a fold."""
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
    notes: dict[tuple[int, int], Evidence]
    describers: list[Describer]
    used: dict[str, None] = field(default_factory=dict)
    bands: list[Markup] = field(default_factory=list)
    folds: list[float] = field(default_factory=list)
    parts: list[Markup] = field(default_factory=list)
    y: float = HEAD

    def way(self, passage: Passage) -> Way:
        """Where a passage runs."""
        if len(self.course.lanes) == 1 and self.course.far is None:
            return lay_single(passage)
        # The missing point stands on the client's side: the course's only lane is then the second.
        shift = 1 if self.course.far is not None and self.course.far[1] == "client" else 0
        return lay_way(passage, len(self.heads), shift)

    def numbers(self, passage: Passage) -> list[int]:
        """Frame numbers at its stops."""
        points = self.course.case.points
        return [points[self.course.lanes[lane][0]].packets.number(row) for lane, row in passage.stops]

    def evidence(self, passage: Passage) -> list[Evidence]:
        """What the finding says of its frames."""
        keys = ((self.course.lanes[lane][0], row) for lane, row in passage.stops)
        return [self.notes[key] for key in keys if key in self.notes]


def build_ladder(case: Case, finding: Finding, most: int = MOST_PASSAGES) -> Ladder | None:
    """The ladder of the conversation that a finding's evidence belongs to, with `most` packets; None when it belongs to none."""
    course = find_course(case, finding)
    if course is None:
        return None
    notes = locate_evidence(case, finding)
    passages, more = find_passages(course, notes, most)
    if not passages:
        return None
    describers = [Describer(case.points[point], number) for point, number in course.lanes]
    sheet = _Sheet(course, name_lanes(course), notes, describers)
    _draw(sheet, passages, more)
    legend = [SIGNS[name] for name in SIGNS if name in sheet.used]
    return Ladder(_assemble(sheet, finding, passages), write_caption(course, finding), legend, len(sheet.heads))


def _draw(sheet: _Sheet, passages: Sequence[Passage], more: int) -> None:
    gaps = [(b.time_ns - a.time_ns) / 1e9 for a, b in pairwise(passages)]
    positive = sorted(gap for gap in gaps if gap > 0)
    outstanding_s = max(STANDS_OUT_S, STANDS_OUT * positive[len(positive) // 2]) if positive else GAP_S
    for passage, gap_s in zip(passages, [0.0, *gaps], strict=True):
        if passage.skipped:
            passed = f", {seconds(gap_s)}" if gap_s else ""
            _fold(sheet, f"… {count(passage.skipped, 'more packet')}{passed} …")
        elif gap_s >= min(GAP_S, outstanding_s):
            _fold(sheet, f"{seconds(gap_s)} without a packet")
        _draw_passage(sheet, passage, gap_s)
    if more:
        _fold(sheet, f"… {count(more, 'more packet')} …")


def _fold(sheet: _Sheet, text: str) -> None:
    sheet.folds.append(sheet.y)
    x = percent(0.5 / (len(sheet.heads) - 1))
    sheet.parts.append(element("text", text, x=x, y=sheet.y + 17, class_="mid dim"))
    sheet.y += FOLD


def _draw_passage(sheet: _Sheet, passage: Passage, gap_s: float) -> None:
    lane, row = passage.stops[0]
    items = sheet.evidence(passage)
    _believe(passage, items)
    way, describer = sheet.way(passage), sheet.describers[lane]
    text, mark, repeat = describer.text(row), describer.mark(row), describer.is_repeat(row)
    kind = _kind(sheet, passage, items, repeat=repeat)
    notes = _notes(sheet, passage, items, "" if mark == "retransmission" else mark)
    lines = textwrap.wrap(" · ".join(notes), NOTE_LENGTH, max_lines=NOTE_LINES, placeholder=" …")
    if lines and kind in SIGNS:
        lines[0] = f"{SIGNS[kind][0]} {lines[0]}"
    height, y = ROW + NOTE * len(lines), sheet.y + 22
    if items:
        sheet.bands.append(element("rect", x="0", y=sheet.y, width="100%", height=height, class_=f"band {kind}"))
    told = list(dict.fromkeys(word for word in (text, mark, *notes) if word))
    below = y + 21 + (way.fall(way.stops[-1]) if way.note_x != way.label_x else 0)
    group = [
        element("title", " · ".join(told)) if len(told) > 1 else Markup(""),
        element("text", f"{SIGNS['repeat'][0]} {text}" if repeat else text, x=way.label_x, y=y - 7, class_="mid label"),
        *_times(sheet, passage, y, gap_s),
        *draw_arrow(way, passage, sheet.numbers(passage), y),
        *(
            element("text", line, x=way.note_x, y=below + NOTE * place, class_="mid note")
            for place, line in enumerate(lines)
        ),
    ]
    sheet.parts.append(element("g", join(group), class_=f"packet {kind}"))
    sheet.y += height


def _believe(passage: Passage, items: Sequence[Evidence]) -> None:
    """Where the alignment says nothing of a passage (no other point shows any of it), the marks of its evidence do."""
    marks = {item.mark for item in items}
    if "lost" in marks and passage.end == "arrived":
        passage.end = "lost"
    if "forged" in marks and passage.start == "sent":
        passage.start = "inserted"


def _kind(sheet: _Sheet, passage: Passage, items: Sequence[Evidence], *, repeat: bool) -> str:
    """What decides the row's look, most serious first; remembers the signs for the legend."""
    kinds = {
        "lost": passage.end == "lost",
        "inserted": passage.start == "inserted",
        "repeat": repeat,
        "seen": bool(items) and len(passage.stops) == len(sheet.course.lanes) > 1,
    }
    found = [name for name, applies in kinds.items() if applies]
    sheet.used.update(dict.fromkeys([*found, passage.start, passage.end]))
    return found[0] if found else "plain"


def _notes(sheet: _Sheet, passage: Passage, items: Sequence[Evidence], mark: str) -> list[str]:
    """What is written beneath an arrow: how the packet was changed on the way, then the first note of its evidence, else its mark."""
    (first, row), (last, far_row) = passage.stops[0], passage.stops[-1]
    near, far = sheet.describers[first], sheet.describers[last]
    changed = [f"arrives as {far.text(far_row)}"] if near.on_the_wire(row) != far.on_the_wire(far_row) else []
    noted = next((item.note for item in items if item.note), mark)
    return changed + ([noted] if noted else [])


def _times(sheet: _Sheet, passage: Passage, y: float, gap_s: float) -> list[Markup]:
    time_s = (passage.time_ns - sheet.course.origin_ns) / 1e9
    texts = [element("text", f"{time_s:.6f}", x="-14", y=y, class_="end time")]
    if gap_s >= 1e-6:
        texts.append(element("text", f"+{seconds(gap_s)}", x="-14", y=y + 12, class_="end tiny dim"))
    return texts


def _lane_lines(x: str, folds: Sequence[float], height: int) -> list[Markup]:
    """A lane, dotted where time is folded."""
    edges = [HEAD - 6.0, *(edge for top in folds for edge in (top + 2, top + FOLD - 2)), float(height)]
    kinds = ("lane", "lane dotted")
    return [
        element("line", x1=x, y1=top, x2=x, y2=bottom, class_=kinds[place % 2])
        for place, (top, bottom) in enumerate(pairwise(edges))
    ]


def _assemble(sheet: _Sheet, finding: Finding, passages: Sequence[Passage]) -> Markup:
    """Lanes under the packets, heads above them, and the whole with its description."""
    height, hops = round(sheet.y + SLANT * len(sheet.heads)), len(sheet.heads) - 1
    lanes, heads = [], []
    for lane, (name, address) in enumerate(sheet.heads):
        x = percent(lane / hops)
        side = "" if lane == 0 else " end" if lane == hops else " mid"
        lanes += _lane_lines(x, sheet.folds, height)
        heads.append(element("text", name, x=x, y=13, class_=f"name{side}"))
        heads.append(element("text", address, x=x, y=28, class_=f"tiny dim{side}"))
    described = f"{_tally(passages)} between {' and '.join(name for name, _ in sheet.heads)}, in order of time"
    content = join([*sheet.bands, *lanes, *sheet.parts, *heads])
    return figure(height, f"Ladder diagram: {finding.title}", described, content, "ladder")


def _tally(passages: Sequence[Passage]) -> str:
    """`14 packets, 6 lost`."""
    lost = sum(passage.end == "lost" for passage in passages)
    inserted = sum(passage.start == "inserted" for passage in passages)
    words = [count(len(passages), "packet"), f"{lost} lost" if lost else "", f"{inserted} inserted" if inserted else ""]
    return ", ".join(filter(None, words))
