"""Real TLS conversations made by OpenSSL in memory, among them such under suites that encrypt nothing.

Takes what both sides write; gives what each puts on the wire, in turns. The certificate is made once for a run of tests.
"""

from __future__ import annotations

import functools
import ssl
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.support.talk import Send

SERVER_NAME = "uag1.contoso.com"
MACS = {"NULL-MD5": 16, "NULL-SHA": 20, "NULL-SHA256": 32}


@functools.cache
def certificate(name: str = SERVER_NAME) -> tuple[bytes, bytes]:
    """A self-signed certificate and its key, both PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return made.public_bytes(serialization.Encoding.PEM), secret


def _context(side: int, suites: str, version: ssl.TLSVersion) -> ssl.SSLContext:
    with warnings.catch_warnings():
        # The versions of 2012 are what is wanted here.
        warnings.simplefilter("ignore", DeprecationWarning)
        context = ssl.SSLContext(side)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers(f"{suites}:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
    return context


@dataclass
class Peer:
    """One side with its memory BIOs."""

    name: str
    session: ssl.SSLObject
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO


class TlsTalk:
    """A TLS conversation: the handshake, then what the sides write. `sent` holds (side, bytes on the wire)."""

    def __init__(
        self, suites: str = "NULL-SHA", version: ssl.TLSVersion = ssl.TLSVersion.TLSv1, name: str = SERVER_NAME
    ) -> None:
        self.sent: list[tuple[str, bytes]] = []
        server = _context(ssl.PROTOCOL_TLS_SERVER, suites, version)
        with tempfile.TemporaryDirectory() as folder:
            chain, key = Path(folder, "chain.pem"), Path(folder, "key.pem")
            chain.write_bytes(certificate(name)[0])
            key.write_bytes(certificate(name)[1])
            server.load_cert_chain(chain, key)
        self.client = self._peer("client", _context(ssl.PROTOCOL_TLS_CLIENT, suites, version))
        self.server = self._peer("server", server)
        self._shake_hands()

    def _peer(self, name: str, context: ssl.SSLContext) -> Peer:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        host = SERVER_NAME if name == "client" else None
        return Peer(name, context.wrap_bio(incoming, outgoing, name == "server", host), incoming, outgoing)

    def _shake_hands(self) -> None:
        done = {"client": False, "server": False}
        while not all(done.values()):
            for own, other in ((self.client, self.server), (self.server, self.client)):
                try:
                    own.session.do_handshake()
                    done[own.name] = True
                except ssl.SSLWantReadError:
                    pass
                self._carry(own, other)

    def _carry(self, own: Peer, other: Peer) -> bytes:
        data = own.outgoing.read()
        if data:
            self.sent.append((own.name, data))
            other.incoming.write(data)
        return data

    def write(self, by: str, data: bytes) -> bytes:
        """One side writes application data: one record. Gives its bytes on the wire."""
        own, other = (self.client, self.server) if by == "client" else (self.server, self.client)
        own.session.write(data)
        wire = self._carry(own, other)
        assert other.session.read(1 << 20) == data
        return wire


def over_tls(writes: Sequence[tuple[str, bytes]], **options: object) -> list[Send]:
    """Steps of a `Talk`: a handshake, then these writes."""
    talk = TlsTalk(**options)  # type: ignore[arg-type]
    for by, data in writes:
        talk.write(by, data)
    return [Send(by, data) for by, data in talk.sent]
