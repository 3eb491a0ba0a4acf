"""From what a user names to opened captures: files, "-", archives with several captures, case folders; and the keys beside them.

Takes paths; gives opened captures with their names in the report, keys, and notes on what could not be read. Captures and keys are
recognised by content; what is neither is told, not fatal, while another input is a capture.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from wireproof.analyse.case_file import CASE_FILE, CaseFile, read_case_file
from wireproof.analyse.chains import join_chains
from wireproof.analyse.copies import find_same
from wireproof.analyse.keys import FoundKeys, Passwords, find_keys
from wireproof.analyse.log_files import state_zones, take_logs
from wireproof.analyse.outputs import describe_kept, is_kept
from wireproof.capture import Capture, open_captures
from wireproof.capture.opening import ZIP_MAGIC
from wireproof.errors import CaptureFormatError, CaseError

if TYPE_CHECKING:
    from wireproof.align.translation import Nat
    from wireproof.analyse.case_file import NamedLog
    from wireproof.decrypt.keys.ring import KeyRing
    from wireproof.logs import Log

COMPRESSIONS = frozenset((".gz", ".zst", ".zstd", ".lz4", ".xz", ".lzma", ".bz2", ".zip"))
QUIET_NAMES = frozenset((CASE_FILE, "thumbs.db", "desktop.ini"))
"""Files of a case folder that need no mention."""
QUIET_SUFFIXES = frozenset((".md",))
MOST_NOTES, MOST_NAMES = 20, 5
LISTING = "listing"
"""The format of captures that are text."""


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
    in_folder: bool = False
    """It lay in a folder, and nobody named it."""


@dataclass(slots=True)
class Inputs:
    """All opened captures of a case. `path_order` names those points from client to server whose order a case file states."""

    opened: list[OpenedInput] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    title: str = ""
    path_order: list[str] | None = None
    nat: list[Nat] = field(default_factory=list)
    """Address translations that case files state."""
    keys: list[FoundKeys] = field(default_factory=list)
    """Keys that lay among the captures."""
    passwords: Passwords = field(default_factory=Passwords)
    """What keys that lie among the captures are opened with."""
    logs: list[Log] = field(default_factory=list)
    """Logs and command outputs that lie among the inputs."""
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    """Length and hash of texts that were looked through for logs, and the first file with each."""
    kept: list[str] = field(default_factory=list)
    """Outputs that no rule reads, by path."""
    stated_logs: dict[str, NamedLog] = field(default_factory=dict)
    """What case files say of logs, by path."""
    ring: KeyRing | None = None
    """All keys at hand; None where there are none. Reading the captures adds what these hold themselves."""


def open_inputs(paths: Sequence[str], passwords: Passwords | None = None) -> Inputs:
    """Open everything that `paths` name, keys that lie there too as far as `passwords` open them.

    Raises CaseError when a case file is wrong, CaptureFormatError when nothing opens.
    """
    found = Inputs(passwords=passwords or Passwords())
    with contextlib.ExitStack() as unless_done:
        unless_done.callback(close_inputs, found)
        for path in dict.fromkeys(paths):
            if path != "-" and Path(path).is_dir():
                _open_folder(Path(path), found)
            else:
                _open_file(path, "", found)
        unless_done.pop_all()
    if not found.opened and not found.logs:
        raise CaptureFormatError("; ".join(found.notes) or "no input is given")
    found.opened = join_chains(found.opened)
    found.notes += state_zones(found.logs)
    found.notes += [describe_kept(found.kept)] if found.kept else []
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
    """Open one file, all captures in it, keys and logs; why it can't be opened becomes a note."""
    before, problem = len(found.opened), ""
    try:
        for capture in open_captures(path):
            label = name or point_name(capture.file)
            found.opened.append(OpenedInput(label, capture.file, capture, _file_size(path)))
    except CaptureFormatError as error:
        problem = str(error)
    captures = found.opened[before:]
    if path == "-":
        taken = False
    elif _is_archive(path):
        taken = _take_members(path, captures, found)
    elif problem:
        taken = _take_keys(path, found) or take_logs(path, found)
    else:
        # Lines of TCP/IP and AFD stand among the packets of a listing.
        taken = any(one.capture.format == LISTING for one in captures) and take_logs(path, found)
    if problem and not taken and not _keep(path, found):
        found.notes.append(problem)


def _keep(path: str, found: Inputs) -> bool:
    """Whether a file is an output that no rule reads, which one note tells with the others."""
    head = b""
    with contextlib.suppress(OSError), Path(path).open("rb") as file:
        head = file.read(4096)
    if path == "-" or not is_kept(path, head):
        return False
    found.kept.append(path)
    return True


def _is_archive(path: str) -> bool:
    with contextlib.suppress(OSError), Path(path).open("rb") as file:
        return file.read(4) in ZIP_MAGIC
    return False


def _take_members(path: str, captures: Sequence[OpenedInput], found: Inputs) -> bool:
    """Take keys and logs out of an archive; what else lies in it is told. False when nothing in it is understood."""
    keys, logs, members = len(found.keys), len(found.logs), list[str]()
    are_keys = _take_keys(path, found)
    take_logs(path, found, members)
    known = {one.file for one in captures} | {one.name for one in found.keys[keys:]}
    known |= {log.file for log in found.logs[logs:]}
    others = [member for member in members if member not in known and not any(member in note for note in found.notes)]
    found.kept += [other for other in others if is_kept(other, b"")]
    left = [PurePath(other.rpartition("!")[2]) for other in others if other not in found.kept]
    names = [one.name for one in left if not _is_quiet(one)]
    if names and known:
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        found.notes.append(f"{path}: nothing is understood of {', '.join(names[:MOST_NAMES])}{more}")
    return bool(known) or are_keys


def _take_keys(path: str, found: Inputs, *, ask: bool = False) -> bool:
    """Take the keys of a file; False when it has nothing to do with keys."""
    keys = find_keys(path, found.passwords, found.notes, ask=ask)
    found.keys += keys or ()
    return keys is not None


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
    found.stated_logs |= {str(folder / stated.file): stated for stated in described.logs}
    before = len(found.opened)
    for file in described.keys or ():
        _open_named_keys(folder, file, found)
    if described.points:
        _open_points(folder, described, found)
    else:
        _open_every(folder, described, found)
    if len(found.opened) == before and not found.logs:
        found.notes.append(f"{folder} holds no readable capture; folders in it are not searched")


def _open_named_keys(folder: Path, file: str, found: Inputs) -> None:
    """Take keys that a case file names: a user can be asked for their password, as for those that the command line names."""
    if not (folder / file).is_file():
        raise CaseError(f"{folder / CASE_FILE}: {file!r} of keys does not exist in the folder")
    if not _take_keys(str(folder / file), found, ask=True):
        found.notes.append(f"{folder / file} holds no key")


def _open_points(folder: Path, described: CaseFile, found: Inputs) -> None:
    for point in described.points:
        if not (folder / point.file).is_file():
            raise CaseError(f"{folder / CASE_FILE}: point.file {point.file!r} does not exist in the folder")
        before = len(found.opened)
        _open_file(str(folder / point.file), point.name, found)
        for opened in found.opened[before:]:
            opened.in_order = True
    named = {folder / file for file in (*(point.file for point in described.points), *(described.keys or ()))}
    others = [path for path in _visible_files(folder) if path not in named]
    others = _without_copies(others, find_same(others), found.notes)
    if described.keys is None:
        others = [path for path in others if not _take_keys(str(path), found)]
    others = [path for path in others if not take_logs(str(path), found) and not _keep(str(path), found)]
    if others:
        found.notes.append(
            f"{folder}: not named in {CASE_FILE} and left aside: {', '.join(path.name for path in others)}"
        )


def _open_every(folder: Path, described: CaseFile, found: Inputs) -> None:
    aside = Inputs(passwords=found.passwords, stated_logs=found.stated_logs)
    named = {folder / file for file in described.keys or ()}
    files = [path for path in _visible_files(folder) if path not in named]
    same = find_same(files)
    for path in files:
        # Copies of captures are told when their frames are known: a file may be a part of a chain and have a copy elsewhere.
        if path in same and not any(
            one.file == str(same[path]) and one.capture.format != LISTING for one in aside.opened
        ):
            _without_copies([path], same, aside.notes)
        else:
            _open_file(str(path), "", aside)
    for one in aside.opened:
        one.in_folder = True
    found.opened += aside.opened
    found.keys += aside.keys
    found.logs += aside.logs
    found.kept += aside.kept
    found.notes += aside.notes[:MOST_NOTES]
    if len(aside.notes) > MOST_NOTES:
        found.notes.append(f"{folder}: {len(aside.notes) - MOST_NOTES} more files are no captures")


def _without_copies(files: Sequence[Path], same: Mapping[Path, Path], notes: list[str]) -> list[Path]:
    """The files without copies of others, which notes tell."""
    notes += [f"{path} is the same file as {same[path].name}, which is read once" for path in files if path in same]
    return [path for path in files if path not in same]


def _visible_files(folder: Path) -> Iterator[Path]:
    """Files straight in a folder, by name, archives behind what may have been unpacked from them, without those that need no mention."""
    for path in sorted(folder.iterdir(), key=lambda path: (path.suffix.lower() == ".zip", path)):
        if path.is_file() and not _is_quiet(path):
            yield path


def _is_quiet(path: PurePath) -> bool:
    return path.name.lower() in QUIET_NAMES or path.suffix.lower() in QUIET_SUFFIXES or path.name.startswith(".")


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
