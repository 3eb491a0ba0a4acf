"""The table of TLS messages, and the certificates that they name.

Holds messages; reads none. Certificates are kept once by thumbprint and opened when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.messages.certificates import Certificate, read_certificate, thumbprint
from wireproof.messages.table import Message, MessageTable
from wireproof.wire.distinguished_name import name_text

if TYPE_CHECKING:
    from wireproof.conversations import CaptureTables


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsMessage(Message):
    """One handshake message, ChangeCipherSpec or alert, and the first records of application data of each side.

    `kind` is the RFC's name in snake_case: client_hello, server_hello, hello_retry_request, certificate, certificate_request,
    server_key_exchange, server_hello_done, client_key_exchange, certificate_verify, finished, change_cipher_spec, alert,
    application_data, ...; `encrypted_handshake` and `encrypted_alert` are what only their record type tells, and `not_tls`
    stands for bytes behind TLS that are no record.
    """

    kind: str
    from_client: bool
    record_version: int = 0
    """Version of the record that holds it, such as 0x0301."""
    length: int = 0
    """Bytes of the message without its header; of encrypted ones those of the record."""
    version: int = 0
    """Of a hello: the highest version asked for, or the one chosen, supported_versions heeded; 0 for others."""
    versions: tuple[int, ...] = ()
    """Of a client_hello: what supported_versions offers."""
    random: str = ""
    """Of a hello: 32 bytes in hexadecimal."""
    session_id: str = ""
    """Of a hello: in hexadecimal."""
    suites: tuple[int, ...] = ()
    """Of a client_hello: cipher suites in the order offered, GREASE values left out."""
    suite: int = -1
    """Of a server_hello: the suite chosen."""
    version_name: str = ""
    """Of a hello: `version` by name."""
    suite_names: tuple[str, ...] = ()
    """Of a hello: the suites offered, or the one chosen, by name."""
    extensions: tuple[int, ...] = ()
    """Of a hello: extension numbers."""
    server_name: str = ""
    """Of a client_hello: SNI."""
    alpn: tuple[str, ...] = ()
    """Of a hello: application protocols."""
    resumes: bool = False
    """Of a client_hello: offers a session id, a ticket or a pre-shared key; of a server_hello: takes a pre-shared key."""
    certificates: tuple[str, ...] = ()
    """Of a certificate: SHA-1 thumbprints, the sender's own first; `TlsTable.certificate` has their contents."""
    authorities: tuple[str, ...] = ()
    """Of a certificate_request: distinguished names of the issuers it accepts."""
    authorities_bytes: int = 0
    """Of a certificate_request: length of that list."""
    alert_level: int = 0
    """Of an alert: 1 warning, 2 fatal."""
    alert: str = ""
    """Of an alert: description, such as unknown_ca."""
    alert_code: int = -1
    """Of an alert: the description's number."""
    inside: str = ""
    """What the TLS was started within: "" from the first byte, else http-connect, starttls, tds, socks, ..."""


@dataclass(slots=True)
class Store:
    """What messages hold in common, kept once: certificates by thumbprint, issuers' names by their bytes."""

    ders: dict[str, bytes] = field(default_factory=dict)
    prints: dict[bytes, str] = field(default_factory=dict)
    read: dict[str, Certificate] = field(default_factory=dict)
    names: dict[bytes, str] = field(default_factory=dict)

    def keep(self, der: bytes) -> str:
        """Keep a certificate; gives its thumbprint."""
        if der not in self.prints:
            self.prints[der] = mark = thumbprint(der)
            self.ders[mark] = der
        return self.prints[der]

    def name(self, der: bytes) -> str:
        """The text of a distinguished name."""
        if der not in self.names:
            self.names[der] = name_text(der)
        return self.names[der]


class TlsTable(MessageTable[TlsMessage]):
    """The TLS messages of a capture, with the certificates that they name and the capture's `tables`."""

    def __init__(self, tables: CaptureTables, store: Store, messages: Iterable[TlsMessage] = ()) -> None:
        super().__init__(TlsMessage, messages)
        self.tables = tables
        self._store = store

    def certificate(self, mark: str) -> Certificate:
        """The certificate with this thumbprint, out of a message's `certificates`."""
        if mark not in self._store.read:
            self._store.read[mark] = read_certificate(self._store.ders[mark])
        return self._store.read[mark]
