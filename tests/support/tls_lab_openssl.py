"""Sessions that Python's ssl can't play: renegotiation, KeyUpdate, pre-shared keys, early data, every suite of TLS 1.3.

Takes a `Setup` and a script; gives `Session`s as `tls_lab` does. Plays the machine's OpenSSL over `libssl`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.libssl import ALLOW_CLIENT_RENEGOTIATION, FULL_RENEGOTIATION, Context, End, load_libssl
from tests.support.talk import Close, Send, Step
from tests.support.tls_handshakes import Issued
from tests.support.tls_lab import WEB, Session, key_pem, rsa_server, user

SUITES_13 = (
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_CCM_SHA256",
    "TLS_AES_128_CCM_8_SHA256",
)
SUITES_PSK = (
    "PSK-AES128-CBC-SHA",
    "PSK-AES256-GCM-SHA384",
    "PSK-CHACHA20-POLY1305",
    "PSK-NULL-SHA256",
    "DHE-PSK-AES128-CBC-SHA256",
    "DHE-PSK-AES256-CCM8",
    "ECDHE-PSK-AES128-CBC-SHA",
    "ECDHE-PSK-CHACHA20-POLY1305",
    "RSA-PSK-AES128-GCM-SHA256",
    "RSA-PSK-AES256-CBC-SHA",
)
RENEGOTIATE, RENEGOTIATE_ASKING = "renegotiate", "renegotiate, asking for a certificate"
UPDATE, UPDATE_BOTH = "key update", "key update of both"
EARLY = "early data"
Script = Sequence[tuple[str, bytes | str]]
"""Who does what: write bytes, or one of the words above."""


@dataclass(frozen=True, kw_only=True)
class Setup:
    """How both ends are set up; `psk` for pre-shared keys, `options` are bits of SSL_OP_*."""

    version: int = 0x0303
    suite: str = "AES128-SHA"
    certificate: Issued | None = field(default_factory=rsa_server)
    client_certificate: bool = False
    psk: bool = False
    options: int = 0


def has_openssl() -> bool:
    """Whether this machine's OpenSSL can be used."""
    return load_libssl() is not None


class Player:
    """Plays sessions between two contexts; `play` may be called again to resume."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.client = Context(server=False, version=setup.version, suites=setup.suite, psk=setup.psk)
        self.server = Context(server=True, version=setup.version, suites=setup.suite, psk=setup.psk)
        for context in (self.client, self.server):
            context.set_options(setup.options | ALLOW_CLIENT_RENEGOTIATION | FULL_RENEGOTIATION)
        self._load()
        self._session: int | None = None

    def _load(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for context, issued in ((self.server, self.setup.certificate), (self.client, user())):
                if issued and (context is self.server or self.setup.client_certificate):
                    path = Path(folder, "own.pem")
                    path.write_bytes(issued.key_pem() + issued.pem)
                    context.load(path)
            if self.setup.client_certificate:
                Path(folder, "roots.pem").write_bytes(user().pem)
                self.server.trust(Path(folder, "roots.pem"))

    def play(self, script: Script = WEB, name: str = "", resume: bool = False) -> Session:
        """One session with this script; both close in the end."""
        talk = Talking(End(self.client), End(self.server))
        lib = self.client.lib
        self.client.logged.clear()
        if resume:
            lib.SSL_set_session(talk.ends["client"].ssl, self._session)
        talk.begin(script)
        assert bool(lib.SSL_session_reused(talk.ends["client"].ssl)) == (resume or self._shared_13())
        for by, what in script:
            if what != EARLY:
                talk.do(by, what)
        if self._session:
            lib.SSL_SESSION_free(self._session)
        self._session = lib.SSL_get1_session(talk.ends["client"].ssl)
        suite = lib.SSL_CIPHER_get_name(lib.SSL_get_current_cipher(talk.ends["client"].ssl)).decode()
        talk.end()
        return Session(
            name or f"{suite} of {self.setup.version:#06x}{' resumed' if resume else ''}",
            tuple(talk.steps),
            (talk.said["client"], talk.said["server"]),
            b"".join(self.client.logged),
            key_pem(self.setup.certificate),
            self.setup.version,
            suite,
            resume,
        )

    def _shared_13(self) -> bool:
        return self.setup.psk and self.setup.version == 0x0304

    def close(self) -> None:
        """Free both contexts."""
        if self._session:
            self.client.lib.SSL_SESSION_free(self._session)
        self.client.close()
        self.server.close()


class Talking:
    """One session between two ends; keeps what each put on the wire and said inside."""

    def __init__(self, client: End, server: End) -> None:
        self.ends = {"client": client, "server": server}
        self.steps: list[Step] = []
        self.said = {"client": b"", "server": b""}

    def carry(self, by: str) -> bool:
        """Carry what one side wrote to the other; whether there was anything."""
        data = self.ends[by].give()
        if data:
            self.ends["server" if by == "client" else "client"].take(data)
            self.steps.append(Send(by, data))
        return bool(data)

    def begin(self, script: Script) -> None:
        """The handshake, with early data when the script begins with it."""
        client, server = self.ends["client"], self.ends["server"]
        if script[0][1] == EARLY:
            early = b"GET /early HTTP/1.1\r\nHost: www.example.com\r\n\r\n"
            client.write_early(early)
            self.carry("client")
            assert server.read_early() == early
            self.said["client"] += early
            self.carry("server")
        done = {"client": False, "server": False}
        for _ in range(6):
            for by in done:
                done[by] = self.ends[by].shake()
                self.carry(by)
        assert all(done.values()), "the handshake failed"

    def do(self, by: str, what: bytes | str) -> None:
        """One line of the script."""
        own = self.ends[by]
        if isinstance(what, bytes):
            own.write(what)
            self.carry(by)
            other = self.ends["server" if by == "client" else "client"]
            assert other.read() == what
            self.said[by] += what
        elif what in {UPDATE, UPDATE_BOTH}:
            own.update_key(what == UPDATE_BOTH)
            self.settle(by)
        else:
            own.renegotiate(what == RENEGOTIATE_ASKING)
            self.settle(by)

    def settle(self, by: str) -> None:
        """Let both work until neither has anything to say."""
        for _ in range(8):
            busy = False
            for name in (by, "server" if by == "client" else "client"):
                assert self.ends[name].read() == b""
                busy |= self.carry(name)
            if not busy:
                return

    def end(self) -> None:
        """Both send close_notify, then FIN; frees the ends."""
        for by in self.ends:
            self.ends[by].shutdown()
            self.carry(by)
        self.steps.append(Close("client"))
        for end in self.ends.values():
            end.close()


def play(setup: Setup, *scripts: Script, name: str = "") -> list[Session]:
    """A session for each script (one of the web without any); every further one resumes the one before."""
    player = Player(setup)
    try:
        return [
            player.play(script, name + (" resumed" if turn and name else ""), turn > 0)
            for turn, script in enumerate(scripts or (WEB,))
        ]
    finally:
        player.close()
