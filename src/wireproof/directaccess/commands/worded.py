"""What wording gives: the lines that do an operation and those that undo it, for one tool."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Tool(enum.StrEnum):
    """What the lines are typed into. NETSH stands for cmd.exe, where `dnscmd` and `gpupdate` are typed as well."""

    NETSH = "netsh"
    POWERSHELL = "powershell"
    TMSH = "tmsh"
    KEMP = "kemp"
    NETSCALER = "netscaler"
    LINUX = "linux"


@dataclass(frozen=True, slots=True)
class Worded:
    """Lines to type, one command or comment each. `verified` is False where nobody tried them on the real product.

    Lines may hold any letter: a PowerShell script has to be UTF-8 with byte order mark, since Windows PowerShell 5.1 reads
    others in the system's code page, where two bytes of a letter may be a quote; a cmd script begins with `chcp 65001`.
    """

    do: tuple[str, ...]
    undo: tuple[str, ...] = ()
    verified: bool = True


def is_comment(line: str) -> bool:
    """Whether a worded line says something and does nothing."""
    return line.startswith(("#", "rem ", ":: "))
