"""Names of Windows error codes: NTSTATUS, Win32, WinHTTP and HRESULT, as protocols carry them.

Takes a code and the name of its table; gives the code's name, or its number where it has none. Tables are unpacked when first
asked for. What a code means for the user is for others to say.
"""

from __future__ import annotations

import functools
import importlib
from typing import Literal

Table = Literal["ntstatus", "win32", "winhttp", "hresult"]
TABLES: tuple[Table, ...] = ("ntstatus", "win32", "winhttp", "hresult")
PACKED: dict[Table, tuple[str, ...]] = {
    "ntstatus": ("_ntstatus",),
    "win32": ("_win32",),
    "winhttp": ("_winhttp",),
    "hresult": ("_hresult", "_windows_update"),
}
"""The modules that hold the names of each table."""

FACILITY_WIN32 = 0x8007_0000
"""HRESULTs made of a Win32 code by HRESULT_FROM_WIN32 (MS-ERREF section 2.1)."""
FACILITY_NT = 0x1000_0000
"""The bit that HRESULT_FROM_NT sets (MS-ERREF section 2.1)."""


def windows_error_name(code: int, table: Table) -> str:
    """The symbolic name, such as STATUS_ACCESS_DENIED; `0xC0001234` where the table has none.

    `code` may be given as a signed number of 32 bits. An HRESULT that carries a Win32 or NTSTATUS code is named by that.
    """
    code &= 0xFFFF_FFFF
    name = _names(table).get(code)
    if name is None and table == "hresult":
        name = next(iter(_carried(code)), None)
    return name if name is not None else f"0x{code:08X}"


def find_windows_errors(code: int) -> list[tuple[Table, str]]:
    """Every (table, name) that this number has; a number often means something in several, and what an HRESULT carries too."""
    code &= 0xFFFF_FFFF
    named: list[tuple[Table, str]] = [(table, _names(table)[code]) for table in TABLES if code in _names(table)]
    if code not in _names("hresult"):
        named += [("hresult", name) for name in _carried(code)]
    return named


def find_windows_codes(name: str) -> list[tuple[Table, int]]:
    """Every (table, code) of this name, in any letter case."""
    wanted = name.upper()
    return [(table, code) for table in TABLES for code, known in _names(table).items() if known.upper() == wanted]


def _carried(code: int) -> list[str]:
    """The names of the code that an HRESULT was made of, the one of the larger table first."""
    if code & 0xFFFF_0000 == FACILITY_WIN32:
        carried: tuple[Table, ...] = ("win32", "winhttp")
        number, maker = code & 0xFFFF, "HRESULT_FROM_WIN32"
    elif code & FACILITY_NT:
        carried, number, maker = ("ntstatus",), code & ~FACILITY_NT, "HRESULT_FROM_NT"
    else:
        return []
    return [f"{maker}({_names(table)[number]})" for table in carried if number in _names(table)]


@functools.cache
def _names(table: Table) -> dict[int, str]:
    names: dict[int, str] = {}
    for module in PACKED[table]:
        packed = importlib.import_module(f"wireproof.wire.windows.{module}")
        names |= unpack_names(packed.NAMES, packed.PREFIX)
    return names


def unpack_names(text: str, prefix: str) -> dict[int, str]:
    """Code to name, from the packed form that the data modules describe."""
    names: dict[int, str] = {}
    for part in text.replace("\n", ";").split(";"):
        first, *rest = part.split() or [""]
        for offset, name in enumerate(rest):
            names[int(first, 16) + offset] = name[1:] if name.startswith("!") else prefix + name
    return names
