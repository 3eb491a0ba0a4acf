"""The lines of a text without a string for each of them: one text, and where its lines begin.

Takes a text; gives its lines one by one. A list of three million lines has three times the size of the text that they stand in.
"""

from __future__ import annotations

import bisect
import functools
from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import overload

ODD_ENDS = "\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""What ends lines beside carriage return and line feed (`str.splitlines`)."""
BLOCK = 1 << 20


class Lines(Sequence[str]):
    """The lines of a text of which only line feeds end lines; `whole` is that text."""

    __slots__ = ("__dict__", "whole")

    def __init__(self, whole: str) -> None:
        self.whole = whole

    @functools.cached_property
    def starts(self) -> array[int]:
        """The offset in `whole` of each line."""
        starts = array("q", (0,) if self.whole else ())
        for at in range(0, len(self.whole), BLOCK):
            *ended, _ = self.whole[at : at + BLOCK].split("\n")
            # The first line end of a block is that of a line that may have begun before it.
            starts.extend(accumulate((len(line) + 1 for line in ended), initial=at))
            del starts[-len(ended) - 1]
        return starts

    def first(self, most: int) -> tuple[Lines, int]:
        """The first lines, and how many there are behind them."""
        count = len(self)
        return (self, 0) if count <= most else (Lines(self.whole[: max(self.starts[most] - 1, 0)]), count - most)

    def __len__(self) -> int:
        return self.whole.count("\n") + 1 if self.whole else 0

    def __iter__(self) -> Iterator[str]:
        at = 0
        while at < len(self.whole):
            # Some at a time: a list of all would be what this is there to spare.
            end = self.whole.find("\n", at + BLOCK)
            yield from self.whole[at : end if end >= 0 else None].split("\n")
            if end < 0:
                return
            at = end + 1
        if self.whole.endswith("\n"):
            yield ""

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self[index] for index in range(*place.indices(len(self.starts)))]
        start = self.starts[place]
        end = self.whole.find("\n", start)
        return self.whole[start : end if end >= 0 else None]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(other) == len(self) and all(map(str.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment]  # compared by what is in it

    def number_at(self, offset: int) -> int:
        """The line, from 1, of an offset in `whole`."""
        return bisect.bisect_right(self.starts, offset)


def split_lines(text: str) -> Lines:
    """The lines that `str.splitlines` gives."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    for end in ODD_ENDS:
        if end in text:
            text = text.replace(end, "\n")
    return Lines(text.removesuffix("\n"))
