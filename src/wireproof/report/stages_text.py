"""A process on a terminal: one line a stage with its sign, time, duration, what it shows, and frames.

Takes a `Process` and a page; adds lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.report.page import Page, cut, pad, widest
from wireproof.report.words import duration

if TYPE_CHECKING:
    from wireproof.report.stages import Process, StageRow

STYLES = {"✓": "green", "✕": "bold red", "…": "yellow", "–": "dim", "·": "dim"}


def draw_process(page: Page, process: Process, *, name_capture: bool = False) -> None:
    """Heading, lead, and a line a stage; on a narrow terminal what a stage shows is cut, frames never are."""
    of = f" in {process.capture}" if name_capture else ""
    page.line((f"{process.title}{of}", "bold"))
    page.prose(process.lead, 3)
    starts = ["" if row.start_s is None else f"{row.start_s:.3f} s" for row in process.rows]
    lengths = [_length(row) for row in process.rows]
    frames = [
        f"frame{'s' if len(row.frames) > 1 else ''} {row.frame_text}" if row.frames else "" for row in process.rows
    ]
    rooms = [widest(column) for column in (starts, lengths, [row.title for row in process.rows], frames)]
    room = (page.width or 10_000) - sum(rooms) - 3 - 2 - 2 * len(rooms)
    for row, start, length, where in zip(process.rows, starts, lengths, frames, strict=True):
        style = STYLES[row.sign]
        cells = [pad(start, rooms[0], right=True), pad(length, rooms[1], right=True), pad(row.title, rooms[2])]
        told = row.told if room >= len(row.told) else cut(row.told, max(room, 0))
        tail = "  ".join(filter(None, [pad(where, rooms[3]), told])).rstrip()
        page.line((row.sign, style), f" {'  '.join(cells)}  ", (tail, "dim" if row.sign == "·" else ""), indent=3)
    for remark in process.timeline.remarks:
        page.prose(remark, 3, style="dim")


def _length(row: StageRow) -> str:
    """How long a stage took; nothing for one frame."""
    took = row.duration_s
    return duration(took) if took else ""
