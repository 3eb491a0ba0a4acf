"""Premaster secrets that clients encrypted for a server's RSA key: decrypted when asked for, or ahead of that on all processors.

Takes private keys and what a ClientKeyExchange holds; gives premaster secrets (RFC 5246 section 7.4.7.1). A private key's work takes longer than
all the rest of a short session, and the cryptography library leaves Python's lock to others meanwhile.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from wireproof.wire import dtls

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

Talk = TypeVar("Talk")
Begun = TypeVar("Begun")

PREMASTER_BYTES = 48
PREMASTER_VERSIONS = {0x0300, 0x0301, 0x0302, 0x0303, 0x0304, *dtls.SAME_AS}
"""What a premaster secret begins with: the highest version that the client offers."""
AHEAD = 16
"""Sessions that are begun before the first of them is opened, where a private key opens them."""


class Premasters:
    """Premaster secrets of many sessions. What was begun has to be taken, or is done in vain."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._begun: dict[tuple[int, bytes], Future[bytes | None]] = {}

    def begin(self, key: RSAPrivateKey, encrypted: bytes) -> None:
        """Decrypt in a thread of its own, where there are processors for it."""
        processors = os.cpu_count() or 1
        if processors == 1 or len(self._begun) > 2 * AHEAD:
            return
        self._pool = self._pool or ThreadPoolExecutor(processors, "wireproof-rsa")
        self._begun[id(key), encrypted] = self._pool.submit(decrypt_premaster, key, encrypted)

    def take(self, key: RSAPrivateKey, encrypted: bytes) -> bytes | None:
        """As `decrypt_premaster`; what was begun is waited for."""
        begun = self._begun.pop((id(key), encrypted), None)
        return begun.result() if begun else decrypt_premaster(key, encrypted)

    def close(self) -> None:
        """End the threads and forget what nobody took."""
        self._begun.clear()
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def look_ahead(talks: Iterable[Talk], begin: Callable[[Talk], Begun], count: int) -> Iterator[tuple[Talk, Begun]]:
    """Each with what was begun of it, in order; `count` of them are begun before the first is given."""
    waiting: deque[tuple[Talk, Begun]] = deque()
    for talk in talks:
        waiting.append((talk, begin(talk)))
        if len(waiting) >= count:
            yield waiting.popleft()
    while waiting:
        yield waiting.popleft()


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
