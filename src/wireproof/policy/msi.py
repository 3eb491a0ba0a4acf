"""Installer databases (MSI): properties, the names of the files, and the cabinets that hold them.

Takes an open compound file; gives tables as rows of text and numbers. The layout of the tables is not published by Microsoft; it is the one that
Wine and msitools describe.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from wireproof.policy.model import Identity, Version
from wireproof.policy.ole import Ole, OleError
from wireproof.policy.signature import capitals

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"
"""Stream names pack two of these letters into one character, so that 31 characters hold longer names."""
PAIR, SINGLE, TABLE_MARK = 0x3800, 0x4800, "\u4840"
IS_TEXT, KIND, NULLABLE, IS_STREAM = 0x0800, 0xFF, 0x1000, 0x0900
LONG_REFERENCES = 0x80000000
TABLE_MOST = 64 << 20
"""Bytes of one table or of all texts that are read; the largest installers have a tenth of it."""
ROWS_MOST, TEXTS_MOST, CABINETS_MOST = 500_000, 1_000_000, 1000
Value = str | int | None


@dataclass(frozen=True, slots=True)
class Installer:
    """What a rule needs of a database. `files` gives the long name of every file by its key, which is its name in the cabinet.

    `cabinets` are those of the Media table: `#name` inside the installer, `name` beside it, empty for files beside it in no cabinet.
    """

    identity: Identity
    files: dict[str, str]
    cabinets: tuple[str, ...]
    embedded: tuple[str, ...]
    """Names in the Binary table: libraries and programs that actions of the installation run."""


class Database:
    """The tables of an installer. Raises OleError when the file holds no installer database."""

    def __init__(self, ole: Ole) -> None:
        self._ole = ole
        self._texts, wide = _read_texts(ole)
        self._reference = 3 if wide else 2
        self._columns: dict[str, list[tuple[int, str, int]]] = {}
        columns = [(1, "Table", IS_TEXT), (2, "Number", 2), (3, "Name", IS_TEXT), (4, "Type", 2)]
        for table, number, name, kind in self._rows("_Columns", columns):
            if isinstance(number, int) and isinstance(kind, int):
                self._columns.setdefault(str(table), []).append((number, str(name), kind))

    def table(self, name: str, *wanted: str) -> Iterator[tuple[Value, ...]]:
        """The wanted columns of every row; nothing where the table or a column is missing."""
        columns = sorted(self._columns.get(name, []))
        places = [place for one in wanted for place, column in enumerate(columns) if column[1] == one]
        if len(places) != len(wanted):
            return
        for row in self._rows(name, columns):
            yield tuple(row[place] for place in places)

    def _rows(self, name: str, columns: list[tuple[int, str, int]]) -> Iterator[tuple[Value, ...]]:
        """All rows: the stream holds one column after the other."""
        data = self._ole.read(stream_name(name, is_table=True), TABLE_MOST)
        widths = [self._width(kind) for _, _, kind in columns]
        count = min(len(data) // (sum(widths) or 1), ROWS_MOST)
        stated = len(data) // (sum(widths) or 1)
        starts = [sum(widths[:place]) * stated for place in range(len(widths))]
        for row in range(count):
            yield tuple(
                self._value(data[start + row * width : start + (row + 1) * width], kind)
                for start, width, (_, _, kind) in zip(starts, widths, columns, strict=True)
            )

    def _width(self, kind: int) -> int:
        if kind & ~NULLABLE == IS_STREAM:
            return 2
        if kind & IS_TEXT:
            return self._reference
        return 2 if kind & KIND <= 2 else 4

    def _value(self, data: bytes, kind: int) -> Value:
        number = int.from_bytes(data, "little")
        if kind & IS_TEXT and kind & ~NULLABLE != IS_STREAM:
            return self._texts[number] if number < len(self._texts) else None
        # Numbers are stored with their sign bit turned over, so that 0 means none.
        return number - (1 << (8 * len(data) - 1)) if number else None


def read_installer(ole: Ole) -> Installer:
    """The parts of a database that rules need. Raises OleError when the file holds no installer database."""
    database = Database(ole)
    properties = {str(name): str(value) for name, value in database.table("Property", "Property", "Value")}
    cabinets = dict.fromkeys(str(cabinet or "") for (cabinet,) in database.table("Media", "Cabinet"))
    files = {str(key): _long_name(str(name)) for key, name in database.table("File", "File", "FileName")}
    embedded = [str(name) for (name,) in database.table("Binary", "Name")]
    return Installer(_identity(properties), files, tuple(cabinets)[:CABINETS_MOST], tuple(dict.fromkeys(embedded)))


def stream_name(name: str, *, is_table: bool = False) -> str:
    """The name under which the compound file holds a table, or a stream that a table names."""
    made, place = [TABLE_MARK] if is_table else [], 0
    while place < len(name):
        first = LETTERS.find(name[place])
        second = LETTERS.find(name[place + 1]) if place + 1 < len(name) else -1
        if first < 0:
            made.append(name[place])
        elif second < 0:
            made.append(chr(SINGLE + first))
        else:
            made.append(chr(PAIR + first + (second << 6)))
            place += 1
        place += 1
    return "".join(made)


def _identity(properties: dict[str, str]) -> Identity:
    """The fields of a publisher rule: AppLocker takes the product code for the file name."""
    parts = properties.get("ProductVersion", "").split(".")[:4]
    numbers = [int(part) if part.isdecimal() else 0 for part in parts]
    first, second, third, fourth = (min(number, 0xFFFF) for number in [*numbers, 0, 0, 0, 0][:4])
    version = Version((first, second, third, fourth)) if parts[0].isdecimal() else None
    return Identity(capitals(properties.get("ProductName", "")), capitals(properties.get("ProductCode", "")), version)


def _long_name(name: str) -> str:
    """`SHORT~1.EXE|long name.exe` holds both names of a file."""
    return name.rpartition("|")[2]


def _read_texts(ole: Ole) -> tuple[list[str], bool]:
    """All texts by number, and whether references to them take three bytes."""
    pool = ole.read(stream_name("_StringPool", is_table=True), TABLE_MOST)
    data = ole.read(stream_name("_StringData", is_table=True), TABLE_MOST)
    if len(pool) < 4:
        raise OleError("it holds no installer database")
    head = int.from_bytes(pool[:4], "little")
    encoding = _encoding(head & ~LONG_REFERENCES)
    texts, at, longer = [""], 0, 0
    for length, uses in struct.iter_unpack("<HH", pool[4 : len(pool) & ~3]):
        if not length and uses:
            # A text of 64 KiB and more: this entry holds the upper half of the length, the next one the lower.
            longer = uses << 16
            continue
        if len(texts) > TEXTS_MOST:
            raise OleError(f"it holds more than {TEXTS_MOST:,} texts")
        end = at + longer + length
        texts.append(data[at:end].decode(encoding, "replace"))
        at, longer = end, 0
    return texts, bool(head & LONG_REFERENCES)


def _encoding(code_page: int) -> str:
    """Python's name for a code page of Windows; the usual western one where it is unknown or neutral."""
    known = {0: "cp1252", 65001: "utf-8", 1200: "utf-16-le", 10000: "mac-roman"}
    name = known.get(code_page, f"cp{code_page}")
    try:
        "".encode(name)
    except LookupError:
        return "cp1252"
    return name
