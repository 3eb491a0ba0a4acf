"""The bytes of a capture whose index stands at its end: all at hand before the first frame is read, then read in any order.

Takes a `Source`, gives one that can be moved. A packed or piped source is copied whole first. Knows no capture format.
"""

from __future__ import annotations

from collections.abc import Callable

from wireproof.capture.source import Source
from wireproof.capture.window import WINDOW, make_buffer


class SeekableSource(Source):
    """`readinto` reads from where `seek` moved to. Call `gather` before anything behind `head` is read.

    `head` holds the first `head_bytes` bytes, fewer only where the file ends; `is_plain` says that nothing needs to be gathered.
    """

    def __init__(self, inner: Source, head_bytes: int) -> None:
        self.size = inner.size
        self.problem = ""
        self._inner = inner
        self.is_plain = inner.size is not None
        self._at = 0
        self._far = 0
        buffer = make_buffer(head_bytes)
        while self._far < head_bytes and (got := inner.readinto(buffer[self._far :])):
            self._far += got
        self.head = bytes(buffer[: self._far])

    def gather(self, tick: Callable[[], None]) -> None:
        """Have every byte at hand, calling `tick` on the way. Nothing to do for a plain file, which may still be growing."""
        if self.is_plain:
            return
        buffer = make_buffer(WINDOW)
        while got := self._inner.readinto(buffer):
            self._far += got
            tick()
        self.problem = self._inner.problem
        self.size = self._far

    @property
    def reach(self) -> int:
        """How many bytes there are, as far as that is known: a file may have grown since it was opened."""
        return max(self.size or 0, self._far)

    def seek(self, offset: int) -> None:
        """Have `readinto` go on from here."""
        self._at = offset

    def readinto(self, view: memoryview) -> int:
        """Fill `view` with the next bytes, at least one; 0 only at the end."""
        data = self.fetch(self._at, len(view))
        view[: len(data)] = data
        self._at += len(data)
        self._far = max(self._far, self._at)
        return len(data)

    def fetch(self, offset: int, length: int) -> bytes:
        """Bytes from anywhere, fewer only where the file ends or can't be read; that becomes its `problem`."""
        try:
            return self._inner.read_at(offset, length)
        except OSError as error:
            self.problem = f"reading stopped at byte {offset}: {error.strerror or error}"
            return b""

    def read_at(self, offset: int, length: int) -> bytes:
        """Bytes from anywhere, fewer only where the file ends; thread-safe."""
        return self._inner.read_at(offset, length)

    def finish(self) -> None:
        """Count everything as read: what stands behind the last frame has been looked up already."""
        self._far = self.reach

    def progress(self) -> tuple[int, int]:
        """(bytes read, size of the file); of a copied source what that one says, since copying is what takes the time."""
        return (self._far, self.reach) if self.is_plain else self._inner.progress()

    def close(self) -> None:
        """Release the source."""
        self._inner.close()
