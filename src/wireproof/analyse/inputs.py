"""From what a user names to opened captures: files, "-", archives with several captures, case folders.

Takes paths; gives opened captures with their names in the report, and notes on what could not be read. Captures are
recognised by content; what is none is told, not fatal, while another input is one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from wireproof.analyse.case_file import CASE_FILE, CaseFile, read_case_file
from wireproof.capture import Capture, open_captures
from wireproof.errors import CaptureFormatError, CaseError

if TYPE_CHECKING:
    from wireproof.align import Nat

COMPRESSIONS = frozenset((".gz", ".zst", ".zstd", ".lz4", ".xz", ".lzma", ".bz2", ".zip"))
QUIET_NAMES = frozenset((CASE_FILE, "thumbs.db", "desktop.ini"))
"""Files of a case folder that need no mention."""
QUIET_SUFFIXES = frozenset((".md",))
MOST_NOTES = 20


@dataclass(slots=True)
class OpenedInput:
    """One opened capture: its name in the report, its file as the user gave it, its bytes (0 when unknown).

    `in_order` says that a case file states its place on the path, behind those of the captures opened before.
    """

    name: str
    file: str
    capture: Capture
    size: int = 0
    in_order: bool = False


@dataclass(slots=True)
class Inputs:
    """All opened captures of a case. `path_order` names those points from client to server whose order a case file states."""

    opened: list[OpenedInput] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    title: str = ""
    path_order: list[str] | None = None
    nat: list[Nat] = field(default_factory=list)
    """Address translations that case files state."""


def open_inputs(paths: Sequence[str]) -> Inputs:
    """Open everything that `paths` name.

    Raises CaseError when a case file is wrong, CaptureFormatError when nothing opens.
    """
    found = Inputs()
    with contextlib.ExitStack() as unless_done:
        unless_done.callback(close_inputs, found)
        for path in dict.fromkeys(paths):
            if path != "-" and Path(path).is_dir():
                _open_folder(Path(path), found)
            else:
                _open_file(path, "", found)
        unless_done.pop_all()
    if not found.opened:
        raise CaptureFormatError("; ".join(found.notes) or "no input is given")
    _make_names_unique(found)
    found.path_order = [opened.name for opened in found.opened if opened.in_order] or None
    return found


def close_inputs(found: Inputs) -> None:
    """Release every opened capture."""
    for opened in found.opened:
        opened.capture.close()


def point_name(file: str) -> str:
    """What a capture is called: the file's stem, without compression suffixes; of a zip's member that member's."""
    path = PurePath(file.rpartition("!")[2] or file)
    while path.suffix.lower() in COMPRESSIONS:
        path = path.with_suffix("")
    return path.stem or file


def _open_file(path: str, name: str, found: Inputs) -> None:
    """Open one file and all captures in it; why it can't be opened becomes a note."""
    try:
        for capture in open_captures(path):
            label = name or point_name(capture.file)
            found.opened.append(OpenedInput(label, capture.file, capture, _file_size(path)))
    except CaptureFormatError as error:
        found.notes.append(str(error))


def _file_size(path: str) -> int:
    try:
        return Path(path).stat().st_size if path != "-" else 0
    except OSError:
        return 0


def _open_folder(folder: Path, found: Inputs) -> None:
    """Open a case folder: the points of its case file in their order, or else every capture in it."""
    case_file = folder / CASE_FILE
    described = read_case_file(case_file) if case_file.is_file() else CaseFile()
    found.title = found.title or described.title
    found.nat += described.nat
    before = len(found.opened)
    if described.points:
        _open_points(folder, described, found)
    else:
        _open_every(folder, found)
    if len(found.opened) == before:
        found.notes.append(f"{folder} holds no readable capture; folders in it are not searched")


def _open_points(folder: Path, described: CaseFile, found: Inputs) -> None:
    for point in described.points:
        if not (folder / point.file).is_file():
            raise CaseError(f"{folder / CASE_FILE}: point.file {point.file!r} does not exist in the folder")
        before = len(found.opened)
        _open_file(str(folder / point.file), point.name, found)
        for opened in found.opened[before:]:
            opened.in_order = True
    named = {folder / point.file for point in described.points}
    others = [path.name for path in _visible_files(folder) if path not in named]
    if others:
        found.notes.append(f"{folder}: not named in {CASE_FILE} and left aside: {', '.join(others)}")


def _open_every(folder: Path, found: Inputs) -> None:
    aside = Inputs()
    for path in _visible_files(folder):
        _open_file(str(path), "", aside)
    found.opened += aside.opened
    found.notes += aside.notes[:MOST_NOTES]
    if len(aside.notes) > MOST_NOTES:
        found.notes.append(f"{folder}: {len(aside.notes) - MOST_NOTES} more files are no captures")


def _visible_files(folder: Path) -> Iterator[Path]:
    """Files straight in a folder, by name, without hidden ones and those that need no mention."""
    for path in sorted(folder.iterdir()):
        quiet = path.name.lower() in QUIET_NAMES or path.suffix.lower() in QUIET_SUFFIXES
        if path.is_file() and not quiet and not path.name.startswith("."):
            yield path


def _make_names_unique(found: Inputs) -> None:
    """The second capture of one name becomes NAME-2, the third NAME-3."""
    taken: set[str] = set()
    for opened in found.opened:
        opened.name = next(name for name in _candidates(opened.name) if name not in taken)
        taken.add(opened.name)


def _candidates(name: str) -> Iterable[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1
