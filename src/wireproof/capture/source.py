"""The uncompressed bytes of one capture: in order for the walk, and at any offset afterwards.

A plain file serves both itself. Anything else is copied once, while it is walked, to a temporary file that is deleted
on close; the copy stops at a limit. Knows no capture format.
"""

from __future__ import annotations

import abc
import os
import stat
import tempfile
import threading
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.streams import FileStream, Stream
from wireproof.limits import limit

UNPACKED_BYTES = limit(
    "capture.unpacked_bytes",
    64 * 1024**3,
    "the temporary copy of a packed or piped capture stops here: a few hundred kilobytes of zip can claim terabytes",
)


FEW = 4
GAP = 2048
"""Bytes between two places that are fetched rather than left out."""
SPAN = 1 << 17
"""Bytes that are fetched in one go."""


class RandomFile:
    """Reads at any offset of an open binary file, from any thread."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.lock = threading.Lock()

    def read_at(self, offset: int, length: int) -> bytes:
        """`length` bytes from `offset`, fewer only where the file ends."""
        if hasattr(os, "pread"):
            return self._pread(offset, length)
        with self.lock:
            back = self._file.tell()
            self._file.seek(offset)
            data = self._file.read(length)
            self._file.seek(back)
        return data

    def _pread(self, offset: int, length: int) -> bytes:
        data = os.pread(self._file.fileno(), length, offset)
        while 0 < len(data) < length:
            more = os.pread(self._file.fileno(), length - len(data), offset + len(data))
            if not more:
                break
            data += more
        return data

    def append(self, data: memoryview) -> None:
        """Write at the end; the file's position must stand there, as it does when nothing else moves it."""
        with self.lock:
            while data:
                data = data[self._file.write(data) :]


class Source(abc.ABC):
    """Bytes of one capture. `problem` says why they ended early, "" when they did not; `size` is None when unknown."""

    size: int | None
    problem: str

    @abc.abstractmethod
    def readinto(self, view: memoryview) -> int:
        """Fill `view` with the next bytes, at least one; 0 only at the end."""

    @abc.abstractmethod
    def read_at(self, offset: int, length: int) -> bytes:
        """Bytes that `readinto` has passed, again; thread-safe."""

    @abc.abstractmethod
    def progress(self) -> tuple[int, int]:
        """(bytes taken from the file on disk, its size; 0 when unknown)."""

    @abc.abstractmethod
    def close(self) -> None:
        """Release the file and the temporary copy."""


class PlainSource(Source):
    """A regular file that holds the capture as it is, from its first byte."""

    def __init__(self, stream: FileStream, size: int) -> None:
        self.size = size
        self.problem = ""
        self._stream = stream
        self._random = RandomFile(stream.file)

    def readinto(self, view: memoryview) -> int:
        """Fill `view` with the next bytes, at least one; 0 only at the end."""
        with self._random.lock:
            got = self._stream.readinto(view)
        self.problem = self._stream.problem
        return got

    def read_at(self, offset: int, length: int) -> bytes:
        """Bytes that `readinto` has passed, again; thread-safe."""
        return self._random.read_at(offset, length)

    def progress(self) -> tuple[int, int]:
        """(bytes read, size of the file)."""
        return self._stream.consumed(), self.size or 0

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


class CopiedSource(Source):
    """A stream that is copied to a temporary file as it is read. `total` is the packed file's size, 0 when unknown."""

    def __init__(self, stream: Stream, total: int) -> None:
        self.size = None
        self.problem = ""
        self._stream = stream
        self._total = total
        self._copied = 0
        self._copy: BinaryIO = tempfile.TemporaryFile(prefix="wireproof-", buffering=0)  # noqa: SIM115 - see close
        self._random = RandomFile(self._copy)

    def readinto(self, view: memoryview) -> int:
        """Fill `view` with the next bytes, at least one; 0 only at the end."""
        allowed = int(UNPACKED_BYTES.value) - self._copied
        if allowed <= 0:
            self.problem = f"reading stopped after {self._copied} unpacked bytes, the limit capture.unpacked_bytes"
            return 0
        got = self._stream.readinto(view[:allowed])
        self.problem = self._stream.problem
        try:
            self._random.append(view[:got])
        except OSError as error:
            self.problem = f"the temporary copy can't be written after {self._copied} bytes: {error.strerror or error}"
            return 0
        self._copied += got
        return got

    def read_at(self, offset: int, length: int) -> bytes:
        """Bytes that `readinto` has passed, again; thread-safe."""
        return self._random.read_at(offset, length)

    def progress(self) -> tuple[int, int]:
        """(packed bytes read, size of the packed file; 0 when unknown)."""
        return self._stream.consumed(), self._total

    def close(self) -> None:
        """Close the stream and delete the copy."""
        self._stream.close()
        self._copy.close()


def read_pieces(
    read_at: Callable[[int, int], bytes],
    offsets: Sequence[int] | NDArray[Any],
    lengths: Sequence[int] | NDArray[Any],
) -> list[bytes]:
    """Bytes at many places, in the order given. Places that lie close together are fetched in one go: a call costs more than some bytes do."""
    begin, size = np.asarray(offsets, np.int64), np.asarray(lengths, np.int64)
    if len(begin) < FEW:
        return [read_at(offset, length) for offset, length in zip(begin.tolist(), size.tolist(), strict=True)]
    end = begin + size
    first = np.flatnonzero(_begins_span(begin, end))
    last = np.append(first[1:], len(begin))
    found: list[bytes] = []
    spans = zip(first.tolist(), last.tolist(), begin[first].tolist(), end[last - 1].tolist(), strict=True)
    begins, ends = begin.tolist(), end.tolist()
    for one, behind, start, stop in spans:
        data = read_at(start, stop - start)
        if behind - one == 1:
            found.append(data)
        else:
            found += [data[a - start : b - start] for a, b in zip(begins[one:behind], ends[one:behind], strict=True)]
    return found


def _begins_span(begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which places are not fetched together with the one before."""
    gap = begin[1:] - end[:-1]
    new = np.concatenate(([True], (gap < 0) | (gap > GAP)))
    first = begin[new][np.cumsum(new) - 1]
    part = (begin - first) // SPAN
    new[1:] |= part[1:] != part[:-1]
    return new


def regular_size(file: BinaryIO) -> int | None:
    """Size of an open regular file; None for pipes, devices, and objects without a descriptor."""
    try:
        status = os.fstat(file.fileno())
    except (OSError, AttributeError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
