"""What a Windows error code may be: every reading of a number or name, the likely one first.

Takes what a log or a user wrote: hexadecimal, decimal, signed, a name, HRESULT_FROM_WIN32 of one, or one code twice as in
`10060 (0x274c)`. Gives readings with the table each belongs to, because one number means different things in different tables (0x103 is
ERROR_NO_MORE_ITEMS and STATUS_PENDING). Judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from wireproof.wire.windows.errors import FACILITY_NT, FACILITY_WIN32, Table, find_windows_codes, find_windows_errors
from wireproof.wire.windows.meanings import MEANINGS

HEXADECIMAL = re.compile(r"(?:0x|&h|h')?([0-9a-f]{1,8})'?(?:h|L)?", re.IGNORECASE)
PREFIXES = ("0x", "&h", "h'")
MADE = re.compile(r"_{0,2}HRESULT_FROM_(WIN32|NT)[ \t]?\(([^()]{1,80})\)", re.IGNORECASE)
"""An HRESULT as the macros of MS-ERREF section 2.1 make it of another code."""
ONE_OF_SEVERAL = re.compile(rf"{MADE.pattern}|[^\s()=,;]+", re.IGNORECASE)
MOST_WAYS = 8
"""Ways in which one text may write a code; a longer one is no code but a sentence."""
SUBSYSTEMS: tuple[tuple[range, str], ...] = (
    (range(1700, 1940), "RPC"),
    (range(2100, 3000), "network management"),
    (range(8200, 9000), "Active Directory"),
    (range(9000, 9999), "DNS"),
    (range(10000, 11999), "Winsock"),
    (range(12000, 12200), "WinHTTP and WinINet"),
    (range(13000, 13999), "IPsec"),
    (range(600, 900), "remote access (RAS)"),
)
"""Which part of Windows made Win32 codes of these ranges."""
FACILITIES = {
    1: "RPC", 2: "COM dispatch", 3: "storage", 4: "interface", 7: "Win32", 8: "Windows", 9: "security", 10: "control",
    11: "certificates", 12: "internet", 13: "media server", 25: "HTTP", 32: "background copy", 36: "Windows Update", 37: "Active Directory",
    41: "Trusted Platform Module", 48: "filter manager", 49: "Windows Filtering Platform", 52: "NDIS", 0x50: "wireless", 0xAF: "Bluetooth",
}  # fmt: skip
"""Facilities of HRESULTs (MS-ERREF section 2.1.1)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a code: `number` of 32 bits in `table`, called `name`. `likely` tells that it is what was probably meant.

    `part` is the part of Windows that it comes from, `meaning` a sentence, each "" where nothing is known.
    """

    number: int
    table: Table
    name: str
    part: str = ""
    meaning: str = ""
    likely: bool = False

    @property
    def signed(self) -> int:
        """The number as a signed one of 32 bits, as many logs print it."""
        return self.number - (1 << 32) if self.number >> 31 else self.number

    def names_the_same(self, others: Iterable[Reading]) -> bool:
        """Whether one of the others is this number in this table."""
        return any((other.number, other.table, other.name) == (self.number, self.table, self.name) for other in others)


def read_code(text: str) -> list[Reading]:
    """Every reading of a code or name, the likely ones first; none for what is neither.

    Where a text writes the same code in several ways, the readings are those that fit them all; where it writes different ones, those of
    each.
    """
    ways = [way[0].strip("[].\"'") for way in ONE_OF_SEVERAL.finditer(text)]
    if len(ways) > MOST_WAYS:
        return []
    each = [_read_one(way) for way in ways]
    if not each or not all(each):
        return []
    every = [reading for readings in each for reading in readings]
    alike = [one for one in every if all(one.names_the_same(readings) for readings in each)]
    told: dict[tuple[int, Table, str], Reading] = {}
    for reading in alike or every:
        told.setdefault((reading.number, reading.table, reading.name), reading)
    return list(told.values())


def _read_one(text: str) -> list[Reading]:
    """Every reading of a code that is written in one way."""
    numbers = list(dict.fromkeys(_numbers(text)))
    found = [(table, number, name) for number in numbers for table, name in find_windows_errors(number)]
    if not numbers or not found:
        found += [(table, number, _true_name(table, number)) for table, number in find_windows_codes(text)]
    if not found:
        return [_unknown(number) for number in numbers[:1]]
    likely = [one for one in found if _is_usual(*one[:2])] or found[:1]
    made = [_reading(*one, one in likely) for one in dict.fromkeys(found)]
    return sorted(made, key=lambda reading: (not reading.likely, numbers.index(reading.number) if numbers else 0))


def _numbers(text: str) -> Iterable[int]:
    """The numbers that a text may stand for: what it says is hexadecimal is; bare digits are decimal first."""
    made = MADE.fullmatch(text)
    if made:
        yield from _made_numbers(made[1].upper(), made[2].strip())
        return
    bare = text.removeprefix("-")
    if bare.isascii() and bare.isdigit() and int(bare) < 1 << 32:
        yield int(text) & 0xFFFF_FFFF
    match = HEXADECIMAL.fullmatch(text)
    if match and (text.lower().startswith(PREFIXES) or not bare.isdigit() or len(bare) == 8):
        yield int(match[1], 16)


def _made_numbers(facility: str, inner: str) -> Iterable[int]:
    """HRESULTs made of a code or name: HRESULT_FROM_WIN32 leaves alone what is an HRESULT already."""
    tables = {"NT": {"ntstatus"}, "WIN32": {"win32", "winhttp"}}[facility]
    named = [number for table, number in find_windows_codes(inner) if table in tables]
    for number in [*_numbers(inner), *named]:
        if facility == "NT":
            yield number | FACILITY_NT
        else:
            yield number if number == 0 or number >> 31 else number & 0xFFFF | FACILITY_WIN32


def _is_usual(table: Table, number: int) -> bool:
    """Whether numbers of this size are mostly met as ones of this table: the upper bits tell how bad, and whose it is."""
    if number >> 30 == 3:
        return table == "ntstatus"
    if number >> 31:
        return table == "hresult"
    return table in {"win32", "winhttp"} if number < 0x1_0000 else table in {"hresult", "ntstatus"}


def _true_name(table: Table, number: int) -> str:
    return next(name for own, name in find_windows_errors(number) if own == table)


def _reading(table: Table, number: int, name: str, likely: bool) -> Reading:
    inner = name.partition("(")[2].removesuffix(")")
    return Reading(number, table, name, _part(table, number), MEANINGS.get(inner or name, ""), likely)


def _part(table: Table, number: int) -> str:
    """The part of Windows that a code comes from."""
    if table == "hresult" and number & 0xFFFF_0000 == FACILITY_WIN32:
        return _part("win32", number & 0xFFFF)
    if table == "winhttp":
        return "WinHTTP"
    if table == "win32":
        return next((part for codes, part in SUBSYSTEMS if number in codes), "")
    if table == "hresult" and number >> 31 and not number & FACILITY_NT:
        return FACILITIES.get(number >> 16 & 0x7FF, "")
    return ""


def _unknown(number: int) -> Reading:
    """What the structure of a number tells that no table has."""
    if number >> 30 == 3 or number < 0x1_0000:
        table: Table = "ntstatus" if number >> 30 == 3 else "win32"
        return Reading(number, table, "", _part(table, number))
    return Reading(number, "hresult", "", _part("hresult", number))
