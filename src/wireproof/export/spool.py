"""Clear bytes of more sessions than memory holds, in a temporary file: each is opened once from its beginning to its end.

Takes clear streams; gives their bytes in any order. The file has no name, and vanishes with the process.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.source import RandomFile
from wireproof.decrypt.clear_index import KEPT

if TYPE_CHECKING:
    from wireproof.streams.stream import Stream

PART = 1 << 18


def is_needed(streams: Sequence[Stream]) -> bool:
    """Whether the records of these streams would have to be opened again, in the order of time, which is that of no stream."""
    opened = [stream for stream in streams if stream.opened]
    # Gaps count in where a stream ends, so it holds no more than that; most streams tell it without making columns.
    if sum(stream.end for stream in opened) <= KEPT.value:
        return False
    return sum(int((stream.ends - stream.starts).sum()) for stream in opened) > KEPT.value


class Spool:
    """The bytes of streams, one behind the other."""

    def __init__(self, streams: Sequence[Stream]) -> None:
        self._file: BinaryIO = tempfile.TemporaryFile(prefix="wireproof-", buffering=0)  # noqa: SIM115 - see close
        self._random = RandomFile(self._file)
        self._end = 0
        self._pieces: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        self._ends: list[int] = []
        for stream in streams:
            sizes = stream.ends - stream.starts
            self._pieces.append((stream.starts, self._end + np.cumsum(sizes) - sizes))
            self._copy(stream)
            self._ends.append(self._end)

    def _copy(self, stream: Stream) -> None:
        """Write all of a stream, up to the first byte that can't be read."""
        for start, end in zip(stream.starts.tolist(), stream.ends.tolist(), strict=True):
            at = start
            while at < end:
                data = stream.read(at, min(end - at, PART))
                if not data:
                    return
                self._random.append(memoryview(data))
                self._end += len(data)
                at += len(data)
        stream.preload(b"", 0)

    def read(self, stream: int, begin: int, size: int) -> bytes:
        """`size` bytes of a piece from `begin`; fewer where they could not be read."""
        starts, places = self._pieces[stream]
        piece = int(np.searchsorted(starts, begin, side="right")) - 1
        if piece < 0:
            return b""
        at = int(places[piece]) + begin - int(starts[piece])
        return self._random.read_at(at, max(min(size, self._ends[stream] - at), 0))

    def close(self) -> None:
        """Delete the file."""
        self._file.close()
