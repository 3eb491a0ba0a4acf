"""One side of a TLS session: its records one after the other, and the application data that opens.

Takes records of one stream; gives clear data, the other records that were encrypted, and what could not be opened. `run` hands out conditions, as
`Keyed` does, and is resumed once they hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.decrypt import resync
from wireproof.decrypt.clear import OpenedRecord
from wireproof.decrypt.clear_index import ClearIndex, Room
from wireproof.decrypt.epoch import Chain
from wireproof.decrypt.handshake_parts import unpack_old_parts
from wireproof.decrypt.keyed import Keyed, Wait
from wireproof.decrypt.outcome import Reason
from wireproof.decrypt.protect.opener import CHAIN, BadRecord
from wireproof.decrypt.record_feed import Body, Stop, find_boundaries
from wireproof.limits import limit
from wireproof.wire.tls import ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, RECORD_HEADER, TLS_1_3
from wireproof.wire.tls_suites import encrypts_nothing

if TYPE_CHECKING:
    from wireproof.decrypt.records import Source
    from wireproof.decrypt.session import Session

CLIENT, SERVER = 0, 1
HELLOS = b"\x01", b"\x02"
RANDOM = slice(6, 38)
"""Where a hello's random stands in its message (RFC 8446 section 4.1.2)."""
FAILURES = limit(
    "decrypt.failed_records",
    64,
    "records in a row that do not open: so many are not damaged one by one, and each costs the time of one that does",
)
COUNTED = limit(
    "decrypt.counted_bytes",
    4 << 20,
    "of a side that stays closed so many bytes are gone through to count its records; more would be read for a number only",
)


class Direction(Keyed):
    """One side of a session, as `Keyed` it is. `versions` are those that its records have had.

    `tries` and `searches` count what was spent on missing bytes. `plain_from` is where bytes go on in clear behind TLS, `another_at` where a hello
    begins another session; -1 for never.
    """

    def __init__(self, session: Session, role: int, source: Source, start: int, room: Room) -> None:
        super().__init__(session, role, source, start)
        self.source = source
        self.start = start
        self.found = ClearIndex(room)
        self.tries = self.searches = 0
        self.versions: tuple[int, ...] = ()
        self.plain_from = self.another_at = -1
        self._goodbye = False

    # --- the walk ----------------------------------------------------------------------------------------------------

    def run(self) -> Iterator[Wait]:
        """Go through all records."""
        if not self.ended:
            self._take_old_hello()
        while not self.ended:
            if self._open_run():
                continue
            record = self.feed.take()
            if record is None:
                yield from self._stop()
            elif self.epoch is None or self._is_plain(record):
                yield from self._take_plain(record)
            elif self._open(record):
                yield from self.change()
        self.messages.forget()

    def end(self) -> None:
        """Nothing more comes."""
        self.ended = True
        self.feed.rest()
        # Session and directions would else keep each other, and all that they hold, until a collection.
        del self.session

    def begin_another(self, session: Session) -> None:
        """Go on with the session whose hello was found behind the one that is over; a side without one stays at its end."""
        if self.closed:
            self.tally.miss(session.keys.reason, self.tally.closed_at)
        self.session, self.ended = session, self.another_at < 0
        if not self.ended:
            self.feed.at, self.another_at = self.another_at, -1
        self.epoch, self.closed, self._goodbye = None, False, False
        self.reached = self.changes = self.failed_in_a_row = 0

    def _begins_another(self, record: Body) -> bool:
        """Whether a record is a hello in clear where all is encrypted. One that goes on from a HelloRetryRequest has the random of the first."""
        size = int.from_bytes(record.body[1:4], "big")
        is_hello = record.kind == HANDSHAKE and record.body[:1] == HELLOS[self.role] and record.body[4:5] == b"\x03"
        if not is_hello or not RANDOM.stop <= size + 4 <= len(record.body):
            return False
        if self.role == CLIENT and record.body[RANDOM] == self.session.handshake(0).client_random:
            return False
        self.another_at, self.ended = record.start, True
        return True

    def _is_plain(self, record: Body) -> bool:
        """In TLS 1.3 what is encrypted looks like application data (RFC 8446 section 5.2)."""
        return record.kind != APPLICATION_DATA and self.session.version >= TLS_1_3

    def _take_old_hello(self) -> None:
        head = self.source.read(self.feed.at, 300)
        parts = unpack_old_parts(head) if self.role == CLIENT else None
        if parts is None:
            return
        size = 2 + ((head[0] & 0x7F) << 8 | head[1])
        handshake = self.session.handshake(0)
        handshake.client_hello = parts
        # Hashed is what stands behind the two bytes of length (RFC 5246 appendix E.2).
        handshake.said[CLIENT].append(self.source.read(self.feed.at, size)[2:])
        self.feed.at += size

    def _stop(self) -> Iterator[Wait]:
        """There is no whole record here: the stream ends, goes on plain, or lacks bytes."""
        stop = self.feed.stop
        if stop is Stop.END:
            if self.feed.had and self.epoch is not None:
                self.tally.cut = self.tally.reason is Reason.NONE
                self.tally.miss(Reason.MISSING_BYTES, self.feed.at)
                self.tally.unread += 1
            self.ended = True
        elif stop is Stop.NO_RECORD and self._ends_here():
            self.plain_from = self.feed.at
            self.found.add_plain(self.source, self.plain_from)
            self.ended = True
        else:
            yield from resync.go_on(self)

    def _ends_here(self) -> bool:
        """Whether bytes that are no record stand behind TLS: it was ended, or nothing tells so and no record follows them."""
        session = self.session
        if self._goodbye or session.beginning.inside == "tds":
            return True
        if self.epoch is None or not encrypts_nothing(session.handshake(0).suite):
            return False
        return next(find_boundaries(self.source, self.feed.at + 1, self.versions), None) is None

    # --- records in clear --------------------------------------------------------------------------------------------

    def _take_plain(self, record: Body) -> Iterator[Wait]:
        kind = record.kind
        if (self.closed or self.epoch is not None) and self._begins_another(record):
            return
        if self.closed:
            self._count(record)
        elif kind == HANDSHAKE:
            # A hello may name another version than the records that follow.
            self.versions = (*self.versions[:1], record.version)
            self._take_messages(record.body)
        elif kind == ALERT and len(record.body) == 2:
            self.tally.alert = record.body
        else:
            yield from self.know_version()
            if self.session.version >= TLS_1_3:
                if kind == APPLICATION_DATA:
                    self.begin_secrets()
                    if self.epoch is None:
                        self._count(record)
                    else:
                        self._open(record)
            else:
                self.guessing = kind != CHANGE_CIPHER_SPEC
                yield from self.change()
                if self.guessing:
                    # The ChangeCipherSpec itself is missing.
                    self.feed.at = record.start
                    resync.try_on(self, record.start)
                self.guessing = False

    def _take_messages(self, content: bytes) -> None:
        session = self.session
        for message in self.messages.add(content):
            if self.epoch is not None and session.version >= TLS_1_3:
                self.take_encrypted_message(message[0])
            else:
                session.take(self.changes, self.role, message)

    def _count(self, record: Body) -> None:
        """One more that stays closed."""
        self.tally.protected += 1
        self.tally.unread += record.kind == APPLICATION_DATA
        if self.feed.at - self.start > COUNTED.value:
            self.ended = True

    # --- encrypted records -------------------------------------------------------------------------------------------

    def _open_run(self) -> bool:
        """Open application data in a row, where no record needs those before it; whether there was any that opens."""
        epoch = self.epoch
        if epoch is None or epoch.chain is not Chain.NONE:
            return False
        run = epoch.opener.open_run(*self.feed.ready(), epoch.sequence)
        count = len(run.raw) - 1
        if not count:
            return False
        self.found.add_run(run, self.feed.at, (len(self.epochs) - 1, epoch.sequence, epoch.spent))
        size = run.raw[-1] - run.raw[0]
        self.tally.protected += count
        self.tally.records += count
        epoch.spent += size - RECORD_HEADER * count
        epoch.sequence += count
        epoch.opened += count
        epoch.overhead = run.raw[-1] - run.raw[-2] - RECORD_HEADER - (run.clear[-1] - run.clear[-2])
        self.failed_in_a_row = 0
        self.feed.at += size
        return True

    def _open(self, record: Body) -> bool:
        """Open one record under the keys of now; tells whether it is a ChangeCipherSpec."""
        epoch = self.epoch
        assert epoch is not None
        self.tally.protected += 1
        epoch.spent += len(record.body)
        try:
            kind, clear = epoch.opener.open(epoch.sequence, record.kind, record.version, record.body)
        except BadRecord as bad:
            return self._take_failed(record, bad.why)
        return self.take_opened(record, kind, clear)

    def take_opened(self, record: Body, kind: int, clear: bytes) -> bool:
        """Note what a record holds that opened under the keys of now; tells whether it is a ChangeCipherSpec."""
        epoch = self.epoch
        assert epoch is not None
        place = record.start, record.start + RECORD_HEADER + len(record.body)
        if kind == APPLICATION_DATA:
            if epoch.chain is Chain.DICTIONARY and not self.found.has_room(len(clear)):
                # It could not be opened again.
                self.tally.miss(Reason.TOO_MUCH, record.start)
                self.close()
                self._count(record)
                return False
            self.tally.records += 1
            self.found.add(clear, place, (len(self.epochs) - 1, epoch.sequence, epoch.spent - len(record.body)))
        else:
            self.tally.keep(OpenedRecord(*place, kind, clear))
        epoch.sequence += 1
        epoch.opened += 1
        epoch.overhead = len(record.body) - len(clear)
        self.failed_in_a_row = 0
        if kind == HANDSHAKE:
            self._take_messages(clear)
        elif kind == ALERT and clear[1:2] == b"\0":
            self._goodbye = True
        return kind == CHANGE_CIPHER_SPEC

    def _take_failed(self, record: Body, why: str) -> bool:
        """A record that does not open: it belongs to later keys, or its bytes are not those that were sent."""
        epoch = self.epoch
        assert epoch is not None
        if self._begins_another(record):
            return False
        for later in self.later_epochs():
            try:
                kind, clear = later.opener.open(0, record.kind, record.version, record.body)
            except BadRecord:
                continue
            self.begin(later)
            return self.take_opened(record, kind, clear)
        self.failed_in_a_row += 1
        self.tally.unread += record.kind == APPLICATION_DATA
        if why == CHAIN:
            self.failed_in_a_row = 0
        elif epoch.opened:
            self.tally.miss(Reason.TAMPERED, record.start)
        if epoch.opened:
            self.found.skip(len(record.body) - epoch.overhead)
        if epoch.opened or self.session.version < TLS_1_3:
            epoch.sequence += 1
        if self.failed_in_a_row >= FAILURES.value or epoch.chain is Chain.DICTIONARY:
            self.tally.miss(Reason.TAMPERED if epoch.opened else Reason.WRONG_SECRET, record.start)
            self.close()
        return False

    def lose_messages(self) -> None:
        """Bytes are missing: what began to be said does not become whole."""
        self.messages.forget()
        if self.epoch is None:
            self.session.handshake(self.changes).lacks = True

    @property
    def version(self) -> int:
        """What the server chose; 0 as long as nobody knows."""
        return self.session.version
