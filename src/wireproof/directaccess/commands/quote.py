"""Texts as single arguments of a tool, so that no name can become a command.

Raises `UnsafeText` for what a tool can't be told safely: line breaks and invisible characters anywhere, and quotes and
percent signs in cmd.exe, which has no reliable way to write them.
"""

from __future__ import annotations

import re
import unicodedata
import zlib

from wireproof.directaccess.commands.words import SINGLE_QUOTES

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_OBJECT_NAME = re.compile(r"[^A-Za-z0-9_.-]")


class UnsafeText(ValueError):
    """A text that can't be handed to a tool as one argument."""


def quote_powershell(text: str) -> str:
    """A PowerShell string in single quotes: nothing in it is expanded (about_Quoting_Rules)."""
    _refuse_invisible(text)
    return "'" + re.sub(f"([{SINGLE_QUOTES}])", r"\1\1", text) + "'"


def quote_pattern(text: str) -> str:
    """As `quote_powershell`, for parameters that take wildcards (about_Wildcards): the text matches itself only."""
    return quote_powershell(re.sub(r"([\[\]*?`])", r"`\1", text))


def quote_cmd(text: str) -> str:
    """A cmd.exe argument in double quotes."""
    _refuse_invisible(text)
    for character, what in (('"', "a double quote"), ("%", "a percent sign")):
        if character in text:
            raise UnsafeText(f"{shorten(text)} holds {what}, which cmd.exe can't be told safely; use PowerShell")
    if text.endswith("\\"):
        raise UnsafeText(f"{shorten(text)} ends with a backslash, which would swallow the quote; use PowerShell")
    return f'"{text}"'


def object_name(text: str) -> str:
    """A name for an object that is made on a load balancer: letters, digits, `_`, `-` and `.` only.

    A name that had to be changed carries a checksum of the old one, so that two names stay two.
    """
    name = _OBJECT_NAME.sub("_", text)
    if name == text and text[:1].isalpha():
        return text
    return f"da_{name[:60]}_{zlib.crc32(text.encode('utf-8', 'replace')):08x}"


def existing_name(text: str) -> str:
    """A name of an object that a load balancer has: as it is, or not at all."""
    if not re.fullmatch(r"[A-Za-z0-9_./-]{1,255}", text):
        raise UnsafeText(f"{shorten(text)} can't be the name of a VLAN: letters, digits, _ . / and - are taken")
    return text


def comment(text: str, mark: str = "#") -> list[str]:
    """Comment lines. Those of cmd.exe lose the characters that would end a comment there."""
    lines = ["".join(" " if unicodedata.category(c) in _INVISIBLE else c for c in line) for line in text.splitlines()]
    if mark == "rem":
        lines = [re.sub(r"[&|<>^%\"]", " ", line) for line in lines]
    return [f"{mark} {line.strip()}" for line in lines if line.strip()]


def shorten(text: str) -> str:
    """A text for a sentence: readable, one line, short."""
    return ascii(text[:40])


def _refuse_invisible(text: str) -> None:
    for character in text:
        if unicodedata.category(character) in _INVISIBLE:
            raise UnsafeText(f"{shorten(text)} holds the invisible character U+{ord(character):04X}")
