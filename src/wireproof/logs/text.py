"""A text file as lines, whatever wrote it: UTF-8, UTF-16 with or without BOM, or an old Windows code page.

Takes bytes; gives lines. What is no text gives None. A file of several outputs is one text: each reader finds its own in it.
"""

from __future__ import annotations

import bisect
import functools
from dataclasses import dataclass

from wireproof.limits import limit
from wireproof.wire.text_encoding import find_encoding, is_binary

LINES = limit(
    "logs.lines", 2_000_000, "a day of a busy server's text trace; beyond it memory would go to lines that nobody reads"
)
DIGITS_MOST = 10
"""Digits of a number; Python refuses to read numbers of some thousand digits."""
LINE_MOST = 1 << 16
"""Characters of a line that are looked at, except by readers of records that run together on one line."""

SHAPE = bytes.maketrans(b"123456789abcdefABCDEF\t", b"0" * 21 + b" ")


@dataclass(frozen=True)
class LogText:
    """One text: its file's name, its lines without their ends, and how it was encoded. `left` counts lines beyond the limit."""

    file: str
    lines: list[str]
    encoding: str = "utf-8"
    left: int = 0

    @functools.cached_property
    def whole(self) -> str:
        """All lines as one text, for records that may run over line ends."""
        return "\n".join(self.lines)

    @functools.cached_property
    def lowered(self) -> str:
        """The same in lower case."""
        return self.whole.lower()

    @functools.cached_property
    def shape(self) -> bytes:
        """The same with a 0 for each hexadecimal digit and a blank for each tab; what is not ASCII is a question mark."""
        return self.whole.encode("ascii", "replace").translate(SHAPE)

    @functools.cached_property
    def _starts(self) -> list[int]:
        starts, at = [], 0
        for line in self.lines:
            starts.append(at)
            at += len(line) + 1
        return starts

    def line_at(self, offset: int) -> int:
        """The line, from 1, of an offset in `whole`."""
        return bisect.bisect_right(self._starts, offset)


def is_number(text: str) -> bool:
    """Whether `int` reads this as a number of usual length: digits only, of any script; what is written raised or in a circle is none."""
    return text.isdecimal() and len(text) <= DIGITS_MOST


def read_text(data: bytes, file: str) -> LogText | None:
    """The text in these bytes; None where they are none: control characters, or neither of the encodings."""
    encoding, at = find_encoding(data)
    try:
        text = data[at:].decode(encoding)
    except UnicodeDecodeError:
        text, encoding = data[at:].decode("cp1252", "replace"), "cp1252"
    if is_binary(text):
        return None
    lines = text.splitlines()
    most = int(LINES.value)
    return LogText(file, lines[:most], encoding, max(len(lines) - most, 0))
