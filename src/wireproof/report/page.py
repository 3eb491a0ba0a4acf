"""A page of styled lines that knows its width: prose is wrapped with hanging indents, rows stay whole or are cut.

Takes plain strings and rich styles; gives a rich `Text`. Control characters never reach a terminal.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from wireproof.finding import Severity

PROSE_WIDTH = 100
"""Prose wider than this is hard to read, whatever the terminal's width."""

SEVERITY_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}

CONTROLS = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), "\N{REPLACEMENT CHARACTER}")


class Page:
    """Lines, collected in `text`. `width` is the terminal's columns; None for a pipe or file, where rows stay whole."""

    def __init__(self, width: int | None) -> None:
        self.text = Text()
        self.width = width

    def line(self, *parts: str | tuple[str, str], indent: int = 0) -> None:
        """One line of parts, each a string or (string, style); never wrapped."""
        self.text.append(" " * indent)
        for part in parts:
            words, style = (part, "") if isinstance(part, str) else part
            self.text.append(clean(words), style)
        self.text.append("\n")

    def prose(self, words: str, indent: int = 0, first: str = "", style: str = "") -> None:
        """Wrapped words; `first` stands in front of them, and further lines start below the words."""
        room = max(min(self.width or PROSE_WIDTH, PROSE_WIDTH) - indent - cell_len(first), 24)
        lines = textwrap.wrap(clean(words), room, break_long_words=False, break_on_hyphens=False) or [""]
        for place, line in enumerate(lines):
            self.line(first if place == 0 else " " * cell_len(first), (line, style), indent=indent)

    def blank(self) -> None:
        """An empty line, unless one (or nothing) stands before it."""
        if self.text and not self.text.plain.endswith("\n\n"):
            self.text.append("\n")


def clean(words: str) -> str:
    """The words on one line, without characters that would move a terminal's cursor."""
    return " ".join(words.split("\n")).translate(CONTROLS)


def pad(words: str, width: int, *, right: bool = False) -> str:
    """Fill up to `width` cells, on the left when `right`."""
    space = " " * max(width - cell_len(words), 0)
    return space + words if right else words + space


def cut(words: str, width: int) -> str:
    """At most `width` cells, the last one "…" where something was cut."""
    if cell_len(words) <= width:
        return words
    return set_cell_size(words, max(width - 1, 0)).rstrip() + "…"


def widest(words: Iterable[str]) -> int:
    """Cells of the longest, 0 for none."""
    return max(map(cell_len, words), default=0)
