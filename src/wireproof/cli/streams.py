"""Standard output and files as the commands use them: any terminal's encoding, closed pipes, colours only where wanted.

Takes rendered text; writes it. Knows no report.
"""

from __future__ import annotations

import codecs
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.errors import WireproofError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.text import Text

PLAIN = {
    "→": "->", "–": "-", "—": "-", "…": "...", "·": "|", "└": "`-", "✗": "x", "✓": "+", "×": "x", "±": "+/-",
    "µ": "u", "≥": ">=", "≤": "<=", "“": '"', "”": '"', "‘": "'", "’": "'", "\N{NO-BREAK SPACE}": " ",
}  # fmt: skip
"""How characters are written where an encoding lacks them, as on a Windows console or in its pipes."""


class OutputError(WireproofError):
    """A file that the user named can't be written."""


def make_streams_safe() -> None:
    """Let both standard streams write any character: what their encoding lacks becomes ASCII that reads the same.

    One that was closed before the start, which Python has as None, leads to nowhere.
    """
    codecs.register_error("wireproof", _replace)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # Whatever is opened first takes the number of what is closed, and shall not be a file that somebody reads or writes.
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="wireproof")


def _replace(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(character, "?") for character in lacking), error.end


def open_console() -> Console:
    """A console on standard output; it follows NO_COLOR, FORCE_COLOR, TERM and COLUMNS."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def console_width(console: Console) -> int | None:
    """Columns of a terminal; None for a pipe or a file."""
    return console.width if console.is_terminal else None


def print_text(console: Console, text: Text | Markdown) -> None:
    """Print styled lines as they are: the terminal itself wraps what is longer."""
    try:
        console.print(text, end="", soft_wrap=True)
    except SystemExit:
        # What rich makes of a closed pipe. The exit code is the command's to choose.
        forget_stdout()
    except OSError as error:
        _give_up(error)
    flush_stdout()


def print_document(text: str) -> None:
    """Write a document for programs to standard output, in UTF-8 whatever the terminal's encoding."""
    flush_stdout()
    try:
        if hasattr(sys.stdout, "buffer"):
            sys.stdout.buffer.write(text.encode())
        else:
            sys.stdout.write(text)
    except OSError as error:
        _give_up(error)
    flush_stdout()


def write_file(path: Path, text: str) -> None:
    """Write a document as UTF-8. Raises OutputError when that fails."""
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{path} can't be written: {error.strerror or error}") from None


def flush_stdout() -> None:
    """Write out what is still held back. Raises OutputError where there is no room for it."""
    try:
        sys.stdout.flush()
    except OSError as error:
        _give_up(error)


def _give_up(error: OSError) -> None:
    """Standard output takes no more: quietly where its reader has gone, which is no error of ours."""
    forget_stdout()
    if not isinstance(error, BrokenPipeError):
        raise OutputError(f"standard output can't be written: {error.strerror or error}") from None


def forget_stdout() -> None:
    """Send to nowhere what else is printed, and what the interpreter flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
