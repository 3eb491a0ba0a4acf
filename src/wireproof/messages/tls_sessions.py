"""What the handshake of each TLS conversation agreed on, and how it ended, from its messages.

Takes the table of TLS messages; gives one `TlsSession` a conversation. Judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from wireproof.messages.tls_hidden import Hidden, read_hidden
from wireproof.wire.tls import TLS_1_3
from wireproof.wire.tls_suites import SIGNALS

if TYPE_CHECKING:
    from wireproof.messages.certificates import Certificate
    from wireproof.messages.tls_table import TlsMessage, TlsTable


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSession:
    """One TLS conversation. Rows are packet rows, -1 for none.

    `client_side` (0 or 1) sent the ClientHello. `server_name` is the client's SNI, `offered` its cipher suites, `suite` what the server
    chose (-1 unknown), `version` what both use (0x0303 for TLS 1.2; 0 unknown).
    """

    conversation: int
    client_side: int
    messages: tuple[TlsMessage, ...] = ()
    client_hello: TlsMessage | None = None
    server_hello: TlsMessage | None = None
    server_name: str = ""
    version: int = 0
    offered: tuple[int, ...] = ()
    suite: int = -1
    certificates: tuple[Certificate, ...] = ()
    """The server's, its own first; none where they are encrypted (TLS 1.3), where the session is resumed, or not captured."""
    certificate_row: int = -1
    client_certificates: tuple[Certificate, ...] = ()
    client_certificate: TlsMessage | None = None
    """The client's certificate message, also when it is empty."""
    request: TlsMessage | None = None
    """The server's certificate_request: see its `authorities` and `authorities_bytes`."""
    alerts: tuple[TlsMessage, ...] = ()
    """Alerts in clear, warnings included."""
    encrypted_from: int = -1
    """First packet with an encrypted record of either side."""
    application_from: int = -1
    """First packet with application data; in TLS 1.3 with the client's first record behind that of its Finished."""
    completed: bool = False
    """Both sides sent their Finished (up to TLS 1.2), or both went on encrypted (TLS 1.3)."""
    resumed: bool = False
    renegotiated_row: int = -1
    """First packet of a further handshake within the encrypted session, which only TLS up to 1.2 has."""
    ended_by: str = ""
    """`client` or `server`, whoever sent the first FIN or RST; "" while it is open."""
    end_kind: str = ""
    """`fin` or `rst`."""
    end_row: int = -1
    inside: str = ""
    """What the TLS was started within: "", http-connect, starttls, tds, socks, ..."""
    hidden: Hidden | None = None
    """In TLS 1.3, what the lengths of encrypted records tell."""
    answered_in_clear: bool = False
    """The ClientHello was answered with bytes that are no TLS."""
    pseudo: bool = False
    """A hello as camouflage, then something else than TLS (MS-TURN section 3.1.4.1)."""


TlsSessions: TypeAlias = dict[int, TlsSession]
"""Sessions by conversation."""


def build_tls_sessions(table: TlsTable) -> TlsSessions:
    """Every conversation with TLS messages."""
    return {number: _Session(table, number).build() for number in table.conversations}


class _Session:
    """Collects what one conversation's messages tell."""

    def __init__(self, table: TlsTable, number: int) -> None:
        self._table = table
        self._number = number
        self._messages = table.of(number)

    def build(self) -> TlsSession:
        """The session."""
        hello, answer = self._first("client_hello"), self._first("server_hello")
        version = answer.version if answer else 0
        opened = self._any("finished")
        hidden = read_hidden(self._messages, answer.suite) if answer and version >= TLS_1_3 and not opened else None
        mine, its = self._certificate(False), self._certificate(True)
        return TlsSession(
            conversation=self._number,
            client_side=next(m.side if m.from_client else 1 - m.side for m in self._messages),
            messages=tuple(self._messages),
            client_hello=hello,
            server_hello=answer,
            server_name=hello.server_name if hello else "",
            version=version,
            offered=tuple(suite for suite in hello.suites if suite not in SIGNALS) if hello else (),
            suite=answer.suite if answer else -1,
            certificates=self._chain(mine),
            certificate_row=mine.last_row if mine else -1,
            client_certificates=self._chain(its),
            client_certificate=its,
            request=self._first("certificate_request"),
            alerts=tuple(m for m in self._messages if m.kind == "alert"),
            completed=self._is_completed(hidden),
            resumed=self._is_resumed(hello, answer, mine),
            renegotiated_row=self._renegotiated() if version < TLS_1_3 else -1,
            inside=self._messages[0].inside,
            answered_in_clear=hello is not None and bool(self._of_side(False, "not_tls")) and not self._any_of_server(),
            pseudo=answer is not None
            and self._any("not_tls")
            and not self._any("change_cipher_spec", "application_data", "alert"),
            hidden=hidden,
            **self._rows(hidden),
            **self._end(),
        )

    def _first(self, kind: str) -> TlsMessage | None:
        return next((message for message in self._messages if message.kind == kind), None)

    def _any(self, *kinds: str) -> bool:
        return any(message.kind in kinds for message in self._messages)

    def _any_of_server(self) -> bool:
        """Whether the server sent anything of TLS."""
        return any(not message.from_client and message.kind != "not_tls" for message in self._messages)

    def _certificate(self, of_client: bool) -> TlsMessage | None:
        return next((m for m in self._messages if m.kind == "certificate" and m.from_client == of_client), None)

    def _chain(self, message: TlsMessage | None) -> tuple[Certificate, ...]:
        return tuple(map(self._table.certificate, message.certificates)) if message else ()

    def _of_side(self, from_client: bool, *kinds: str) -> list[TlsMessage]:
        return [m for m in self._messages if m.from_client == from_client and m.kind in kinds]

    def _is_completed(self, hidden: Hidden | None) -> bool:
        """Whether both sides' Finished are there, or what can only follow them."""
        if hidden:
            return hidden.finished is not None and bool(self._of_side(False, "application_data"))
        both = (self._of_side(side, "encrypted_handshake", "finished", "application_data") for side in (True, False))
        return all(any(m for m in found) for found in both)

    def _is_resumed(self, hello: TlsMessage | None, answer: TlsMessage | None, certificate: TlsMessage | None) -> bool:
        """Up to TLS 1.2 the server repeats the session id, or goes straight to ChangeCipherSpec; in 1.3 it takes a pre-shared key."""
        if hello is None or answer is None:
            return False
        if answer.version >= TLS_1_3:
            return answer.resumes
        if certificate or self._of_side(False, "server_hello_done", "server_key_exchange"):
            return False
        same = bool(answer.session_id) and answer.session_id == hello.session_id
        return same or bool(self._of_side(False, "change_cipher_spec"))

    def _renegotiated(self) -> int:
        """Behind both ChangeCipherSpecs, a side's second encrypted message begins another handshake; the first is its Finished."""
        kinds = {"encrypted_handshake", "finished", "client_hello", "hello_request"}
        changes = {m.from_client: m.row for m in reversed(self._messages) if m.kind == "change_cipher_spec"}
        if len(changes) < 2:
            return -1
        found = []
        for from_client, changed in changes.items():
            later = [
                m.row for m in self._messages if m.from_client == from_client and m.kind in kinds and m.row >= changed
            ]
            found += [row for row in later[1:] if row > max(changes.values())]
        return min(found, default=-1)

    def _rows(self, hidden: Hidden | None) -> dict[str, Any]:
        """Where encryption and application data begin."""
        kinds = {"encrypted_handshake", "encrypted_alert", "application_data"}
        encrypted = next((m.row for m in self._messages if m.kind in kinds), -1)
        data = hidden.data if hidden else self._first("application_data")
        return {"encrypted_from": encrypted, "application_from": data.row if data else -1}

    def _end(self) -> dict[str, Any]:
        """Who ended the conversation first, and how."""
        facts = self._table.tables.conversations.facts[self._number]["sides"]
        client = next(m.side if m.from_client else 1 - m.side for m in self._messages)
        ends = [
            (int(facts[side][name]), "client" if side == client else "server", kind)
            for side in (0, 1)
            for name, kind in (("fin_row", "fin"), ("rst_row", "rst"))
            if int(facts[side][name])
        ]
        if not ends:
            return {}
        row, role, kind = min(ends)
        return {"ended_by": role, "end_kind": kind, "end_row": row - 1}
