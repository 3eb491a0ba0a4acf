"""Command lines cut into statements and words, as cmd.exe and PowerShell cut them. Knows no command.

Takes one line; gives words without their quotes. Nothing is expanded: a variable or an expression stays as it is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SINGLE_QUOTES = "'‘’‚‛"
"""What PowerShell takes for a single quote (about_Quoting_Rules)."""

DOUBLE_QUOTES = '"“”„'
"""What PowerShell takes for a double quote."""

_PROMPT = re.compile(r"^\s*(?:(?:PS\s+)?[A-Za-z]:\\[^>\n]*>+|PS>|>)\s*")
_COMMENT = re.compile(r"^(?:#|::|rem\b|@?echo\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `bare` says that no part of it was quoted, `expression` that PowerShell would compute it."""

    text: str
    bare: bool = True
    expression: bool = False


def strip_prompt(line: str) -> str:
    """The line without the prompt (`C:>`, `PS C:>` with a folder) that was copied along with it; empty for a comment."""
    rest = _PROMPT.sub("", line).strip()
    return "" if _COMMENT.match(rest) else rest


def split_cmd(line: str) -> list[list[Word]]:
    """The statements of a cmd.exe line, parted by `&`, `|` and `;` outside quotes (`;` where PowerShell calls it)."""
    statements: list[list[Word]] = [[]]
    text, quoted, inside = "", False, False
    for character in line + " ":
        if character == '"':
            inside, quoted = not inside, True
        elif inside or not (character.isspace() or character in "&|;"):
            text += character
        else:
            if text or quoted:
                statements[-1].append(Word(text, bare=not quoted))
            text, quoted = "", False
            if character in "&|;":
                statements.append([])
    return [statement for statement in statements if statement]


def split_powershell(line: str) -> list[list[Word]]:
    """The statements of a PowerShell line, parted by `;`; what follows a `|` or a `#` is left out."""
    statements: list[list[Word]] = [[]]
    position, piped = 0, False
    while position < len(line):
        character = line[position]
        if character == "#" and (position == 0 or line[position - 1].isspace()):
            break
        if character in ";|":
            piped = character == "|"
            if not piped:
                statements.append([])
            position += 1
        elif character.isspace():
            position += 1
        else:
            word, position = _powershell_word(line, position)
            if not piped:
                statements[-1].append(word)
    return [statement for statement in statements if statement]


def _powershell_word(line: str, position: int) -> tuple[Word, int]:
    """The word that begins at `position`, and where it ends. Commas belong to it: they make lists."""
    text, bare, expression = "", True, False
    while position < len(line) and not line[position].isspace() and line[position] not in ";|":
        character = line[position]
        if character in SINGLE_QUOTES:
            part, position = _single_quoted(line, position + 1)
            bare = False
        elif character in DOUBLE_QUOTES:
            part, position = _double_quoted(line, position + 1)
            bare, expression = False, expression or bool(re.search(r"\$[\w({]", part))
        elif character == "(":
            end = _closing(line, position)
            part, position, expression = line[position:end], end, True
        elif character == "`" and position + 1 < len(line):
            part, position = line[position + 1], position + 2
        else:
            part, position = character, position + 1
            expression = expression or character == "$"
        text += part
    return Word(text, bare, expression), position


def _single_quoted(line: str, position: int) -> tuple[str, int]:
    text = ""
    while position < len(line):
        if line[position] in SINGLE_QUOTES:
            if line[position + 1 : position + 2] not in tuple(SINGLE_QUOTES):
                return text, position + 1
            position += 1
        text += line[position]
        position += 1
    return text, position


def _double_quoted(line: str, position: int) -> tuple[str, int]:
    text = ""
    while position < len(line) and line[position] not in DOUBLE_QUOTES:
        if line[position] == "`" and position + 1 < len(line):
            position += 1
        text += line[position]
        position += 1
    return text, position + 1


def _closing(line: str, position: int) -> int:
    """The end of the parenthesis that opens at `position`; quotes inside hide parentheses."""
    depth, quote = 0, ""
    for end in range(position, len(line)):
        character = line[end]
        if quote:
            quote = "" if character in quote else quote
        elif character in SINGLE_QUOTES:
            quote = SINGLE_QUOTES
        elif character in DOUBLE_QUOTES:
            quote = DOUBLE_QUOTES
        else:
            depth += (character == "(") - (character == ")")
            if depth == 0:
                return end + 1
    return len(line)
