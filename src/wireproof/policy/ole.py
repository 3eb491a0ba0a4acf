"""Compound files (MS-CFB), the container of MSI: streams by name, read piece by piece, and the digest that Authenticode signs.

Takes a file; gives streams as files, and hashes. The `olefile` package reads the directory and the allocation table; streams are followed here, so
that a large one is never held in memory.
"""

from __future__ import annotations

import hashlib
import io
import struct
import uuid
from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from wireproof.policy.model import PolicyError

if TYPE_CHECKING:
    from olefile.olefile import OleDirectoryEntry, OleFileIO

MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
SIGNATURE, EXTENDED_DIGEST = "\x05DigitalSignature", "\x05MsiDigitalSignatureEx"
STORAGE, STREAM, ROOT = 1, 2, 5
PIECE = 1 << 20
SHIFTS_AT = 30
SHIFTS = (bytes((9, 0, 6, 0)), bytes((12, 0, 6, 0)))
"""Sectors of 512 or 4,096 bytes and short ones of 64, as powers of two (MS-CFB section 2.2)."""
DEEPEST = 32
"""Storages inside storages; transforms and patches inside an installer take two."""
LIBRARY_ERRORS = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    struct.error,
)
"""What `olefile` and `pefile` raise on damaged files besides their own errors, which derive from these."""


class OleError(PolicyError):
    """The file is no compound file, or its directory is damaged."""


class Ole:
    """An open compound file. Raises OleError when it can't be opened."""

    def __init__(self, file: BinaryIO) -> None:
        from olefile import OleFileIO

        file.seek(0)
        # olefile would ask for memory for a sector of any size that the header states.
        if file.read(SHIFTS_AT + 4)[SHIFTS_AT:] not in SHIFTS:
            raise OleError(
                "no compound file that can be read: its header states sectors of another size than such files have"
            )
        try:
            self._ole: OleFileIO = OleFileIO(file)
        except LIBRARY_ERRORS as error:
            raise OleError(f"no compound file that can be read: {error}") from None
        self._file = file
        self._refuse_shared_sectors()
        self._streams = {entry.name: entry for entry in self._ole.root.kids if entry.entry_type == STREAM}

    def _refuse_shared_sectors(self) -> None:
        """Streams that share sectors could make a small file take hours to hash."""
        streams = [entry.size for entry in self._walk(self._ole.root, before=True) if entry.entry_type == STREAM]
        size = self._file.seek(0, io.SEEK_END)
        if sum(streams) > size:
            raise OleError(f"its streams state {sum(streams):,} bytes in a file of {size:,}")

    @property
    def names(self) -> list[str]:
        """The names of the streams of the root, as they are stored."""
        return list(self._streams)

    def open(self, name: str) -> BinaryIO | None:
        """A stream of the root as a file; None where there is none. Raises OleError when its chain of sectors is broken."""
        entry = self._streams.get(name)
        return None if entry is None else self._open(entry)

    def read(self, name: str, most: int) -> bytes:
        """A stream's bytes, at most so many; empty where there is none."""
        stream = self.open(name)
        return b"" if stream is None else stream.read(most)

    def digest(self, algorithm: str = "sha256") -> bytes:
        r"""The hash that Authenticode signs: contents of all streams in the order of their names, without the signature itself.

        Where the file carries an extended digest, the names, sizes and times are hashed too, and stand before the contents
        (as `\5MsiDigitalSignatureEx` demands).
        """
        made = hashlib.new(algorithm, usedforsecurity=False)
        try:
            if EXTENDED_DIGEST in self._streams:
                before = hashlib.new(algorithm, usedforsecurity=False)
                for entry in self._walk(self._ole.root, before=True):
                    before.update(_described(entry))
                made.update(before.digest())
            for entry in self._walk(self._ole.root, before=False):
                if entry.entry_type == STREAM:
                    for piece in read_pieces(self._open(entry)):
                        made.update(piece)
                else:
                    made.update(_class_id(entry))
        except LIBRARY_ERRORS as error:
            raise OleError(f"its streams can't be read: {error}") from None
        return made.digest()

    def _walk(self, entry: OleDirectoryEntry, *, before: bool, depth: int = 0) -> Iterator[OleDirectoryEntry]:
        """Every entry below and including `entry`, a storage before or behind what it holds."""
        if depth > DEEPEST:
            raise OleError("its storages are nested too deep")
        if before:
            yield entry
        for kid in sorted(entry.kids, key=lambda kid: bytes(kid.name_utf16)):
            if kid.name in {SIGNATURE, EXTENDED_DIGEST}:
                continue
            if kid.entry_type == STREAM:
                yield kid
            else:
                yield from self._walk(kid, before=before, depth=depth + 1)
        if not before:
            yield entry

    def _open(self, entry: OleDirectoryEntry) -> BinaryIO:
        """A stream as a file: short ones whole, from the table of short sectors; others sector by sector."""
        try:
            if entry.size < self._ole.minisectorcutoff:
                return io.BytesIO(self._ole._open(entry.isectStart, entry.size).read())  # noqa: SLF001 - by name it would take the first of two
            return io.BufferedReader(SectorFile(self._file, self._ole, entry.isectStart, entry.size))
        except LIBRARY_ERRORS as error:
            raise OleError(f"a stream can't be read: {error}") from None


def read_pieces(stream: BinaryIO) -> Iterator[bytes]:
    """All bytes of a stream, in pieces of at most a megabyte."""
    while piece := stream.read(PIECE):
        yield piece


class SectorFile(io.RawIOBase):
    """A stream over the sectors that its chain names. Raises OleError when the chain ends early."""

    def __init__(self, file: BinaryIO, ole: OleFileIO, first: int, size: int) -> None:
        super().__init__()
        self._file = file
        self._sector = int(ole.sectorsize)
        self._size = size
        self._at = 0
        self._chain = array("I")
        needed, sector = -(-size // self._sector), first
        if needed > len(ole.fat):
            raise OleError(f"a stream of {size:,} bytes is longer than the file")
        for _ in range(needed):
            if sector >= len(ole.fat):
                raise OleError(f"a stream ends after {len(self._chain):,} of {needed:,} sectors")
            self._chain.append(sector)
            sector = ole.fat[sector]

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; behind the end there is nothing to read."""
        self._at = max(offset + (0, self._at, self._size)[whence], 0)
        return self._at

    def tell(self) -> int:
        """The place of the next byte."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as the present sector reaches."""
        number, within = divmod(self._at, self._sector)
        size = min(len(buffer), self._sector - within, self._size - self._at)
        if size <= 0:
            return 0
        # The header takes the place of a sector.
        self._file.seek((self._chain[number] + 1) * self._sector + within)
        data = self._file.read(size)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _class_id(entry: OleDirectoryEntry) -> bytes:
    return uuid.UUID(entry.clsid).bytes_le if entry.clsid else bytes(16)


def _described(entry: OleDirectoryEntry) -> bytes:
    """What the extended digest covers of one entry besides its content."""
    parts = [] if entry.entry_type == ROOT else [bytes(entry.name_utf16)]
    if entry.entry_type in {ROOT, STORAGE}:
        parts.append(_class_id(entry))
    else:
        parts.append((entry.size & 0xFFFFFFFF).to_bytes(4, "little"))
    parts.append(entry.dwUserFlags.to_bytes(4, "little"))
    if entry.entry_type != ROOT:
        parts += [entry.createTime.to_bytes(8, "little"), entry.modifyTime.to_bytes(8, "little")]
    return b"".join(parts)
