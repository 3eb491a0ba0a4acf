"""What opens the records of one direction under one set of keys, and how it says that one is not right.

Shared by the openers of stream ciphers, block ciphers and AEADs; `make_opener` chooses among them. Knows no stream and no handshake.
"""

from __future__ import annotations

import struct
from typing import Protocol

CHAIN = "chain"


class BadRecord(Exception):
    """A record that does not open: `why` is "padding", "mac", "tag", "short", or "chain" where the MAC is right, but not known what stands before."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class UnsupportedCipher(Exception):
    """The cipher is known by name, but the cryptography library at hand does not have it."""


class Opener(Protocol):
    """Opens records of one direction. `sequential`: every record must be given, in order, because each goes on from the one before."""

    sequential: bool

    def open(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes]:
        """Content type and clear bytes of a record: `kind` and `version` as its header has them, `body` what follows the header.

        `sequence` counts the records under these keys from 0; in DTLS it is epoch << 48 | number. Raises BadRecord.
        """


pack_header = struct.Struct(">QBHH").pack
"""Sequence number, content type, version, length: what every MAC of TLS 1.0 to 1.2 covers before the content."""
