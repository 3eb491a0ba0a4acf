"""One side of a short session: its bytes cut into records, and those of its handshake messages that are in clear.

Takes a stream whose bytes are all there; gives its records, what stands in its hello at fixed places, and messages for a `Handshake`. Knows no key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.decrypt.clear import OpenedRecord
from wireproof.decrypt.clear_index import PLAIN, ClearIndex
from wireproof.decrypt.handshake_parts import FINISHED
from wireproof.decrypt.record_feed import HEADER
from wireproof.decrypt.tally import OPENED_MOST
from wireproof.wire._tls import split_messages, split_records
from wireproof.wire.tls import APPLICATION_DATA, HANDSHAKE, RECORD_MOST

if TYPE_CHECKING:
    from wireproof.decrypt.clear_index import Room
    from wireproof.decrypt.handshake_parts import Handshake
    from wireproof.decrypt.protect.opener import Record
    from wireproof.streams.stream import Stream

SHORT = 1 << 18
"""Bytes of one side up to which a session is short."""
HELLO = 128
"""Bytes that hold a hello's beginning, up to a server's choice of a suite."""
RANDOM = slice(11, 43)
"""Where a hello's random stands behind the headers of record and message (RFC 8446 section 4.1.2)."""
BEFORE_ID = 43
KEPT = PLAIN, 0, 0
"""How a record is opened again whose bytes are kept: never."""


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

    def take_run(self, contents: list[bytes], place: int, last: int = APPLICATION_DATA) -> bytes:
        """Keep what the records from a place on hold; the last one's content, where that is of another type."""
        behind = place + len(contents)
        other = b""
        if last != APPLICATION_DATA:
            behind -= 1
            _, _, start, body = self.records[behind]
            other = contents.pop()
            self.keep(start, len(body), last, other)
        if contents:
            self.count += len(contents)
            self.index.add_run(contents, self.records[place:behind], KEPT)
        return other

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


def whole_records(data: bytes) -> list[Record] | None:
    """The records that these bytes are; None where they are anything else, or end within one."""
    found = split_records(data, 0, RECORD_MOST, 0)
    return found if found and found[-1][2] + HEADER + len(found[-1][3]) == len(data) else None


# --- messages -----------------------------------------------------------------------------------------------------------


def take_messages(handshake: Handshake, role: int, side: Side) -> bool:
    """Take the messages of the records in clear; whether they are whole, and others follow."""
    said = []
    for record in side.records:
        if record[0] != HANDSHAKE:
            break
        said.append(record[3])
    side.protected = place = len(said)
    content = said[0] if place == 1 else b"".join(said)
    messages, end = split_messages(content)
    for message in messages:
        handshake.take(role, message)
    return end == len(content) and place < len(side.records)


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
