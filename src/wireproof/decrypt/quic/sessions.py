"""All QUIC connections of a capture, opened with the secrets of a key log.

Takes a capture's tables, the conversations that speak QUIC, and the ring of keys; gives the data of streams by conversation and one outcome each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.decrypt.clear import ClearQuic
from wireproof.decrypt.clear_index import Room
from wireproof.decrypt.datagrams import Payload, read_payloads
from wireproof.decrypt.outcome import Outcome, Reason, Status
from wireproof.decrypt.quic.connection import Connection, Packet
from wireproof.decrypt.reasons import Facts, advice_of, text_of, text_of_unfinished
from wireproof.decrypt.unfinished import HELLOS, ROLES, message_name
from wireproof.limits import limit
from wireproof.wire.tls import TLS_1_3

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables
    from wireproof.decrypt.keys.ring import KeyRing
    from wireproof.streams import Protocols

LOOKED_AT = limit(
    "decrypt.quic_datagrams",
    512,
    "a connection of which none of so many datagrams opens has no secret at hand; to read on would only count what stays closed",
)
WAITING_MOST = 256
"""Packets that wait for the hellos, where these come behind them in the capture."""


def find_quic(protocols: Protocols) -> NDArray[np.int64]:
    """Conversations that begin as QUIC does."""
    return protocols.udp.get("quic", np.zeros(0, np.int64))


def open_quic(
    tables: CaptureTables, numbers: NDArray[np.int64], ring: KeyRing, room: Room | None = None
) -> tuple[dict[int, ClearQuic], list[Outcome]]:
    """Open the QUIC connections among these conversations; of each there is an outcome, and its streams where something opened."""
    room = room or Room()
    opened: dict[int, ClearQuic] = {}
    outcomes = []
    for number in numbers.tolist():
        reading = _Reading(tables, number, Connection(ring, room, int(tables.conversations.facts["client"][number])))
        reading.run()
        if reading.first_row < 0:
            continue
        outcome = reading.outcome(ring)
        outcomes.append(outcome)
        one = reading.connection
        if outcome.status is not Status.CLOSED:
            opened[number] = ClearQuic(number, one.client_side, one.streams, one.messages, one.closes, outcome)
    return opened, outcomes


class _Reading:
    """One conversation's datagrams on their way to its connection."""

    def __init__(self, tables: CaptureTables, number: int, connection: Connection) -> None:
        self._tables, self._number = tables, number
        self.connection = connection
        self.first_row = -1
        self._waiting: list[tuple[Payload, Packet]] = []

    def run(self) -> None:
        """Go through all datagrams; stop early where none of the first ones opens."""
        for turn, payload in enumerate(read_payloads(self._tables, self._number)):
            if turn > LOOKED_AT.value and not self.connection.counts.opened and not self._waiting:
                break
            for packet in self.connection.packets(payload.data, payload.side):
                self.first_row = payload.row if self.first_row < 0 else self.first_row
                self._take(payload, packet)
        self._take_waiting()

    def _take(self, payload: Payload, packet: Packet) -> None:
        one = self.connection
        waits = packet.level != "initial" and not all(one.hellos) and len(self._waiting) < WAITING_MOST
        if waits:
            self._waiting.append((payload, packet))
            return
        one.take(payload.row, payload.side, payload.data, packet)
        if self._waiting and all(one.hellos):
            self._take_waiting()

    def _take_waiting(self) -> None:
        waited, self._waiting = self._waiting, []
        for payload, packet in waited:
            self.connection.take(payload.row, payload.side, payload.data, packet)

    def outcome(self, ring: KeyRing) -> Outcome:
        """What became of the connection."""
        one, counts = self.connection, self.connection.counts
        status, reason = self._judge()
        facts = Facts(suite=one.suite, has_log=any(source.kind == "key log" for source in ring.sources), quic=True)
        hello = one.hellos[0].hello if one.hellos[0] else None
        at = one.full_at if reason is Reason.TOO_MUCH else counts.first_closed
        return Outcome(
            conversation=self._number,
            status=status,
            reason=reason,
            text=self._unfinished() if reason is Reason.NOT_FINISHED else _text(reason, facts),
            advice=advice_of(reason, facts),
            version=TLS_1_3,
            suite=one.suite,
            server_name=hello.server_name if hello else "",
            inside="quic",
            key=one.source if counts.opened else "",
            records=counts.with_data,
            octets=counts.octets,
            unread=counts.data_closed,
            row=self.first_row,
            reason_row=at if reason is not Reason.NONE else -1,
        )

    def _unfinished(self) -> str:
        """How far the handshake came."""
        role, row = self.connection.last_hello
        if row < 0:
            return text_of(Reason.NOT_FINISHED, Facts())
        closed = [
            f"the {ROLES[side != self.connection.client_side]} closed the connection"
            for _, side, *_ in self.connection.closes
        ]
        return text_of_unfinished(
            message_name(HELLOS[role], role), self._tables.packets.number(row), next(iter(closed), "")
        )

    def _judge(self) -> tuple[Status, Reason]:
        one, counts = self.connection, self.connection.counts
        if not counts.opened + counts.closed:
            return Status.CLOSED, Reason.NOT_FINISHED
        if not counts.opened:
            if not one.client_random:
                return Status.CLOSED, Reason.NO_HANDSHAKE
            return Status.CLOSED, Reason.WRONG_SECRET if one.tried else Reason.FORWARD_SECRECY
        if one.full_at >= 0:
            return Status.PARTLY, Reason.TOO_MUCH
        if counts.data_closed:
            return Status.PARTLY, Reason.FORWARD_SECRECY if one.lacking else Reason.TAMPERED
        return Status.DECRYPTED, Reason.NONE


def _text(reason: Reason, facts: Facts) -> str:
    """QUIC's packets have no place in a stream, so some sentences are others than those of TLS."""
    sentences = {
        Reason.TAMPERED: "Packets do not open: their bytes are not those that were sent, or they are of another connection.",
        Reason.TOO_MUCH: "The connection was not read on because a limit of memory was reached.",
    }
    return sentences.get(reason) or text_of(reason, facts)
