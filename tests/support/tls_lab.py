"""Real TLS sessions with everything known about them: bytes on the wire, clear bytes of both sides, key log, private key.

Python's ssl plays both ends in memory; `tls_lab_openssl` and `tls_lab_tlslite` give the same `Session` for what it can't say.
Takes a `Setup` and a script of writes. Knows nothing of wireproof.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import ssl
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import dsa, rsa

from tests.support.asn1 import integer, sequence
from tests.support.talk import Close, Send, Step, text_of
from tests.support.tls_handshakes import TLS12, TLS13, Issued, Pair, allow, issue, load, rsa_key, trust

TLS10, TLS11 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
NO_EXTENDED_MASTER, NO_ENCRYPT_THEN_MAC = 1 << 0, 1 << 19
"""SSL_OP_NO_EXTENDED_MASTER_SECRET and SSL_OP_NO_ENCRYPT_THEN_MAC of OpenSSL 3; Python has no names for them."""
NAME = "www.example.com"
Writes = tuple[tuple[str, bytes], ...]
"""Who writes what: ("client", b"GET ...")."""

REQUEST = b"GET /index.html HTTP/1.1\r\nHost: www.example.com\r\nCookie: sid=0123456789\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4000\r\n\r\n" + text_of(4000)
POST = b"POST /form HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 3000\r\n\r\n" + text_of(3000)
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
WEB: Writes = (("client", REQUEST), ("server", ANSWER), ("client", POST), ("server", NO_CONTENT))


@dataclass(frozen=True)
class Session:
    """One session: `steps` for a `Talk`, what the client and the server `said` inside, and the keys.

    `private_key` is the server's as PEM, empty where it has none that is RSA. `resumed` tells that its full handshake is in another
    session.
    """

    name: str
    steps: tuple[Step, ...]
    said: tuple[bytes, bytes]
    key_log: bytes = field(repr=False)
    private_key: bytes = field(default=b"", repr=False)
    version: int = 0x0303
    suite: str = ""
    resumed: bool = False

    def wire(self, by: str) -> bytes:
        """All that one side put on the wire."""
        sends = (step for step in self.steps if isinstance(step, Send) and step.by == by)
        return b"".join(step.data for step in sends if isinstance(step.data, bytes))


@functools.cache
def rsa_server() -> Issued:
    """A server's certificate with an RSA key."""
    return issue(NAME, (NAME,), key=rsa_key(2048))


@functools.cache
def ecdsa_server() -> Issued:
    """A server's certificate with an elliptic key."""
    return issue(NAME, (NAME,))


@functools.cache
def dss_server() -> Issued:
    """A server's certificate with a DSA key; small, because nobody checks it."""
    return issue(NAME, (NAME,), key=dsa.generate_private_key(1024))  # type: ignore[arg-type]


@functools.cache
def user() -> Issued:
    """The client's certificate, its own issuer."""
    return issue("user@example.com", key=rsa_key(2048, 1), ca=True)


@functools.cache
def dh_parameters() -> bytes:
    """The group ffdhe2048 (RFC 7919 appendix A.1) as PEM, by its formula."""
    term, euler, turn = 1 << 2400, 0, 1
    while term:
        euler, term, turn = euler + term, term // turn, turn + 1
    prime = 2**2048 - 2**1984 + (((euler << 1918) >> 2400) + 560316) * 2**64 - 1
    lines = base64.encodebytes(sequence(integer(prime), integer(2)))
    return b"-----BEGIN DH PARAMETERS-----\n" + lines + b"-----END DH PARAMETERS-----\n"


@dataclass(frozen=True, kw_only=True)
class Setup:
    """How both ends are set up. `options` are bits of OpenSSL's SSL_OP_*, `curve` is the only one that the server takes."""

    version: ssl.TLSVersion = TLS12
    suite: str = "ECDHE-RSA-AES128-GCM-SHA256"
    certificate: Issued | None = field(default_factory=rsa_server)
    client_certificate: bool = False
    after_handshake: bool = False
    options: int = 0
    curve: str = ""
    name: str = ""

    def contexts(self, key_log: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
        """The client's and the server's context; the client logs its secrets."""
        client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        for context in (client, server):
            if self.version < TLS13:
                context.set_ciphers(f"{self.suite}:@SECLEVEL=0")
            allow(context, self.version, self.version)
            context.options |= self.options
        client.keylog_filename = str(key_log)
        if self.certificate:
            load(server, self.certificate)
        self._set_groups(server)
        if self.client_certificate:
            load(client, user())
            trust(server, [user()])
            server.verify_mode = ssl.CERT_REQUIRED
            client.post_handshake_auth = server.post_handshake_auth = self.after_handshake
        return client, server

    def _set_groups(self, server: ssl.SSLContext) -> None:
        if self.curve:
            server.set_ecdh_curve(self.curve)
        if self.suite.startswith(("DHE", "ADH")):
            with tempfile.NamedTemporaryFile() as file:
                file.write(dh_parameters())
                file.flush()
                server.load_dh_params(file.name)

    def __str__(self) -> str:
        return self.name or f"{self.version.name} {self.suite if self.version < TLS13 else ''}".strip()


class Lab:
    """Plays sessions between one client and one server that both keep what they know: session ids, tickets."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self._folder = tempfile.TemporaryDirectory()
        self._log = Path(self._folder.name, "keys.log")
        with warnings.catch_warnings():
            # Versions, options and groups of former years are what is wanted here.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.contexts = setup.contexts(self._log)
        self._ticket: ssl.SSLSession | None = None
        self._logged = 0

    def close(self) -> None:
        """Let go of contexts and files."""
        del self.contexts
        self._folder.cleanup()

    def play(self, writes: Writes = WEB, resume: bool = False, ends: bool = True) -> Session:
        """One session: handshake, the writes, close_notify and FIN unless it shall stay open."""
        pair = Pair(*self.contexts, NAME, self._ticket if resume else None)
        if not pair.handshake():
            raise AssertionError(f"{self.setup}: the handshake failed")
        said = {"client": bytearray(), "server": bytearray()}
        for turn, (by, data) in enumerate(writes):
            if self.setup.after_handshake and turn == len(writes) // 2:
                ask_for_certificate(pair)
            pair.say(by, data)
            said[by] += data
        version, suite = (
            {"TLSv1": 0x0301, "TLSv1.1": 0x0302, "TLSv1.2": 0x0303, "TLSv1.3": 0x0304},
            pair.client.cipher(),
        )
        self._ticket = pair.client.session
        if resume != bool(pair.client.session_reused):
            raise AssertionError(f"{self.setup}: resumed {pair.client.session_reused}, wanted {resume}")
        if ends:
            end(pair)
        return Session(
            f"{self.setup}{' resumed' if resume else ''}",
            tuple(pair.steps),
            (bytes(said["client"]), bytes(said["server"])),
            self._read_log(),
            key_pem(self.setup.certificate),
            version[str(pair.client.version())],
            str(suite[0]) if suite else "",
            resume,
        )

    def _read_log(self) -> bytes:
        data = self._log.read_bytes()
        fresh, self._logged = data[self._logged :], len(data)
        return fresh


def key_pem(issued: Issued | None) -> bytes:
    """The RSA key of a certificate as PEM; empty where it has none."""
    return issued.key_pem() if issued and isinstance(issued.key, rsa.RSAPrivateKey) else b""


def ask_for_certificate(pair: Pair) -> None:
    """The server asks for a certificate behind the handshake (RFC 8446 section 4.6.2), and gets it."""
    pair.server.verify_client_post_handshake()
    with contextlib.suppress(ssl.SSLWantReadError):
        pair.server.do_handshake()
    for by, end_ in (("server", pair.client), ("client", pair.server)):
        pair.pump(by)
        with contextlib.suppress(ssl.SSLWantReadError):
            end_.read(1)
    pair.pump("server")


def end(pair: Pair) -> None:
    """Both send close_notify, then FIN."""
    for by, own in (("client", pair.client), ("server", pair.server)):
        with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            own.unwrap()
        pair.pump(by)
    pair.steps.append(Close("client"))


@contextlib.contextmanager
def lab(setup: Setup) -> Iterator[Lab]:
    """A `Lab` that is closed in the end."""
    opened = Lab(setup)
    try:
        yield opened
    finally:
        opened.close()


def play(setup: Setup, writes: Writes = WEB) -> Session:
    """One session of its own."""
    with lab(setup) as opened:
        return opened.play(writes)


def play_resumed(setup: Setup, writes: Writes = WEB) -> tuple[Session, Session]:
    """A session, and another that resumes it; by ticket, or by session id where `setup.options` has `ssl.OP_NO_TICKET`."""
    with lab(setup) as opened:
        return opened.play(writes), opened.play(writes, resume=True)


@functools.cache
def suites(version: ssl.TLSVersion) -> tuple[str, ...]:
    """The suites below TLS 1.3 that Python's ssl can speak in a version; none with keys that it can't be given (PSK, SRP)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    least = {TLS10: ("TLSv1.0", "SSLv3"), TLS11: ("TLSv1.0", "SSLv3"), TLS12: ("TLSv1.2", "TLSv1.0", "SSLv3")}[version]
    found = [one for one in context.get_ciphers() if one["protocol"] in least]
    return tuple(sorted(one["name"] for one in found if "PSK" not in one["name"] and "SRP" not in one["name"]))


def certificate_for(suite: str) -> Issued | None:
    """A certificate that goes with a suite; None for anonymous ones."""
    if suite.startswith(("ADH", "AECDH")):
        return None
    if "ECDSA" in suite:
        return ecdsa_server()
    return dss_server() if "DSS" in suite else rsa_server()
