"""TLS sessions that renegotiate, as a web server does that asks for a client certificate only for some of its pages.

Both ends are OpenSSL over memory, through pyOpenSSL, since Python's own module can't renegotiate. Gives steps of a `Talk`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import pytest

from tests.support.talk import Close, Send, Step
from tests.support.tls_handshakes import Issued

SSL = pytest.importorskip("OpenSSL.SSL", reason="pyOpenSSL, which renegotiates, is not installed")

NO_RESUMPTION, NO_ENCRYPT_THEN_MAC, NO_EXTENDED_MASTER_SECRET = 0x10000, 0x80000, 0x1
"""Options of OpenSSL without a name in pyOpenSSL: a full handshake in a renegotiation, and what Windows of 2013 did not know."""


def context(suites: str, version: int, issued: Issued | None = None, issuers: Sequence[Issued] = ()) -> object:
    """One end of one version, with its certificate, and the issuers that a server names when it asks for one."""
    made = SSL.Context(SSL.TLS_METHOD)
    made.set_min_proto_version(version)
    made.set_max_proto_version(version)
    made.set_cipher_list(f"{suites}:@SECLEVEL=0".encode())
    made.set_options(SSL.OP_NO_TICKET | NO_RESUMPTION | NO_ENCRYPT_THEN_MAC | NO_EXTENDED_MASTER_SECRET)
    if issued:
        made.use_certificate(issued.certificate)
        made.use_privatekey(issued.key)
    for issuer in issuers:
        made.add_client_ca(issuer.certificate)
    return made


class Renegotiation:
    """A session whose server asks for a client certificate when `ask` is called. `steps` are what each sent, `log` the key log."""

    def __init__(
        self,
        server: Issued,
        own: Issued | None = None,
        suites: str = "AES128-SHA",
        version: int = 0x0301,
        issuers: Sequence[Issued] = (),
    ) -> None:
        self.steps: list[Step] = []
        self.log: list[bytes] = []
        serving, asking = context(suites, version, server, issuers), context(suites, version, own)
        serving.set_session_id(b"wireproof")  # type: ignore[attr-defined]
        asking.set_keylog_callback(lambda _, line: self.log.append(line))  # type: ignore[attr-defined]
        self.client, self.server = SSL.Connection(asking, None), SSL.Connection(serving, None)
        self.client.set_connect_state()
        self.server.set_accept_state()
        self._shake()

    def pump(self, by: str, after_ms: float = 1.0) -> bytes:
        """Carry what one side wrote to the other."""
        one, other = (self.client, self.server) if by == "client" else (self.server, self.client)
        data = b""
        while True:
            try:
                data += one.bio_read(1 << 16)
            except SSL.WantReadError:
                break
        if data:
            other.bio_write(data)
            self.steps.append(Send(by, data, after_ms))
        return data

    def _shake(self) -> None:
        for _ in range(8):
            for by, end in (("client", self.client), ("server", self.server)):
                with contextlib.suppress(SSL.WantReadError):
                    end.do_handshake()
                self.pump(by)

    def say(self, by: str, data: bytes) -> None:
        """One side sends application data."""
        one, other = (self.client, self.server) if by == "client" else (self.server, self.client)
        one.sendall(data)
        self.pump(by)
        assert other.recv(1 << 16) == data

    def ask(self) -> None:
        """The server says HelloRequest; both shake hands again, and it asks for a client certificate.

        A client without a certificate sends an empty list, which the server takes.
        """
        self.server.set_verify(SSL.VERIFY_PEER, lambda *_: True)
        self.server.renegotiate()
        self.server.do_handshake()
        self.pump("server")
        for _ in range(6):
            for by, end in (("client", self.client), ("server", self.server)):
                with contextlib.suppress(SSL.WantReadError):
                    end.recv(1)
                self.pump(by)
        assert self.server.total_renegotiations() == 1
        assert not self.server.renegotiate_pending()

    def close(self, by: str = "client") -> None:
        """close_notify and FIN."""
        (self.client if by == "client" else self.server).shutdown()
        self.pump(by)
        self.steps.append(Close(by))
