"""Records under block ciphers in CBC mode: IVs that go on or come with each record, padding, MAC before or behind encrypting.

Takes keys and records; gives content whose padding and MAC are right (RFC 6101 section 5.2.3.2, RFC 5246 section 6.2.3.2, RFC 7366).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.decrypt.keys.derive import SSL_3_0, TLS_1_1
from wireproof.decrypt.protect._blocks import BlockRuns, Hmac
from wireproof.decrypt.protect.ciphers import BLOCK_BYTES, make_cbc
from wireproof.decrypt.protect.opener import CHAIN, BadRecord, OneByOne

if TYPE_CHECKING:
    from wireproof.decrypt.keys.derive import DirectionKeys
    from wireproof.decrypt.protect.mac import MacCheck
    from wireproof.decrypt.protect.opener import Run
    from wireproof.wire.tls_suite_parts import SuiteParts

PADDINGS = [bytes([size]) * (size + 1) for size in range(256)]
"""The padding of TLS by its last byte: every byte of it has that value."""


class CbcOpener(OneByOne):
    """MAC, then padding, then encryption. One decryptor serves all records.

    With an explicit IV it is right to go on from the record before: that spoils the first block of what comes out, the IV's, only.
    """

    __slots__ = ("_block", "_check", "_decrypt", "_explicit", "sequential")
    _mac_last = False

    def __init__(self, block: int, check: MacCheck, keys: tuple[str, bytes, bytes], explicit: bool) -> None:
        self._block, self._check, self._explicit = block, check, explicit
        self._decrypt = make_cbc(*keys)
        self.sequential = not explicit

    def open(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes]:
        """Content whose padding and MAC are right."""
        plain = self._decrypt_blocks(body)
        return kind, self._check.strip(sequence, kind, version, plain[: self._content_end(plain)])

    def open_run(self, data: bytes, at: int, sequence: int) -> Run:
        """See `Opener`."""
        if not self._explicit or not isinstance(self._check, Hmac):
            return super().open_run(data, at, sequence)
        runs = BlockRuns(self._decrypt, self._block, self._check, self._mac_last)
        return runs.open_run(data, at, sequence)

    def go_on_behind(self, blocks: bytes, sequence: int) -> None:  # noqa: ARG002 - for those that check it
        """Be ready for the record of this number, behind one that ends in these encrypted blocks and was not given."""
        self._decrypt(blocks)

    def _decrypt_blocks(self, body: bytes) -> bytes:
        if len(body) % self._block or len(body) <= (self._block if self._explicit else 0):
            raise BadRecord("short")
        return self._decrypt(body)[self._block :] if self._explicit else self._decrypt(body)

    def _content_end(self, plain: bytes) -> int:
        """Where the padding begins; its last byte counts the others."""
        padding = plain[-1]
        if not plain.endswith(PADDINGS[padding]):
            raise BadRecord("padding")
        return len(plain) - padding - 1


class Ssl3CbcOpener(CbcOpener):
    """SSL 3.0: padding of any bytes, shorter than a block."""

    __slots__ = ()

    def _content_end(self, plain: bytes) -> int:
        """Where the padding begins."""
        if plain[-1] >= self._block:
            raise BadRecord("padding")
        return len(plain) - plain[-1] - 1


class MacLastOpener(CbcOpener):
    """Encrypt-then-MAC: the MAC covers IV and encrypted bytes (RFC 7366 section 3).

    It does not cover an IV that goes on from the record before, so behind a record that is bad or was not given the next one is bad too.
    """

    __slots__ = ("_next",)
    _mac_last = True

    def __init__(self, block: int, check: MacCheck, keys: tuple[str, bytes, bytes], explicit: bool) -> None:
        super().__init__(block, check, keys, explicit)
        self._next = 0

    def go_on_behind(self, blocks: bytes, sequence: int) -> None:
        """Be ready for the record of this number, behind one that ends in these encrypted blocks, was not given, and is known to be right."""
        super().go_on_behind(blocks, sequence)
        self._next = sequence

    def open(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes]:
        """Content whose MAC and padding are right."""
        goes_on = self._next == sequence
        self._next = -1
        end = len(body) - self._check.size
        if end <= 0:
            raise BadRecord("short")
        # Decrypted first, so that the records that follow are right where the IV goes on.
        plain = self._decrypt_blocks(body[:end])
        if self._check.mac(sequence, kind, version, body[:end]) != body[end:]:
            raise BadRecord("mac")
        self._next = sequence + 1
        if self.sequential and not goes_on:
            raise BadRecord(CHAIN)
        return kind, plain[: self._content_end(plain)]


def make_cbc_opener(
    version: int, parts: SuiteParts, keys: DirectionKeys, check: MacCheck, encrypt_then_mac: bool
) -> CbcOpener:
    """The opener for a version of TLS (not of DTLS)."""
    block = BLOCK_BYTES[parts.cipher]
    explicit = version >= TLS_1_1
    made = CbcOpener
    if version <= SSL_3_0:
        made = Ssl3CbcOpener
    elif encrypt_then_mac:
        made = MacLastOpener
    return made(block, check, (parts.cipher, keys.key, bytes(block) if explicit else keys.iv), explicit)
