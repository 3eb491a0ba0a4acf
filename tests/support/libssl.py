"""The machine's OpenSSL 3 through ctypes, for what Python's ssl has no words for: renegotiation, KeyUpdate, PSK, early data.

Takes settings; gives an `End` that reads and writes bytes in memory. Knows no capture. `load_libssl` gives None where there is none.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
from collections.abc import Callable
from ctypes import POINTER, c_char_p, c_int, c_long, c_size_t, c_uint, c_uint32, c_uint64, c_ulong, c_void_p
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SET_MIN, SET_MAX, SET_DH_AUTO = 123, 124, 118
VERIFY_PEER, FILE_PEM = 1, 1
WANT_READ, ZERO_RETURN = 2, 6
ALLOW_CLIENT_RENEGOTIATION, FULL_RENEGOTIATION = 1 << 8, 1 << 16
"""SSL_OP_ALLOW_CLIENT_RENEGOTIATION and SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION."""
UPDATE_NOT_REQUESTED, UPDATE_REQUESTED = 0, 1
PSK, PSK_IDENTITY = bytes(range(32)), b"client7"

KEY_LOG = ctypes.CFUNCTYPE(None, c_void_p, c_char_p)
PSK_CLIENT = ctypes.CFUNCTYPE(c_uint, c_void_p, c_char_p, c_void_p, c_uint, c_void_p, c_uint)
PSK_SERVER = ctypes.CFUNCTYPE(c_uint, c_void_p, c_char_p, c_void_p, c_uint)

FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "TLS_client_method": (c_void_p, []),
    "TLS_server_method": (c_void_p, []),
    "SSL_CTX_new": (c_void_p, [c_void_p]),
    "SSL_CTX_free": (None, [c_void_p]),
    "SSL_CTX_ctrl": (c_long, [c_void_p, c_int, c_long, c_void_p]),
    "SSL_CTX_set_options": (c_uint64, [c_void_p, c_uint64]),
    "SSL_CTX_set_cipher_list": (c_int, [c_void_p, c_char_p]),
    "SSL_CTX_set_ciphersuites": (c_int, [c_void_p, c_char_p]),
    "SSL_CTX_use_certificate_file": (c_int, [c_void_p, c_char_p, c_int]),
    "SSL_CTX_use_PrivateKey_file": (c_int, [c_void_p, c_char_p, c_int]),
    "SSL_CTX_load_verify_locations": (c_int, [c_void_p, c_char_p, c_char_p]),
    "SSL_CTX_set_keylog_callback": (None, [c_void_p, KEY_LOG]),
    "SSL_CTX_set_psk_client_callback": (None, [c_void_p, PSK_CLIENT]),
    "SSL_CTX_set_psk_server_callback": (None, [c_void_p, PSK_SERVER]),
    "SSL_CTX_set_max_early_data": (c_int, [c_void_p, c_uint32]),
    "SSL_CTX_set_session_id_context": (c_int, [c_void_p, c_char_p, c_uint]),
    "SSL_new": (c_void_p, [c_void_p]),
    "SSL_free": (None, [c_void_p]),
    "SSL_set_bio": (None, [c_void_p, c_void_p, c_void_p]),
    "SSL_set_connect_state": (None, [c_void_p]),
    "SSL_set_accept_state": (None, [c_void_p]),
    "SSL_set_verify": (None, [c_void_p, c_int, c_void_p]),
    "SSL_do_handshake": (c_int, [c_void_p]),
    "SSL_renegotiate": (c_int, [c_void_p]),
    "SSL_key_update": (c_int, [c_void_p, c_int]),
    "SSL_read": (c_int, [c_void_p, c_void_p, c_int]),
    "SSL_write": (c_int, [c_void_p, c_char_p, c_int]),
    "SSL_write_early_data": (c_int, [c_void_p, c_char_p, c_size_t, POINTER(c_size_t)]),
    "SSL_read_early_data": (c_int, [c_void_p, c_void_p, c_size_t, POINTER(c_size_t)]),
    "SSL_shutdown": (c_int, [c_void_p]),
    "SSL_get_error": (c_int, [c_void_p, c_int]),
    "SSL_get1_session": (c_void_p, [c_void_p]),
    "SSL_set_session": (c_int, [c_void_p, c_void_p]),
    "SSL_SESSION_free": (None, [c_void_p]),
    "SSL_get_version": (c_char_p, [c_void_p]),
    "SSL_get_current_cipher": (c_void_p, [c_void_p]),
    "SSL_CIPHER_get_name": (c_char_p, [c_void_p]),
    "SSL_session_reused": (c_int, [c_void_p]),
}
OF_CRYPTO: dict[str, tuple[Any, list[Any]]] = {
    "BIO_s_mem": (c_void_p, []),
    "BIO_new": (c_void_p, [c_void_p]),
    "BIO_read": (c_int, [c_void_p, c_void_p, c_int]),
    "BIO_write": (c_int, [c_void_p, c_char_p, c_int]),
    "ERR_clear_error": (None, []),
    "ERR_get_error": (c_ulong, []),
    "ERR_error_string": (c_char_p, [c_ulong, c_void_p]),
}


@functools.cache
def load_libssl() -> Any:
    """OpenSSL 3's functions by name; None where the machine has none."""
    names = [ctypes.util.find_library(name) for name in ("ssl", "crypto")]
    if not all(names) or "3" not in str(names[0]):
        return None
    found: dict[str, Any] = {}
    for name, functions in zip(names, (FUNCTIONS, OF_CRYPTO), strict=True):
        library = ctypes.CDLL(name)
        for word, (result, arguments) in functions.items():
            function = getattr(library, word)
            function.restype, function.argtypes = result, arguments
            found[word] = function
    return type("LibSsl", (), {word: staticmethod(function) for word, function in found.items()})


@dataclass(eq=False)
class Context:
    """One side's SSL_CTX. `logged` collects the lines of the key log; with `psk` both sides share one key."""

    server: bool
    version: int
    suites: str = ""
    psk: bool = False
    logged: list[bytes] = field(default_factory=list)
    _kept: list[Callable[..., Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        lib = self.lib = load_libssl()
        self.context = lib.SSL_CTX_new(lib.TLS_server_method() if self.server else lib.TLS_client_method())
        for command in (SET_MIN, SET_MAX):
            lib.SSL_CTX_ctrl(self.context, command, self.version, None)
        lib.SSL_CTX_ctrl(self.context, SET_DH_AUTO, 1, None)
        words = self.suites.encode()
        if self.version == 0x0304:
            chosen = not words or lib.SSL_CTX_set_ciphersuites(self.context, words)
        else:
            chosen = lib.SSL_CTX_set_cipher_list(self.context, words + b":@SECLEVEL=0")
        assert chosen == 1, f"OpenSSL has no suite {self.suites}"
        if self.server:
            lib.SSL_CTX_set_max_early_data(self.context, 16384)
        else:
            log = KEY_LOG(lambda _, line: self.logged.append(line + b"\n"))
            self._kept.append(log)
            lib.SSL_CTX_set_keylog_callback(self.context, log)
        if self.psk:
            self._share_key()
        else:
            # What a pre-shared key makes in TLS 1.3 counts as a session of no context at all.
            lib.SSL_CTX_set_session_id_context(self.context, b"lab", 3)

    def _share_key(self) -> None:
        def client(_: int, __: bytes, identity: int, ___: int, key: int, ____: int) -> int:
            ctypes.memmove(identity, PSK_IDENTITY + b"\0", len(PSK_IDENTITY) + 1)
            ctypes.memmove(key, PSK, len(PSK))
            return len(PSK)

        def server(_: int, __: bytes, key: int, ___: int) -> int:
            ctypes.memmove(key, PSK, len(PSK))
            return len(PSK)

        kept = PSK_SERVER(server) if self.server else PSK_CLIENT(client)
        self._kept.append(kept)
        ask = self.lib.SSL_CTX_set_psk_server_callback if self.server else self.lib.SSL_CTX_set_psk_client_callback
        ask(self.context, kept)

    def load(self, pem: Path) -> None:
        """Show the certificate of a file with its key."""
        name = str(pem).encode()
        assert self.lib.SSL_CTX_use_certificate_file(self.context, name, FILE_PEM) == 1
        assert self.lib.SSL_CTX_use_PrivateKey_file(self.context, name, FILE_PEM) == 1

    def trust(self, pem: Path) -> None:
        """Trust the certificates of a file."""
        assert self.lib.SSL_CTX_load_verify_locations(self.context, str(pem).encode(), None) == 1

    def set_options(self, bits: int) -> None:
        """Switch bits of SSL_OP_* on."""
        self.lib.SSL_CTX_set_options(self.context, bits)

    def close(self) -> None:
        """Free it."""
        self.lib.SSL_CTX_free(self.context)


class End:
    """One end of one session, with its memory BIOs."""

    def __init__(self, context: Context) -> None:
        lib = self.lib = context.lib
        self.ssl = lib.SSL_new(context.context)
        self.incoming, self.outgoing = lib.BIO_new(lib.BIO_s_mem()), lib.BIO_new(lib.BIO_s_mem())
        lib.SSL_set_bio(self.ssl, self.incoming, self.outgoing)
        (lib.SSL_set_accept_state if context.server else lib.SSL_set_connect_state)(self.ssl)

    def take(self, data: bytes) -> None:
        """Bytes from the wire."""
        self.lib.BIO_write(self.incoming, data, len(data))

    def give(self) -> bytes:
        """Bytes for the wire."""
        data = ctypes.create_string_buffer(1 << 17)
        size = self.lib.BIO_read(self.outgoing, data, len(data))
        return data.raw[: max(size, 0)]

    def shake(self) -> bool:
        """Go on with the handshake; whether it is done."""
        return self._done(self.lib.SSL_do_handshake(self.ssl)) > 0

    def read(self) -> bytes:
        """What has come of application data; also lets OpenSSL handle what else has come."""
        data, found = ctypes.create_string_buffer(1 << 15), b""
        while (size := self._done(self.lib.SSL_read(self.ssl, data, len(data)))) > 0:
            found += data.raw[:size]
        return found

    def write(self, data: bytes) -> None:
        """Write application data."""
        assert self._done(self.lib.SSL_write(self.ssl, data, len(data))) == len(data)

    def write_early(self, data: bytes) -> None:
        """Write application data before the server has said anything (RFC 8446 section 2.3)."""
        assert self._done(self.lib.SSL_write_early_data(self.ssl, data, len(data), ctypes.byref(c_size_t()))) == 1

    def read_early(self) -> bytes:
        """Early data that has come."""
        data, size, found = ctypes.create_string_buffer(1 << 15), c_size_t(), b""
        while self._done(self.lib.SSL_read_early_data(self.ssl, data, len(data), ctypes.byref(size))) == 1:
            found += data.raw[: size.value]
        return found

    def renegotiate(self, ask: bool = False) -> None:
        """Begin another handshake; a server may ask for a certificate this time."""
        if ask:
            self.lib.SSL_set_verify(self.ssl, VERIFY_PEER, None)
        assert self.lib.SSL_renegotiate(self.ssl) == 1
        self.shake()

    def update_key(self, both: bool) -> None:
        """Send a KeyUpdate (RFC 8446 section 4.6.3), for `both` directions or one's own."""
        assert self.lib.SSL_key_update(self.ssl, UPDATE_REQUESTED if both else UPDATE_NOT_REQUESTED) == 1
        self.shake()

    def shutdown(self) -> None:
        """Send close_notify."""
        self.lib.SSL_shutdown(self.ssl)

    def close(self) -> None:
        """Free it."""
        self.lib.SSL_free(self.ssl)

    def _done(self, result: int) -> int:
        if result <= 0:
            why = self.lib.SSL_get_error(self.ssl, result)
            told = self.lib.ERR_error_string(self.lib.ERR_get_error(), None)
            self.lib.ERR_clear_error()
            assert why in {WANT_READ, ZERO_RETURN}, told.decode()
        return result
