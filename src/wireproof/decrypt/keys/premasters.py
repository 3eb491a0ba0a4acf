"""Premaster secrets that clients encrypted for a server's RSA key: decrypted when asked for, or ahead of that on all processors.

Takes private keys and what a ClientKeyExchange holds; gives premaster secrets (RFC 5246 section 7.4.7.1). A private key's work takes longer than
all the rest of a short session, and the cryptography library leaves Python's lock to others meanwhile.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from wireproof.wire import dtls

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    Encrypted = tuple[RSAPrivateKey, bytes]

PREMASTER_BYTES = 48
PREMASTER_VERSIONS = {0x0300, 0x0301, 0x0302, 0x0303, 0x0304, *dtls.SAME_AS}
"""What a premaster secret begins with: the highest version that the client offers."""
TOGETHER = 8
"""Premaster secrets that a thread decrypts before it looks for more: handing over takes a tenth of the time that one takes."""
SWITCH_SECONDS = 0.0002
"""How long a thread waits for Python's lock while another one computes: less than a private key's work takes, where Python's own 5 ms are many."""
AHEAD_MOST = 4096
"""Premaster secrets that are worked on before the first is asked for: more than a group of sessions has."""


class Premasters:
    """Premaster secrets of many sessions. What was begun has to be taken, or is done in vain."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._interval = 0.0
        self._next: list[Encrypted] = []
        self._begun: dict[tuple[int, bytes], Future[list[bytes | None]] | None] = {}
        self._places: dict[tuple[int, bytes], int] = {}

    def begin(self, key: RSAPrivateKey, encrypted: bytes) -> None:
        """Decrypt in a thread of its own, where there are processors for it."""
        if (os.cpu_count() or 1) == 1 or len(self._begun) >= AHEAD_MOST:
            return
        name = id(key), encrypted
        if name in self._begun:
            return
        self._begun[name] = None
        self._places[name] = len(self._next)
        self._next.append((key, encrypted))
        if len(self._next) == TOGETHER:
            self._start()

    def _start(self) -> None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(os.cpu_count() or 1, "wireproof-rsa")
            self._interval = sys.getswitchinterval()
            sys.setswitchinterval(min(self._interval, SWITCH_SECONDS))
        future = self._pool.submit(_decrypt_all, self._next)
        for key, encrypted in self._next:
            self._begun[id(key), encrypted] = future
        self._next = []

    def take(self, key: RSAPrivateKey, encrypted: bytes) -> bytes | None:
        """As `decrypt_premaster`; what was begun is waited for."""
        name = id(key), encrypted
        if name not in self._begun:
            return decrypt_premaster(key, encrypted)
        if self._begun[name] is None:
            self._start()
        begun, place = self._begun.pop(name), self._places.pop(name)
        return begun.result()[place] if begun else None

    def forget(self) -> None:
        """Give up what was begun and nobody took."""
        for begun in self._begun.values():
            if begun:
                begun.cancel()
        self._begun.clear()
        self._places.clear()
        self._next = []

    def close(self) -> None:
        """End the threads and forget what nobody took."""
        self.forget()
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
            sys.setswitchinterval(self._interval)


def _decrypt_all(wanted: list[Encrypted]) -> list[bytes | None]:
    return [decrypt_premaster(key, encrypted) for key, encrypted in wanted]


def decrypt_premaster(key: RSAPrivateKey, encrypted: bytes) -> bytes | None:
    """The premaster secret (RFC 5246 section 7.4.7.1); None where padding, size or version show that the key is another one's.

    OpenSSL gives random bytes for a wrong padding, so the version at its beginning decides.
    """
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    size = (key.key_size + 7) // 8
    if not 0 < len(encrypted) <= size:
        return None
    try:
        found = key.decrypt(encrypted.rjust(size, b"\0"), PKCS1v15())
    except ValueError:
        return None
    if len(found) != PREMASTER_BYTES or int.from_bytes(found[:2], "big") not in PREMASTER_VERSIONS:
        return None
    return found
