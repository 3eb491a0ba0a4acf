"""Packet protection of QUIC: header protection, packet numbers, AEAD and key updates (RFC 9001 section 5 and 6, RFC 9369).

Takes datagrams and secrets; gives the clear content of packets. Knows no frame and no stream.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag

from wireproof.decrypt.keys.derive import expand_label
from wireproof.decrypt.number_mask import SAMPLE, Mask, make_mask, nearest
from wireproof.decrypt.protect.aead import make_aead
from wireproof.wire.quic import VERSION_2
from wireproof.wire.tls_suite_parts import SuiteParts, suite_parts

if TYPE_CHECKING:
    from collections.abc import Callable

LEAST = 4 + SAMPLE
"""Bytes behind the place of the packet number that a packet has at least."""
PHASE = 0x04
SUITES_BY_HASH = {32: (0x1301, 0x1303, 0x1304), 48: (0x1302,)}
"""Suites that a secret of this length may belong to, for captures that lack the ServerHello."""


def label_family(version: int) -> str:
    """What the labels of a version begin with (RFC 9369 section 3.3.1)."""
    return "quicv2 " if version == VERSION_2 else "quic "


class PacketKeys:
    """One side's keys of one encryption level, with all key updates behind them.

    `expected` is the next packet number, `generation` counts key updates so far.
    """

    def __init__(self, parts: SuiteParts, secret: bytes, version: int) -> None:
        self._parts, self._family = parts, label_family(version)
        self._mask: Mask = make_mask(parts, self._expand(secret, "hp", parts.key_bytes))
        self._secrets = [secret]
        self._ciphers: list[tuple[Callable[[bytes, bytes, bytes], bytes], int]] = [self._make(secret)]
        self.expected = 0
        self.generation = 0

    def _expand(self, secret: bytes, label: str, size: int) -> bytes:
        return expand_label(secret, self._family + label, size, self._parts.prf)

    def _make(self, secret: bytes) -> tuple[Callable[[bytes, bytes, bytes], bytes], int]:
        cipher = make_aead(self._parts, self._expand(secret, "key", self._parts.key_bytes))
        return cipher.decrypt, int.from_bytes(self._expand(secret, "iv", 12), "big")

    def _cipher(self, generation: int) -> tuple[Callable[[bytes, bytes, bytes], bytes], int]:
        while len(self._ciphers) <= generation:
            self._secrets.append(self._expand(self._secrets[-1], "ku", len(self._secrets[-1])))
            self._ciphers.append(self._make(self._secrets[-1]))
        return self._ciphers[generation]

    def open(self, datagram: bytes, start: int, number_at: int, end: int) -> bytes | None:
        """The content of the packet from `start` to `end`; None where it does not open."""
        if end - number_at < LEAST:
            return None
        first = datagram[start]
        mask = self._mask(datagram[number_at + 4 : number_at + 4 + SAMPLE])
        long = bool(first & 0x80)
        first ^= mask[0] & (0x0F if long else 0x1F)
        size = (first & 3) + 1
        shown = bytes(a ^ b for a, b in zip(datagram[number_at : number_at + size], mask[1:], strict=False))
        header = bytes([first]) + datagram[start + 1 : number_at] + shown
        number = nearest(int.from_bytes(shown, "big"), 8 * size, self.expected)
        body = datagram[number_at + size : end]
        for generation in self._generations(0 if long else (first & PHASE) >> 2, long):
            decrypt, iv = self._cipher(generation)
            try:
                plain = decrypt((iv ^ number).to_bytes(12, "big"), body, header)
            except InvalidTag:
                continue
            self.expected = max(self.expected, number + 1)
            self.generation = max(self.generation, generation)
            return plain
        return None

    def _generations(self, phase: int, long: bool) -> tuple[int, ...]:
        """Which keys a packet may be protected with, the likeliest first; late ones may be older (RFC 9001 section 6.5)."""
        now = self.generation
        if long or now & 1 == phase:
            return (now,)
        return (now + 1, now - 1) if now else (now + 1,)


def candidates(secret: bytes, suite: int) -> list[SuiteParts]:
    """The suites that a secret may belong to: the one that was chosen, or all of its length where nobody knows."""
    numbers = (suite,) if suite >= 0 else SUITES_BY_HASH.get(len(secret), ())
    found = [suite_parts(number) for number in numbers]
    return [parts for parts in found if parts is not None and parts.tag_bytes]
