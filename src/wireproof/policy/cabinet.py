"""Cabinet files (MS-CAB): members that are stored or packed with MSZIP or LZX, one after the other, in bounded memory.

Takes a file that can be sought; gives names and bytes. What can't be unpacked (Quantum, folders that go on in another cabinet,
damage) is named in a note, and the folders behind it are still read.
"""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from wireproof.limits import limit
from wireproof.policy.lzx import Lzx, LzxError

UNPACKED = limit(
    "policy.unpacked_bytes",
    4 << 30,
    "an installer of this size takes minutes; what holds more is more likely built to fill memory and disk",
)
MAGIC = b"MSCF"
HEADER = struct.Struct("<4sIIIIIBBHHHHH")
FOLDER, FILE, BLOCK = struct.Struct("<IHH"), struct.Struct("<IIHHHH"), struct.Struct("<IHH")
HAS_PREVIOUS, HAS_NEXT, HAS_RESERVE = 1, 2, 4
CONTINUED = 0xFFFD
"""Folder numbers from here on say that a file began in the cabinet before, or goes on in the next one."""
NAME_IS_UTF8 = 0x80
STORED, MSZIP, QUANTUM, LZX = 0, 1, 2, 3
BLOCK_MOST = 32_768
"""What one block unpacks to at most, and how far back MSZIP may refer (MS-MCI section 2)."""
NAME_MOST = 512


class Sink(Protocol):
    """Takes the bytes of one member in order."""

    def write(self, data: bytes, /) -> object:
        """Take the next bytes."""

    def done(self) -> None:
        """The member is whole."""

    def drop(self) -> None:
        """The rest of the member can't be had, or nothing more is done with it."""


Take = Callable[[str, int], Sink | None]
"""Called with a member's name and size; gives what takes its bytes, or None for a member that is not wanted."""


class Damaged(ValueError):
    """A cabinet that can't be read on: the sentence says what is wrong."""


class Budget:
    """How many bytes may still be unpacked, over all cabinets of one run."""

    def __init__(self) -> None:
        self.left = int(UNPACKED.value)

    def spend(self, size: int) -> None:
        """Raises Damaged when more is unpacked than the limit allows."""
        self.left -= size
        if self.left < 0:
            raise Damaged(f"it unpacks to more than {int(UNPACKED.value):,} bytes (limit {UNPACKED.name})")


@dataclass(slots=True)
class Member:
    """A file of a cabinet: where it lies in its unpacked folder."""

    name: str
    size: int
    offset: int

    @property
    def end(self) -> int:
        """The place behind its last byte."""
        return self.offset + self.size


@dataclass(slots=True)
class Folder:
    """Blocks that are packed together, and the members in them in the order of their offsets."""

    start: int
    blocks: int
    method: int
    members: list[Member] = field(default_factory=list)


@dataclass(slots=True)
class Cabinet:
    """The directory of a cabinet. `split` names members that begin before it or end behind it."""

    folders: list[Folder]
    split: list[str]
    block_reserve: int


def unpack_cabinet(file: BinaryIO, take: Take, budget: Budget) -> list[str]:
    """Hand every wanted member to what `take` gives for it; sentences on what could not be unpacked."""
    try:
        cabinet = read_directory(file)
    except Damaged as error:
        return [f"{error}"]
    notes = [f"{len(cabinet.split)} members span several cabinets"] if cabinet.split else []
    for folder in cabinet.folders:
        wanted = [(member, sink) for member in folder.members if (sink := take(member.name, member.size)) is not None]
        if not wanted:
            continue
        try:
            _unpack_folder(file, cabinet, folder, wanted, budget)
        except (Damaged, LzxError) as error:
            names = ", ".join(member.name for member, _ in wanted[:5])
            more = f" and {len(wanted) - 5} more" if len(wanted) > 5 else ""
            notes.append(f"{error}: {names}{more}")
        finally:
            for _, sink in wanted:
                sink.drop()
    return notes


def read_directory(file: BinaryIO) -> Cabinet:
    """Folders and members, without unpacking anything. Raises Damaged for what is no cabinet, or one that is cut."""
    file.seek(0)
    fields = HEADER.unpack(_exactly(file, HEADER.size))
    if fields[0] != MAGIC:
        raise Damaged("it is no cabinet")
    files_at, folders, members, flags = fields[4], fields[8], fields[9], fields[10]
    reserves = struct.unpack("<HBB", _exactly(file, 4)) if flags & HAS_RESERVE else (0, 0, 0)
    file.seek(reserves[0], 1)
    for flag in (HAS_PREVIOUS, HAS_NEXT):
        if flags & flag:
            _read_name(file), _read_name(file)
    found = []
    for _ in range(folders):
        found.append(Folder(*FOLDER.unpack(_exactly(file, FOLDER.size))))
        file.seek(reserves[1], 1)
    file.seek(files_at)
    split = [name for _ in range(members) if (name := _read_member(file, found))]
    for folder in found:
        folder.members.sort(key=lambda member: (member.offset, member.size))
        if any(before.end > after.offset for before, after in itertools.pairwise(folder.members)):
            raise Damaged("members of a folder overlap")
    return Cabinet(found, split, reserves[2])


def _read_member(file: BinaryIO, folders: list[Folder]) -> str:
    """Enter the next member below its folder; its name where it has none in this cabinet."""
    size, offset, number, _, _, attributes = FILE.unpack(_exactly(file, FILE.size))
    name = _read_name(file).decode("utf-8" if attributes & NAME_IS_UTF8 else "latin-1", "replace")
    if number >= CONTINUED:
        return name
    if number >= len(folders):
        raise Damaged(f"{name} lies in a folder that is not there")
    folders[number].members.append(Member(name, size, offset))
    return ""


def _unpack_folder(
    file: BinaryIO, cabinet: Cabinet, folder: Folder, wanted: list[tuple[Member, Sink]], budget: Budget
) -> None:
    """Unpack the folder as far as its last wanted member reaches, and share out the bytes."""
    at, place = 0, 0
    for block in _unpack_blocks(file, cabinet, folder):
        budget.spend(len(block))
        while place < len(wanted) and wanted[place][0].offset < at + len(block):
            member, sink = wanted[place]
            sink.write(block[max(member.offset - at, 0) : member.end - at])
            if member.end > at + len(block):
                break
            sink.done()
            place += 1
        if place == len(wanted):
            return
        at += len(block)
    raise Damaged(f"a folder ends after {at:,} bytes, {wanted[-1][0].end - at:,} before the end of its members")


def _unpack_blocks(file: BinaryIO, cabinet: Cabinet, folder: Folder) -> Iterator[bytes]:
    unpack, place = _unpacker(folder.method), folder.start
    for _ in range(folder.blocks):
        file.seek(place)
        _, packed, size = BLOCK.unpack(_exactly(file, BLOCK.size))
        file.seek(cabinet.block_reserve, 1)
        data = _exactly(file, packed)
        place = file.tell()
        if size == 0 or size > BLOCK_MOST:
            raise Damaged("a block goes on in another cabinet" if size == 0 else f"a block states {size:,} bytes")
        block = unpack(data, size)
        if len(block) != size:
            raise Damaged(f"a block holds {len(block):,} bytes instead of {size:,}")
        yield block


def _unpacker(method: int) -> Callable[[bytes, int], bytes]:
    """What unpacks one block of a folder after the other, given its size. Raises Damaged for a method that is not known here."""
    kind = method & 0x0F
    if kind == STORED:
        return lambda data, _: data
    if kind == MSZIP:
        return _Mszip().unpack
    if kind == LZX:
        try:
            return Lzx(method >> 8 & 0x1F).unpack
        except LzxError as error:
            raise Damaged(f"packed with LZX, but {error}") from None
    raise Damaged(f"packed with {'Quantum' if kind == QUANTUM else f'method {kind}'}, which is not read here")


class _Mszip:
    """Blocks of MSZIP, each of which may refer to the one before it."""

    def __init__(self) -> None:
        self._history = b""

    def unpack(self, data: bytes, _: int) -> bytes:
        """The next block."""
        if data[:2] != b"CK":
            raise Damaged("a block lacks the signature of MSZIP")
        try:
            # One byte more than a block may hold shows that it holds too much.
            block = zlib.decompressobj(-zlib.MAX_WBITS, zdict=self._history).decompress(data[2:], BLOCK_MOST + 1)
        except zlib.error:
            raise Damaged("a block of MSZIP is damaged") from None
        self._history = block
        return block


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise Damaged(f"it is cut at byte {file.tell():,}")
    return data


def _read_name(file: BinaryIO) -> bytes:
    """Bytes up to a zero; the file stands behind it."""
    at = file.tell()
    name, zero, _ = file.read(NAME_MOST).partition(b"\0")
    if not zero:
        raise Damaged(f"a name does not end at byte {at:,}")
    file.seek(at + len(name) + 1)
    return name
