"""Site files and saved outputs of commands, in any of the encodings that Windows writes.

Takes names; gives texts. Knows no site.
"""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

from wireproof.errors import WireproofError

MOST_BYTES = 4 << 20
"""Of one input: a site file with a thousand stations has a quarter of a megabyte."""

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
"""Byte order marks: Windows PowerShell writes UTF-16 when output is redirected."""


class InputError(WireproofError):
    """A file that the user named can't be read as text."""


def read_text(name: str) -> tuple[str, str]:
    """(name for reports, text) of a file, or of standard input for `-`.

    UTF-8 or UTF-16 with byte order mark; what is none of these is taken for Windows-1252. Raises InputError.
    """
    try:
        if name == "-":
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise InputError(f"{name} can't be read: {reason or error}") from None
    if len(data) > MOST_BYTES:
        raise InputError(
            f"{name} is longer than {MOST_BYTES >> 20} MiB, which no site file and no output of a command is"
        )
    return ("standard input" if name == "-" else name), decode(data)


def decode(data: bytes) -> str:
    """Text of bytes in one of the encodings that Windows writes. Never fails."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
