"""One DTLS association: what both sides said in clear, the keys behind each of its handshakes, and the records that these open.

Takes records in the order of the capture; gives clear ones. Records that come before what their keys are made from wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wireproof.decrypt.clear import ClearDatagram
from wireproof.decrypt.dtls.handshake import DtlsHandshake, Flight, build_handshake
from wireproof.decrypt.outcome import Reason
from wireproof.decrypt.protect.opener import BadRecord
from wireproof.wire.dtls import DTLS_1_3, DtlsRecord, Fragment, UnifiedRecord, as_tls_client_hello, unpack_fragments
from wireproof.wire.tls import (
    APPLICATION_DATA,
    CLIENT_HELLO,
    FINISHED,
    HANDSHAKE,
    SERVER_HELLO,
    unpack_client_hello,
)

if TYPE_CHECKING:
    from wireproof.decrypt.dtls.keys import DtlsKeys, Found, Openers

CLIENT, SERVER = 0, 1
WAITING_MOST = 4096
"""Records that wait for keys; more are counted as unread."""
CONNECTION_ID = 54
TRIES = 16
"""Records on which the secrets of one handshake are tried."""


class Sent(NamedTuple):
    """A record, who sent it, and the packet that it stands in."""

    row: int
    side: int
    role: int
    record: DtlsRecord


@dataclass(slots=True)
class _Epoch:
    """The keys of one epoch: found, or looked for again when another message became whole."""

    found: Found | None = None
    tries: int = 0
    seen: int = -1


class Association:
    """One association. Counts as in `Outcome`; `opened` counts all records that opened, `protected` all that were encrypted."""

    def __init__(self, keys: DtlsKeys) -> None:
        self.keys = keys
        self._flights: dict[int, tuple[Flight, Flight]] = {}
        self._epochs: dict[int, _Epoch] = {}
        self._waiting: list[Sent] = []
        self._answered = False
        self._built: tuple[int, DtlsHandshake] | None = None
        self.records = self.octets = self.unread = self.opened = self.protected = 0
        self.reason, self.reason_row = Reason.NONE, -1

    # --- what is said in clear ---------------------------------------------------------------------------------------

    def begins_another(self, fragment: Fragment) -> bool:
        """Whether a whole ClientHello is that of another association: one with another random behind a ServerHello.

        Asked for a cookie, a client should repeat its random (RFC 6347 section 4.2.1), but old ones did not.
        """
        if fragment.kind != CLIENT_HELLO or len(fragment.data) < fragment.length or not self._answered:
            return False
        hello = unpack_client_hello(as_tls_client_hello(fragment.data))
        return hello is not None and hello.random != self.handshake(0).client_random

    def take_clear(self, role: int, record: DtlsRecord) -> None:
        """Note a record of epoch 0."""
        if record.kind == HANDSHAKE:
            self._take_fragments(0, role, record.body)

    def _take_fragments(self, epoch: int, role: int, content: bytes) -> None:
        flights = self._flights.setdefault(epoch, (Flight(), Flight()))
        for fragment in unpack_fragments(content):
            # Behind the first handshake its Finished stand among the messages of the next one, with numbers of their own.
            if epoch and fragment.kind == FINISHED:
                continue
            self._answered |= flights[role].add(fragment) and fragment.kind == SERVER_HELLO

    def handshake(self, epoch: int) -> DtlsHandshake:
        """The handshake that was spoken within an epoch, as far as it is there."""
        return build_handshake(self._flights.get(epoch, (Flight(), Flight())))

    @property
    def handshakes(self) -> int:
        """Handshakes in which the server answered; at least one."""
        return max(sum(self.handshake(epoch).server_hello is not None for epoch in self._flights), 1)

    # --- what is encrypted -------------------------------------------------------------------------------------------

    def take_protected(self, sent: Sent) -> Iterator[ClearDatagram]:
        """Open a record of an epoch above 0; those that waited come with it once there are keys."""
        self.protected += 1
        openers = self._openers(sent)
        if openers is None:
            self._wait(sent)
            return
        if self._waiting:
            yield from self._take_waiting()
        yield from self._open(sent, openers)

    def take_unified(self, row: int, side: int, role: int, record: UnifiedRecord) -> Iterator[ClearDatagram]:
        """Open a record of DTLS 1.3; its header does not tell whether it holds application data."""
        self.protected += 1
        try:
            kind, clear = self.keys.later.open(self._first_handshake(), role, record)
        except BadRecord:
            self.unread += 1
            if self.reason is Reason.NONE:
                self.reason, self.reason_row = self._explain(record), row
            return
        self._count(kind, clear)
        yield ClearDatagram(row, side, kind, clear)

    def _explain(self, record: UnifiedRecord) -> Reason:
        if not record.whole:
            return Reason.MISSING_BYTES
        if self.opened:
            return Reason.TAMPERED
        if self._first_handshake().version != DTLS_1_3:
            return Reason.NO_HANDSHAKE
        return Reason.WRONG_SECRET if self.keys.later.source else Reason.FORWARD_SECRECY

    def _first_handshake(self) -> DtlsHandshake:
        """The first handshake; built again only where more of it is known."""
        news = sum(flight.news for flight in self._flights.get(0, ()))
        if self._built is None or self._built[0] != news:
            self._built = news, self.handshake(0)
        return self._built[1]

    def ids_of(self, role: int) -> int:
        """Bytes of the connection id in what a role sends: the other side chose it (RFC 9146 section 3)."""
        handshake = self._first_handshake()
        hello = handshake.client_hello if role == SERVER else handshake.server_hello
        listed = hello.extensions.get(CONNECTION_ID, b"") if hello else b""
        return listed[0] if listed else 0

    def _wait(self, sent: Sent) -> None:
        if len(self._waiting) < WAITING_MOST:
            self._waiting.append(sent)
        else:
            self._miss(sent, self.keys.reason or Reason.NO_HANDSHAKE)

    def _take_waiting(self) -> Iterator[ClearDatagram]:
        """Those that have keys now."""
        waited, self._waiting = self._waiting, []
        for sent in waited:
            epoch = self._epochs.get(sent.record.epoch)
            if epoch is None or epoch.found is None:
                self._waiting.append(sent)
            else:
                yield from self._open(sent, epoch.found.openers)

    def finish(self) -> Iterator[ClearDatagram]:
        """Nothing more comes: what still waits is opened or counted."""
        waited, self._waiting = self._waiting, []
        for sent in waited:
            openers = self._openers(sent)
            if openers is None:
                self._miss(sent, self.keys.reason or Reason.NO_HANDSHAKE)
            else:
                yield from self._open(sent, openers)
        for number, epoch in self._epochs.items():
            if epoch.found:
                self.keys.remember(self.handshake(number - 1), epoch.found.master)

    def _openers(self, sent: Sent) -> Openers | None:
        """The keys of a record's epoch."""
        before = sent.record.epoch - 1
        epoch = self._epochs.setdefault(sent.record.epoch, _Epoch()) if before in self._flights else None
        if epoch is None:
            return None
        if epoch.found:
            return epoch.found.openers
        news = sum(flight.news for flight in self._flights[before])
        if epoch.seen == news and epoch.tries >= TRIES:
            return None
        epoch.tries = epoch.tries + 1 if epoch.seen == news else 1
        epoch.seen = news
        epoch.found = self.keys.find(self.handshake(before), sent.role, sent.record)
        return epoch.found.openers if epoch.found else None

    def _open(self, sent: Sent, openers: Openers) -> Iterator[ClearDatagram]:
        record = sent.record
        try:
            kind, clear = openers[sent.role].open(record.sequence, record.kind, record.version, record.body)
        except BadRecord:
            self._miss(sent, Reason.TAMPERED if record.whole else Reason.MISSING_BYTES)
            return
        self._count(kind, clear)
        if kind == HANDSHAKE:
            self._take_fragments(record.epoch, sent.role, clear)
        yield ClearDatagram(sent.row, sent.side, kind, clear)

    def _count(self, kind: int, clear: bytes) -> None:
        self.opened += 1
        if kind == APPLICATION_DATA:
            self.records += 1
            self.octets += len(clear)

    def _miss(self, sent: Sent, reason: Reason) -> None:
        """A record stays closed; the first reason is told."""
        self.unread += sent.record.kind == APPLICATION_DATA
        if self.reason is Reason.NONE:
            self.reason, self.reason_row = reason, sent.row
