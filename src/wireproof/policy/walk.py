"""All files that rules can name: those of folders, and those inside installers, their cabinets, and the cabinets beside them.

Takes paths; gives an `Inventory`. What can't be read is a note and the rest is still read. Members of cabinets pass through a temporary file, one at a
time.
"""

from __future__ import annotations

import itertools
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from wireproof.limits import limit
from wireproof.policy.cabinet import Budget, Damaged, Sink, unpack_cabinet
from wireproof.policy.inspect import (
    INSIDE,
    INSTALLERS,
    PROGRAMS,
    SCRIPTS,
    NotCovered,
    inspect_installer,
    inspect_program,
    inspect_script,
    may_count,
    suffix,
)
from wireproof.policy.model import CodeFile, Inventory, PolicyError
from wireproof.policy.msi import Installer, stream_name
from wireproof.policy.ole import MAGIC as OLE_MAGIC
from wireproof.policy.ole import Ole, OleError, read_pieces
from wireproof.policy.portable import MAGIC as PE_MAGIC

FILES = limit("policy.files", 20_000, "a policy with more rules than this is read by no machine in reasonable time")
DEEPEST = 3
"""Installers inside installers."""
HEAD = 8
ELSEWHERE = "unpack the installer (`msiexec /a FILE /qn TARGETDIR=FOLDER`, or 7-Zip) and name the folder as well"


def take_inventory(paths: Iterable[Path]) -> Inventory:
    """Look at every file that was named and every file below a folder that was. Raises PolicyError for a path that is not there."""
    walker = _Walker()
    for path in paths:
        if not path.exists():
            raise PolicyError(f"{path} does not exist")
        if path.is_dir():
            walker.take_folder(path)
        else:
            walker.take_path(path, path.name, named=True)
    return walker.inventory


class _Walker:
    """Goes through folders, installers and cabinets, and collects what counts."""

    def __init__(self) -> None:
        self.inventory = Inventory()
        self._budget = Budget()
        self._is_full = False
        self._in_folder = False

    def take_folder(self, folder: Path) -> None:
        """Every ordinary file below, in the order of their names; links are not followed."""
        self._in_folder = True
        for path in _files_below(folder, self.inventory.notes):
            self.take_path(path, path.relative_to(folder).as_posix())
        self._in_folder = False

    def take_path(self, path: Path, shown: str, *, named: bool = False) -> None:
        """One file on disk. What was named and is of no use is said; other files of a folder are passed over."""
        try:
            with path.open("rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise PolicyError(f"{path} is no ordinary file")
                before = len(self.inventory.files) + len(self.inventory.notes)
                self._take(file, shown, beside=path.parent)
        except OSError as error:
            self._note(shown, f"can't be read: {error.strerror or error}")
            return
        if named and before == len(self.inventory.files) + len(self.inventory.notes):
            raise PolicyError(f"{path} is no installer, program, library or script that a rule could name")

    def take_member(self, file: BinaryIO, shown: str, depth: int) -> None:
        """One file out of an installer, in a temporary file."""
        self._take(file, shown, depth=depth)

    def _take(self, file: BinaryIO, shown: str, *, beside: Path | None = None, depth: int = 0) -> None:
        """One open file, from disk or out of an installer."""
        file.seek(0)
        head = file.read(HEAD)
        kind = suffix(shown)
        if head.startswith(PE_MAGIC):
            self._take_program(file, shown)
        elif head == OLE_MAGIC and kind in INSTALLERS:
            self._take_installer(file, shown, beside, depth)
        elif kind in SCRIPTS and head:
            self._add(inspect_script(file, shown))
        elif kind in INSTALLERS | PROGRAMS:
            self._note(shown, "is empty" if not head else f"is named {kind} and does not begin like one")

    def _take_program(self, file: BinaryIO, shown: str) -> None:
        found = inspect_program(file, shown)
        if isinstance(found, CodeFile):
            self._add(found)
        elif found is NotCovered.DAMAGED:
            self._note(shown, "begins like a program and has no header of one that Windows runs")

    def _add(self, found: CodeFile) -> None:
        if len(self.inventory.files) < int(FILES.value):
            self.inventory.files.append(found)
        elif not self._is_full:
            self._is_full = True
            self._note(
                found.path,
                f"this and what follows gets no rule: {int(FILES.value):,} files have one (limit {FILES.name})",
            )

    def _note(self, shown: str, text: str) -> None:
        self.inventory.notes.append(f"{shown}: {text}")

    def _take_installer(self, file: BinaryIO, shown: str, beside: Path | None, depth: int) -> None:
        try:
            found, ole, installer = inspect_installer(file, shown)
        except OleError as error:
            self._note(shown, str(error))
            return
        self._add(found)
        if installer is None:
            if suffix(shown) == ".msi":
                self._note(shown, "holds no installer database: a rule is made for the file itself only")
            return
        if depth >= DEEPEST:
            self._note(shown, "lies too deep inside other installers to be opened")
            return
        for name in installer.embedded:
            self._take_stream(ole, stream_name(f"Binary.{name}"), f"{shown}{INSIDE}Binary.{name}", depth)
        for cabinet in installer.cabinets:
            self._take_cabinet(ole, installer, cabinet, shown, beside, depth)

    def _take_stream(self, ole: Ole, name: str, shown: str, depth: int) -> None:
        """A program or library that the installation itself runs."""
        try:
            stream = ole.open(name)
            head = stream.read(HEAD) if stream else b""
            if stream is None or not may_count(shown, head):
                return
            sink = _Member(self, shown, depth)
            try:
                for piece in itertools.chain([head], read_pieces(stream)):
                    self._budget.spend(len(piece))
                    sink.write(piece)
                sink.done()
            finally:
                sink.drop()
        except (OleError, Damaged) as error:
            self._note(shown, str(error))

    def _take_cabinet(
        self, ole: Ole, installer: Installer, cabinet: str, shown: str, beside: Path | None, depth: int
    ) -> None:
        """The files of one cabinet, inside the installer (`#name`) or beside it."""
        if not cabinet:
            if installer.files and not self._in_folder:
                self._note(shown, "files of it lie beside it in no cabinet; name their folder as well")
            return
        where = f"{shown}{INSIDE}{cabinet}"
        try:
            if cabinet.startswith("#"):
                stream = ole.open(stream_name(cabinet[1:]))
                if stream is None:
                    self._note(where, "the cabinet is not in the installer")
                else:
                    self._unpack(stream, installer, where, shown, depth)
            else:
                self._take_external(installer, cabinet, where, shown, beside, depth)
        except OleError as error:
            self._note(where, str(error))

    def _take_external(
        self, installer: Installer, cabinet: str, where: str, shown: str, beside: Path | None, depth: int
    ) -> None:
        # Names of files mean the same to Windows in small letters and in capitals.
        near = beside.iterdir() if beside is not None else ()
        path = next((one for one in near if one.name.lower() == cabinet.lower() and one.is_file()), None)
        if path is None:
            self._note(where, f"the cabinet is not beside the installer, so its files get no rules; {ELSEWHERE}")
            return
        try:
            with path.open("rb") as file:
                self._unpack(file, installer, where, shown, depth)
        except OSError as error:
            self._note(where, f"can't be read: {error.strerror or error}")

    def _unpack(self, file: BinaryIO, installer: Installer, where: str, shown: str, depth: int) -> None:
        def take(key: str, size: int) -> Sink | None:
            name = installer.files.get(key, key)
            return _Member(self, f"{shown}{INSIDE}{name}", depth) if size else None

        for note in unpack_cabinet(file, take, self._budget):
            self._note(where, f"{note}; {ELSEWHERE}")


class _Member:
    """Takes the bytes of one member. Those of a member that counts go to a temporary file, which is looked at when it is whole."""

    def __init__(self, walker: _Walker, shown: str, depth: int) -> None:
        self._walker = walker
        self._shown = shown
        self._depth = depth
        self._head = b""
        self._file: BinaryIO | None = None

    def write(self, data: bytes) -> None:
        """The next bytes. The first few decide whether the member counts."""
        if self._file is not None:
            self._file.write(data)
        elif len(self._head) < HEAD:
            self._head += data
            if len(self._head) >= HEAD:
                self._start()

    def done(self) -> None:
        """Look at the member and forget it."""
        if self._file is None and len(self._head) < HEAD:
            self._start()
        if self._file is not None:
            self._file.flush()
            self._walker.take_member(self._file, self._shown, self._depth + 1)
        self.drop()

    def drop(self) -> None:
        """Forget the member."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _start(self) -> None:
        if may_count(self._shown, self._head):
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the member is whole, or can't be had
            self._file.write(self._head)


def _files_below(folder: Path, notes: list[str]) -> Iterator[Path]:
    def tell(error: OSError) -> None:
        notes.append(f"{error.filename}: can't be read: {error.strerror}")

    for parent, folders, names in os.walk(folder, onerror=tell):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if path.is_file() and not path.is_symlink():
                yield path
