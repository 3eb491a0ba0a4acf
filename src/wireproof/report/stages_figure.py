"""A process as a picture: its stages one below the other along a rail, each with a bar at its time.

Takes a `Process`; gives SVG. Signs and words say what the colours do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from wireproof.report.drawing import element, figure, join, label_ticks, percent
from wireproof.report.page import cut
from wireproof.report.words import duration

if TYPE_CHECKING:
    from wireproof.report.stages import Process, StageRow

ROW, RAIL, TEXT, AXIS = 54, 11, 30, 26
TOLD_MOST = 58
"""Characters of what a stage shows that fit beside the rail on a phone; the table below has all."""
CLASSES = {"✓": "done", "✕": "failed", "–": "aside", "…": "open", "·": "unseen"}


def draw_stages(process: Process) -> Markup:
    """The figure."""
    seen = [(row.start_s, row.end_s) for row in process.rows if row.start_s is not None and row.end_s is not None]
    low, high = min((start for start, _ in seen), default=0.0), max((end for _, end in seen), default=1.0)
    span = _Span(low, max(high - low, 1e-6))
    rows = [_row(row, span, place * ROW, last=place + 1 == len(process.rows)) for place, row in enumerate(process.rows)]
    bottom = len(process.rows) * ROW
    content = join([*rows, _axis(span, bottom)])
    return figure(bottom + AXIS, process.title, process.lead, content, "stages")


class _Span:
    """The time shown, in seconds since the capture's first frame."""

    def __init__(self, low: float, length: float) -> None:
        self.low, self.length = low, length

    def share(self, value_s: float) -> float:
        """0 at the start, 1 at the end."""
        return min(max((value_s - self.low) / self.length, 0.0), 1.0)


def _row(row: StageRow, span: _Span, y: int, *, last: bool) -> Markup:
    parts = [] if last else [element("line", x1=RAIL, x2=RAIL, y1=y + 20, y2=y + ROW + 2, class_="rail")]
    parts.append(element("circle", cx=RAIL, cy=y + 11, r=9, class_="stage-disc"))
    parts.append(element("text", row.sign, x=RAIL, y=y + 15, class_="stage-sign mid"))
    parts.append(element("text", row.title, x=TEXT, y=y + 15, class_="strong"))
    parts += [
        element("text", when, x="100%", y=y + 15, class_=f"tiny dim end {room}") for room, when in _when(row).items()
    ]
    parts.append(element("text", cut(row.told, TOLD_MOST), x=TEXT, y=y + 30, class_="tiny dim"))
    if row.start_s is not None and row.end_s is not None:
        left, right = percent(span.share(row.start_s)), percent(span.share(row.end_s))
        ends = {"y1": y + 41, "y2": y + 41}
        parts.append(element("line", x1="0", x2="100%", class_="track", **ends))
        parts.append(element("line", x1=left, x2=right, class_="took", **ends))
    hint = element("title", f"{row.title}: {row.outcome}{f', frames {row.frame_text}' if row.frames else ''}")
    return element("g", hint + join(parts), class_=f"stage {CLASSES[row.sign]}{' stopped' if row.stopped else ''}")


def _when(row: StageRow) -> dict[str, str]:
    """`13.04 s + 31 ms`, and without the duration for narrow screens."""
    if row.start_s is None:
        return {}
    start, took = f"{row.start_s:.2f} s", row.duration_s
    return {"wide": start + (f" + {duration(took)}" if took else ""), "narrow": start}


def _axis(span: _Span, y: int) -> Markup:
    parts = [element("line", x1="0", x2="100%", y1=y, y2=y, class_="grid")]
    for value, text in zip(*label_ticks(span.low, span.low + span.length, " s"), strict=True):
        share = span.share(value)
        anchor = " end" if share > 0.95 else "" if share < 0.05 else " mid"
        parts.append(element("line", x1=percent(share), x2=percent(share), y1=y, y2=y + 4, class_="grid"))
        parts.append(element("text", text, x=percent(share), y=y + 18, class_=f"tiny dim{anchor}"))
    return join(parts)
