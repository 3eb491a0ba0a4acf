"""What opens the records of one direction under one set of keys, and how it says that one is not right.

Shared by the openers of stream ciphers, block ciphers and AEADs; `make_opener` chooses among them. Knows no stream and no handshake.
"""

from __future__ import annotations

import struct
from typing import Protocol

from wireproof.wire.tls import APPLICATION_DATA

Record = tuple[int, int, int, bytes]
"""Content type, version, offset, and what follows the header."""
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

    def open_run(self, records: list[Record], place: int, sequence: int) -> tuple[list[bytes], int]:
        """The content of records of application data from a place on, in one go, and the content type of the last one.

        A run ends before a record that is not application data by its header or does not open, and behind one that holds something else,
        as any message in TLS 1.3.
        """


class OneByOne:
    """Opens a run of records as it opens each."""

    __slots__ = ()

    def open_run(self: Opener, records: list[Record], place: int, sequence: int) -> tuple[list[bytes], int]:
        """See `Opener`."""
        found: list[bytes] = []
        inner = APPLICATION_DATA
        while place < len(records) and inner == APPLICATION_DATA:
            kind, version, _, body = records[place]
            if kind != APPLICATION_DATA:
                break
            try:
                inner, clear = self.open(sequence, kind, version, body)
            except BadRecord:
                break
            found.append(clear)
            sequence += 1
            place += 1
        return found, inner


pack_header = struct.Struct(">QBHH").pack
"""Sequence number, content type, version, length: what every MAC of TLS 1.0 to 1.2 covers before the content."""
