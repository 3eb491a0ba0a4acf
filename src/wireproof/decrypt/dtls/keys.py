"""Keys of a DTLS association: master secrets tried on its records, one handshake after the other.

Takes handshakes and the ring of keys; gives openers of both sides, or the reason why there are none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wireproof.decrypt.dtls.dtls13 import Dtls13
from wireproof.decrypt.handshake_parts import ENCRYPT_THEN_MAC, TRUNCATED_HMAC
from wireproof.decrypt.keys.derive import TLS_1_0, key_block
from wireproof.decrypt.keys.masters import Endpoint, Master, find_masters
from wireproof.decrypt.keys.ring import Secret
from wireproof.decrypt.keys.session import SessionKeys
from wireproof.decrypt.outcome import Reason
from wireproof.decrypt.protect.choose import make_opener
from wireproof.decrypt.protect.opener import BadRecord, OneByOne, Opener, UnsupportedCipher
from wireproof.wire.dtls import BEFORE_1_0, DTLS_1_3
from wireproof.wire.tls_suite_parts import SuiteParts, suite_parts

if TYPE_CHECKING:
    from wireproof.decrypt.dtls.handshake import DtlsHandshake
    from wireproof.decrypt.keys.ring import KeyRing
    from wireproof.wire.dtls import DtlsRecord

NUMBER = (1 << 48) - 1
"""The bits of a sequence number behind the epoch."""
Openers = tuple[Opener, Opener]
"""The client's and the server's."""


class Found(NamedTuple):
    """Keys that open something, and the secret that they are made from."""

    openers: Openers
    master: Master


class DtlsKeys:
    """The keys of one association. `reason` tells why the last ones are missing, `later` are those of DTLS 1.3."""

    def __init__(self, ring: KeyRing, server: Endpoint) -> None:
        self._ring = ring
        self._server = server
        self.later = Dtls13(ring)
        self.reason = Reason.NONE
        self._source = ""
        self.resumed = False

    @property
    def source(self) -> str:
        """The file or block of the keys in use, empty for none."""
        return self._source or self.later.source

    def find(self, handshake: DtlsHandshake, role: int, record: DtlsRecord) -> Found | None:
        """The keys behind a handshake under which a record opens that a role (0 for the client) sent."""
        parts = suite_parts(handshake.suite)
        tried = False
        if parts and handshake.version != DTLS_1_3 and handshake.client_random and handshake.server_random:
            for master in find_masters(handshake, parts, self._ring, self._server):
                tried = True
                openers = _make(handshake, parts, master)
                if openers and _opens(openers[role], record):
                    self._use(master)
                    return Found(openers, master)
        self.reason = Reason.WRONG_SECRET if tried else self._explain(handshake)
        return None

    def _use(self, master: Master) -> None:
        self.reason = Reason.NONE
        self.resumed = self.resumed or master.resumed
        if not self._source:
            self._source = master.source
            self._ring.count_use(master.source)

    def remember(self, handshake: DtlsHandshake, master: Master) -> None:
        """Keep a master secret for sessions that go on from this one; the server's ticket comes late in a handshake."""
        session_id = handshake.server_hello.hello.session_id if handshake.server_hello else b""
        self._ring.remember(Secret(master.value, master.source), session_id, *handshake.tickets)

    def _explain(self, handshake: DtlsHandshake) -> Reason:
        """Why there was no secret to try."""
        keys = SessionKeys(self._ring, self._server)
        keys.make_epochs(handshake, [])
        return keys.reason or Reason.UNKNOWN_SUITE


def _make(handshake: DtlsHandshake, parts: SuiteParts, master: Master) -> Openers | None:
    keys = key_block(handshake.version, parts, master.value, handshake.client_random, handshake.server_random)
    later, short = handshake.has(ENCRYPT_THEN_MAC), handshake.has(TRUNCATED_HMAC)
    try:
        client, server = (make_opener(handshake.version, parts, one, later, short, dtls=True) for one in keys)
    except UnsupportedCipher:
        return None
    if handshake.wire_version == BEFORE_1_0:
        return OldOpener(client), OldOpener(server)
    return client, server


class OldOpener(OneByOne):
    """Version 0x0100: some authenticated as RFC 4347 says, the first ones left the epoch out and took the version of TLS 1.0."""

    __slots__ = ("_opener",)
    sequential = False

    def __init__(self, opener: Opener) -> None:
        self._opener = opener

    def open(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes]:
        """Content type and clear bytes, as of the opener inside."""
        try:
            return self._opener.open(sequence, kind, version, body)
        except BadRecord:
            return self._opener.open(sequence & NUMBER, kind, TLS_1_0, body)


def _opens(opener: Opener, record: DtlsRecord) -> bool:
    try:
        opener.open(record.sequence, record.kind, record.version, record.body)
    except BadRecord:
        return False
    return True
