"""Records under AEADs: GCM, CCM and ChaCha20-Poly1305 in TLS 1.2 and 1.3, and suites of TLS 1.3 that only authenticate.

Takes keys and records; gives content whose tag is right (RFC 5288, 6655, 7905, 8446 section 5.2, RFC 9150). Nonces are made here.
"""

from __future__ import annotations

import functools
import hmac
import struct
from typing import TYPE_CHECKING, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import aead

from wireproof.decrypt.protect.block_gcm import BlockGcm
from wireproof.decrypt.protect.ciphers import make_block
from wireproof.decrypt.protect.opener import BadRecord, OneByOne, UnsupportedCipher, pack_header

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.wire.tls_suite_parts import SuiteParts

pack_tls13_header = struct.Struct(">BHH").pack
TAG_BYTES = 16


class Aead(Protocol):
    """A cipher of the cryptography library."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Clear bytes. Raises InvalidTag."""


def find_aead(parts: SuiteParts) -> Callable[[bytes], Aead]:
    """What makes the cipher of a suite from its key. Raises UnsupportedCipher, as that may too: some builds of the library lack a cipher."""
    if parts.cipher == "AES" and parts.mode == "GCM":
        return aead.AESGCM
    if parts.mode == "POLY1305" or (parts.cipher == "AES" and parts.mode == "CCM"):
        return functools.partial(_make_other, parts)
    if parts.cipher == "CAMELLIA":
        return lambda key: BlockGcm(make_block(parts.cipher, key))
    raise UnsupportedCipher(parts.name)


def _make_other(parts: SuiteParts, key: bytes) -> Aead:
    """A cipher that some builds of the library lack."""
    try:
        return aead.ChaCha20Poly1305(key) if parts.mode == "POLY1305" else aead.AESCCM(key, parts.tag_bytes)
    except UnsupportedAlgorithm as error:
        raise UnsupportedCipher(parts.name) from error


def make_aead(parts: SuiteParts, key: bytes) -> Aead:
    """The cipher of a suite, made once for all records."""
    return find_aead(parts)(key)


class DraftChaChaOpener(OneByOne):
    """ChaCha20-Poly1305 as Google used it first: an 8-byte nonce, the sequence number, and a MAC input without padding."""

    __slots__ = ("_key",)
    sequential = False

    def __init__(self, key: bytes) -> None:
        self._key = key

    def open(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes]:
        """Content whose tag is right."""
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
        from cryptography.hazmat.primitives.poly1305 import Poly1305

        size = len(body) - TAG_BYTES
        if size < 0:
            raise BadRecord("short")
        # The library takes counter and nonce as one; here the counter has 8 bytes and the nonce 8.
        nonce = bytes(8) + sequence.to_bytes(8, "big")
        stream = Cipher(algorithms.ChaCha20(self._key, nonce), None).decryptor()
        # The first block of the key stream makes the MAC's key; the rest of it is not used.
        mac = Poly1305(stream.update(bytes(64))[:32])
        header = pack_header(sequence, kind, version, size)
        mac.update(header + len(header).to_bytes(8, "little") + body[:size] + size.to_bytes(8, "little"))
        if mac.finalize() != body[size:]:
            raise BadRecord("tag")
        return kind, stream.update(body[:size])


class IntegrityOpener(OneByOne):
    """Suites of TLS 1.3 that only authenticate: HMAC over nonce, header and content (RFC 9150 section 5)."""

    __slots__ = ("_hash", "_iv", "_key", "_size")
    sequential = False

    def __init__(self, hash_name: str, key: bytes, iv: bytes) -> None:
        self._hash, self._key, self._iv, self._size = hash_name, key, int.from_bytes(iv, "big"), len(iv)

    def open(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes]:
        """The inner content type and content whose tag is right, without padding."""
        size = len(body) - self._size
        if size <= 0:
            raise BadRecord("short")
        nonce = (self._iv ^ sequence).to_bytes(self._size, "big")
        header = pack_tls13_header(kind, version, len(body))
        if hmac.digest(self._key, nonce + header + body[:size], self._hash) != body[size:]:
            raise BadRecord("mac")
        return split_inner(body[:size])


def split_inner(plain: bytes) -> tuple[int, bytes]:
    """Content type and content of a TLSInnerPlaintext: the type is its last byte that is not 0."""
    inner = plain.rstrip(b"\0")
    if not inner:
        raise BadRecord("padding")
    return inner[-1], inner[:-1]
