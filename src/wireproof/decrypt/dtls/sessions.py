"""All DTLS sessions of a capture, opened with the keys at hand.

Takes a capture's tables, conversations that may hold DTLS, and the ring of keys; gives clear records by conversation and one outcome each.
Conversations without DTLS (STUN alone, a telephone's media) give nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.decrypt.clear import ClearDatagram, ClearDatagrams
from wireproof.decrypt.clear_index import Room
from wireproof.decrypt.datagrams import Payload, read_payloads
from wireproof.decrypt.dtls.association import CLIENT, SERVER, Association, Sent
from wireproof.decrypt.dtls.keys import DtlsKeys
from wireproof.decrypt.keys.masters import Endpoint
from wireproof.decrypt.outcome import Outcome, Reason, Status
from wireproof.decrypt.reasons import Facts, advice_of, text_of, text_of_unfinished
from wireproof.decrypt.unfinished import ROLES, alert_clause, message_name
from wireproof.limits import limit
from wireproof.wire.dtls import DTLS_1_3, DtlsRecord, is_unified, unpack_fragments, unpack_records, unpack_unified
from wireproof.wire.tls import ALERT, CLIENT_HELLO, HANDSHAKE, SERVER_HELLO
from wireproof.wire.tls_suite_parts import suite_parts

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.keys.ring import KeyRing
    from wireproof.streams import Protocols

LOOKED_AT = limit(
    "decrypt.datagrams_searched",
    512,
    "where STUN or media begin a conversation, DTLS follows within a few datagrams; one without DTLS is not read to its end",
)


def find_dtls(protocols: Protocols) -> NDArray[np.int64]:
    """Conversations that may hold DTLS: those that begin with it, and those that begin with STUN, as media of browsers do."""
    found = [protocols.udp[name] for name in ("dtls", "stun") if name in protocols.udp]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)


def open_dtls(
    tables: CaptureTables, numbers: NDArray[np.int64], ring: KeyRing, room: Room | None = None
) -> tuple[dict[int, ClearDatagrams], list[Outcome]]:
    """Open the DTLS sessions among these conversations; of each there is an outcome, and clear records where some opened."""
    room = room or Room()
    opened: dict[int, ClearDatagrams] = {}
    outcomes = []
    for number in numbers.tolist():
        session = _Session(tables, number, ring, room)
        session.run()
        if not session.associations:
            continue
        outcome = session.outcome(ring)
        outcomes.append(outcome)
        if outcome.status is not Status.CLOSED:
            session.found.sort(key=lambda one: tables.packets.number(one.row))
            opened[number] = ClearDatagrams(number, session.found, outcome)
    return opened, outcomes


class _Session:
    """One conversation. Most have one association; a client that restarts on its old port begins another."""

    def __init__(self, tables: CaptureTables, number: int, ring: KeyRing, room: Room) -> None:
        self._tables, self._number, self._ring, self._room = tables, number, ring, room
        self._client = int(tables.conversations.facts["client"][number])
        self.associations: list[Association] = []
        self.found: list[ClearDatagram] = []
        self._first_row = -1
        self._full_at = -1
        self._last = (-1, "")
        self._alert = ""

    def run(self) -> None:
        """Go through all datagrams; stop early where the first ones hold no DTLS."""
        most = int(LOOKED_AT.value)
        for payload in read_payloads(self._tables, self._number, 0, most):
            self._take(payload)
        if not self.associations:
            return
        for payload in read_payloads(self._tables, self._number, most):
            self._take(payload)
        for association in self.associations:
            self._keep(association.finish())

    def _take(self, payload: Payload) -> None:
        """The records of one datagram; in DTLS 1.3 such with two forms of header may share one."""
        at = 0
        for record in unpack_records(payload.data):
            at += record.size
            if record.epoch == 0:
                self._take_clear(payload, record)
            else:
                sent = Sent(payload.row, payload.side, self._role(payload), record)
                self._keep(self._association(payload.row).take_protected(sent))
        if not self.associations or not is_unified(payload.data[at:]):
            return
        association, role = self.associations[-1], self._role(payload)
        for hidden in unpack_unified(payload.data[at:], association.ids_of(role)):
            self._keep(association.take_unified(payload.row, payload.side, role, hidden))

    def _role(self, payload: Payload) -> int:
        return CLIENT if payload.side == self._client else SERVER

    def _take_clear(self, payload: Payload, record: DtlsRecord) -> None:
        """Who greets is the client, and another greeting begins another association."""
        for fragment in unpack_fragments(record.body if record.kind == HANDSHAKE else b""):
            if fragment.kind == CLIENT_HELLO:
                self._client = payload.side
            elif fragment.kind == SERVER_HELLO:
                self._client = 1 - payload.side
            if self.associations and self.associations[-1].begins_another(fragment):
                self._keep(self.associations[-1].finish())
                self._begin()
            self._last = payload.row, message_name(fragment.kind, self._role(payload))
        if record.kind == ALERT:
            self._alert = alert_clause(record.body, ROLES[self._role(payload)])
        self._association(payload.row).take_clear(self._role(payload), record)

    def _association(self, row: int) -> Association:
        if not self.associations:
            self._first_row = row
            self._last = row, "the first record"
            self._begin()
        return self.associations[-1]

    def _begin(self) -> None:
        self.associations.append(Association(DtlsKeys(self._ring, self._server())))

    def _server(self) -> Endpoint:
        side, facts = 1 - self._client, self._tables.conversations.facts[self._number]
        return Endpoint(facts["addresses"].tobytes()[16 * side : 16 * side + 16], int(facts["sides"][side]["port"]))

    def _keep(self, clear: Iterator[ClearDatagram]) -> None:
        for one in clear:
            if len(one.data) > self._room.left:
                self._full_at = self._full_at if self._full_at >= 0 else one.row
                continue
            self._room.left -= len(one.data)
            self.found.append(one)

    # --- the outcome -------------------------------------------------------------------------------------------------

    def outcome(self, ring: KeyRing) -> Outcome:
        """What became of all associations of the conversation together."""
        every = self.associations
        # The one to tell of is the first that stays closed.
        told = next((one for one in every if one.reason or one.unread), every[0])
        handshake = told.handshake(0)
        status, reason = self._judge(told)
        parts = suite_parts(handshake.suite)
        facts = Facts(
            suite=handshake.suite,
            exchange=parts.key_exchange if parts else "",
            alert=self._alert,
            has_log=any(source.kind == "key log" for source in ring.sources),
        )
        hello = handshake.client_hello.hello if handshake.client_hello else None
        return Outcome(
            conversation=self._number,
            status=status,
            reason=reason,
            text=self._unfinished(facts.alert) if reason is Reason.NOT_FINISHED else _text(reason, facts),
            advice=advice_of(reason, facts),
            version=handshake.wire_version if handshake.version != DTLS_1_3 else DTLS_1_3,
            suite=handshake.suite,
            server_name=hello.server_name if hello else "",
            key=next((one.keys.source for one in every if one.keys.source), ""),
            resumed=any(one.keys.resumed for one in every),
            handshakes=sum(one.handshakes for one in every),
            records=sum(one.records for one in every),
            octets=sum(one.octets for one in every),
            unread=sum(one.unread for one in every),
            row=self._first_row,
            reason_row=self._reason_row(reason, told),
        )

    def _reason_row(self, reason: Reason, told: Association) -> int:
        if reason is Reason.TOO_MUCH:
            return self._full_at
        return self._last[0] if reason is Reason.NOT_FINISHED else told.reason_row

    def _unfinished(self, alert: str) -> str:
        """How far the handshake came."""
        row, name = self._last
        return text_of_unfinished(name, self._tables.packets.number(row), alert)

    def _judge(self, told: Association) -> tuple[Status, Reason]:
        every = self.associations
        if not any(one.protected for one in every):
            return Status.CLOSED, Reason.NOT_FINISHED
        reason = told.reason or told.keys.reason
        if not any(one.opened for one in every):
            return Status.CLOSED, reason or Reason.UNKNOWN_SUITE
        if self._full_at >= 0:
            return Status.PARTLY, Reason.TOO_MUCH
        if reason or any(one.unread for one in every):
            return Status.PARTLY, reason or Reason.WRONG_SECRET
        return Status.DECRYPTED, Reason.NONE


def _text(reason: Reason, facts: Facts) -> str:
    """Datagrams have no offsets in a stream, so some sentences are others than those of TLS."""
    sentences = {
        Reason.MISSING_BYTES: "The capture lacks bytes of a record.",
        Reason.TAMPERED: "A record does not open: its bytes are not those that were sent.",
        Reason.TOO_MUCH: "The session was not read on because a limit of memory was reached.",
    }
    return sentences.get(reason) or text_of(reason, facts)
