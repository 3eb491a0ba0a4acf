"""A second opinion: what tshark says of each frame, field by field.

Takes a capture and field names, gives rows of text. Tests skip where tshark is missing (fixture `program`).
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

ORACLE_VERSION = "4.0"
"""The meaning of `tcp.analysis.*` differs between releases; marks follow this one."""


def tshark_rows(
    tshark: str, path: Path, fields: Sequence[str], display: str = "", occurrence: str = "l"
) -> Iterator[list[str]]:
    """One list of values a frame that passes the display filter.

    `occurrence` says which of several headers of a kind is meant: "f" the outermost, "l" the innermost, "a" all.
    """
    command = [tshark, "-r", str(path), "-n", "-T", "fields", "-E", f"occurrence={occurrence}"]
    command += ["-Y", display] if display else []
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, check=False, errors="replace")
    for line in done.stdout.split("\n")[:-1]:
        yield line.split("\t")


def tshark_version(tshark: str) -> str:
    """Major and minor release, such as "4.0"."""
    text = subprocess.run([tshark, "--version"], capture_output=True, text=True, check=True).stdout
    return ".".join(text.split("(Wireshark) ")[1].split(".")[:2])


def number(text: str) -> int:
    """A field's value as a number; 0 where tshark shows none, True and False as 1 and 0."""
    if text in {"", "False"}:
        return 0
    if text == "True":
        return 1
    return int(text, 0)
