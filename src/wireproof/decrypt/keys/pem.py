"""PEM text (RFC 7468, RFC 1421): the blocks between BEGIN and END lines, whatever stands before, between and behind them.

Takes text as bytes; gives blocks with their place in it. Knows labels and headers, not what the blocks hold.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

BEGIN = re.compile(rb"-----BEGIN ([A-Z0-9][A-Z0-9 ]{0,50})-----")
KEYS = frozenset(("PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY"))
CERTIFICATES = frozenset(("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE", "PKCS7", "CMS"))
SSH_KEY = "OPENSSH PRIVATE KEY"
FOREIGN = re.compile(rb"[^A-Za-z0-9+/=\s]")
MOST_BLOCKS = 1000
"""Blocks that are looked at: a file of all roots that an operating system trusts holds 150."""


class BadBlock(ValueError):
    """A block whose text can't be decoded; `at` is the byte of the file where it goes wrong."""

    def __init__(self, why: str, at: int) -> None:
        super().__init__(why)
        self.at = at


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its label, the byte at which its BEGIN line starts, where the lines behind it start, and these lines."""

    label: str
    at: int
    body_at: int
    body: bytes
    has_end: bool

    @property
    def is_locked(self) -> bool:
        """Whether the block is encrypted as a whole, as OpenSSL did before PKCS#8 (RFC 1421 section 4.6.1.1)."""
        return b"4,ENCRYPTED" in self.body[:200]

    @property
    def cipher(self) -> tuple[str, int]:
        """What such a block is encrypted with, as its header names it, and the bytes of its initialization vector; ("", 0) for none."""
        match = re.search(
            rb"DEK-Info:[ \t]*([A-Za-z0-9-]{1,40})[ \t]*,[ \t]*((?:[0-9A-Fa-f]{2})*)\s*\n", self.body[:400]
        )
        return (match[1].decode(), len(match[2]) // 2) if match else ("", 0)

    def text(self) -> bytes:
        """The block by itself, with plain line ends."""
        lines = b"\n".join(line.strip() for line in self.body.strip().splitlines())
        label = self.label.encode()
        return b"-----BEGIN %s-----\n%s\n-----END %s-----\n" % (label, lines, label)

    def der(self) -> bytes:
        """The decoded content. Raises BadBlock."""
        headers = re.match(rb"\s*(?:[A-Za-z-]{1,40}:[^\n]*\n(?:[ \t]+\S[^\n]*\n)*)+\s*\n", self.body)
        start = headers.end() if headers else 0
        encoded = self.body[start:]
        if foreign := FOREIGN.search(encoded):
            raise BadBlock("what is no base64 stands in it", self.body_at + start + foreign.start())
        if not self.has_end:
            raise BadBlock("its END line is missing; the file is cut", self.body_at + len(self.body))
        try:
            return base64.b64decode(b"".join(encoded.split()), validate=True)
        except binascii.Error:
            raise BadBlock("its base64 lacks characters", self.body_at + len(self.body)) from None


def has_blocks(text: bytes) -> bool:
    """Whether the text holds the beginning of a key or certificate."""
    return any(is_known(match[1].decode()) for match in BEGIN.finditer(text))


def is_known(label: str) -> bool:
    """Whether blocks of this label concern keys."""
    return label in KEYS or label in CERTIFICATES or label == SSH_KEY


def find_blocks(text: bytes) -> Iterator[Block]:
    """Every block, in order; one without END reaches up to the next BEGIN."""
    begins = list(BEGIN.finditer(text))
    for place, begin in enumerate(begins[:MOST_BLOCKS]):
        limit = begins[place + 1].start() if place + 1 < len(begins) else len(text)
        end = text.find(b"-----END " + begin[1] + b"-----", begin.end(), limit)
        body = text[begin.end() : end if end >= 0 else limit]
        yield Block(begin[1].decode(), begin.start(), begin.end(), body, end >= 0)
