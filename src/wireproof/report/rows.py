"""Evidence frames as rows in Wireshark's column order: No., Time, Source, Destination, Protocol, Length, Info.

Takes evidence rows and a page; draws them. The narrower the page, the less of Info is shown, then notes move beneath the
rows, at last Info too: the layouts of LAYOUTS are tried in their order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from wireproof.report.page import Page, cut, pad, widest
from wireproof.report.words import packet_time, row_remark

if TYPE_CHECKING:
    from wireproof.report.outline import EvidenceRow

STYLES = {"lost": "red", "forged": "bold red", "seen": "green"}
SIGNS = {"lost": "✗", "forged": "!", "seen": "✓"}
"""What tells the marks apart without colour."""

HEADS = ("No.", "Time", "Source", "Destination", "Protocol", "Length")
RIGHT = (True, True, False, False, False, True)
LEAST_INFO = 50
"""Cells with which a cut Info still names ports, flags and sequence numbers."""

TIMESTAMPS = re.compile(r" TSval=\d+ TSecr=\d+")
OPTIONS = re.compile(r"(?<= Len=)(\d+) .*")
WINDOW = re.compile(r" Win=\d+")
MORE_MARKS = re.compile(r"^(?:\[[^]]*\] )+(?=\[[^]]*\] )")


def whole_info(row: EvidenceRow) -> str:
    """Info without time stamp values, which say little and fill the line."""
    return TIMESTAMPS.sub("", row.line.info) if row.line else row.log_text


def short_info(row: EvidenceRow) -> str:
    """Info up to the length: no options."""
    return OPTIONS.sub(r"\1", whole_info(row))


def bare_info(row: EvidenceRow) -> str:
    """The mark that is told last, ports, flags, numbers, length."""
    return MORE_MARKS.sub("", WINDOW.sub("", short_info(row))).replace("[TCP ", "[")


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns stand before Info, what Info shows, and whether notes stand beside the rows."""

    columns: int
    info: Callable[[EvidenceRow], str]
    beside: bool


LAYOUTS = (
    Layout(6, whole_info, beside=True),
    Layout(6, short_info, beside=True),
    Layout(6, bare_info, beside=True),
    Layout(4, bare_info, beside=True),
    Layout(6, whole_info, beside=False),
    Layout(6, short_info, beside=False),
    Layout(6, bare_info, beside=False),
    Layout(4, bare_info, beside=False),
)
"""From wide to narrow; the first that fits is taken. When none does, Info gets lines of its own."""


def draw_rows(page: Page, rows: Sequence[EvidenceRow], indent: int, name_captures: bool) -> None:
    """Draw all rows, those of each capture under its name when `name_captures`."""
    drawer = _Drawer(page, indent, rows)
    drawer.heads()
    for _, group in groupby(rows, key=lambda row: row.capture):
        own = list(group)
        if name_captures:
            page.line((own[0].shown, "bold"), indent=indent)
        for row in own:
            drawer.row(row)


def _cells(row: EvidenceRow) -> list[str]:
    line = row.line
    if line is None:
        return [row.place, "", "", "", "", ""]
    time, length = packet_time(line.time_s), str(line.length)
    return [str(line.number), time, line.source, line.destination, line.protocol, length]


class _Drawer:
    """Layout and widths, worked out once for all rows of one finding."""

    def __init__(self, page: Page, indent: int, rows: Sequence[EvidenceRow]) -> None:
        self._page = page
        self._indent = indent
        columns = zip(*map(_cells, rows), strict=True)
        self._widths = [max(widest(column), len(head)) for head, column in zip(HEADS, columns, strict=True)]
        notes = widest(map(row_remark, rows))
        self._layout = next((layout for layout in LAYOUTS if self._fits(layout, rows, notes)), None)
        self._columns = self._layout.columns if self._layout else 4
        self._info_width = 0
        if self._layout:
            infos, room = widest(map(self._layout.info, rows)), self._room(self._layout.columns)
            self._info_width = infos if room is None or self._layout.beside else min(infos, room)

    def _room(self, columns: int) -> int | None:
        """Cells that are left for Info (and notes); None for any number."""
        if self._page.width is None:
            return None
        return self._page.width - self._indent - 2 - sum(self._widths[:columns]) - 2 * columns

    def _fits(self, layout: Layout, rows: Sequence[EvidenceRow], notes: int) -> bool:
        room = self._room(layout.columns)
        if room is None:
            return True
        infos = widest(map(layout.info, rows))
        if layout.beside:
            return infos + (3 + notes if notes else 0) <= room
        return room >= (min(infos, LEAST_INFO) if layout.columns == 4 else infos)

    def heads(self) -> None:
        """The column heads."""
        heads = "  " + self._join(HEADS) + ("  Info" if self._layout else "")
        self._page.line((heads.rstrip(), "dim"), indent=self._indent)

    def row(self, row: EvidenceRow) -> None:
        """One row, with its note."""
        style, remark = STYLES.get(row.mark, ""), row_remark(row)
        start = f"{SIGNS.get(row.mark, ' ')} {self._join(_cells(row))}"
        note_style = f"italic {style}".strip()
        if self._layout is None:
            self._page.line((start.rstrip(), style), indent=self._indent)
            words = " · ".join(filter(None, [short_info(row), remark]))
            self._page.prose(words, self._indent + 4 + self._widths[0], style=style)
            return
        info = cut(self._layout.info(row), self._info_width)
        if not self._layout.beside or not remark:
            self._page.line((f"{start}  {info}".rstrip(), style), indent=self._indent)
            if remark:
                self._page.prose(remark, self._indent + 4 + self._widths[0], style=note_style)
            return
        shown = f"{start}  {pad(info, self._info_width)}"
        self._page.line((shown, style), (f"   {remark}", note_style), indent=self._indent)

    def _join(self, cells: Sequence[str]) -> str:
        padded = zip(cells, self._widths, RIGHT, strict=True)
        return "  ".join([pad(cell, width, right=right) for cell, width, right in padded][: self._columns])
