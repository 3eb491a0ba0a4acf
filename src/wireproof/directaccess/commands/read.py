"""Lines that somebody ran, read as operations; the opposite of wording them.

Takes netsh, dnscmd and PowerShell lines as they stand in articles, scripts and terminals. Never fails: a line that sets nothing a
plan knows gives no operation, a slip in it gives the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wireproof.directaccess.commands.read_netsh import Read, read_dnscmd, read_netsh
from wireproof.directaccess.commands.read_powershell import read_powershell
from wireproof.directaccess.commands.words import Word, split_cmd, split_powershell, strip_prompt
from wireproof.directaccess.plan.model import Operation

LONGEST_LINE = 10_000
"""Characters of a line that are read; cmd.exe itself takes 8,191."""


@dataclass(frozen=True, slots=True)
class Command:
    """One statement of a line: `position` is the line's, from 0. Both fields may be filled: a prefix with host bits set
    is taken as Windows takes it, and told.
    """

    position: int
    text: str
    operation: Operation | None = None
    problem: str = ""


def read_command(line: str) -> Operation | None:
    """The first operation of one line; None where it has none that a plan knows, or none that can be read."""
    return next((command.operation for command in explain_commands([line]) if command.operation is not None), None)


def read_commands(lines: Sequence[str]) -> list[Operation]:
    """The operations of all lines, in order."""
    return [command.operation for command in explain_commands(lines) if command.operation is not None]


def explain_commands(lines: Sequence[str]) -> list[Command]:
    """Every statement with its operation, or with what is wrong with it."""
    commands = []
    for position, line in enumerate(lines):
        for part in line[:LONGEST_LINE].splitlines():
            commands += [Command(position, line.strip(), *read) for read in _read_line(strip_prompt(part))]
    return commands


def _read_line(line: str) -> list[Read]:
    if _program(line.split(maxsplit=1)[0] if line else "") in {"netsh", "dnscmd"}:
        return [_read_statement(statement) for statement in split_cmd(line)]
    return [_read_statement(statement) for statement in split_powershell(line)]


def _read_statement(words: Sequence[Word]) -> Read:
    program = _program(words[0].text)
    if program == "netsh":
        return read_netsh(words[1:])
    if program == "dnscmd":
        return read_dnscmd(words[1:])
    return read_powershell(words)


def _program(word: str) -> str:
    return word.lower().rpartition("\\")[2].removesuffix(".exe")
