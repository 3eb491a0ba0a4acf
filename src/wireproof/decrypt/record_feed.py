"""The records of one direction from first to last, in windows: a fast walk for those that open each of them.

Takes a stream; gives header fields and whole bodies, and says why it stops: the end, missing bytes, or bytes that are no record. Knows no key.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from wireproof.wire._tls import cut_record, find_record_end
from wireproof.wire.tls import RECORD_HEADER, RECORD_MOST, unpack_record

if TYPE_CHECKING:
    from wireproof.decrypt.records import Source

FIRST_WINDOW, WINDOW = 1 << 14, 1 << 18
SEARCHED = RECORD_MOST + RECORD_HEADER
"""The next record begins within so many bytes behind any place in a stream of records."""

HEADERS = re.compile(rb"(?=[\x14-\x18]\x03[\x00-\x04])")
"""What every header begins with: content type and version."""


class Stop(enum.Enum):
    """Why no further record could be taken."""

    END = "end"
    GAP = "gap"
    NO_RECORD = "no record"


class Body(NamedTuple):
    """One whole record: header fields, its offset, and what follows the header."""

    kind: int
    version: int
    start: int
    body: bytes


class RecordFeed:
    """Goes through the records from `at` on. After `take` gave None, `stop` tells why, and `had` how many bytes of a record are there."""

    __slots__ = ("_from", "_short", "_source", "_window", "at", "had", "stop")

    def __init__(self, source: Source, start: int) -> None:
        self._source = source
        self._window = b""
        self._from = start
        self._short = False
        self.at = start
        self.had = 0
        self.stop = Stop.END

    def take(self) -> Body | None:
        """The next record; None where there is no whole one."""
        record = self.peek()
        if record is not None:
            self.at = record.start + RECORD_HEADER + len(record.body)
        return record

    def peek(self) -> Body | None:
        """The next record, which stays the next one."""
        window, at = self.ready()
        record = cut_record(window, at, RECORD_MOST, self._from)
        return Body(*record) if record else None

    def ready(self) -> tuple[bytes, int]:
        """Bytes, and the place in them where the next record stands, and perhaps more of them behind it; no whole one where there is none."""
        at = self.at - self._from
        if find_record_end(self._window, at, RECORD_MOST) < 0:
            at = self._refill(at)
        return self._window, at

    def rest(self) -> None:
        """Let go of the window."""
        self._window, self._from, self._short = b"", self.at, False

    def header(self) -> bytes:
        """Up to five bytes at the place where the feed stands."""
        return self._source.read(self.at, RECORD_HEADER)

    def _refill(self, at: int) -> int:
        """Fill the window anew where a record may go on behind it; the place where the feed stands in it then."""
        if not 0 <= at <= len(self._window) or (at + RECORD_HEADER > len(self._window) and not self._short):
            at = self._fill(RECORD_HEADER)
        record = unpack_record(self._window[at : at + RECORD_HEADER])
        if record and not self._short and len(self._window) - at < RECORD_HEADER + record.length:
            at = self._fill(RECORD_HEADER + record.length)
        if find_record_end(self._window, at, RECORD_MOST) < 0:
            self._explain(self._window[at:])
        return at

    def _fill(self, least: int) -> int:
        size = FIRST_WINDOW if not self._window else WINDOW
        self._window = self._source.read(self.at, max(least, size))
        self._from = self.at
        end = self.at + len(self._window)
        self._short = len(self._window) < max(least, size) and self._source.next_after(end) != end
        return 0

    def _explain(self, there: bytes) -> None:
        """Say why there is no record."""
        if len(there) >= RECORD_HEADER and unpack_record(there[:RECORD_HEADER]) is None:
            self.had, self.stop = RECORD_HEADER, Stop.NO_RECORD
            return
        self.had = len(there)
        self.stop = Stop.END if self._source.next_after(self.at + len(there)) is None else Stop.GAP


def find_boundaries(source: Source, start: int, versions: tuple[int, ...]) -> Iterator[int]:
    """Places from `start` on at which a record may begin: a header, and where it ends another one, a gap or the end."""
    window = source.read(start, 2 * SEARCHED)
    for found in HEADERS.finditer(window, 0, SEARCHED + RECORD_HEADER):
        at = found.start()
        record = unpack_record(window[at : at + RECORD_HEADER])
        if record is None or (versions and record.version not in versions):
            continue
        following = window[at + RECORD_HEADER + record.length : at + 2 * RECORD_HEADER + record.length]
        if len(following) < RECORD_HEADER or unpack_record(following) is not None:
            yield start + at
