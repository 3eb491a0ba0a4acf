"""What every capture format yields: batches of frame positions over a buffer of file bytes.

Knows formats' common ground, no format and no protocol. The bytes stay in the file: a `Batch` lends a window of them
while it is being decoded, and `Capture.read_frames` fetches single frames again later.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
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
    """A process that a capture names on frames.

    Where it owns the connection, `local` and `remote` are (address, port) of its ends; of a socket without a peer, `remote` means nothing.
    Without them it is the one in whose context frames were logged: the sender's where a call of a program sent the frame; ACKs,
    retransmissions and received frames are logged in the context of whatever ran just then. `path` is that of its program, or what the system
    calls it, such as "System"; "" where only the id is told.
    """

    pid: int
    path: str = ""
    local: tuple[str, int] | None = None
    remote: tuple[str, int] | None = None

    @property
    def name(self) -> str:
        """The program's file name."""
        return self.path.replace("/", "\\").rpartition("\\")[2]


@dataclass(frozen=True, slots=True)
class Tree:
    """What a text prints beneath one frame of a listing: `text` from line `line` (from 1) of `file` on, the record itself included."""

    file: str
    line: int
    text: str

    def line_at(self, offset: int) -> int:
        """The line of the file in which a character of `text` stands."""
        return self.line + self.text.count("\n", 0, offset)


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


def index_processes(named: Sequence[tuple[int, str] | None]) -> tuple[list[Process], NDArray[np.int32]]:
    """(id, program) of each frame, None for none, as `Capture.processes` and `Capture.frame_processes` have them."""
    places: dict[tuple[int, str], int] = {}
    rows = np.array([-1 if one is None else places.setdefault(one, len(places)) for one in named], np.int32)
    return [Process(*one) for one in places], rows if places else rows[:0]


class Capture(abc.ABC):
    """An open capture file of any format. Use as a context manager; `batches` may be walked once.

    All attributes grow while `batches` is walked and are complete after its end. `comments` maps a frame number to the
    comments on that frame, and 0 to those on the whole file; `secrets` holds (type, bytes) of embedded key material,
    `names` (address, name) as the file states them, `section_options` the options of each section header. `processes` holds
    those that the file names on frames, see `frame_processes`; `sent` has for each frame whether the capturing host sent it, and is empty
    where the file does not tell; `utc_offset_s` is by how much the capturing computer's local time was ahead of UTC, None where the
    file does not tell.
    """

    format: str
    unknown: frozenset[str] = frozenset()
    """What the format can't carry: header fields as `Change.what` names them, `length`, `time`, `contents`. What frames hold there means nothing."""
    loose_rows: Sequence[int] = ()
    """Of a listing, frames of connections that may have carried a message whose line names no ports, by their place from 0."""
    trees: Mapping[int, Tree] = MappingProxyType({})
    """Of a listing, what is printed beneath its frames, by their place from 0."""
    processes: Sequence[Process] = ()
    sent: NDArray[np.bool_] = np.zeros(0, np.bool_)
    utc_offset_s: int | None = None

    def __init__(self, file: str) -> None:
        self.file = file
        self.interfaces: list[Interface] = []
        self.comments: dict[int, list[str]] = {}
        self.secrets: list[tuple[int, bytes]] = []
        self.names: list[tuple[str, str]] = []
        self.notes: list[Note] = []
        self.section_options: list[list[tuple[int, bytes]]] = []
        self._walked = False
        self._link_types = np.zeros(0, np.uint16)

    def carries(self, field: str) -> bool:
        """Whether frames hold a header field as it was on the wire; listings leave some out (see `unknown`)."""
        return field not in self.unknown

    @property
    def frame_processes(self) -> NDArray[np.int32]:
        """For each frame its entry in `processes`, -1 for none; empty where the file names no process at all."""
        return np.zeros(0, np.int32)

    @property
    def frame_numbers(self) -> NDArray[np.int64]:
        """For each frame its number where these have gaps, as in a listing of what passed a filter; empty where they count from 1."""
        return np.zeros(0, np.int64)

    @property
    def link_types(self) -> NDArray[np.uint16]:
        """Link type by interface index, as in pcap's LINKTYPE_ registry; complete for every frame yielded so far."""
        if len(self._link_types) != len(self.interfaces):
            self._link_types = np.array([interface.link_type for interface in self.interfaces], np.uint16)
        return self._link_types

    @property
    def dropped(self) -> int:
        """Frames that the capturer says it lost; 0 also when the format can't say."""
        return 0

    def _begin_walk(self) -> None:
        """Called by `batches` first."""
        if self._walked:
            raise RuntimeError("the batches of a capture can be walked once")
        self._walked = True

    @abc.abstractmethod
    def batches(self, progress: Progress | None = None) -> Iterator[Batch]:
        """Yield every frame in file order. Raises RuntimeError when called twice."""

    @abc.abstractmethod
    def read_frames(self, offsets: Sequence[int] | NDArray[Any], lengths: Sequence[int] | NDArray[Any]) -> list[bytes]:
        """Fetch frames again by their `offset` and captured length; thread-safe, in any order."""

    def read_parts(self, offsets: NDArray[np.int64], at: NDArray[np.int64], sizes: NDArray[np.int64]) -> bytes:
        """Parts of frames one behind the other: of each, by its `offset`, so many bytes from a place in it on that lie within what was captured."""
        frames = self.read_frames(offsets, at + sizes)
        return b"".join([frame[begin:] for frame, begin in zip(frames, at.tolist(), strict=True)])

    @abc.abstractmethod
    def close(self) -> None:
        """Release the file and any temporary copy of it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
