"""What Schannel logged of a handshake that a capture shows, where both are in one ETL: why the client refused the server's certificate.

Takes handshakes whose client gave up; gives the row that belongs to one of them beyond doubt. Schannel names neither addresses nor ports: time,
process and the server's name have to leave one handshake only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.limits import limit
from wireproof.rules.evidence import log_line
from wireproof.rules.tls._handshakes import Handshake
from wireproof.wire.tls import ALERTS

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.finding import Evidence
    from wireproof.logs.etl_log import EtlLog, EtlRow

LATE = limit(
    "tls.schannel_late_s",
    1.0,
    "Schannel logs why it refuses before or while the program closes, in any case within a second",
)
REASONS = {
    "ServerCertificateUntrusted": "the certificate comes from an authority that is not trusted there",
    "ServerCertificateExpired": "the certificate has expired, or is not valid yet",
    "ServerCertificateRevoked": "the certificate has been revoked",
    "ServerCertificateForOtherName": "the certificate is not for the expected name",
    "ServerCertificateInvalid": "the certificate is not valid",
    "AlertSent": "it sent the fatal alert",
}
"""What each event says, by its name."""
ALERTS_ON_CERTIFICATES = frozenset(
    number
    for number, name in ALERTS.items()
    if name.startswith(("bad_certificate", "certificate_")) or name in {"unsupported_certificate", "unknown_ca"}
) - {next(number for number, name in ALERTS.items() if name == "certificate_required")}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a client refused, as Schannel on its computer says. `is_of_process` tells that it names the process of the connection."""

    log: EtlLog
    number: int
    row: EtlRow
    is_of_process: bool

    @property
    def reason(self) -> str:
        """The reason, with the name or alert that belongs to it."""
        words, fields = REASONS[self.row.fact.name], self.row.fact.fields
        if self.row.fact.name == "ServerCertificateForOtherName" and fields.get("name"):
            return f"{words} {fields['name']}"
        if self.row.fact.name == "AlertSent":
            alert = fields["alert"]
            return f"{words} {ALERTS.get(alert, alert) if isinstance(alert, int) else alert}"
        return words

    def evidence(self) -> Evidence:
        """The row."""
        return log_line(self.log, self.number, "why Schannel on the client refuses")


class Refusals:
    """What Schannel says of a case's handshakes whose client gave up. Every other handshake of that computer may be meant instead."""

    def __init__(self, case: Case, given_up: Sequence[Handshake]) -> None:
        self._case = case
        points = {one.point.index: one.point for one in given_up}
        self._rows = {index: rows for index, point in points.items() if (rows := _rows(point.events))}
        self._own = {index: [one for one in _handshakes_of(points[index]) if _is_own(one)] for index in self._rows}

    def of(self, handshake: Handshake) -> Refusal | None:
        """Why the client of a handshake refused; None where Schannel says nothing, or something that may be of another one."""
        index, log = handshake.point.index, handshake.point.events
        if log is None or index not in self._rows or not _is_own(handshake):
            return None
        others = [one for one in self._own[index] if one.own != handshake.own]
        for number, row in self._rows[index]:
            fitting = _fits(self._case, handshake, row)
            if fitting is not None and all(_fits(self._case, one, row) is None for one in others):
                return Refusal(log, number, row, fitting)
        return None


def _handshakes_of(point: Point) -> Iterator[Handshake]:
    for session in point.said.tls_sessions.values():
        if session.messages:
            yield Handshake(point, session)


def _rows(log: EtlLog | None) -> list[tuple[int, EtlRow]]:
    """The rows that say why a certificate is refused, with their numbers."""
    found = []
    for number, row in enumerate(log.rows if log else (), 1):
        alert = row.fact.fields.get("alert")
        on_certificate = row.fact.name in REASONS and (alert is None or alert in ALERTS_ON_CERTIFICATES)
        if row.provider == "Schannel" and on_certificate:
            found.append((number, row))
    return found


def _is_own(handshake: Handshake) -> bool:
    """Whether the client is the computer that the trace is of: its messages are sent, not received."""
    row = next((message.row for message in handshake.session.messages if message.from_client), -1)
    sent = handshake.point.capture.sent
    return 0 <= row < len(sent) and bool(sent[row])


def _is_in_time(handshake: Handshake, time_ns: int) -> bool:
    """Whether a time lies between the server's certificate and the end that the client made, or soon behind the certificate of one that went on."""
    stop, begin_ns = handshake.stop(), handshake.time_ns
    end_ns = begin_ns
    if stop:
        end_ns = int(handshake.point.packets.time_ns[stop.row])
        begin_ns = min(begin_ns, end_ns - max(stop.after_ns, 0))
    return begin_ns <= time_ns <= end_ns + int(LATE.value * 1e9)


def _fits(case: Case, handshake: Handshake, row: EtlRow) -> bool | None:
    """Whether a row may be of a handshake: None where it can't, else whether both name one process."""
    if not _is_in_time(handshake, row.time_ns):
        return None
    name, asked = row.fact.fields.get("name"), handshake.session.server_name
    if isinstance(name, str) and name and asked and name.lower().rstrip(".") != asked.lower().rstrip("."):
        return None
    owner = case.ownership.owner(handshake.point.index, handshake.session.conversation, handshake.session.client_side)
    if not row.pid or owner is None:
        return False
    return True if owner.pid == row.pid else None
