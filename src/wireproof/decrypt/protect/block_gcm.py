"""Galois/Counter Mode (NIST SP 800-38D) over a block cipher that the cryptography library has, but not in this mode: Camellia (RFC 6367).

Takes a cipher that encrypts blocks; gives what reads like the library's AEADs. Slower than those by far, and rarely needed.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidTag

BLOCK = 16
REDUCTION = 0xE1 << 120
"""The field's polynomial, lowest power first, as GCM writes it."""


class BlockGcm:
    """Decrypts with nonces of 12 bytes and tags of 16."""

    __slots__ = ("_encrypt", "_tables")

    def __init__(self, encrypt: Callable[[bytes], bytes]) -> None:
        self._encrypt = encrypt
        self._tables = _make_tables(int.from_bytes(encrypt(bytes(BLOCK)), "big"))

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Clear bytes. Raises InvalidTag."""
        hidden, tag = data[:-BLOCK], data[-BLOCK:]
        added = associated_data or b""
        lengths = (8 * len(added)).to_bytes(8, "big") + (8 * len(hidden)).to_bytes(8, "big")
        counters = b"".join(
            nonce + number.to_bytes(4, "big") for number in range(1, 2 + (len(hidden) + BLOCK - 1) // BLOCK)
        )
        stream = self._encrypt(counters)
        if _xor(self._hash(_pad(added) + _pad(hidden) + lengths), stream[:BLOCK]) != tag:
            raise InvalidTag
        return _xor(hidden, stream[BLOCK : BLOCK + len(hidden)])

    def _hash(self, data: bytes) -> bytes:
        """GHASH of whole blocks."""
        state = 0
        for at in range(0, len(data), BLOCK):
            state ^= int.from_bytes(data[at : at + BLOCK], "big")
            product = 0
            for table, byte in zip(self._tables, state.to_bytes(BLOCK, "big"), strict=True):
                product ^= table[byte]
            state = product
        return state.to_bytes(BLOCK, "big")


def _make_tables(key: int) -> list[list[int]]:
    """For each byte of a block, the product of each of its values with the key."""
    tables = []
    for _ in range(BLOCK):
        table = [0] * 256
        for bit in (128, 64, 32, 16, 8, 4, 2, 1):
            table[bit] = key
            key = key >> 1 ^ (REDUCTION if key & 1 else 0)
        for value in range(1, 256):
            lowest = value & -value
            table[value] = table[value ^ lowest] ^ table[lowest]
        tables.append(table)
    return tables


def _pad(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(len(one), "big")
