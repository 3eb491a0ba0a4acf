"""Real TLS handshakes: certificates made with `cryptography`, both ends played by OpenSSL over memory, as steps of a `Talk`.

Takes what each end offers and trusts; gives what each sent, in order. Knows nothing of wireproof.
"""

from __future__ import annotations

import contextlib
import functools
import ssl
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.files import write_capture
from tests.support.path import EPOCH_NS, Link, Part, Point, World
from tests.support.talk import Close, Host, Send, Step, Talk

NOW = datetime.fromtimestamp(EPOCH_NS // 1_000_000_000, UTC)
TLS10, TLS12, TLS13 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Issued:
    """A certificate with its key and issuer."""

    certificate: x509.Certificate
    key: Key
    issuer: Issued | None = None

    @property
    def der(self) -> bytes:
        """The certificate's bytes."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self) -> bytes:
        """The key as PEM."""
        form = serialization.PrivateFormat.TraditionalOpenSSL
        return self.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


@functools.cache
def rsa_key(bits: int, turn: int = 0) -> rsa.RSAPrivateKey:
    """An RSA key, made once; `turn` tells several of one size apart."""
    return rsa.generate_private_key(65537, bits)


def issue(
    name: str,
    names: Sequence[str] = (),
    issuer: Issued | None = None,
    valid_days: tuple[float, float] = (-100, 7300),
    ca: bool = False,
    key: Key | None = None,
    organisation: str = "",
    comment: int = 0,
) -> Issued:
    """A certificate for a common name, self-signed without an issuer; validity in days from the simulation's day.

    `comment` is the length of an extension that says nothing, for certificates of a wanted size.
    """
    own = key or ec.generate_private_key(ec.SECP256R1())
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if organisation:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    subject = x509.Name(parts)
    builder = x509.CertificateBuilder(
        issuer.certificate.subject if issuer else subject,
        subject,
        own.public_key(),
        x509.random_serial_number() | 1 << 158,  # always of the same size
        NOW + timedelta(days=valid_days[0]),
        NOW + timedelta(days=valid_days[1]),
    )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False
        )
    if comment:
        said = x509.UnrecognizedExtension(
            x509.ObjectIdentifier("2.16.840.1.113730.1.13"), b"\x16\x82" + comment.to_bytes(2, "big") + b"-" * comment
        )
        builder = builder.add_extension(said, critical=False)
    if ca:
        builder = builder.add_extension(x509.BasicConstraints(True, None), critical=True)
    else:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = builder.add_extension(usage, critical=False)
    return Issued(builder.sign(issuer.key if issuer else own, hashes.SHA256()), own, issuer)


def load(context: ssl.SSLContext, issued: Issued, chain: Sequence[Issued] = ()) -> None:
    """Let a context show a certificate, with further ones behind it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "own.pem"
        path.write_bytes(issued.key_pem() + issued.pem + b"".join(one.pem for one in chain))
        context.load_cert_chain(path)


def trust(context: ssl.SSLContext, issuers: Sequence[Issued]) -> None:
    """Let a context trust issuers; a server names them when it asks for a client certificate."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roots.pem"
        path.write_bytes(b"".join(one.pem for one in issuers))
        context.load_verify_locations(path)


def allow(context: ssl.SSLContext, least: ssl.TLSVersion, most: ssl.TLSVersion) -> None:
    """Let a context speak versions from `least` to `most`, also those that Python warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = least, most


def server_context(
    issued: Issued,
    chain: Sequence[Issued] = (),
    version: ssl.TLSVersion = TLS12,
    suites: str = "ALL:@SECLEVEL=0",
    ask: Sequence[Issued] = (),
    require: bool = True,
) -> ssl.SSLContext:
    """A server of one version; `ask` are the issuers of client certificates that it takes, with `require` it insists."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(suites)
    allow(context, min(version, TLS12), version)
    load(context, issued, chain)
    if ask:
        context.verify_mode = ssl.CERT_REQUIRED if require else ssl.CERT_OPTIONAL
        trust(context, ask)
    return context


def client_context(
    trusted: Sequence[Issued] | None = None,
    own: Issued | None = None,
    suites: str = "ALL:@SECLEVEL=0",
    version: ssl.TLSVersion = TLS13,
    check_name: bool = True,
) -> ssl.SSLContext:
    """A client; without `trusted` it checks nothing, as Windows programs do until the handshake is over."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers(suites)
    allow(context, TLS10, version)
    context.check_hostname = trusted is not None and check_name
    context.verify_mode = ssl.CERT_NONE if trusted is None else ssl.CERT_REQUIRED
    if trusted:
        trust(context, trusted)
    if own:
        load(context, own)
    return context


class Pair:
    """A client and a server that talk over memory. `steps` are what each sent so far."""

    def __init__(
        self,
        client: ssl.SSLContext,
        server: ssl.SSLContext,
        name: str | None = None,
        session: ssl.SSLSession | None = None,
    ) -> None:
        self.bios = {side: (ssl.MemoryBIO(), ssl.MemoryBIO()) for side in ("client", "server")}
        self.client = client.wrap_bio(*self.bios["client"], server_hostname=name, session=session)
        self.server = server.wrap_bio(*self.bios["server"], server_side=True)
        self.steps: list[Step] = []

    def pump(self, by: str, after_ms: float = 1.0) -> bool:
        """Carry what one side wrote to the other; whether there was anything."""
        other = "server" if by == "client" else "client"
        data = self.bios[by][1].read()
        if data:
            self.bios[other][0].write(data)
            self.steps.append(Send(by, data, after_ms))
        return bool(data)

    def handshake(self) -> bool:
        """Shake hands until both are done or one gives up; whether both are done."""
        done = {"client": False, "server": False}
        for _ in range(8):
            for by, end in (("client", self.client), ("server", self.server)):
                try:
                    end.do_handshake()
                    done[by] = True
                except ssl.SSLWantReadError:
                    pass
                except ssl.SSLError:
                    self.pump(by)
                    return False
                self.pump(by)
        return all(done.values())

    def say(self, by: str, data: bytes) -> None:
        """One side writes application data, and the other reads all of it."""
        own, other = (self.client, self.server) if by == "client" else (self.server, self.client)
        own.write(data)
        self.pump(by)
        got = b""
        while len(got) < len(data):
            got += other.read(1 << 16)
        assert got == data

    def exchange(
        self, asked: bytes = b"GET / HTTP/1.1\r\n\r\n", answered: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
    ) -> None:
        """One question and answer as application data."""
        self.say("client", asked)
        self.say("server", answered)

    def close(self, by: str = "client") -> None:
        """close_notify and FIN."""
        with contextlib.suppress(ssl.SSLWantReadError):
            (self.client if by == "client" else self.server).unwrap()
        self.pump(by)
        self.steps.append(Close(by))


def name_issuers(steps: Sequence[Step], names: Sequence[bytes]) -> list[Step]:
    """Put DER names into the CertificateRequest (RFC 5246 section 7.4.4) of steps; Python can't tell OpenSSL which to send."""
    listed = b"".join(len(name).to_bytes(2, "big") + name for name in names)
    return [
        replace(step, data=_with_issuers(step.data, listed))
        if isinstance(step, Send) and isinstance(step.data, bytes)
        else step
        for step in steps
    ]


def _with_issuers(data: bytes, listed: bytes) -> bytes:
    """Records with the list of issuers in their CertificateRequest, split where a record is full."""
    made, at = b"", 0
    while at + 5 <= len(data):
        size = int.from_bytes(data[at + 3 : at + 5], "big")
        body = data[at + 5 : at + 5 + size]
        if data[at] == 22 and body[:1] == b"\x0d":
            message = body[4:-2] + len(listed).to_bytes(2, "big") + listed
            body = b"\x0d" + len(message).to_bytes(3, "big") + message
        for start in range(0, len(body), 16_384):
            part = body[start : start + 16_384]
            made += data[at : at + 3] + len(part).to_bytes(2, "big") + part
        at += 5 + size
    return made


def capture(
    folder: Path,
    *talks: Sequence[Step],
    ends: tuple[str, str] = ("10.1.0.5", "10.9.0.2"),
    port: int = 443,
    path: Sequence[Part] | None = None,
    apart_s: float = 10.0,
) -> dict[str, Path]:
    """Captures of conversations one after the other, each a list of steps, between one client and one server."""
    parts: list[Part] = list(path or [Point("client", at="client"), Link(5), Point("far", at="server")])
    world = World(parts)
    for turn, steps in enumerate(talks):
        Talk(world, Host(ends[0]), Host(ends[1]), list(steps), (50001 + turn, port), turn * apart_s)
    return {
        name: write_capture(folder / f"{name}.pcapng", frames)
        for name, frames in world.captures().items()
        if name == "client" or path
    }


ROOT = issue("Example Root CA", ca=True)
SERVER = issue("www.example.com", ("www.example.com", "example.com"), ROOT)
