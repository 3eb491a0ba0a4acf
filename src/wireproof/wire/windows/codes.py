"""What a Windows error code may be: every reading of a number or name, the likely one first.

Takes what a log or a user wrote: hexadecimal, decimal, signed, or a name. Gives readings with the table each belongs to, because one
number means different things in different tables (0x103 is ERROR_NO_MORE_ITEMS and STATUS_PENDING). Judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from wireproof.wire.windows.errors import FACILITY_NT, FACILITY_WIN32, Table, find_windows_codes, find_windows_errors
from wireproof.wire.windows.meanings import MEANINGS

HEXADECIMAL = re.compile(r"(?:0x|&h|h')?([0-9a-f]{1,8})'?(?:h|L)?", re.IGNORECASE)
PREFIXES = ("0x", "&h", "h'")
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


def read_code(text: str) -> list[Reading]:
    """Every reading of a code or name, the likely ones first; none for what is neither."""
    text = text.strip().strip("()[],;.\"'")
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
    bare = text.removeprefix("-")
    if bare.isascii() and bare.isdigit() and int(bare) < 1 << 32:
        yield int(text) & 0xFFFF_FFFF
    match = HEXADECIMAL.fullmatch(text)
    if match and (text.lower().startswith(PREFIXES) or not bare.isdigit() or len(bare) == 8):
        yield int(match[1], 16)


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
