"""The command line as a user runs it: in a process of its own, in a pipe or on a terminal.

Takes arguments, gives what was printed and the exit code.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

import pytest

COMMAND = (sys.executable, "-m", "wireproof")


def run(
    *arguments: object, stdin: bytes = b"", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run `wireproof` with its output in pipes. `env` is added to the environment."""
    words = [*COMMAND, *map(str, arguments)]
    return subprocess.run(words, input=stdin, capture_output=True, check=False, env={**os.environ, **(env or {})})


def run_on_terminal(*arguments: object, columns: int = 100, env: Mapping[str, str] | None = None) -> tuple[str, int]:
    """Run `wireproof` with all its streams on one terminal; gives what the terminal received, and the exit code."""
    pty = pytest.importorskip("pty", reason="this system has no pseudo terminals")
    outer, inner = pty.openpty()
    size = {"COLUMNS": str(columns), "LINES": "50", "TERM": "xterm-256color"}
    clean = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    words = [*COMMAND, *map(str, arguments)]
    process = subprocess.Popen(words, stdin=inner, stdout=inner, stderr=inner, env={**clean, **size, **(env or {})})
    os.close(inner)
    received = b""
    while chunk := _read(outer):
        received += chunk
    os.close(outer)
    return received.decode(), process.wait()


def type_on_terminal(*arguments: object, lines: Sequence[str]) -> tuple[str, int]:
    """Run `wireproof` on a terminal of its own and type a line at each of its questions, which end with ": "; as `run_on_terminal`."""
    pty = pytest.importorskip("pty", reason="this system has no pseudo terminals")
    outer, inner = pty.openpty()
    words = [*COMMAND, *map(str, arguments)]
    # In a session of its own it can't ask on the terminal that the tests are run from.
    process = subprocess.Popen(words, stdin=inner, stdout=inner, stderr=inner, start_new_session=True)
    os.close(inner)
    received = b""
    left = list(lines)
    while chunk := _read(outer):
        received += chunk
        if left and received.endswith(b": "):
            os.write(outer, left.pop(0).encode() + b"\n")
    os.close(outer)
    return received.decode(), process.wait()


def _read(terminal: int) -> bytes:
    """What the terminal holds; nothing once the other end is closed, which Linux reports as an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""
