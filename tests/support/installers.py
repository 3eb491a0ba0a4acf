"""Installers in bytes: compound files, the tables of MSI in them, and cabinets.

Takes names and contents; gives a file's bytes. Layouts: MS-CFB, MS-CAB and MS-MCI; the tables of MSI as Wine and msitools describe them.
"""

from __future__ import annotations

import hashlib
import itertools
import struct
import uuid
import zlib
from collections.abc import Mapping, Sequence

from tests.support.programs import signature

SECTOR, SHORT, CUTOFF = 512, 64, 4096
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"
PROPERTIES = {
    "ProductName": "Lync Web App Plug-in",
    "ProductCode": "{2d6e7a54-8d1b-4b8c-9f0e-111111111111}",
    "ProductVersion": "15.8.8308",
}
STRING_COLUMN, SHORT_COLUMN, LONG_COLUMN, STREAM_COLUMN = 0x0DFF, 0x0502, 0x0504, 0x0900
TABLES = {
    "Property": [("Property", STRING_COLUMN), ("Value", STRING_COLUMN)],
    "File": [("File", STRING_COLUMN), ("FileName", STRING_COLUMN), ("FileSize", LONG_COLUMN)],
    "Media": [("DiskId", SHORT_COLUMN), ("LastSequence", SHORT_COLUMN), ("Cabinet", STRING_COLUMN)],
    "Binary": [("Name", STRING_COLUMN), ("Data", STREAM_COLUMN)],
}
INSTALLER = uuid.UUID("000c1084-0000-0000-c000-000000000046").bytes_le
"""The class of installers among compound files."""
Cell = str | int


# --- cabinets --------------------------------------------------------------------------------------------------------


def cabinet(members: Mapping[str, bytes], method: int = 1, *, split: Sequence[str] = ()) -> bytes:
    """One folder with all members, stored (0), in MSZIP (1) or said to be packed with another method; `split` are of another cabinet."""
    data, blocks, history = b"".join(members.values()), [], b""
    for at in range(0, len(data), 32_768):
        plain = data[at : at + 32_768]
        blocks.append((mszip(plain, history) if method == 1 else plain, len(plain)))
        history = plain
    return cabinet_of(blocks, {name: len(content) for name, content in members.items()}, method, split)


def cabinet_of(
    blocks: Sequence[tuple[bytes, int]], sizes: Mapping[str, int], method: int, split: Sequence[str] = ()
) -> bytes:
    """One folder of these packed blocks, each with the size that it unpacks to, and members of these sizes."""
    entries, offset = b"", 0
    for name, size in sizes.items():
        entries += struct.pack("<IIHHHH", size, offset, 0, 0x5A21, 0x6000, 0x20) + name.encode("latin-1") + b"\0"
        offset += size
    for name in split:
        entries += struct.pack("<IIHHHH", 7, 0, 0xFFFE, 0x5A21, 0x6000, 0x20) + name.encode("latin-1") + b"\0"
    body = b"".join(struct.pack("<IHH", 0, len(packed), size) + packed for packed, size in blocks)
    start = 36 + 8 + len(entries)
    head = struct.pack(
        "<4sIIIIIBBHHHHH", b"MSCF", 0, start + len(body), 0, 44, 0, 3, 1, 1, len(sizes) + len(split), 0, 1, 0
    )
    return head + struct.pack("<IHH", start, len(blocks), method) + entries + body


def mszip(plain: bytes, history: bytes = b"") -> bytes:
    """One block of MSZIP that may refer to what came before."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 8, zlib.Z_DEFAULT_STRATEGY, history)
    return b"CK" + packer.compress(plain) + packer.flush()


# --- compound files --------------------------------------------------------------------------------------------------


def compound(
    streams: Mapping[str, bytes],
    *,
    storages: Mapping[str, Mapping[str, bytes]] | None = None,
    class_id: bytes = bytes(16),
) -> bytes:
    """A compound file of version 3 with these streams below its root, and these storages with streams of their own."""
    return _Compound(streams, storages or {}, class_id).data()


class _Compound:
    def __init__(
        self, streams: Mapping[str, bytes], storages: Mapping[str, Mapping[str, bytes]], class_id: bytes
    ) -> None:
        self._sectors: list[bytes] = []
        self._fat: list[int] = []
        self._short = b""
        self._short_fat: list[int] = []
        self._entries: list[bytes] = [b""]
        top = [self._stream(name, content) for name, content in streams.items()]
        for name, inside in storages.items():
            kids = [self._stream(kid, content) for kid, content in inside.items()]
            top.append(self._add(name, 1, 0, 0, self._chain(kids)))
        first = self._long(self._short) if self._short else END
        root = self._entry("Root Entry", 5, first, len(self._short), self._chain(top))
        self._entries[0] = root[:80] + class_id + root[96:]

    def data(self) -> bytes:
        """Header, then all sectors: contents, table of short sectors, directory, allocation table."""
        short_fat = struct.pack(f"<{len(self._short_fat)}I", *self._short_fat)
        short_at = self._long(short_fat, b"\xff") if short_fat else END
        short_count = -(-len(short_fat) // SECTOR)
        empty = self._entry("", 0, 0, 0, FREE)
        while len(self._entries) % 4:
            self._entries.append(empty)
        directory = self._long(b"".join(self._entries))
        tables = 1
        while (len(self._fat) + tables) * 4 > tables * SECTOR:
            tables += 1
        at = list(range(len(self._fat), len(self._fat) + tables))
        fat = [*self._fat, *[FAT] * tables]
        fat += [FREE] * (tables * SECTOR // 4 - len(fat))
        difat = [*at, *[FREE] * (109 - tables)]
        head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
        head += struct.pack("<9I", 0, tables, directory, 0, CUTOFF, short_at, short_count, END, 0)
        head += struct.pack("<109I", *difat)
        return head + b"".join(self._sectors) + struct.pack(f"<{len(fat)}I", *fat)

    def _stream(self, name: str, content: bytes) -> int:
        if len(content) >= CUTOFF:
            return self._add(name, 2, self._long(content), len(content), FREE)
        first = len(self._short_fat)
        count = -(-len(content) // SHORT)
        self._short += content.ljust(count * SHORT, b"\0")
        self._short_fat += [*range(first + 1, first + count), END][:count]
        return self._add(name, 2, first if count else END, len(content), FREE)

    def _long(self, content: bytes, filler: bytes = b"\0") -> int:
        first = len(self._fat)
        count = -(-len(content) // SECTOR)
        content = content.ljust(count * SECTOR, filler)
        self._sectors += [content[at : at + SECTOR] for at in range(0, len(content), SECTOR)]
        self._fat += [*range(first + 1, first + count), END]
        return first

    def _add(self, name: str, kind: int, first: int, size: int, child: int) -> int:
        self._entries.append(self._entry(name, kind, first, size, child))
        return len(self._entries) - 1

    def _entry(self, name: str, kind: int, first: int, size: int, child: int) -> bytes:
        raw = (name + "\0").encode("utf-16-le") if name else b""
        return struct.pack(
            "<64sHBBIII16sIQQIII", raw, len(raw), kind, 1, FREE, FREE, child, bytes(16), 0, 0, 0, first, size, 0
        )

    def _chain(self, numbers: Sequence[int]) -> int:
        """Make siblings of entries, each to the right of the one before; gives the first."""
        for left, right in itertools.pairwise(numbers):
            entry = bytearray(self._entries[left])
            entry[72:76] = struct.pack("<I", right)
            self._entries[left] = bytes(entry)
        return numbers[0] if numbers else FREE


# --- MSI -------------------------------------------------------------------------------------------------------------


def installer(
    files: Mapping[str, str] | None = None,
    cabinets: Mapping[str, bytes] | None = None,
    *,
    properties: Mapping[str, str] | None = None,
    binaries: Mapping[str, bytes] | None = None,
    external: Sequence[str] = (),
    signed: bool = False,
    wide: bool = False,
) -> bytes:
    """An installer: file names by key, cabinets inside it by name, names of cabinets beside it, and streams of its Binary table."""
    streams = installer_streams(
        files or {}, cabinets or {}, properties or PROPERTIES, binaries or {}, external, wide=wide
    )
    if signed:
        streams["\x05DigitalSignature"] = signature(lambda name: digest(streams, name))
    return compound(streams, class_id=INSTALLER)


def digest(streams: Mapping[str, bytes], algorithm: str = "sha256", class_id: bytes = INSTALLER) -> bytes:
    """What Authenticode signs of a compound file without storages."""
    made = hashlib.new(algorithm)
    for name in sorted(streams, key=lambda name: name.encode("utf-16-le")):
        if not name.startswith("\x05Digital"):
            made.update(streams[name])
    made.update(class_id)
    return made.digest()


def installer_streams(
    files: Mapping[str, str],
    cabinets: Mapping[str, bytes],
    properties: Mapping[str, str],
    binaries: Mapping[str, bytes],
    external: Sequence[str],
    *,
    wide: bool = False,
) -> dict[str, bytes]:
    """The streams of an installer by their stored names."""
    media = [*(f"#{name}" for name in cabinets), *external]
    rows: dict[str, list[list[Cell]]] = {
        "Property": [[key, value] for key, value in properties.items()],
        "File": [[key, name, 0] for key, name in files.items()],
        "Media": [[number, 1, name] for number, name in enumerate(media, 1)],
        "Binary": [[name, 1] for name in binaries],
    }
    columns: list[list[Cell]] = [
        [table, number, name, kind] for table, parts in TABLES.items() for number, (name, kind) in enumerate(parts, 1)
    ]
    pool = _Pool(wide=wide)
    made = {
        stored(name, table=True): pool.table(lines, [kind for _, kind in TABLES[name]])
        for name, lines in rows.items()
        if lines
    }
    made[stored("_Tables", table=True)] = pool.table([[table] for table in TABLES], [STRING_COLUMN])
    made[stored("_Columns", table=True)] = pool.table(
        columns, [STRING_COLUMN, SHORT_COLUMN, STRING_COLUMN, SHORT_COLUMN]
    )
    made |= {stored(name): content for name, content in cabinets.items()}
    made |= {stored(f"Binary.{name}"): content for name, content in binaries.items()}
    return made | pool.streams()


def stored(name: str, *, table: bool = False) -> str:
    """The name under which a compound file holds a stream of MSI."""
    made, rest = "\u4840" if table else "", name
    while rest:
        if len(rest) > 1 and rest[0] in LETTERS and rest[1] in LETTERS:
            made += chr(0x3800 + LETTERS.index(rest[0]) + 64 * LETTERS.index(rest[1]))
            rest = rest[2:]
        else:
            made += chr(0x4800 + LETTERS.index(rest[0])) if rest[0] in LETTERS else rest[0]
            rest = rest[1:]
    return made


class _Pool:
    """The texts of a database, each once."""

    def __init__(self, *, wide: bool) -> None:
        self._texts: dict[str, int] = {}
        self._wide = wide

    def table(self, rows: Sequence[Sequence[Cell]], kinds: Sequence[int]) -> bytes:
        """Rows as a table's stream: one column after the other."""
        return b"".join(self._cell(row[place], kind) for place, kind in enumerate(kinds) for row in rows)

    def _cell(self, value: Cell, kind: int) -> bytes:
        if isinstance(value, str):
            number = self._texts.setdefault(value, len(self._texts) + 1) if value else 0
            return number.to_bytes(3 if self._wide else 2, "little")
        if kind == STREAM_COLUMN:
            return value.to_bytes(2, "little")
        size = kind & 0xFF
        return (value + (1 << (8 * size - 1))).to_bytes(size, "little")

    def streams(self) -> dict[str, bytes]:
        """The pool's two streams, in UTF-8."""
        pool, data = struct.pack("<I", 65001 | (0x80000000 if self._wide else 0)), b""
        for text in self._texts:
            raw = text.encode()
            if len(raw) > 0xFFFF:
                pool += struct.pack("<HH", 0, len(raw) >> 16)
            pool += struct.pack("<HH", len(raw) & 0xFFFF, 1)
            data += raw
        return {stored("_StringPool", table=True): pool, stored("_StringData", table=True): data}
