"""What opens the records of one direction under one set of keys, and how it says that one is not right.

Shared by the openers of stream ciphers, block ciphers and AEADs; `make_opener` chooses among them. Knows no stream and no handshake.
"""

from __future__ import annotations

import struct
from array import array
from typing import NamedTuple, Protocol

from wireproof.wire._tls import cut_record
from wireproof.wire.tls import APPLICATION_DATA, RECORD_HEADER, RECORD_MOST

CHAIN = "chain"


class Run(NamedTuple):
    """Records of application data in a row that were opened, and what they hold, one after the other in `content`.

    Record n begins at `raw[n]` of the bytes that it was cut from and ends at `raw[n + 1]`; its content is `clear[n]` to `clear[n + 1]`.
    """

    content: bytearray
    raw: array[int]
    clear: array[int]


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

    def open_run(self, data: bytes, at: int, sequence: int) -> Run:
        """The content of the records that stand at `at`, one behind the other, in one go.

        A run ends before a record that is not whole, is not application data by its header, does not open, or holds something else, as any
        message in TLS 1.3.
        """


class OneByOne:
    """Opens a run of records as it opens each."""

    __slots__ = ()

    def open_run(self: Opener, data: bytes, at: int, sequence: int) -> Run:
        """See `Opener`."""
        run = Run(bytearray(), array("q", (at,)), array("q", (0,)))
        while record := cut_record(data, run.raw[-1], RECORD_MOST, 0):
            kind, version, start, body = record
            if kind != APPLICATION_DATA:
                break
            try:
                inner, clear = self.open(sequence, kind, version, body)
            except BadRecord:
                break
            if inner != APPLICATION_DATA:
                break
            run.content.extend(clear)
            run.raw.append(start + RECORD_HEADER + len(body))
            run.clear.append(len(run.content))
            sequence += 1
        return run


pack_header = struct.Struct(">QBHH").pack
"""Sequence number, content type, version, length: what every MAC of TLS 1.0 to 1.2 covers before the content."""
