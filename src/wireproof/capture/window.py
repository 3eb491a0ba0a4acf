"""A window that slides over the bytes of a capture: one buffer, read into again and again.

Takes a `Source`; keeps what a walk has not passed yet in front when it reads on. Knows no capture format.
"""

from __future__ import annotations

import numpy as np

from wireproof.capture.source import Source

WINDOW = 1 << 22
"""Bytes of file held at a time; it must exceed what a search looks ahead (three records of 256 KiB).

A window is a batch, which threads hand to one another: with a quarter of it, reading took a third longer.
"""


class Window:
    """`view[at:end]` are the bytes read and not yet passed; `origin` is the file offset of `view[0]`.

    `at_end` is set when the source has no more bytes. `fill` moves bytes: positions in `view` hold until then.
    """

    def __init__(self, source: Source, size: int = WINDOW) -> None:
        self._source = source
        self._size = size
        self.view = make_buffer(size)
        self.origin = 0
        self.at = 0
        self.end = 0
        self.at_end = False

    @property
    def offset(self) -> int:
        """File offset of `at`."""
        return self.origin + self.at

    @property
    def available(self) -> int:
        """Bytes read and not yet passed."""
        return self.end - self.at

    def fill(self, want: int) -> None:
        """Read on until `want` bytes are available or the source ends. Doubles the buffer while they don't fit.

        The buffer grows with the bytes that came, not with `want`: a damaged length in a small file costs nothing.
        """
        self._move_to_front(want)
        while not self.at_end:
            if self.end == len(self.view):
                self._grow()
            got = self._source.readinto(self.view[self.end :])
            self.end += got
            self.at_end = got == 0
            if self.available >= want:
                return

    def _move_to_front(self, want: int) -> None:
        kept = self.available
        source = self.view[self.at : self.end]
        if len(self.view) > self._size >= max(want, kept):
            # What made it grow is passed.
            self.view = make_buffer(self._size)
        self.view[:kept] = source
        self.origin += self.at
        self.at = 0
        self.end = kept

    def _grow(self) -> None:
        bigger = make_buffer(2 * len(self.view))
        bigger[: self.end] = self.view[: self.end]
        self.view = bigger


def make_buffer(size: int) -> memoryview:
    """Writable bytes that are not set to anything, so that a small file does not pay for a whole window."""
    return np.empty(size, np.uint8).data
