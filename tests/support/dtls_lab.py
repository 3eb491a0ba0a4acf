"""Real DTLS conversations of OpenSSL in memory: cookies, small datagrams, pre-shared keys, resumption and renegotiation.

Takes settings and what the sides write; gives datagrams in order, and the key log. `in_frames` makes packets of them. Knows nothing of wireproof.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import tempfile
from collections.abc import Sequence
from ctypes import POINTER, c_int, c_long, c_ubyte, c_uint, c_void_p
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.libssl import KEY_LOG, SET_DH_AUTO, SET_MAX, SET_MIN, Context, End, load_libssl
from tests.support.said_over import datagram
from tests.support.tls_lab import rsa_server

DTLS_1_0, DTLS_1_2 = 0xFEFF, 0xFEFD
COOKIE_EXCHANGE, NO_QUERY_MTU, SET_MTU = 1 << 13, 1 << 12, 17
NO_EXTENDED_MASTER, NO_ENCRYPT_THEN_MAC = 1 << 0, 1 << 19
GENERATE = ctypes.CFUNCTYPE(c_int, c_void_p, POINTER(c_ubyte), POINTER(c_uint))
VERIFY = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_uint)
HEADER = 13

Said = tuple[str, bytes]
"""Who ("client" or "server"), and what: a datagram, or application data."""


@functools.cache
def load_dtls() -> Any:
    """OpenSSL's functions for DTLS; None where the machine has no OpenSSL 3."""
    if load_libssl() is None:
        return None
    library = ctypes.CDLL(ctypes.util.find_library("ssl"))
    wanted: dict[str, tuple[Any, list[Any]]] = {
        "DTLS_client_method": (c_void_p, []),
        "DTLS_server_method": (c_void_p, []),
        "SSL_ctrl": (c_long, [c_void_p, c_int, c_long, c_void_p]),
        "SSL_CTX_set_cookie_generate_cb": (None, [c_void_p, GENERATE]),
        "SSL_CTX_set_cookie_verify_cb": (None, [c_void_p, VERIFY]),
    }
    for name, (result, arguments) in wanted.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


@dataclass(eq=False)
class DtlsContext(Context):
    """One side's SSL_CTX."""

    def __post_init__(self) -> None:
        lib, dtls = load_libssl(), load_dtls()
        self.lib = lib
        self.context = lib.SSL_CTX_new(dtls.DTLS_server_method() if self.server else dtls.DTLS_client_method())
        for command in (SET_MIN, SET_MAX):
            assert lib.SSL_CTX_ctrl(self.context, command, self.version, None) == 1
        lib.SSL_CTX_ctrl(self.context, SET_DH_AUTO, 1, None)
        assert lib.SSL_CTX_set_cipher_list(self.context, self.suites.encode() + b":@SECLEVEL=0") == 1
        self.set_options(NO_QUERY_MTU)
        lib.SSL_CTX_set_session_id_context(self.context, b"lab", 3)
        if self.server:
            self._ask_for_cookies()
        else:
            log = KEY_LOG(lambda _, line: self.logged.append(line + b"\n"))
            self._kept.append(log)
            lib.SSL_CTX_set_keylog_callback(self.context, log)
        if self.psk:
            self._share_key()

    def _ask_for_cookies(self) -> None:
        def generate(_: int, cookie: Any, size: Any) -> int:
            ctypes.memmove(cookie, b"cookie of the lab", 17)
            size[0] = 17
            return 1

        kept = GENERATE(generate), VERIFY(lambda *_: 1)
        self._kept += kept
        load_dtls().SSL_CTX_set_cookie_generate_cb(self.context, kept[0])
        load_dtls().SSL_CTX_set_cookie_verify_cb(self.context, kept[1])


@dataclass
class DtlsLab:
    """One client and one server. `sent` are the datagrams so far, `said` the application data."""

    suite: str = "AES128-SHA"
    version: int = DTLS_1_2
    cookies: bool = True
    options: int = 0
    mtu: int = 1400
    sent: list[Said] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)

    def __post_init__(self) -> None:
        psk = "PSK" in self.suite
        self.client_context = DtlsContext(False, self.version, self.suite, psk)
        self.server_context = DtlsContext(True, self.version, self.suite, psk)
        for context in (self.client_context, self.server_context):
            context.set_options(self.options)
        if self.cookies:
            self.server_context.set_options(COOKIE_EXCHANGE)
        with tempfile.TemporaryDirectory() as folder:
            pem = Path(folder, "server.pem")
            pem.write_bytes(rsa_server().pem + rsa_server().key_pem())
            self.server_context.load(pem)
        self.session: Any = None
        self.connect()

    def connect(self) -> None:
        """A handshake from the client's port, resuming the session before where there is one."""
        self.ends = {"client": End(self.client_context), "server": End(self.server_context)}
        lib = load_libssl()
        for end in self.ends.values():
            load_dtls().SSL_ctrl(end.ssl, SET_MTU, self.mtu, None)
        if self.session:
            lib.SSL_set_session(self.ends["client"].ssl, self.session)
        self._shake()
        self.session = lib.SSL_get1_session(self.ends["client"].ssl)

    def _shake(self) -> None:
        done: set[str] = set()
        for _ in range(40):
            for by, end in self.ends.items():
                if end.shake():
                    done.add(by)
                self._carry(by)
            if len(done) == 2:
                return
        raise AssertionError(f"{self.suite}: no handshake")

    def _carry(self, by: str) -> None:
        other = self.ends["server" if by == "client" else "client"]
        for data in in_datagrams(self.ends[by].give(), self.mtu):
            self.sent.append((by, data))
            other.take(data)
            if by == "client":
                other.shake()
        other.read()

    def write(self, by: str, data: bytes) -> None:
        """One side writes application data: one record, one datagram."""
        self.ends[by].write(data)
        self._carry(by)
        self.said.append((by, data))

    def renegotiate(self) -> None:
        """The client begins another handshake inside."""
        self.ends["client"].renegotiate()
        for _ in range(10):
            for by, end in self.ends.items():
                self._carry(by)
                end.read()

    @property
    def key_log(self) -> bytes:
        """The lines that the client logged."""
        return b"".join(self.client_context.logged)

    @property
    def private_key(self) -> bytes:
        """The server's private key as PEM."""
        return rsa_server().key_pem()


def in_datagrams(data: bytes, most: int) -> list[bytes]:
    """Records, packed into datagrams of up to `most` bytes."""
    found: list[bytes] = []
    while data:
        size = HEADER + int.from_bytes(data[11:13], "big")
        if found and len(found[-1]) + size <= most:
            found[-1] += data[:size]
        else:
            found.append(data[:size])
        data = data[size:]
    return found


def in_frames(datagrams: Sequence[Said], port: int = 40001, server_port: int = 4433) -> list[bytes]:
    """A frame for each datagram."""
    return [datagram(by, data, (port, server_port)) for by, data in datagrams]
