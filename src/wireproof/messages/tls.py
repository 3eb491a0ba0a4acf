"""TLS messages as far as they are in clear or were opened.

Takes a capture's tables; gives a `TlsTable`: handshake messages with their fields, ChangeCipherSpec, alerts, and of encrypted
records what their headers tell. Judges nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from wireproof.decrypt.beginning import Beginning, find_beginning
from wireproof.decrypt.records import HandshakeAt, Handshakes, RecordAt, Source, Walk
from wireproof.messages.tls_fields import client_fields, server_fields
from wireproof.messages.tls_table import Store, TlsMessage, TlsTable
from wireproof.streams import Protocols, open_streams
from wireproof.wire import tls
from wireproof.wire.tls_suites import encrypts_nothing, mac_bytes

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.clear import Clear, ClearTalk, OpenedRecord

APPLICATION_SHOWN, HIDDEN_SHOWN = 2, 12
"""Records of application data that are told of each side, as all others are alike; in TLS 1.3 they hold the handshake too."""
MESSAGES_MOST = 500
"""Messages told of each side; a handshake has ten, and what sends more wants to fill memory."""


def build_tls(tables: CaptureTables, protocols: Protocols, clear: Clear | None = None) -> TlsTable:
    """Every such message of the capture, also where TLS begins within another protocol. `clear` are sessions that were opened."""
    found = [numbers for name in ("tls", "tls-inside") if (numbers := protocols.tcp.get(name)) is not None]
    store = Store()
    if not any(map(len, found)):
        return TlsTable(tables, store)
    messages: list[TlsMessage] = []
    for talk in open_streams(tables, np.unique(np.concatenate(found))):
        beginning = find_beginning(talk)
        if beginning is not None:
            opened = clear.talks.get(talk.conversation) if clear else None
            messages += _Reader(tables, talk.conversation, beginning, store, opened).read()
    return TlsTable(tables, store, messages)


class _Reader:
    """Reads one conversation: the server's side first, because what it chose tells how to read the rest."""

    def __init__(
        self,
        tables: CaptureTables,
        conversation: int,
        beginning: Beginning,
        store: Store,
        opened: ClearTalk | None = None,
    ) -> None:
        self._times = tables.packets.time_ns
        self._conversation = conversation
        self._beginning = beginning
        self._store = store
        self._opened = opened
        self._version = 0
        self._suite = -1
        self._retried = False

    def read(self) -> list[TlsMessage]:
        """Messages of both sides."""
        client = self._beginning.client_side
        return [
            message
            for side in (1 - client, client)
            if self._beginning.starts[side] >= 0
            for message in self._side(side)
        ]

    def _side(self, side: int) -> Iterator[TlsMessage]:
        return _SideReader(self, side).read()

    def make(self, side: int, kind: str, start: int, end: int, **fields: Any) -> TlsMessage:
        """A message that the bytes from `start` up to `end` of a side hold."""
        rows = self._beginning.sources[side].rows(start, end) or [max(self._beginning.sources[side].row(start), 0)]
        last = max(rows)
        return TlsMessage(
            conversation=self._conversation,
            side=side,
            row=rows[0],
            last_row=last,
            time_ns=int(self._times[last]),
            kind=kind,
            from_client=side == self._beginning.client_side,
            inside=self._beginning.inside,
            **fields,
        )

    def source(self, side: int) -> tuple[Source, int]:
        """What a side sent, and where its TLS begins."""
        return self._beginning.sources[side], self._beginning.starts[side]

    def opened(self, side: int) -> dict[int, OpenedRecord] | None:
        """Records of a side that were encrypted, by their place; None where nothing was opened."""
        return self._opened.opened[side] if self._opened else None

    def chose(self, hello: tls.Hello) -> None:
        """The server chose version and suite."""
        self._retried = self._retried or hello.retry
        self._version, self._suite = tls.agreed_version(hello), hello.suites[0]

    @property
    def version(self) -> int:
        """What the server chose; 0 as long as nobody knows."""
        return self._version

    @property
    def plain_tail(self) -> int:
        """Bytes of MAC behind what a suite without encryption leaves readable; -1 when records are encrypted."""
        return (
            mac_bytes(self._suite)
            if self._suite >= 0 and encrypts_nothing(self._suite) and self._version < tls.TLS_1_3
            else -1
        )

    @property
    def clear_after_change(self) -> bool:
        """Whether handshake records behind a ChangeCipherSpec are in clear: it means nothing in TLS 1.3 (RFC 8446 appendix D.4)."""
        return self._version >= tls.TLS_1_3 or self._retried

    @property
    def store(self) -> Store:
        """Certificates and names that were seen."""
        return self._store


class _SideReader:
    """Goes through one side's records and gives its messages."""

    def __init__(self, reader: _Reader, side: int) -> None:
        self._reader = reader
        self._side = side
        self._handshakes = Handshakes()
        self._opened = reader.opened(side)
        self._changed = False
        self._shown = 0

    def read(self) -> Iterator[TlsMessage]:
        source, start = self._reader.source(self._side)
        yield from self._old_hello(source, start)
        walk = Walk(source, self._old_end or start)
        told = 0
        for record in itertools.chain(map(self._look_inside, walk), self._opened_behind(walk)):
            for message in self._take(record):
                told += 1
                yield message
            if told >= MESSAGES_MOST:
                return
        yield from self._handshake(self._handshakes.flush(), cut=True)
        if walk.broken_at >= 0:
            yield self._reader.make(self._side, "not_tls", walk.broken_at, walk.broken_at + 1)
        else:
            yield from self._last_alert(source, walk.at)

    _old_end = 0

    def _look_inside(self, record: RecordAt) -> RecordAt:
        """The record, or what it holds where it was opened."""
        found = self._opened.get(record.start) if self._opened else None
        if found is None:
            return record
        return replace(record, kind=found.kind, body=found.data, opened=True)

    def _opened_behind(self, walk: Walk) -> Iterator[RecordAt]:
        """Records that were opened further on than a walk among encrypted ones goes."""
        for start, found in (self._opened or {}).items():
            if start >= walk.at:
                size = found.end - start - 5
                yield RecordAt(found.kind, self._reader.version, size, start, found.data, opened=True)

    def _old_hello(self, source: Source, start: int) -> Iterator[TlsMessage]:
        """A ClientHello in the form of SSL 2.0."""
        head = source.read(start, 300)
        hello = tls.unpack_sslv2_hello(head)
        if hello is None:
            return
        self._old_end = start + 2 + ((head[0] & 0x7F) << 8 | head[1])
        yield self._reader.make(
            self._side,
            "client_hello",
            start,
            self._old_end,
            record_version=0x0002,
            length=self._old_end - start - 2,
            **client_fields(hello),
        )

    def _take(self, record: RecordAt) -> Iterator[TlsMessage]:
        if record.kind == tls.HANDSHAKE:
            yield from self._take_handshake(record)
        elif record.kind == tls.CHANGE_CIPHER_SPEC:
            self._changed = True
            yield self._of_record(record, "change_cipher_spec")
        elif record.kind == tls.ALERT:
            yield self._alert(record)
        elif record.kind == tls.APPLICATION_DATA:
            self._shown += 1
            told = self._opened is not None or 0 < self._reader.version < tls.TLS_1_3
            if self._shown <= (APPLICATION_SHOWN if told else HIDDEN_SHOWN):
                yield self._of_record(record, "application_data")
        else:
            yield self._of_record(record, "heartbeat")

    def _of_record(self, record: RecordAt, kind: str, **fields: Any) -> TlsMessage:
        cut = bool(record.body) and record.cut
        message = self._reader.make(
            self._side, kind, record.start, record.end, record_version=record.version, length=record.length, **fields
        )
        return replace(message, cut=True) if cut else message

    def _alert(self, record: RecordAt) -> TlsMessage:
        tail = 0 if record.opened or not self._changed else max(self._reader.plain_tail, 0)
        size = len(record.body) if record.opened else record.length
        if len(record.body) == size == 2 + tail and record.body[0] in (1, 2):
            level, code = record.body[0], record.body[1]
            return self._of_record(record, "alert", alert_level=level, alert=tls.alert_name(code), alert_code=code)
        return self._of_record(record, "encrypted_alert")

    def _take_handshake(self, record: RecordAt) -> Iterator[TlsMessage]:
        tail = self._reader.plain_tail
        if record.opened:
            yield from self._handshake(self._handshakes.take(record, record.body))
        elif not self._changed or self._reader.clear_after_change:
            if not self._handshakes.waits and record.body[:1] and record.body[0] not in tls.MESSAGES:
                yield self._of_record(record, "encrypted_handshake")
            else:
                yield from self._handshake(self._handshakes.take(record, record.body))
        elif tail >= 0:
            yield from self._handshake(self._handshakes.take(record, record.body[: max(record.length - tail, 0)]))
        else:
            yield self._of_record(record, "encrypted_handshake")

    def _handshake(self, found: Iterable[HandshakeAt], cut: bool = False) -> Iterator[TlsMessage]:
        for one in itertools.islice(found, MESSAGES_MOST):
            kind, fields = self._fields(one)
            message = self._reader.make(
                self._side, kind, one.start, one.end, record_version=one.version, length=one.length, **fields
            )
            yield replace(message, cut=True) if cut or not one.whole else message

    def _fields(self, one: HandshakeAt) -> tuple[str, dict[str, Any]]:
        """A message's kind and the fields that only this kind has."""
        kind = tls.MESSAGES.get(one.kind, f"handshake_{one.kind}")
        if one.kind == tls.CLIENT_HELLO and (hello := tls.unpack_client_hello(one.body)):
            return kind, client_fields(hello)
        if one.kind == tls.SERVER_HELLO and (hello := tls.unpack_server_hello(one.body)):
            self._reader.chose(hello)
            return ("hello_retry_request" if hello.retry else kind), server_fields(hello)
        version = self._reader.version or one.version
        if one.kind == tls.CERTIFICATE:
            return kind, {
                "certificates": tuple(map(self._reader.store.keep, tls.unpack_certificates(one.body, version)))
            }
        if one.kind == tls.CERTIFICATE_REQUEST:
            asked = tls.unpack_certificate_request(one.body, version)
            return kind, {
                "authorities": tuple(map(self._reader.store.name, asked.authorities)),
                "authorities_bytes": asked.list_bytes,
            }
        return kind, {}

    def _last_alert(self, source: Source, walked: int) -> Iterator[TlsMessage]:
        """An alert in the last segment of a side whose records were not followed to their end."""
        ends = getattr(source, "ends", None)
        if ends is None or not len(ends) or int(ends[-1]) <= walked:
            return
        start = int(source.starts[-1])  # type: ignore[attr-defined]
        record = tls.unpack_record(source.read(start, 5)) if start >= walked else None
        if record and record.kind == tls.ALERT and start + 5 + record.length == int(ends[-1]):
            yield self._alert(
                RecordAt(record.kind, record.version, record.length, start, source.read(start + 5, record.length))
            )
