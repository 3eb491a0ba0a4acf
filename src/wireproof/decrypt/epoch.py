"""One side's records under one set of keys: how they are opened, and how many were.

Takes a way to make an opener; gives clear content. Adds what openers leave out: DEFLATE (RFC 3749), and suites that encrypt nothing read without a key.
"""

from __future__ import annotations

import enum
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from wireproof.decrypt.protect.cbc import CbcOpener
from wireproof.decrypt.protect.mac import StreamOpener
from wireproof.decrypt.protect.opener import BadRecord, OneByOne, Opener

if TYPE_CHECKING:
    from wireproof.decrypt.records import Source

CLEAR_MOST = (1 << 14) + 1024
"""Longest content of a record, and what RFC 5246 section 6.2.2 lets compression add."""
DEFLATE = 1
AT_ONCE = 1 << 20
NOT_RIGHT = -1


class Chain(enum.Enum):
    """What a record needs of those before it: nothing, the last encrypted block, the place in a key stream, or all that was said."""

    NONE = "none"
    BLOCK = "block"
    KEY_STREAM = "key stream"
    DICTIONARY = "dictionary"


class Epoch:
    """A set of keys in use. `sequence` is the number of the next record, `opened` counts those that opened; `name` tells the keys of TLS 1.3 apart.

    `overhead` is what the last record had besides its content. `spent` counts the bytes of all records so far. Where blocks are chained, the last
    `block_bytes` are what the next record needs of the one before; behind them stand `tail_bytes` of MAC.
    """

    __slots__ = (
        "block_bytes",
        "chain",
        "make",
        "name",
        "opened",
        "opener",
        "overhead",
        "secret",
        "sequence",
        "spent",
        "tail_bytes",
    )

    def __init__(
        self, make: Callable[[], Opener], name: str = "", secret: bytes = b"", opener: Opener | None = None
    ) -> None:
        self.make = make
        self.opener = opener or make()
        self.name = name
        self.secret = secret
        self.sequence = 0
        self.opened = 0
        self.overhead = 0
        self.spent = 0
        self.chain = Chain.NONE
        self.block_bytes = self.tail_bytes = 0

    def rest(self) -> None:
        """These keys are in use no more: let go of the opener."""
        self.opener = RESTING

    def again(self) -> Epoch:
        """The same keys, from their first record on."""
        made = Epoch(self.make, self.name, self.secret)
        made.chain, made.block_bytes, made.tail_bytes = self.chain, self.block_bytes, self.tail_bytes
        return made

    def go_on_behind(self, source: Source, end: int, sequence: int, right: bool = False) -> bool:
        """Make the opener ready for record `sequence` behind one that ends at `end`, where its blocks are chained; whether the bytes are there.

        `right` tells that this one was opened before. Else a MAC that does not cover what stands before it does not count as right.
        """
        if not isinstance(self.opener, CbcOpener) or self.chain is not Chain.BLOCK:
            return True
        begin = end - self.tail_bytes - self.block_bytes
        blocks = source.read(begin, self.block_bytes) if begin >= 0 else b""
        self.opener.go_on_behind(blocks.rjust(self.block_bytes, b"\0"), sequence if right else NOT_RIGHT)
        return len(blocks) == self.block_bytes

    def move_to(self, position: int) -> None:
        """Put a key stream to a place, where the opener has one."""
        if not isinstance(self.opener, StreamOpener):
            return
        if position < self.spent:
            self.opener, self.spent = self.make(), 0
        while isinstance(self.opener, StreamOpener) and self.spent < position:
            self.spent += len(self.opener.key_stream(min(position - self.spent, AT_ONCE)))


class BareOpener(OneByOne):
    """Records that are not encrypted, read without a key: what stands before the MAC is content. Nothing is checked."""

    __slots__ = ("_inner", "_mac")
    sequential = False

    def __init__(self, mac: int, inner: bool = False) -> None:
        self._mac, self._inner = mac, inner

    def open(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes]:  # noqa: ARG002 - as all openers
        """Content without the MAC behind it; in TLS 1.3 the content type stands at its end (RFC 9150 section 5)."""
        size = len(body) - self._mac
        if size < 0:
            raise BadRecord("short")
        if not self._inner:
            return kind, body[:size]
        content = body[:size].rstrip(b"\0")
        if not content:
            raise BadRecord("short")
        return content[-1], content[:-1]


class Inflating(OneByOne):
    """Records that were compressed before they were protected; one dictionary runs through all of them."""

    __slots__ = ("_inflate", "_opener")
    sequential = True

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._inflate = zlib.decompressobj()

    def open(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes]:
        """Content, no longer than a record may be."""
        kind, packed = self._opener.open(sequence, kind, version, body)
        try:
            clear = self._inflate.decompress(packed, CLEAR_MOST)
        except zlib.error as broken:
            raise BadRecord("compression") from broken
        if self._inflate.unconsumed_tail:
            raise BadRecord("compression")
        return kind, clear


RESTING = BareOpener(0)
"""Stands for the opener of keys that are in use no more."""
