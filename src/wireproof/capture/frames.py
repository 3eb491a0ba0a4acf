"""What every capture format yields: batches of frame positions over a buffer of file bytes.

Knows formats' common ground, no format and no protocol. The bytes stay in the file: a `Batch` lends a window of them
while it is being decoded, and `Capture.read_frames` fetches single frames again later.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Progress = Callable[[int, int], None]
"""Called with (bytes read, bytes in all; 0 when unknown) about ten times a second, and once at the end."""


@dataclass(slots=True)
class Interface:
    """One interface of a capture. `options` holds every option of its description block as (code, value bytes).

    `ticks_per_second` is the resolution of its time stamps, `offset_s` what the file adds to them; batches have both
    applied. `fcs_bytes` is the length of the frame check sequence that ends its frames, where the file states one.
    `received` and `dropped` count frames as the capturer stated at the end; None when it did not.
    """

    link_type: int
    snap_length: int = 0
    name: str = ""
    description: str = ""
    ticks_per_second: int = 1_000_000
    offset_s: int = 0
    section: int = 0
    fcs_bytes: int = 0
    received: int | None = None
    dropped: int | None = None
    options: list[tuple[int, bytes]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the input that users should know. `offset` is a byte of the uncompressed file; -1 for none."""

    text: str
    offset: int = -1


@dataclass(frozen=True, slots=True)
class Process:
    """A process that the capturer names as the owner of frames, with the connection it names it for: (address, port) of both ends.

    `path` is that of its program, or what the system calls it, such as "System". Of a socket without a peer, `remote` means nothing.
    """

    pid: int
    path: str
    local: tuple[str, int]
    remote: tuple[str, int]

    @property
    def name(self) -> str:
        """The program's file name."""
        return self.path.replace("/", "\\").rpartition("\\")[2]


@dataclass(slots=True)
class Batch:
    """Frames whose bytes lie in `data`. Valid only until the next batch is asked for: arrays and buffer are reused.

    The first `count` entries of `position`, `captured`, `original`, `time_ns` and `interface` are valid; `position[i]`
    is where frame i starts in `data`, so its file offset is `origin + position[i]`; `position[i] + captured[i]` never
    exceeds len(data). No time is further than 2**62 ns from 1970, so that no difference of two overflows.
    """

    data: memoryview
    origin: int
    count: int
    position: NDArray[np.uint32]
    captured: NDArray[np.uint32]
    original: NDArray[np.uint32]
    time_ns: NDArray[np.int64]
    interface: NDArray[np.uint16]


class Capture(abc.ABC):
    """An open capture file of any format. Use as a context manager; `batches` may be walked once.

    All attributes grow while `batches` is walked and are complete after its end. `comments` maps a frame number to the
    comments on that frame, and 0 to those on the whole file; `secrets` holds (type, bytes) of embedded key material,
    `names` (address, name) as the file states them, `section_options` the options of each section header. `processes` holds the
    owners of frames where the format states them, see `frame_processes`; `utc_offset_s` is by how much the capturing computer's
    local time was ahead of UTC, None where the file does not tell.
    """

    file: str
    format: str
    interfaces: list[Interface]
    comments: dict[int, list[str]]
    secrets: list[tuple[int, bytes]]
    names: list[tuple[str, str]]
    notes: list[Note]
    section_options: list[list[tuple[int, bytes]]]
    unknown: frozenset[str] = frozenset()
    """Header fields that the format can't carry, as `Change.what` names them: what frames hold there means nothing."""
    processes: Sequence[Process] = ()
    utc_offset_s: int | None = None

    @property
    def frame_processes(self) -> NDArray[np.int32]:
        """For each frame its entry in `processes`, -1 for none; empty where the file names no process at all."""
        return np.zeros(0, np.int32)

    @property
    def frame_numbers(self) -> NDArray[np.int64]:
        """For each frame its number where these have gaps, as in a listing of what passed a filter; empty where they count from 1."""
        return np.zeros(0, np.int64)

    @property
    @abc.abstractmethod
    def link_types(self) -> NDArray[np.uint16]:
        """Link type by interface index, as in pcap's LINKTYPE_ registry; complete for every frame yielded so far."""

    @property
    @abc.abstractmethod
    def dropped(self) -> int:
        """Frames that the capturer says it lost; 0 also when the format can't say."""

    @abc.abstractmethod
    def batches(self, progress: Progress | None = None) -> Iterator[Batch]:
        """Yield every frame in file order."""

    @abc.abstractmethod
    def read_frames(self, offsets: Sequence[int] | NDArray[Any], lengths: Sequence[int] | NDArray[Any]) -> list[bytes]:
        """Fetch frames again by their `offset` and captured length; thread-safe, in any order."""

    @abc.abstractmethod
    def close(self) -> None:
        """Release the file and any temporary copy of it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
