"""A text file as lines, whatever wrote it: UTF-8, UTF-16 with or without BOM, or a code page of Windows.

Takes bytes; gives lines. What is no text gives None. A file of several outputs is one text: each reader finds its own in it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wireproof.limits import limit
from wireproof.logs.lines import Lines, split_lines
from wireproof.wire.text_encoding import decode

LINES = limit(
    "logs.lines",
    20_000_000,
    "the largest text that is read at all has as many lines where they are short; each costs time",
)
DIGITS_MOST = 10
"""Digits of a number; Python refuses to read numbers of some thousand digits."""
LINE_MOST = 1 << 16
"""Characters of a line that are looked at, except by readers of records that run together on one line."""

SHAPE = bytes.maketrans(b"123456789abcdefABCDEF\t", b"0" * 21 + b" ")
PART, OVERLAP = 1 << 22, 1 << 12
"""Characters of a text that are turned at once into what signs are looked for in, and of the next part with them: no sign is longer."""


@dataclass(frozen=True)
class LogText:
    """One text: its file's name, its lines without their ends, and how it was encoded. `left` counts lines beyond the limit."""

    file: str
    lines: Sequence[str]
    encoding: str = "utf-8"
    left: int = 0

    @functools.cached_property
    def _lines(self) -> Lines:
        return self.lines if isinstance(self.lines, Lines) else Lines("\n".join(self.lines))

    @property
    def whole(self) -> str:
        """All lines as one text, for records that may run over line ends."""
        return self._lines.whole

    def parts(self) -> Iterator[str]:
        """The same in parts that overlap, so that what is made of it need not be there as a whole."""
        return (self.whole[at : at + PART + OVERLAP] for at in range(0, len(self.whole), PART))

    def has_any(self, *words: str) -> bool:
        """Whether one of these words is in the text, which are in lower case, in any case of letters."""
        return any(word in lowered for lowered in map(str.lower, self.parts()) for word in words)

    def has_shape(self, *shapes: bytes) -> bool:
        """Whether one of these is in the shape of the text."""
        return any(shape in found for found in map(shape_of, self.parts()) for shape in shapes)

    @functools.cached_property
    def shape(self) -> bytes:
        """The text with a 0 for each hexadecimal digit and a blank for each tab; what is not ASCII is a question mark."""
        return shape_of(self.whole)

    def line_at(self, offset: int) -> int:
        """The line, from 1, of an offset in `whole`."""
        return self._lines.number_at(offset)


def shape_of(text: str) -> bytes:
    """A 0 for each hexadecimal digit of a text, a blank for each tab, and a question mark for what is not ASCII."""
    return text.encode("ascii", "replace").translate(SHAPE)


def is_number(text: str) -> bool:
    """Whether `int` reads this as a number of usual length: digits only, of any script; what is written raised or in a circle is none."""
    return text.isdecimal() and len(text) <= DIGITS_MOST


def read_text(data: bytes, file: str) -> LogText | None:
    """The text in these bytes; None where they are none: control characters, or neither of the encodings."""
    decoded = decode(data)
    if decoded is None:
        return None
    text, encoding = decoded
    del decoded, data
    lines, left = split_lines(text).first(int(LINES.value))
    return LogText(file, lines, encoding, left)
