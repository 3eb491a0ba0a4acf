"""One side of a short session: its bytes cut into records, and those of its handshake messages that are in clear.

Takes a stream whose bytes are all there; gives its records, what stands in its hello at fixed places, and messages for a `Handshake`. Knows no key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.decrypt.clear import OpenedRecord
from wireproof.decrypt.clear_index import ClearIndex
from wireproof.decrypt.handshake_parts import FINISHED
from wireproof.decrypt.record_feed import HEADER, unpack_header
from wireproof.decrypt.tally import OPENED_MOST
from wireproof.wire.tls import APPLICATION_DATA, HANDSHAKE, RECORD_MOST

if TYPE_CHECKING:
    from wireproof.decrypt.clear_index import Room
    from wireproof.decrypt.handshake_parts import Handshake
    from wireproof.streams.stream import Stream

SHORT = 1 << 18
"""Bytes of one side up to which a session is short."""
HELLO = 128
"""Bytes that hold a hello's beginning, up to a server's choice of a suite."""
RANDOM = slice(11, 43)
"""Where a hello's random stands behind the headers of record and message (RFC 8446 section 4.1.2)."""
BEFORE_ID = 43

Record = tuple[int, int, int, bytes]
"""Content type, version, offset, body."""


class Side:
    """What one side sent: its records, the first one of them that is protected, and what those hold."""

    __slots__ = ("count", "index", "opened", "protected", "records", "stream")

    def __init__(self, stream: Stream, records: list[Record], room: Room) -> None:
        self.stream = stream
        self.records = records
        self.protected = 0
        self.count = 0
        self.index = ClearIndex(room)
        self.opened: dict[int, OpenedRecord] = {}

    def keep(self, start: int, size: int, kind: int, clear: bytes) -> None:
        """Keep a record that is no application data."""
        self.opened[start] = OpenedRecord(start, start + HEADER + size, kind, clear)

    def is_kept(self) -> bool:
        """Whether there was room for all that was opened."""
        return not self.index.dropped and len(self.opened) < OPENED_MOST


# --- hellos -------------------------------------------------------------------------------------------------------------


def suite_of(hello: bytes) -> int:
    """The suite that a server chose, from the record of its hello; another number where that is none."""
    at = BEFORE_ID + 1 + (hello[BEFORE_ID] if len(hello) > BEFORE_ID else 0)
    return int.from_bytes(hello[at : at + 2], "big")


def read_whole(stream: Stream) -> bytes:
    """All bytes of a stream; none where it is long or lacks some."""
    ends = stream.ends
    end = int(ends[-1]) if len(ends) else 0
    data = stream.read(0, end) if end <= SHORT else b""
    return data if len(data) == end else b""


def split_records(data: bytes) -> list[Record] | None:
    """The records that these bytes are; None where they are anything else, or end within one."""
    found: list[Record] = []
    at, end = 0, len(data)
    while at + HEADER <= end:
        kind, version, size = unpack_header(data, at)
        stop = at + HEADER + size
        if stop > end or not (20 <= kind <= 24 and 0x0300 <= version <= 0x0304 and size <= RECORD_MOST):
            return None
        if not size and kind != APPLICATION_DATA:
            return None
        found.append((kind, version, at, data[at + HEADER : stop]))
        at = stop
    return found if at == end else None


# --- messages -----------------------------------------------------------------------------------------------------------


def take_messages(handshake: Handshake, role: int, side: Side) -> bool:
    """Take the messages of the records in clear; whether they are whole, and others follow."""
    said = []
    for record in side.records:
        if record[0] != HANDSHAKE:
            break
        said.append(record[3])
    side.protected = place = len(said)
    content = b"".join(said)
    at, size = 0, len(content)
    while size - at >= 4:
        stop = at + 4 + int.from_bytes(content[at + 1 : at + 4], "big")
        if stop > size:
            return False
        handshake.take(role, content[at:stop])
        at = stop
    return at == size and place < len(side.records)


def begins_with(side: Side, kind: int, skipped: int) -> bool:
    """Whether a record of this kind follows, behind some of another kind at most."""
    records, place = side.records, side.protected
    while place < len(records) and records[place][0] == skipped:
        place += 1
    side.protected = place
    return place < len(records) and records[place][0] == kind


def is_finished(content: bytes) -> bool:
    """Whether this is one Finished and nothing else."""
    return content[:1] == bytes((FINISHED,)) and len(content) == 4 + int.from_bytes(content[1:4], "big")


def split_messages(content: bytes) -> tuple[list[int], bytes]:
    """The types of the whole messages in here, and what is there of one more."""
    kinds, at, size = [], 0, len(content)
    while size - at >= 4:
        stop = at + 4 + int.from_bytes(content[at + 1 : at + 4], "big")
        if stop > size:
            break
        kinds.append(content[at])
        at = stop
    return kinds, content[at:]
