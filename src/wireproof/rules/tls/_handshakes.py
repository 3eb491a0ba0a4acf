"""TLS handshakes as the rules of this family look at them: each conversation once, and how its client gave up.

Takes the case's TLS sessions; gives `Handshake`s. Decides what stopped a handshake, not why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wireproof.limits import limit
from wireproof.rules.evidence import label
from wireproof.rules.subjects import first_sight, members
from wireproof.wire.tls import TLS_1_3

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.conversations import Talk
    from wireproof.finding import Talk as TalkLabel
    from wireproof.messages.certificates import Certificate
    from wireproof.messages.tls_sessions import TlsSession
    from wireproof.messages.tls_table import TlsMessage

WITHIN = limit(
    "tls.gave_up_within_s",
    5.0,
    "a program that refuses a certificate closes at once; a connection that was opened in advance stays open for a minute or more",
)


SCAN = limit("tls.scanned_servers", 10, "whoever closes after the certificates of ten servers collects certificates")


@dataclass(frozen=True, slots=True)
class Stop:
    """How a client ended a handshake after the server's certificate: by an `alert` (its description in `alert`), an
    `encrypted alert`, or because it `closed` without a word. `row` is the packet, `after_ns` the time since the server's last message.
    """

    kind: str
    row: int
    after_ns: int
    alert: str = ""


@dataclass(frozen=True, slots=True)
class Handshake:
    """One TLS session at one point."""

    point: Point
    session: TlsSession

    @property
    def talk(self) -> Talk:
        """The conversation."""
        return self.point.talk(self.session.conversation)

    @property
    def client(self) -> str:
        """Address of the TLS client."""
        return self.talk.address(self.session.client_side)

    @property
    def server(self) -> str:
        """`address:port` of the TLS server."""
        return self.talk.endpoint(1 - self.session.client_side)

    @property
    def server_address(self) -> str:
        """Address of the TLS server."""
        return self.talk.address(1 - self.session.client_side)

    @property
    def leaf(self) -> Certificate | None:
        """The server's own certificate."""
        return self.session.certificates[0] if self.session.certificates else None

    @property
    def own(self) -> tuple[str, int]:
        """How findings name its conversation."""
        return (self.point.name, self.session.conversation)

    @property
    def time_ns(self) -> int:
        """When the server's certificate (or without one the handshake) was seen."""
        row = self.session.certificate_row if self.session.certificate_row >= 0 else self.session.messages[0].row
        return int(self.point.packets.time_ns[row])

    @property
    def carried_data(self) -> bool:
        """Whether data passed; in TLS 1.3 a client sends before it knows whether the server accepts its certificate."""
        hidden = self.session.hidden
        return self.session.application_from >= 0 and not (hidden and hidden.refusal)

    def label(self, case: Case) -> TalkLabel:
        """The conversation's label with the addresses that other points show."""
        others = members(case).get((self.point.index, self.session.conversation), ())
        return label(
            self.talk, ((case.points[p].name, case.points[p].talk(n)) for p, n in others if p != self.point.index)
        )

    def stop(self) -> Stop | None:
        """How the client gave up after the server's certificate; None when it went on, or the capture does not show it."""
        session = self.session
        if session.version >= TLS_1_3 and session.certificate_row < 0:
            return self._stop_hidden()
        if session.certificate_row < 0 or session.pseudo:
            return None
        alert = next(
            (a for a in session.alerts if a.from_client and is_fatal(a) and a.last_row >= session.certificate_row), None
        )
        if alert:
            return Stop("alert", alert.last_row, self._since_server(alert.last_row), alert.alert)
        spoke = any(
            m.from_client and m.kind in {"application_data", "encrypted_alert", "heartbeat"} for m in session.messages
        )
        return None if spoke or self._said_goodbye() else self._closed()

    def _said_goodbye(self) -> bool:
        """Whether the client, in a session that was opened, finished the handshake and then closed in good order."""
        done = next((m.last_row for m in self.session.messages if m.from_client and m.kind == "finished"), -1)
        return done >= 0 and any(a.from_client and not is_fatal(a) and a.last_row >= done for a in self.session.alerts)

    def _stop_hidden(self) -> Stop | None:
        """In TLS 1.3 certificate and alerts are encrypted; an alert shows by the length of its record."""
        session, hidden = self.session, self.session.hidden
        if hidden is None or not any(m.kind == "application_data" and not m.from_client for m in session.messages):
            return None
        alert = next((a for a in session.alerts if a.from_client and is_fatal(a)), None)
        if alert and hidden.finished is None:
            return Stop("alert", alert.last_row, self._since_server(alert.last_row), alert.alert)
        if hidden.client_alert:
            row = hidden.client_alert.last_row
            return Stop("encrypted alert", row, self._since_server(row))
        # An alert behind the Finished says goodbye in good order.
        return None if hidden.data or hidden.goodbye or hidden.refusal else self._closed()

    def _closed(self) -> Stop | None:
        session = self.session
        if session.ended_by != "client":
            return None
        after = self._since_server(session.end_row)
        return Stop("closed", session.end_row, after) if 0 <= after <= WITHIN.value * 1e9 else None

    def _since_server(self, row: int) -> int:
        """Time from the server's last message before `row`; -1 without one."""
        times = self.point.packets.time_ns
        last = max((m.last_row for m in self.session.messages if not m.from_client and m.last_row <= row), default=-1)
        return int(times[row] - times[last]) if last >= 0 else -1


QUIET_ALERTS = {"close_notify", "user_canceled", "no_renegotiation", "unrecognized_name", "no_certificate"}
"""Said as a warning, these end nothing, or end it in good order."""


def is_fatal(alert: TlsMessage) -> bool:
    """Whether an alert ends the handshake."""
    return alert.alert_level == 2 or alert.alert not in QUIET_ALERTS


def handshakes(case: Case) -> Iterator[Handshake]:
    """The TLS sessions of all points, each conversation at the point nearest to its client."""
    for point in case.points:
        sessions = point.said.tls_sessions
        if not sessions:
            continue
        numbers = first_sight(case, point, np.array(sorted(sessions), np.int64), near_client=True)
        for number in numbers.tolist():
            yield Handshake(point, sessions[number])


def scanners(found: Iterable[Handshake]) -> set[str]:
    """Clients that left very many servers without a word: they look at certificates and refuse none."""
    left: dict[str, set[str]] = {}
    for handshake in found:
        stop = handshake.stop()
        if stop and stop.kind == "closed":
            left.setdefault(handshake.client, set()).add(handshake.server)
    return {client for client, servers in left.items() if len(servers) >= SCAN.value}


def grouped(found: Iterable[tuple[tuple[str, ...], Handshake]]) -> dict[tuple[str, ...], list[Handshake]]:
    """Handshakes by cause, in order of the first."""
    groups: dict[tuple[str, ...], list[Handshake]] = {}
    for cause, handshake in found:
        groups.setdefault(cause, []).append(handshake)
    return groups
