"""What a cipher suite's name says: key exchange, cipher, MAC, the sizes of keys and nonces, and the hash of its PRF.

Takes a suite's number; gives its parts (RFC 5246 appendix C, RFC 8446 appendix B.4), None where its cipher is not known here. Knows no key.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from wireproof.wire.tls_suites import SIGNALS, SUITES


class SuiteParts(NamedTuple):
    """One cipher suite. All sizes in bytes.

    `key_exchange` is `RSA`, `ECDHE_ECDSA`, `PSK`, ..., empty for suites of TLS 1.3. `cipher` is `AES`, `3DES`, `NULL`, ...; `mode` one of
    `STREAM`, `CBC`, `GCM`, `CCM`, `POLY1305`, `POLY1305-DRAFT` and `NULL` (nothing is encrypted, a MAC follows). `iv_bytes` is the size of
    a CBC block or of the fixed part of a nonce, `explicit_nonce_bytes` that of the part which each record carries. `mac` and `prf` are
    names of hashlib, `mac` empty for an AEAD, whose `tag_bytes` are 0 elsewhere. `export_bytes` is the key material that an export suite
    draws from the key block, 0 for all others.
    """

    name: str
    key_exchange: str
    cipher: str
    mode: str
    key_bytes: int
    iv_bytes: int
    mac: str
    mac_bytes: int
    tag_bytes: int
    explicit_nonce_bytes: int
    prf: str
    export_bytes: int = 0


class _Cipher(NamedTuple):
    cipher: str
    mode: str
    key_bytes: int
    iv_bytes: int
    tag_bytes: int = 0
    explicit_nonce_bytes: int = 0
    export_bytes: int = 0


CIPHERS = {
    "NULL": _Cipher("NULL", "NULL", 0, 0),
    "RC4_128": _Cipher("RC4", "STREAM", 16, 0),
    "RC4_40": _Cipher("RC4", "STREAM", 16, 0, export_bytes=5),
    "RC4_56": _Cipher("RC4", "STREAM", 16, 0, export_bytes=7),
    "RC2_CBC_40": _Cipher("RC2", "CBC", 16, 8, export_bytes=5),
    "RC2_CBC_56": _Cipher("RC2", "CBC", 16, 8, export_bytes=7),
    "DES40_CBC": _Cipher("DES", "CBC", 8, 8, export_bytes=5),
    "DES_CBC_40": _Cipher("DES", "CBC", 8, 8, export_bytes=5),
    "DES_CBC": _Cipher("DES", "CBC", 8, 8),
    "3DES_EDE_CBC": _Cipher("3DES", "CBC", 24, 8),
    "IDEA_CBC": _Cipher("IDEA", "CBC", 16, 8),
    "SEED_CBC": _Cipher("SEED", "CBC", 16, 16),
    "CHACHA20_POLY1305": _Cipher("CHACHA20", "POLY1305", 32, 12, 16),
}
"""Ciphers by their words in a suite's name, but those that come in two sizes."""

_BLOCK = {"CBC": (16, 0, 0), "GCM": (4, 16, 8), "CCM": (4, 16, 8), "CCM_8": (4, 8, 8)}
"""Of 16-byte block ciphers in TLS 1.2: IV or salt, tag, explicit nonce (RFC 5288 section 3, RFC 6655 sections 3 and 4)."""
for _bits in (128, 256):
    for _mode, _sizes in _BLOCK.items():
        CIPHERS[f"AES_{_bits}_{_mode}"] = _Cipher("AES", _mode[:3], _bits // 8, *_sizes)
    for _mode in ("CBC", "GCM"):
        CIPHERS[f"CAMELLIA_{_bits}_{_mode}"] = _Cipher("CAMELLIA", _mode, _bits // 8, *_BLOCK[_mode])

HASHES = {"MD5": ("md5", 16), "SHA": ("sha1", 20), "SHA256": ("sha256", 32), "SHA384": ("sha384", 48)}
"""A suite's last word: hashlib's name and the bytes of its HMAC."""
GOOGLE_CHACHA = range(0xCC13, 0xCC16)
"""ChaCha20 as Google used it before RFC 7905: the nonce is the record's sequence number alone, the MAC's input not padded."""
INTEGRITY_ONLY = {0xC0B4: "SHA256", 0xC0B5: "SHA384"}
"""Suites of TLS 1.3 that authenticate and do not encrypt (RFC 9150 section 5): keys and nonces have the hash's size."""


@functools.lru_cache(maxsize=512)
def suite_parts(suite: int) -> SuiteParts | None:
    """The parts of a suite; None for an unknown number, a signal, and ciphers that can't be read here (ARIA, SM4)."""
    name = SUITES.get(suite)
    if name is None or suite in SIGNALS:
        return None
    if suite in INTEGRITY_ONLY:
        hash_name, size = HASHES[INTEGRITY_ONLY[suite]]
        return SuiteParts(f"TLS_{name}", "", "NULL", "NULL", size, size, hash_name, size, 0, 0, hash_name)
    exchange, with_exchange, rest = name.rpartition("_WITH_")
    words, _, last = rest.rpartition("_")
    if last not in HASHES:
        # `..._WITH_AES_128_CCM_8`: an AEAD of TLS 1.2 whose PRF uses SHA-256 (RFC 6655 section 3).
        words, last = rest, "SHA256"
    cipher = CIPHERS.get(words)
    if cipher is None:
        return None
    parts = _assemble(name, _key_exchange(exchange), cipher, last)
    if suite in GOOGLE_CHACHA:
        return parts._replace(mode="POLY1305-DRAFT", iv_bytes=0)
    return parts if with_exchange else _for_tls_1_3(parts)


def _key_exchange(words: str) -> str:
    """The key exchange; the registry writes two of its suites as `PSK_DHE`, and export sizes are told by `export_bytes`."""
    return "DHE_PSK" if words == "PSK_DHE" else words.replace("_EXPORT1024", "_EXPORT")


def _assemble(name: str, exchange: str, cipher: _Cipher, last: str) -> SuiteParts:
    mac, mac_bytes = HASHES[last]
    export_bytes = cipher.export_bytes
    if "EXPORT1024" in name and cipher.cipher == "DES":
        # The key is that of DES, but made as export keys are.
        export_bytes = cipher.key_bytes
    return SuiteParts(
        name=f"TLS_{name}",
        key_exchange=exchange,
        cipher=cipher.cipher,
        mode=cipher.mode,
        key_bytes=cipher.key_bytes,
        iv_bytes=cipher.iv_bytes,
        mac="" if cipher.tag_bytes else mac,
        mac_bytes=0 if cipher.tag_bytes else mac_bytes,
        tag_bytes=cipher.tag_bytes,
        explicit_nonce_bytes=cipher.explicit_nonce_bytes,
        prf="sha384" if last == "SHA384" else "sha256",
        export_bytes=export_bytes,
    )


def _for_tls_1_3(parts: SuiteParts) -> SuiteParts:
    """All nonces of TLS 1.3 are made from 12 fixed bytes (RFC 8446 section 5.3)."""
    return parts._replace(iv_bytes=12, explicit_nonce_bytes=0)
