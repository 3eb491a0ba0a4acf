"""Evidence frames as rows in Wireshark's column order: No., Time, Source, Destination, Protocol, Length, Info.

Takes evidence rows and a page; draws them. Wide pages get the notes beside the rows, medium ones beneath them, and on
narrow ones Info moves to a line of its own.
"""

from __future__ import annotations

import re
from itertools import groupby

from wireproof.report.outline import EvidenceRow
from wireproof.report.page import Page, cut, pad, widest
from wireproof.report.words import packet_time, row_remark

STYLES = {"lost": "red", "forged": "bold red", "seen": "green"}
SIGNS = {"lost": "✗", "forged": "!", "seen": "✓"}
"""What tells the marks apart without colour."""

HEADS = ("No.", "Time", "Source", "Destination", "Protocol", "Length")
RIGHT = (True, True, False, False, False, True)
LEAST_INFO = 56
"""Cells that ports, flags and sequence numbers take; with fewer left, Info gets a line of its own."""
GOOD_INFO = 80
"""Cells that hold a mark and the lengths too; with fewer left, notes move beneath the rows."""
TIMESTAMPS = re.compile(r" TSval=\d+ TSecr=\d+")


def draw_rows(page: Page, rows: tuple[EvidenceRow, ...], indent: int, name_captures: bool) -> None:
    """Draw all rows, those of each capture under its name when `name_captures`."""
    cells = [_cells(row) for row in rows]
    widths = [max(widest(column), len(head)) for head, column in zip(HEADS, zip(*cells, strict=True), strict=True)]
    drawer = _Drawer(page, indent, widths, rows)
    drawer.heads()
    for capture, group in groupby(rows, key=lambda row: row.capture):
        if name_captures:
            page.line((capture, "bold"), indent=indent)
        for row in group:
            drawer.row(row)


def _cells(row: EvidenceRow) -> list[str]:
    line = row.line
    if line is None:
        return [f"line {row.log_line}" if row.log_line else str(row.number), "", "", "", "", ""]
    return [
        str(line.number), packet_time(line.time_s), line.source, line.destination, line.protocol, str(line.length),
    ]  # fmt: skip


def _info(row: EvidenceRow) -> str:
    """The Info column without time stamp values, which say little and fill the line."""
    return TIMESTAMPS.sub("", row.line.info) if row.line else ""


class _Drawer:
    """Widths worked out once for all rows of one finding."""

    def __init__(self, page: Page, indent: int, widths: list[int], rows: tuple[EvidenceRow, ...]) -> None:
        self._page = page
        self._indent = indent
        self._widths = widths
        self._start = indent + 2 + sum(widths) + 2 * len(widths)
        infos = widest(map(_info, rows))
        notes = widest(row_remark(row) for row in rows)
        width = page.width
        room = None if width is None else width - self._start
        self._beside = room is None or room >= min(infos, GOOD_INFO) + 3 + notes
        self._stacked = room is not None and room < min(LEAST_INFO, infos)
        self._info_width = infos if room is None else min(infos, room - 3 - notes) if self._beside else room

    def heads(self) -> None:
        """The column heads."""
        info = [] if self._stacked else ["Info"]
        self._page.line((("  " + self._join(list(HEADS)) + "  ".join(["", *info])).rstrip(), "dim"), indent=self._indent)

    def row(self, row: EvidenceRow) -> None:
        """One row, with its note."""
        style, sign = STYLES.get(row.mark, ""), SIGNS.get(row.mark, " ")
        cells, info, remark = self._join(_cells(row)), _info(row), row_remark(row)
        if self._stacked:
            self._page.line((f"{sign} {cells}".rstrip(), style), indent=self._indent)
            for words, look in ((info, style), (remark, f"italic {style}")):
                if words:
                    self._page.prose(words, self._indent + 5, style=look)
        elif self._beside:
            shown = f"{sign} {cells}  {pad(cut(info, self._info_width), self._info_width)}"
            note = (f"   {remark}", f"italic {style}") if remark else ""
            self._page.line((shown if remark else shown.rstrip(), style), note, indent=self._indent)
        else:
            self._page.line((f"{sign} {cells}  {cut(info, self._info_width)}".rstrip(), style), indent=self._indent)
            if remark:
                self._page.prose(remark, self._indent + 2 + self._widths[0] + 2, style=f"italic {style}")

    def _join(self, cells: list[str]) -> str:
        return "  ".join(
            pad(cell, width, right=right) for cell, width, right in zip(cells, self._widths, RIGHT, strict=True)
        )
