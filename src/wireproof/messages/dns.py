"""The DNS messages of a capture as columns, over UDP and, where a segment holds a message's start, over TCP.

Takes a capture's tables; gives one row a message with its header and the number of its question. Names and records are read
from the frames on request only. Judges nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.table.schema import LAYERS, MARKS
from wireproof.wire.dns import HEADER, Question, unpack_name

if TYPE_CHECKING:
    from wireproof.conversations.read import CaptureTables

DNS, MDNS, LLMNR = 53, 5353, 5355
CHUNK = 20_000
"""Frames held in memory at a time while the table is built."""


@dataclass(frozen=True)
class DnsTable:
    """All DNS messages, in file order; every array has one entry a message.

    `row` is the packet's row and `at` the message's offset in its frame. `service` is 53, 5353 (multicast DNS) or 5355
    (LLMNR). `question` indexes `questions`, whose entries are the first question's bytes with the name in lower case;
    -1 for a message without one. `server` is the side of the conversation that is asked.
    """

    tables: CaptureTables
    row: NDArray[np.int64]
    at: NDArray[np.int32]
    time_ns: NDArray[np.int64]
    conversation: NDArray[np.int32]
    server: NDArray[np.uint8]
    service: NDArray[np.uint16]
    ident: NDArray[np.uint16]
    flags: NDArray[np.uint16]
    question: NDArray[np.int32]
    answers: NDArray[np.uint16]
    questions: list[bytes]

    def __len__(self) -> int:
        return len(self.row)

    def asked(self, message: int) -> Question | None:
        """The first question of a message, by the message's index."""
        number = int(self.question[message])
        return unpack_key(self.questions[number]) if number >= 0 else None

    def read(self, messages: Iterable[int]) -> list[bytes]:
        """The bytes of messages from their DNS header to the end of their frame; the frames are fetched again."""
        wanted = [int(message) for message in messages]
        frames = self.tables.read_frames(self.row[wanted])
        return [frame[int(at) :] for frame, at in zip(frames, self.at[wanted], strict=True)]


def unpack_key(key: bytes) -> Question | None:
    """Name, type and class of an entry of `DnsTable.questions`."""
    named = unpack_name(key, 0)
    if named is None or len(key) < named[1] + 4:
        return None
    name, end = named
    return Question(
        name, int.from_bytes(key[end : end + 2], "big"), int.from_bytes(key[end + 2 : end + 4], "big"), end + 4
    )


@dataclass(slots=True)
class _Columns:
    """Columns while they grow, as machine numbers: a million messages make no million objects."""

    row: array[int] = field(default_factory=lambda: array("q"))
    at: array[int] = field(default_factory=lambda: array("i"))
    ident: array[int] = field(default_factory=lambda: array("H"))
    flags: array[int] = field(default_factory=lambda: array("H"))
    question: array[int] = field(default_factory=lambda: array("i"))
    answers: array[int] = field(default_factory=lambda: array("H"))
    numbers: dict[bytes, int] = field(default_factory=dict)

    def add(self, row: int, frame: bytes, at: int) -> None:
        """Read the message at `at`; what is no DNS message is passed over."""
        if len(frame) < at + 12:
            return
        ident, flags, questions, answers, _, _ = HEADER.unpack_from(frame, at)
        # Junk on port 53 shows itself by an operation that does not exist or by dozens of questions.
        if flags & 0x7800 > 0x3000 or questions > 32:
            return
        self.row.append(row)
        self.at.append(at)
        self.ident.append(ident)
        self.flags.append(flags)
        self.answers.append(answers)
        # A name ends at the first zero byte: labels hold none, and a compressed question would be unheard of.
        stop = frame.find(b"\0", at + 12) if questions else -1
        if stop < 0 or len(frame) < stop + 5:
            self.question.append(-1)
            return
        key = frame[at + 12 : stop].lower() + frame[stop : stop + 5]
        self.question.append(self.numbers.setdefault(key, len(self.numbers)))


def build_dns(tables: CaptureTables) -> DnsTable:
    """Read every DNS message of the capture."""
    packets, facts = tables.packets, tables.conversations.facts
    ports = facts["sides"]["port"]
    service = np.zeros(len(facts) + 1, np.uint16)  # the last entry is that of conversation -1
    for port in (LLMNR, MDNS, DNS):
        service[:-1][np.isin(facts["protocol"], (6, 17)) & (ports == port).any(axis=1)] = port
    columns = _Columns()
    if service.any():
        rows = np.flatnonzero(service[packets.conversation[: packets.count]])
        rows = rows[packets.layers[rows] & LAYERS["quoted"] == 0]
        _add_datagrams(tables, rows[packets.layers[rows] & LAYERS["udp"] != 0], columns)
        _add_segments(tables, rows[packets.layers[rows] & LAYERS["tcp"] != 0], columns)
    return _finish(tables, columns, service)


def _finish(tables: CaptureTables, columns: _Columns, service: NDArray[np.uint16]) -> DnsTable:
    packets, facts = tables.packets, tables.conversations.facts
    row = np.array(columns.row, np.int64)
    order = np.argsort(row, kind="stable")
    row = row[order]
    conversation = packets.conversation[row]
    # Where both ends use port 53 (old servers among themselves), the receiver of a query is the one asked.
    flags = np.array(columns.flags, np.uint16)[order]
    ports = facts["sides"]["port"][conversation]
    by_port = (ports[:, 1] == service[conversation]).astype(np.uint8)
    by_flag = np.where(flags & 0x8000, packets.direction[row], 1 - packets.direction[row]).astype(np.uint8)
    both = ports[:, 0] == ports[:, 1]
    return DnsTable(
        tables,
        row=row,
        at=np.array(columns.at, np.int32)[order],
        time_ns=packets.time_ns[row],
        conversation=conversation,
        server=np.where(both, by_flag, by_port).astype(np.uint8),
        service=service[conversation],
        ident=np.array(columns.ident, np.uint16)[order],
        flags=flags,
        question=np.array(columns.question, np.int32)[order],
        answers=np.array(columns.answers, np.uint16)[order],
        questions=list(columns.numbers),
    )


def _frames(tables: CaptureTables, rows: NDArray[np.int64]) -> Iterator[tuple[int, bytes, int]]:
    """(row, frame, offset of its payload) of rows, read in chunks."""
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        places = tables.packets.payload_at[part].tolist()
        yield from zip(part.tolist(), tables.read_frames(part), places, strict=True)


def _add_datagrams(tables: CaptureTables, rows: NDArray[np.int64], columns: _Columns) -> None:
    for row, frame, at in _frames(tables, rows[tables.packets.length[rows] >= 12]):
        columns.add(row, frame, at)


def _add_segments(tables: CaptureTables, rows: NDArray[np.int64], columns: _Columns) -> None:
    """Follow the two-byte lengths (RFC 1035 section 4.2.2) through each direction's new segments.

    `due` is how many bytes of a message begun earlier are still to come; a message is read where its first segment holds
    its header, also when its length came in a segment of its own.
    """
    packets = tables.packets
    repeats = MARKS["retransmission"] | MARKS["out_of_order"] | MARKS["keep_alive"]
    rows = rows[(packets.length[rows] > 0) & (packets.marks[rows] & repeats == 0)]
    due: dict[tuple[int, int], int] = {}
    announced: dict[tuple[int, int], int] = {}
    for row, frame, start in _frames(tables, rows):
        key = (int(packets.conversation[row]), int(packets.direction[row]))
        end = start + int(packets.length[row])
        at = start + due.pop(key, 0)
        if key in announced:
            columns.add(row, frame[:end], at)
            at += announced.pop(key)
        while at + 2 < end and at + 2 < len(frame):
            columns.add(row, frame[:end], at + 2)
            at += 2 + int.from_bytes(frame[at : at + 2], "big")
        if at + 2 == end and at >= start:
            announced[key] = int.from_bytes(frame[at : at + 2], "big")
        elif at > end:
            due[key] = at - end
