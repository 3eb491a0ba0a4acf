"""Where bytes taken from an ETL log can be read again: a place in the file, or in a temporary file of what was unpacked.

Takes a `Source` and bytes; gives places, and the bytes at places. Knows no layout.
"""

from __future__ import annotations

import tempfile
from typing import BinaryIO

from wireproof.capture.source import UNPACKED_BYTES, RandomFile, Source

UNPACKED = 1 << 62
"""Places from here on lie in the temporary file; those below are offsets in the log."""


class Places:
    """Reads at places, from any thread. The temporary file is made when it is first needed and deleted on close.

    `problem` says why `keep` refused; "" when it did not.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._copy: BinaryIO | None = None
        self._random: RandomFile | None = None
        self._kept = 0
        self.problem = ""

    def keep(self, data: memoryview) -> int:
        """Keep bytes; gives their place, -1 when they can't be kept."""
        if self.problem:
            return -1
        if self._kept + len(data) > UNPACKED_BYTES.value:
            self.problem = f"reading stopped after {self._kept} unpacked bytes, the limit capture.unpacked_bytes"
            return -1
        try:
            self._open().append(data)
        except OSError as error:
            self.problem = f"the temporary copy can't be written after {self._kept} bytes: {error.strerror or error}"
            return -1
        place = UNPACKED + self._kept
        self._kept += len(data)
        return place

    def _open(self) -> RandomFile:
        if self._random is None:
            self._copy = tempfile.TemporaryFile(prefix="wireproof-", buffering=0)  # noqa: SIM115 - see close
            self._random = RandomFile(self._copy)
        return self._random

    def read_at(self, place: int, length: int) -> bytes:
        """`length` bytes from `place`, fewer only where the file ends."""
        if place < UNPACKED:
            return self._source.read_at(place, length)
        assert self._random is not None, "nothing was kept"
        return self._random.read_at(place - UNPACKED, length)

    def close(self) -> None:
        """Delete the temporary file."""
        if self._copy is not None:
            self._copy.close()
