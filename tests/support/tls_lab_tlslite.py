"""Sessions that a present-day OpenSSL refuses: SSL 3.0, RC4, 3DES, the drafts of ChaCha20. tlslite-ng plays both ends in memory.

Takes a `Setup` and writes; gives `Session`s as `tls_lab` does. tlslite-ng is no part of wireproof: `has_tlslite` tells whether it is there.
"""

from __future__ import annotations

import errno
import functools
import importlib
import importlib.util
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.support.talk import Close, Send, Step, text_of
from tests.support.tls_lab import NAME, REQUEST, Session, Writes, ecdsa_server, key_pem, rsa_server, user

SHORT: Writes = (("client", REQUEST), ("server", b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n" + text_of(300)))
"""Few bytes: every block goes through Python."""
VERSIONS = {0x0300: (3, 0), 0x0301: (3, 1), 0x0302: (3, 2), 0x0303: (3, 3)}


@dataclass(frozen=True, kw_only=True)
class Setup:
    """How both ends are set up, in tlslite's words; one cipher, MAC and key exchange leaves one suite."""

    version: int = 0x0303
    cipher: str = "aes128"
    mac: str = "sha"
    exchange: str = "rsa"
    encrypt_then_mac: bool = False
    extended_master: bool = False
    client_certificate: bool = False

    def __str__(self) -> str:
        more = " EtM" * self.encrypt_then_mac + " EMS" * self.extended_master + " client" * self.client_certificate
        return f"{self.version:#06x} {self.exchange} {self.cipher} {self.mac}{more}"

    def settings(self) -> Any:
        """Tlslite's HandshakeSettings."""
        made = _load().HandshakeSettings()
        made.minVersion = made.maxVersion = VERSIONS[self.version]
        made.versions = [made.minVersion]
        made.cipherNames, made.macNames, made.keyExchangeNames = [self.cipher], [self.mac], [self.exchange]
        made.useEncryptThenMAC, made.useExtendedMasterSecret = self.encrypt_then_mac, self.extended_master
        made.dhGroups = ["ffdhe2048"]
        return made


BROKEN = [
    Setup(version=version, cipher=cipher, mac=mac, exchange=exchange)
    for version in VERSIONS
    for cipher, mac in (("rc4", "md5"), ("rc4", "sha"), ("3des", "sha"), ("aes128", "sha"), ("aes256", "sha"), ("null", "md5"), ("null", "sha"))
    for exchange in ("rsa", "dhe_rsa", "ecdhe_rsa")
    if not (exchange == "ecdhe_rsa" and (version == 0x0300 or mac == "md5")) and not (exchange == "dhe_rsa" and cipher in {"rc4", "null"})
]  # fmt: skip
"""Every suite of SSL 3.0 and those of RC4, 3DES and NULL that tlslite has, in each version."""

FURTHER = [
    Setup(cipher="aes128ccm_8", mac="aead"),
    Setup(cipher="aes256ccm", mac="aead", exchange="dhe_rsa"),
    Setup(cipher="3des", encrypt_then_mac=True),
    Setup(cipher="3des", exchange="ecdhe_ecdsa"),
    Setup(cipher="rc4", exchange="ecdhe_ecdsa"),
    Setup(version=0x0301, cipher="3des", encrypt_then_mac=True, extended_master=True),
    Setup(version=0x0302, cipher="aes256", encrypt_then_mac=True, extended_master=True),
    Setup(version=0x0300, cipher="rc4", client_certificate=True),
    Setup(version=0x0300, cipher="3des", client_certificate=True),
]


def has_tlslite() -> bool:
    """Whether tlslite-ng is installed."""
    return importlib.util.find_spec("tlslite") is not None


@functools.cache
def _load() -> Any:
    """Tlslite's names; it brings modules along that Python warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("tlslite.api")


class Wire:
    """One end's socket: what it sends is kept in order with the other's, and given to the other."""

    def __init__(self, name: str, steps: list[Step]) -> None:
        self.name, self.steps = name, steps
        self.incoming, self.other = bytearray(), self

    def send(self, data: bytes) -> int:
        """Take bytes for the other side; those of one turn go together."""
        last = self.steps[-1] if self.steps else None
        if isinstance(last, Send) and last.by == self.name and isinstance(last.data, bytes):
            self.steps[-1] = Send(self.name, last.data + bytes(data))
        else:
            self.steps.append(Send(self.name, bytes(data)))
        self.other.incoming += data
        return len(data)

    def sendall(self, data: bytes) -> None:
        """As `send`."""
        self.send(data)

    def recv(self, count: int) -> bytes:
        """What has come; an error that asks to come again when nothing has."""
        if not self.incoming:
            raise OSError(errno.EWOULDBLOCK, "nothing there")
        data = bytes(self.incoming[:count])
        del self.incoming[:count]
        return data

    def close(self) -> None:
        """Nothing to close."""


def _credentials(issued: Any) -> tuple[Any, Any]:
    tlslite = _load()
    shown = tlslite.X509().parse(issued.pem.decode())
    return tlslite.X509CertChain([shown]), tlslite.parsePEMKey(issued.key_pem().decode(), private=True)


def _turns(*sides: Iterator[Any]) -> None:
    """Let both sides work until both are done."""
    left = list(sides)
    for _ in range(1000):
        for side in list(left):
            if next(side, None) is None:
                left.remove(side)
        if not left:
            return
    raise AssertionError("the handshake does not end")


def _log(connection: Any) -> bytes:
    """What a key log would hold: RFC 9850 has the format, tlslite writes none."""
    random, secret = bytes(connection._clientRandom), bytes(connection.session.masterSecret)
    return f"CLIENT_RANDOM {random.hex()} {secret.hex()}\n".encode()


def play(setup: Setup, writes: Writes = SHORT, resume: bool = False) -> list[Session]:
    """A session, and with `resume` a second one that goes on from it by its id."""
    cache, found, before = _load().SessionCache(), [], None
    for _ in range(1 + resume):
        session, before = _play_one(setup, writes, cache, before)
        found.append(session)
    return found


def _play_one(setup: Setup, writes: Writes, cache: Any, before: Any) -> tuple[Session, Any]:
    steps: list[Step] = []
    wires = {name: Wire(name, steps) for name in ("client", "server")}
    wires["client"].other, wires["server"].other = wires["server"], wires["client"]
    ends = {name: _load().TLSConnection(wire) for name, wire in wires.items()}
    for end in ends.values():
        end.closeSocket = False
    certificate = ecdsa_server() if "ecdsa" in setup.exchange else rsa_server()
    chain, key = _credentials(certificate)
    own = _credentials(user()) if setup.client_certificate else (None, None)
    _turns(
        ends["client"].handshakeClientCert(
            *own, session=before, settings=setup.settings(), serverName=NAME, async_=True
        ),
        ends["server"].handshakeServerAsync(
            certChain=chain,
            privateKey=key,
            reqCert=setup.client_certificate,
            settings=setup.settings(),
            sessionCache=cache,
        ),
    )
    said = {"client": b"", "server": b""}
    for by, data in writes:
        own_end, other = (ends["client"], ends["server"]) if by == "client" else (ends["server"], ends["client"])
        own_end.write(data)
        assert bytes(other.read(min=len(data), max=len(data))) == data
        said[by] += data
    assert bool(ends["client"].resumed) == (before is not None)
    log, suite = _log(ends["client"]), ends["client"].session.cipherSuite
    _turns(ends["client"].closeAsync(), ends["server"].closeAsync())
    told = Session(
        f"{setup}{' resumed' if before else ''}",
        (*steps, Close("client")),
        (said["client"], said["server"]),
        log,
        key_pem(certificate),
        setup.version,
        f"{suite:#06x}",
        before is not None,
    )
    return told, ends["client"].session
