"""The records of one direction from first to last, in windows: a fast walk for those that open each of them.

Takes a stream; gives header fields and whole bodies, and says why it stops: the end, missing bytes, or bytes that are no record. Knows no key.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from wireproof.wire._tls import split_records
from wireproof.wire.tls import RECORD_MOST, unpack_record

if TYPE_CHECKING:
    from wireproof.decrypt.protect.opener import Record
    from wireproof.decrypt.records import Source

FIRST_WINDOW, WINDOW = 1 << 14, 1 << 18
HEADER = 5
SEARCHED = RECORD_MOST + HEADER
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

    __slots__ = ("_from", "_next", "_records", "_short", "_source", "_window", "at", "had", "stop")

    def __init__(self, source: Source, start: int) -> None:
        self._source = source
        self._window = b""
        self._from = start
        self._short = False
        self._records: list[Record] = []
        self._next = 0
        self.at = start
        self.had = 0
        self.stop = Stop.END

    def take(self) -> Body | None:
        """The next record; None where there is no whole one."""
        records, place = self.ready()
        if place == len(records):
            return None
        record = Body(*records[place])
        self.pass_on(1, record.start + HEADER + len(record.body))
        return record

    def ready(self) -> tuple[list[Record], int]:
        """Whole records of the window, and the place of the next one among them; its end where there is no whole one."""
        if self._next >= len(self._records) or self._records[self._next][2] != self.at:
            self._split()
        return self._records, self._next

    def pass_on(self, count: int, at: int) -> None:
        """Go on behind so many records of those that are ready, which end at `at`."""
        self._next += count
        self.at = at

    def peek(self) -> Body | None:
        """The next record, which stays the next one."""
        records, place = self.ready()
        return Body(*records[place]) if place < len(records) else None

    def rest(self) -> None:
        """Let go of the window."""
        self._window, self._from, self._short = b"", self.at, False
        self._records, self._next = [], 0

    def header(self) -> bytes:
        """Up to five bytes at the place where the feed stands."""
        return self._source.read(self.at, HEADER)

    def _split(self) -> None:
        """Cut the window from `at` on into records, and fill it anew where it holds no whole one."""
        window, at = self._window, self.at - self._from
        if not 0 <= at <= len(window) or (at + HEADER > len(window) and not self._short):
            window, at = self._fill(HEADER), 0
        self._records, self._next = split_records(window, at, RECORD_MOST, self._from), 0
        if self._records:
            return
        record = unpack_record(window[at : at + HEADER])
        if record and not self._short and len(window) - at < HEADER + record.length:
            window, at = self._fill(HEADER + record.length), 0
            self._records = split_records(window, at, RECORD_MOST, self._from)
        if not self._records:
            self._explain(window[at:])

    def _fill(self, least: int) -> bytes:
        size = FIRST_WINDOW if not self._window else WINDOW
        self._window = self._source.read(self.at, max(least, size))
        self._from = self.at
        end = self.at + len(self._window)
        self._short = len(self._window) < max(least, size) and self._source.next_after(end) != end
        return self._window

    def _explain(self, there: bytes) -> None:
        """Say why there is no record."""
        if len(there) >= HEADER and unpack_record(there[:HEADER]) is None:
            self.had, self.stop = HEADER, Stop.NO_RECORD
            return
        self.had = len(there)
        self.stop = Stop.END if self._source.next_after(self.at + len(there)) is None else Stop.GAP


def find_boundaries(source: Source, start: int, versions: tuple[int, ...]) -> Iterator[int]:
    """Places from `start` on at which a record may begin: a header, and where it ends another one, a gap or the end."""
    window = source.read(start, 2 * SEARCHED)
    for found in HEADERS.finditer(window, 0, SEARCHED + HEADER):
        at = found.start()
        record = unpack_record(window[at : at + HEADER])
        if record is None or (versions and record.version not in versions):
            continue
        following = window[at + HEADER + record.length : at + 2 * HEADER + record.length]
        if len(following) < HEADER or unpack_record(following) is not None:
            yield start + at
