"""Listings as captures: `open_listings(source, file)` gives one `ListingCapture` for each listing in a text.

Takes a `Source` of a text; gives captures whose frames are made of what the records say. Knows no protocol.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.capture.frames import Batch, Capture, Interface, Note, Progress, Tree, index_processes
from wireproof.capture.listing import trees
from wireproof.capture.listing.assemble import Finished, assemble
from wireproof.capture.listing.columns import rearrange
from wireproof.capture.listing.decode import decode_text, flatten
from wireproof.capture.listing.records import RECORD
from wireproof.capture.listing.tcpdump import SIGN
from wireproof.capture.listing.unnamed import protocols_of
from wireproof.capture.source import Source
from wireproof.errors import CaptureFormatError
from wireproof.limits import limit

TEXT_BYTES = limit(
    "listing.text_bytes", 64 << 20, "a text of more bytes is a log; listings are looked for in its beginning"
)
SEARCHED = 4 << 20
"""Bytes of a text in which a listing must begin."""
ETHERNET = 1
CHUNK = 1 << 20
LATEST = 1 << 62


class ListingCapture(Capture):
    """One listing. `frame_numbers` are the printed ones; `is_listing` says that frames hold only what a line of text tells."""

    format = "listing"

    def __init__(self, file: str, text_file: str, finished: Finished) -> None:
        super().__init__(file)
        self.interfaces.append(Interface(ETHERNET))
        self.notes += [Note(text) for text in finished.notes]
        self.unknown = finished.unknown
        self.loose_rows = finished.loose
        self.trees = {place: Tree(text_file, line, text) for place, (line, text) in finished.beneath.items()}
        self._data = b"".join(finished.frames)
        sizes = np.array([len(frame) for frame in finished.frames], np.uint32)
        count = len(sizes)
        self._batch = Batch(
            memoryview(self._data),
            0,
            count,
            (np.cumsum(sizes) - sizes).astype(np.uint32),
            sizes,
            np.array(finished.lengths, np.uint32),
            np.array([min(time_ns, LATEST) for time_ns in finished.times], np.int64),
            np.zeros(count, np.uint16),
        )
        self._numbers = np.array(finished.numbers, np.int64)
        self.processes, self._frame_processes = index_processes(finished.processes)

    @property
    def frame_processes(self) -> NDArray[np.int32]:
        """For each frame what its process column names, -1 for none; empty where there is no such column."""
        return self._frame_processes

    @property
    def frame_numbers(self) -> NDArray[np.int64]:
        """The number that the listing prints for each frame."""
        return self._numbers

    def batches(self, progress: Progress | None = None) -> Iterator[Batch]:
        """Yield every frame. Raises RuntimeError when called twice."""
        self._begin_walk()
        yield self._batch
        if progress:
            progress(len(self._data), len(self._data))

    def read_frames(self, offsets: Sequence[int] | NDArray[Any], lengths: Sequence[int] | NDArray[Any]) -> list[bytes]:
        """Frames again by their offset in what was made of the listing, and captured length."""
        return [self._data[int(at) : int(at) + int(length)] for at, length in zip(offsets, lengths, strict=True)]

    def close(self) -> None:
        """Nothing is open."""


def starts_like_text(head: bytes) -> bool:
    """Whether a file that begins like this may be a text; that it holds a listing shows only when it is read."""
    return bool(head) and decode_text(head) is not None


def open_listings(source: Source, file: str) -> list[ListingCapture]:
    """Every listing in a text; none where there is none. Reads the source and closes it.

    Raises CaptureFormatError where all records are of packets that nothing can be made of.
    """
    try:
        text = decode_text(_read(source))
    finally:
        source.close()
    if text is None:
        return []
    text = rearrange(flatten(text), SEARCHED)
    if not is_listing(text[:SEARCHED]):
        return []
    found = assemble(text)
    if not found and (lost := protocols_of(text)):
        raise CaptureFormatError(
            f"{file} is a listing of packets, and no record says enough to make one ({', '.join(lost)}): its lines print neither ports nor what "
            "carried the messages. Copy it again with columns for the ports, or give the capture"
        )
    names = _name([one.place for one in found])
    captures = []
    for name, finished in zip(names, found, strict=True):
        captures.append(ListingCapture(f"{file}!{name}" if len(found) > 1 else file, file, finished))
    return captures


def is_listing(text: str) -> bool:
    """Whether a plain text holds a record of a packet; cheap for texts that do not."""
    return any(sign.search(text) for sign in (RECORD, SIGN, trees.SIGN))


def _read(source: Source) -> bytes:
    data = bytearray()
    buffer = memoryview(bytearray(CHUNK))
    most = int(TEXT_BYTES.value)
    while len(data) < most and (got := source.readinto(buffer)):
        data += buffer[:got]
    return bytes(data)


def _name(places: list[str]) -> list[str]:
    """A name for each listing: the place of its heading, else a count."""
    names: list[str] = []
    for place, word in enumerate(places, 1):
        name = re.sub(r"[^\w-]+", "-", word) or f"listing-{place}"
        while name in names:
            name = f"{name}-{place}"
        names.append(name)
    return names
