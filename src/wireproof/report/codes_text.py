"""Error codes in words: every reading of each, the likely one first, for the terminal and as JSON.

Takes readings; gives text or plain objects. Finds nothing out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wireproof.report.page import Page
    from wireproof.wire.windows.codes import Reading

TABLES = {"ntstatus": "NTSTATUS", "win32": "Win32", "winhttp": "WinHTTP", "hresult": "HRESULT"}


def draw_code(page: Page, asked: str, readings: list[Reading]) -> None:
    """One code as it was asked for, with all that it may be."""
    page.blank()
    page.line((asked, "bold"))
    if not readings:
        page.prose("no number or name of a Windows error code", 2, style="yellow")
    for reading in readings:
        _draw_reading(page, reading)


def _draw_reading(page: Page, reading: Reading) -> None:
    place = ", ".join(dict.fromkeys(filter(None, [TABLES[reading.table], reading.part])))
    style = "bold green" if reading.likely else ""
    page.line((reading.name or "no name known", style), (f"  {place}", "dim"), indent=2)
    signed = f" = {reading.signed}" if reading.signed < 0 else ""
    page.line((f"0x{reading.number:08X} = {reading.number}{signed}", "dim"), indent=4)
    if reading.meaning:
        page.prose(reading.meaning, 4)


def code_object(asked: str, readings: list[Reading]) -> dict[str, Any]:
    """One code for programs."""
    return {
        "asked": asked,
        "readings": [
            {
                "name": reading.name,
                "table": reading.table,
                "part": reading.part,
                "hex": f"0x{reading.number:08X}",
                "decimal": reading.number,
                "signed": reading.signed,
                "likely": reading.likely,
                "meaning": reading.meaning,
            }
            for reading in readings
        ],
    }
