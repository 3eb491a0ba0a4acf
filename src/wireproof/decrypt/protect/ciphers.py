"""The ciphers of the cryptography library, wherever its versions keep them: old ones moved to its module `decrepit` one by one.

Takes keys; gives functions from encrypted to clear bytes. Raises UnsupportedCipher where the library at hand lacks a cipher.
"""

from __future__ import annotations

import contextlib
import importlib
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from wireproof.decrypt.protect.opener import UnsupportedCipher

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm

BLOCK_BYTES = {"AES": 16, "CAMELLIA": 16, "SEED": 16, "3DES": 8, "DES": 8, "IDEA": 8, "RC2": 8}
CLASSES = {
    "AES": "AES",
    "CAMELLIA": "Camellia",
    "SEED": "SEED",
    "3DES": "TripleDES",
    "DES": "TripleDES",
    "IDEA": "IDEA",
    "RC2": "RC2",
    "RC4": "ARC4",
}
"""The library's name of each cipher."""

Decrypt = Callable[[bytes], bytes]


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """The library warns of old ciphers; that they are old is why they are asked for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _find_class(cipher: str) -> Any:
    """The library's class of a cipher."""
    for room in (
        "cryptography.hazmat.decrepit.ciphers.algorithms",
        "cryptography.hazmat.primitives.ciphers.algorithms",
    ):
        try:
            with _quietly():
                found = getattr(importlib.import_module(room), CLASSES[cipher], None)
        except ImportError:
            continue
        if found is not None:
            return found
    raise UnsupportedCipher(cipher)


def make_algorithm(cipher: str, key: bytes) -> BlockCipherAlgorithm:
    """A block cipher with its key. DES is 3DES with the same key thrice."""
    with _quietly():
        made: BlockCipherAlgorithm = _find_class(cipher)(key * 3 if cipher == "DES" else key)
    return made


def make_rc4(key: bytes) -> Decrypt:
    """RC4's key stream, from its beginning."""
    return _start(make_algorithm("RC4", key), None)


def make_cbc(cipher: str, key: bytes, iv: bytes) -> Decrypt:
    """CBC decryption that goes on from call to call, as if all were one message."""
    from cryptography.hazmat.primitives.ciphers import modes

    return _start(make_algorithm(cipher, key), modes.CBC(iv))


def make_block(cipher: str, key: bytes) -> Decrypt:
    """Encrypts whole blocks, each on its own: what other modes are made of."""
    from cryptography.hazmat.primitives.ciphers import modes

    return _start(make_algorithm(cipher, key), modes.ECB(), encrypt=True)  # noqa: S305


def _start(algorithm: Any, mode: Any, encrypt: bool = False) -> Decrypt:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.ciphers import Cipher

    try:
        with _quietly():
            cipher = Cipher(algorithm, mode)
            started = cipher.encryptor() if encrypt else cipher.decryptor()
    except UnsupportedAlgorithm as error:
        raise UnsupportedCipher(str(error)) from error
    return started.update
