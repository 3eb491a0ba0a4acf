"""Seals TLS records, written from the RFCs and apart from what opens them: the other half of every round trip.

Takes keys and content; gives record bodies (what follows the five bytes of header). Slow and plain.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import importlib
import os
import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers import modes as modes_of
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.poly1305 import Poly1305

BLOCKS = {"AES": 16, "CAMELLIA": 16, "SEED": 16, "3DES": 8, "DES": 8, "IDEA": 8, "RC2": 8}


NAMES = {"CAMELLIA": "Camellia", "3DES": "TripleDES", "DES": "TripleDES", "RC4": "ARC4"}


def _class(cipher: str) -> Callable[[bytes], object] | None:
    """The library's class, which its versions keep in one of two modules, if at all."""
    rooms: list[object] = [algorithms]
    with contextlib.suppress(ImportError):
        rooms.insert(0, importlib.import_module("cryptography.hazmat.decrepit.ciphers.algorithms"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [getattr(room, NAMES.get(cipher, cipher), None) for room in rooms]
    return next((one for one in found if one), None)


def has_cipher(cipher: str) -> bool:
    """Whether the library has a block cipher; not all its versions have IDEA, SEED and RC2."""
    if _class(cipher) is None:
        return False
    mode = modes_of.CBC(bytes(BLOCKS[cipher]))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Cipher(_algorithm(cipher, bytes(16)), mode).encryptor()  # type: ignore[arg-type]
    except UnsupportedAlgorithm:
        return False
    return True


def _algorithm(cipher: str, key: bytes) -> object:
    made = _class(cipher)
    assert made is not None
    return made(key * 3 if cipher == "DES" else key)


@dataclass
class Sealer:
    """Seals records of one direction. `version` is that of TLS, `mac` a name of hashlib."""

    version: int
    cipher: str
    mode: str
    mac: str
    mac_key: bytes
    key: bytes
    iv: bytes
    tag: int = 16
    encrypt_then_mac: bool = False
    truncated: bool = False
    sequence: int = 0
    padding: int = 0
    """Bytes of padding beyond the least: whole blocks for CBC, zeros for TLS 1.3."""
    stream: object = None

    def seal(self, content: bytes, kind: int = 23, record_version: int = 0) -> bytes:
        """The body of the next record."""
        version = record_version or min(self.version, 0x0303)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = self._seal(content, kind, version)
        self.sequence += 1
        return body

    def _seal(self, content: bytes, kind: int, version: int) -> bytes:
        if self.version >= 0x0304:
            return self._tls13(content, kind, version)
        if self.mode in ("GCM", "CCM", "POLY1305", "POLY1305-DRAFT"):
            return self._aead(content, struct.pack(">QBHH", self.sequence, kind, version, len(content)))
        if self.mode == "NULL":
            return content + self._mac(content, kind, version)
        if self.mode == "STREAM":
            self.stream = self.stream or Cipher(_algorithm(self.cipher, self.key), None).encryptor()  # type: ignore[arg-type]
            return self.stream.update(content + self._mac(content, kind, version))  # type: ignore[attr-defined,no-any-return]
        if self.encrypt_then_mac:
            hidden = self._cbc(content)
            return hidden + self._mac(hidden, kind, version)
        return self._cbc(content + self._mac(content, kind, version))

    def _mac(self, content: bytes, kind: int, version: int) -> bytes:
        if self.version == 0x0300:
            pad = 48 if self.mac == "md5" else 40
            head = self.sequence.to_bytes(8, "big") + bytes([kind]) + len(content).to_bytes(2, "big")
            inner = hashlib.new(self.mac, self.mac_key + b"6" * pad + head + content).digest()
            return hashlib.new(self.mac, self.mac_key + b"\\" * pad + inner).digest()
        head = self.sequence.to_bytes(8, "big") + bytes([kind]) + version.to_bytes(2, "big")
        whole = hmac.new(self.mac_key, head + len(content).to_bytes(2, "big") + content, self.mac).digest()
        return whole[:10] if self.truncated else whole

    def _cbc(self, plain: bytes) -> bytes:
        block = BLOCKS[self.cipher]
        count = block - 1 - len(plain) % block + (self.padding * block if self.version > 0x0300 else 0)
        filler = bytes([count]) * count if self.version > 0x0300 else os.urandom(count)
        iv = os.urandom(block) if self.version >= 0x0302 else self.iv
        encryptor = Cipher(_algorithm(self.cipher, self.key), modes_of.CBC(iv)).encryptor()  # type: ignore[arg-type]
        hidden = encryptor.update(plain + filler + bytes([count]))
        if self.version >= 0x0302:
            return iv + hidden
        self.iv = hidden[-block:]
        return hidden

    def _aead(self, content: bytes, head: bytes) -> bytes:
        if self.mode == "POLY1305":
            return ChaCha20Poly1305(self.key).encrypt(self._nonce(), content, head)
        if self.mode == "POLY1305-DRAFT":
            return self._draft(content, head)
        explicit = os.urandom(8)
        return explicit + self._block_aead().encrypt(self.iv + explicit, content, head)

    def _block_aead(self) -> AESGCM | AESCCM:
        return AESGCM(self.key) if self.mode == "GCM" else AESCCM(self.key, self.tag)

    def _nonce(self) -> bytes:
        padded = self.sequence.to_bytes(len(self.iv), "big")
        return bytes(a ^ b for a, b in zip(padded, self.iv, strict=True))

    def _draft(self, content: bytes, head: bytes) -> bytes:
        nonce = self.sequence.to_bytes(8, "big")
        encryptor = Cipher(algorithms.ChaCha20(self.key, bytes(8) + nonce), None).encryptor()
        one_time = encryptor.update(bytes(32))
        encryptor.update(bytes(32))
        hidden = encryptor.update(content)
        lengths = [len(part).to_bytes(8, "little") for part in (head, hidden)]
        return hidden + Poly1305.generate_tag(one_time, head + lengths[0] + hidden + lengths[1])

    def _tls13(self, content: bytes, kind: int, version: int) -> bytes:
        inner = content + bytes([kind]) + bytes(self.padding)
        size = self.tag if self.mode != "NULL" else hashlib.new(self.mac).digest_size
        head = struct.pack(">BHH", 23, version, len(inner) + size)
        if self.mode == "NULL":
            return inner + hmac.new(self.key, self._nonce() + head + inner, self.mac).digest()
        if self.mode == "POLY1305":
            return ChaCha20Poly1305(self.key).encrypt(self._nonce(), inner, head)
        return self._block_aead().encrypt(self._nonce(), inner, head)
