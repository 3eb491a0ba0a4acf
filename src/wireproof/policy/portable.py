"""Portable executables (PE/COFF): what kind they are, their Authenticode hash, their signature, and what their version resource says.

Takes a file that is mapped into memory; gives a `Portable`, or None for what is no PE file. The `pefile` package reads the headers and finds
what lies at an address.
"""

from __future__ import annotations

import hashlib
import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.policy.model import Collection, Identity
from wireproof.policy.ole import LIBRARY_ERRORS, PIECE
from wireproof.policy.signature import MOST_BYTES
from wireproof.policy.version_resource import unpack_identity

if TYPE_CHECKING:
    from pefile import PE

MAGIC = b"MZ"
IS_DLL, NATIVE = 0x2000, 1
CERTIFICATES, RESOURCES = 4, 2
PKCS_SIGNED_DATA = 2
ALIGNMENT = 8
"""A signature begins at a multiple of this; an unsigned file is hashed as if it were padded to it already."""
VERSION_TYPE, IS_DIRECTORY = 16, 0x80000000
ENTRIES_MOST = 4096
RESOURCE_MOST = 1 << 20
"""A version resource states its length in 16 bits, but some tools write more behind it."""


@dataclass(slots=True)
class Portable:
    """`collection` is None for drivers and other images that no user starts. `gaps` are the ranges that the hash leaves out, in order."""

    collection: Collection | None
    gaps: tuple[tuple[int, int], ...]
    pkcs7: bytes
    identity: Identity


def read_portable(view: mmap.mmap) -> Portable | None:
    """What the headers and the version resource say; None when this is no PE file."""
    import pefile

    try:
        image = pefile.PE(data=view, fast_load=True)
    except (*LIBRARY_ERRORS, pefile.PEFormatError):
        return None
    try:
        identity = _read_identity(image)
    except (*LIBRARY_ERRORS, pefile.PEFormatError):
        identity = Identity()
    kind = Collection.DLL if image.FILE_HEADER.Characteristics & IS_DLL else Collection.EXE
    found = Portable(None if image.OPTIONAL_HEADER.Subsystem == NATIVE else kind, (), b"", identity)
    _take_places(image, view, found)
    return found


def authenticode(view: mmap.mmap, portable: Portable, algorithm: str = "sha256") -> bytes:
    """The hash of the image: all bytes but the checksum, the directory entry of the signature and the signature itself."""
    made = hashlib.new(algorithm, usedforsecurity=False)
    for start, end in _hashed(portable, len(view)):
        for at in range(start, end, PIECE):
            made.update(view[at : min(at + PIECE, end)])
    if not portable.pkcs7:
        made.update(bytes(-len(view) % ALIGNMENT))
    return made.digest()


def _hashed(portable: Portable, size: int) -> Iterator[tuple[int, int]]:
    at = 0
    for start, end in portable.gaps:
        yield at, max(min(start, size), at)
        at = max(min(end, size), at)
    yield at, size


def _take_places(image: PE, view: mmap.mmap, found: Portable) -> None:
    """Where the fields are that signing changes, and the first signature."""
    header = image.OPTIONAL_HEADER
    checksum = header.get_field_absolute_offset("CheckSum")
    gaps = [(checksum, checksum + 4)]
    if len(header.DATA_DIRECTORY) > CERTIFICATES:
        entry = header.DATA_DIRECTORY[CERTIFICATES]
        place = entry.get_field_absolute_offset("VirtualAddress")
        gaps.append((place, place + 8))
        # Unlike all others, this entry holds a place in the file and no address in memory.
        start, end = entry.VirtualAddress, entry.VirtualAddress + entry.Size
        if entry.Size and place + 8 <= start and end <= len(view):
            gaps.append((start, end))
            found.pkcs7 = _first_signature(view, start, end)
    found.gaps = tuple(gaps)


def _first_signature(view: mmap.mmap, at: int, end: int) -> bytes:
    """The content of the first WIN_CERTIFICATE that is a PKCS #7 signature; empty when there is none."""
    while at + 8 <= end:
        length, _, kind = struct.unpack_from("<IHH", view, at)
        if length <= 8 or at + length > end:
            return b""
        if kind == PKCS_SIGNED_DATA:
            return bytes(view[at + 8 : at + min(length, MOST_BYTES)])
        at += length + -length % 8
    return b""


def _read_identity(image: PE) -> Identity:
    """What the version resource says: the first of type 16, by the tree of types, names and languages."""
    directories = image.OPTIONAL_HEADER.DATA_DIRECTORY
    root = directories[RESOURCES].VirtualAddress if len(directories) > RESOURCES else 0
    place = _entry(image, root, 0, VERSION_TYPE) if root else None
    for _ in ("name", "language"):
        if place is None or not place & IS_DIRECTORY:
            return Identity()
        place = _entry(image, root, place & ~IS_DIRECTORY, None)
    if place is None or place & IS_DIRECTORY:
        return Identity()
    address, size = struct.unpack("<II", image.get_data(root + place, 8))
    return unpack_identity(image.get_data(address, min(size, RESOURCE_MOST)))


def _entry(image: PE, root: int, at: int, kind: int | None) -> int | None:
    """Where the entry of this number leads, the first one for None; None when there is no such entry."""
    named, numbered = struct.unpack("<HH", image.get_data(root + at + 12, 4))
    for place in range(min(named + numbered, ENTRIES_MOST)):
        number, leads = struct.unpack("<II", image.get_data(root + at + 16 + 8 * place, 8))
        if kind in {None, number}:
            return int(leads)
    return None
