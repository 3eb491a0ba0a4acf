"""Stretches of bytes to blank: put together, looked up, and laid over data.

Takes (start, end) offsets, and other bytes where asterisks would break a form; gives them merged and in order. Knows no protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

BLANK = b"*"

Span = tuple[int, int]
Patch = tuple[int, bytes]
"""Where other bytes than asterisks are put, and these bytes."""
Fill = tuple[int, int, bytes]
"""A stretch with the bytes that it begins with; what stands behind them is made by the one who knows their form."""


class Spans:
    """Merged stretches of one stream. `fills`, in order, are parts of them in which `make` gives the bytes: (size, first bytes)."""

    __slots__ = ("_fill_starts", "_fills", "_make", "ends", "starts")

    def __init__(
        self, spans: Iterable[Span] = (), fills: Sequence[Fill] = (), make: Callable[[int, bytes], bytes] | None = None
    ) -> None:
        self._fills, self._make = fills, make
        self._fill_starts: NDArray[np.int64] = np.array([fill[0] for fill in fills], np.int64)
        merged = merge(spans)
        self.starts: NDArray[np.int64] = np.array([start for start, _ in merged], np.int64)
        self.ends: NDArray[np.int64] = np.array([end for _, end in merged], np.int64)

    def __len__(self) -> int:
        return len(self.starts)

    def within(self, start: int, end: int) -> list[Span]:
        """Those parts that lie in a stretch, as offsets from its start."""
        if not len(self.starts):
            return []
        first = int(np.searchsorted(self.ends, start, side="right"))
        last = int(np.searchsorted(self.starts, end, side="left"))
        pairs = zip(self.starts[first:last].tolist(), self.ends[first:last].tolist(), strict=True)
        return [(max(one, start) - start, min(other, end) - start) for one, other in pairs]

    def hide(self, data: bytes, start: int) -> bytes:
        """The data that stands at `start`, with its secrets blanked."""
        end = start + len(data)
        return blank(data, self.within(start, end), self.patches(start, end))

    def patches(self, start: int, end: int) -> list[Patch]:
        """Those bytes that are no asterisks in a stretch, as offsets from its start."""
        if self._make is None:
            return []
        found: list[Patch] = []
        place = max(int(np.searchsorted(self._fill_starts, start, side="right")) - 1, 0)
        for begin, stop, first in self._fills[place : int(np.searchsorted(self._fill_starts, end))]:
            made = self._make(stop - begin, first)[max(start - begin, 0) : max(end - begin, 0)]
            if made:
                found.append((max(begin - start, 0), made))
        return found


def merge(spans: Iterable[Span]) -> list[Span]:
    """Stretches in order, none of which touches another; empty ones are left out."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def blank(data: bytes, spans: Iterable[Span], patches: Iterable[Patch] = ()) -> bytes:
    """The data with these stretches blanked, and other bytes put in; the same object where there are none."""
    hidden: bytearray | None = None
    for start, end in spans:
        hidden = bytearray(data) if hidden is None else hidden
        hidden[start:end] = BLANK * (min(end, len(data)) - start)
    if hidden is None:
        return data
    for start, other in patches:
        hidden[start : start + len(other)] = other[: max(len(data) - start, 0)]
    return bytes(hidden)
