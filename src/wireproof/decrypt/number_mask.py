"""What hides the numbers of packets and records: a mask made from a sample of what is encrypted (RFC 9001 section 5.4, RFC 9147 section 4.2.3).

Takes keys and samples; gives masks. Knows no packet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireproof.wire.tls_suite_parts import SuiteParts

SAMPLE, MASK = 16, 5

Mask = Callable[[bytes], bytes]


def make_mask(parts: SuiteParts, key: bytes) -> Mask:
    """From a sample of 16 bytes to a mask of 5 or more, made for all packets under one key."""
    if parts.cipher == "CHACHA20":
        return lambda sample: _chacha(key, sample)
    from wireproof.decrypt.protect.ciphers import make_block

    return make_block("AES", key)


def _chacha(key: bytes, sample: bytes) -> bytes:
    """The sample is counter and nonce, as the library takes them."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

    return Cipher(algorithms.ChaCha20(key, sample), None).encryptor().update(bytes(MASK))


def nearest(shown: int, bits: int, expected: int) -> int:
    """The whole number of which the lowest `bits` are shown, nearest to what is expected (RFC 9000 appendix A.3)."""
    window = 1 << bits
    candidate = (expected & ~(window - 1)) | shown
    if candidate <= expected - window // 2:
        return candidate + window
    if candidate > expected + window // 2 and candidate >= window:
        return candidate - window
    return candidate
