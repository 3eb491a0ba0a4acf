"""Versions of Lync's files and programs in lists: of `Get-CsServerPatchVersion`, file properties, installed programs.

Takes a text; gives products and versions with their lines. Judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from wireproof.logs.log import Log
from wireproof.logs.text import LogText
from wireproof.wire.lync_versions import Version, read_lines

FOUND_MOST = 1000
BUILDS = ("4.0.7577.", "5.0.8308.", "15.0.")
"""One of these is in each version of Lync that is known here."""


@dataclass(frozen=True, slots=True)
class LyncFile:
    """A line that names a file or program of Lync with its version."""

    line: int
    name: str
    product: str
    version: Version


@dataclass(slots=True, kw_only=True)
class LyncFilesLog(Log):
    """Such lines of one text."""

    title: ClassVar[str] = "versions of Lync"

    files: list[LyncFile] = field(default_factory=list)


def find(text: LogText) -> LyncFilesLog | None:
    """The versions in a text; None where there are none."""
    lines = [line if any(build in line for build in BUILDS) else "" for line in text.lines]
    files = [LyncFile(*found) for _, found in zip(range(FOUND_MOST), read_lines(lines), strict=False)]
    log = LyncFilesLog(file=text.file, files=files)
    if len(files) == FOUND_MOST:
        log.notes.append(
            f"versions are read up to line {files[-1].line:,} ({FOUND_MOST:,} of them); what follows was not read"
        )
    return log if files else None
