"""Conversations as a table for a terminal, those of each capture under its line.

Takes a case; gives a rich `Text`. No judgement: nothing is coloured good or bad.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from wireproof.report.as_text import draw_captures
from wireproof.report.captures import make_captures
from wireproof.report.page import Page, pad, widest
from wireproof.report.talk_facts import TalkFacts, sort_talks, sum_up, with_processes
from wireproof.report.words import count, duration, size

if TYPE_CHECKING:
    from wireproof.case import Case, Point

HEADS = (
    "#", "Proto", "Client", "Server", "Packets →", "←", "Bytes →", "←", "Start", "Lasts", "RTT", "Resent →", "←", "End",
)  # fmt: skip
PROCESS_HEADS = ("Client process", "Server process")
"""Further columns, where a source names a process of a conversation that is shown."""
CONFLICTS = 10
RIGHT = frozenset((0, 4, 5, 6, 7, 8, 9, 10, 11, 12))


def render_talks(case: Case, by: str, top: int, width: int | None = None) -> Text:
    """The `top` conversations of each capture (0 for all), sorted by a key of SORTS."""
    page = Page(width)
    captures = list(make_captures(case))
    for point, item in zip(case.points, captures, strict=True):
        page.blank()
        draw_captures(page, [item])
        _draw_talks(page, case, point, order=sort_talks(point.conversations, by), top=top)
    for conflict in case.ownership.conflicts()[:CONFLICTS]:
        page.line((f"sources disagree: {conflict}", "dim"))
    return page.text


def _draw_talks(page: Page, case: Case, point: Point, *, order: NDArray[np.int64], top: int) -> None:
    shown = order[:top] if top else order
    facts = [with_processes(sum_up(point, int(number)), case, point) for number in shown]
    named = any(any(one.processes) for one in facts)
    cells = [(*_cells(one), *(one.processes if named else ())) for one in facts]
    heads = (*HEADS, *(PROCESS_HEADS if named else ()))
    if cells:
        widths = [max(widest(column), len(head)) for head, column in zip(heads, zip(*cells, strict=True), strict=True)]
        page.line((_join(heads, widths), "dim"))
        for row in cells:
            page.line(_join(row, widths))
    left = len(order) - len(shown)
    if left:
        page.line((f"and {count(left, 'more conversation')}; --top 0 shows all", "dim"))
    loose = int((point.packets.conversation[: point.packets.frames] < 0).sum())
    if loose:
        page.line((f"{count(loose, 'frame')} outside conversations, such as ARP", "dim"))


def _join(cells: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(
        pad(cell, width, right=place in RIGHT) for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ).rstrip()


def _cells(facts: TalkFacts) -> tuple[str, ...]:
    resent = [str(number) if number else "" for number in facts.retransmissions]
    return (
        str(facts.number),
        facts.protocol.upper(),
        facts.client + ("" if facts.client_known else "?"),
        facts.server,
        *(f"{number:,}" for number in facts.packets),
        *(size(number) for number in facts.payload_bytes),
        f"{facts.start_s:.3f}",
        duration(facts.duration_s),
        duration(facts.round_trip_s) if facts.round_trip_s is not None else "",
        *resent,
        facts.end,
    )
