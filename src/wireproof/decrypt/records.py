"""The TLS records of one direction, and the handshake messages that they hold in pieces.

Takes a `Stream` (or what reads like one); gives records with their offsets. Bytes that the capture lacks are stepped over by the length
that their record states. Keeps no more than one handshake message. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from wireproof.limits import limit
from wireproof.wire.tls import APPLICATION_DATA, MESSAGES, unpack_record

WALKED = limit(
    "tls.walked_bytes",
    131_072,
    "handshakes are over long before; what follows is application data, of which only the end tells something (an alert)",
)
HANDSHAKE_MOST = 1 << 20
"""Longest handshake message that is put together; certificate chains and lists of issuers stay far below."""


class Source(Protocol):
    """What records are read from: see `Stream`."""

    def read(self, start: int, count: int) -> bytes:
        """Bytes from `start`, fewer before a gap."""

    def next_after(self, offset: int) -> int | None:
        """Where bytes go on."""

    def row(self, offset: int) -> int:
        """The packet of a byte."""

    def rows(self, start: int, end: int) -> list[int]:
        """The packets of bytes."""


@dataclass(frozen=True, slots=True)
class RecordAt:
    """One record: `body` begins at `start` + 5, is empty for application data, and shorter than `length` where bytes are missing.

    Of a record that was opened `kind` and `body` are what it holds, and `opened` tells so.
    """

    kind: int
    version: int
    length: int
    start: int
    body: bytes
    opened: bool = False

    @property
    def end(self) -> int:
        """One past its last byte."""
        return self.start + 5 + self.length

    @property
    def cut(self) -> bool:
        """Whether the capture lacks bytes of its body."""
        return not self.opened and len(self.body) < self.length


class Walk:
    """Goes through the records of one direction from `start` on; iterate it once.

    `broken_at` is the offset of bytes that are no record, -1 when all are. `at` is where the walk stopped.
    """

    def __init__(self, source: Source, start: int) -> None:
        self._source = source
        self.at = start
        self._most = start + 2 * HANDSHAKE_MOST
        self._saw_data = False
        self.broken_at = -1

    def __iter__(self) -> Iterator[RecordAt]:
        source = self._source
        while self.at < self._most:
            header = source.read(self.at, 5)
            if len(header) < 5 and not self._step_over_gap(len(header)):
                return
            record = unpack_record(header if len(header) == 5 else source.read(self.at, 5))
            if record is None:
                self.broken_at = self.at
                return
            wanted = record.length
            if record.kind == APPLICATION_DATA:
                wanted = 0
                self._most = self._most if self._saw_data else self.at + int(WALKED.value)
                self._saw_data = True
            found = RecordAt(record.kind, record.version, record.length, self.at, source.read(self.at + 5, wanted))
            self.at = found.end
            yield found

    def _step_over_gap(self, had: int) -> bool:
        """Go on behind missing bytes, when a record begins there."""
        after = self._source.next_after(self.at + had)
        if after is None or after == self.at + had:
            return False
        first = unpack_record(self._source.read(after, 5))
        self.at = after
        return first is not None


@dataclass(frozen=True, slots=True)
class HandshakeAt:
    """One handshake message: type, stated length, body as far as it is there, and the bytes `start` to `end` of the stream."""

    kind: int
    length: int
    body: bytes
    start: int
    end: int
    version: int

    @property
    def whole(self) -> bool:
        """Whether its body is complete."""
        return len(self.body) == self.length


class Handshakes:
    """Puts handshake messages together from records (RFC 8446 section 5.1: they may be split and share records)."""

    def __init__(self) -> None:
        self._data = b""
        self._places: list[tuple[int, int]] = []
        self._end = 0
        self._version = 0
        self._lost = False

    def take(self, record: RecordAt, body: bytes) -> Iterator[HandshakeAt]:
        """Add a record's plain content; gives the messages that it completes, and a cut one where bytes are missing.

        Behind a message that is too long to be put together nothing more is told: its rest would be taken for messages.
        """
        if self._lost:
            return
        if not self._data:
            self._places, self._version = [], record.version
        self._places.append((len(self._data), record.start + 5))
        self._data += body
        self._end = record.end
        yield from self._complete(record.opened)
        self._lost = self._stated() > HANDSHAKE_MOST
        if record.cut or self._lost:
            yield from self.flush()

    def flush(self) -> Iterator[HandshakeAt]:
        """What is there of a message that never became whole."""
        if len(self._data) >= 4 and self._data[0] in MESSAGES:
            stated = self._stated()
            yield HandshakeAt(
                self._data[0], stated, self._data[4 : 4 + stated], self._place(0), self._end, self._version
            )
        self._data = b""

    @property
    def waits(self) -> bool:
        """Whether a message has begun and is not whole."""
        return bool(self._data)

    def _stated(self) -> int:
        return int.from_bytes(self._data[1:4], "big")

    def _place(self, offset: int) -> int:
        """Stream offset of a byte held."""
        return next(begin + offset - held for held, begin in reversed(self._places) if held <= offset)

    def _complete(self, opened: bool) -> Iterator[HandshakeAt]:
        at, data = 0, self._data
        while len(data) - at >= 4:
            size = int.from_bytes(data[at + 1 : at + 4], "big")
            stop = at + 4 + size
            if stop > len(data):
                break
            # Nothing of an encrypted record can be read before the whole of it is there.
            last = self._end if opened else self._place(stop - 1) + 1
            yield HandshakeAt(data[at], size, data[at + 4 : stop], self._place(at), last, self._version)
            at = stop
        if at:
            self._places = [(0, self._place(at))] if at < len(data) else []
            self._data = data[at:]
