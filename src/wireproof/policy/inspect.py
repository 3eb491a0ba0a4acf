"""One file looked at: whether a rule can name it, its hashes, its signer, and what it says of itself.

Takes an open file on disk with its name; gives a `CodeFile`, or None for what no rule is for. The beginning of the file decides; only scripts and
patches are told by their suffix, as Windows does.
"""

from __future__ import annotations

import enum
import hashlib
import mmap
from functools import partial
from pathlib import PurePosixPath
from typing import BinaryIO

from wireproof.policy.model import CodeFile, Collection, Identity, Signer
from wireproof.policy.msi import Installer, read_installer
from wireproof.policy.ole import MAGIC as OLE_MAGIC
from wireproof.policy.ole import PIECE, SIGNATURE, Ole, OleError
from wireproof.policy.portable import MAGIC as PE_MAGIC
from wireproof.policy.portable import authenticode, read_portable
from wireproof.policy.signature import MOST_BYTES, read_signer

INSIDE = " > "
"""Stands between an installer and what is inside it; no name on Windows holds `>`."""
INSTALLERS = frozenset({".msi", ".msp", ".mst"})
PROGRAMS = frozenset({".com", ".dll", ".exe", ".ocx", ".scr"})
SCRIPTS = frozenset({".bat", ".cmd", ".js", ".ps1", ".vbs"})
"""Suffixes of AppLocker's script rules; other scripts are left to the programs that run them."""


def base_name(path: str) -> str:
    """The file's own name; Windows takes both slashes for separators, and ` > ` stands before what is inside an installer."""
    return PurePosixPath(path.rpartition(INSIDE)[2].replace("\\", "/")).name


def suffix(path: str) -> str:
    """`.exe`, in small letters."""
    return PurePosixPath(base_name(path)).suffix.lower()


def may_count(name: str, head: bytes) -> bool:
    """Whether a file with this beginning is worth a closer look."""
    return head.startswith((PE_MAGIC, OLE_MAGIC)) or suffix(name) in SCRIPTS | INSTALLERS


class NotCovered(enum.Enum):
    """Why a file that begins like a program gets no rule."""

    DRIVER = enum.auto()
    DAMAGED = enum.auto()


def inspect_program(file: BinaryIO, path: str) -> CodeFile | NotCovered:
    """A program or library; DAMAGED also stands for programs of DOS and of 16-bit Windows."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        portable = read_portable(view)
        if portable is None:
            return NotCovered.DAMAGED
        if portable.collection is None:
            return NotCovered.DRIVER
        hash_file = partial(authenticode, view, portable)
        found = _describe(view, path, portable.collection)
        found.identity = portable.identity
        found.authenticode = hash_file("sha256")
        found.signer = read_signer(portable.pkcs7, hash_file) if portable.pkcs7 else None
        return found


def inspect_script(file: BinaryIO, path: str) -> CodeFile:
    """A script: AppLocker hashes all its bytes."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        return _describe(view, path, Collection.SCRIPT)


def inspect_installer(file: BinaryIO, path: str) -> tuple[CodeFile, Ole, Installer | None]:
    """An installer, patch or transform, opened; the database is None where it has none. Raises OleError for what can't be opened."""
    ole = Ole(file)
    try:
        installer = read_installer(ole)
    except OleError:
        installer = None
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        found = _describe(view, path, Collection.MSI)
    found.identity = installer.identity if installer else Identity()
    found.authenticode = ole.digest()
    found.signer = _installer_signer(ole)
    return found, ole, installer


def _installer_signer(ole: Ole) -> Signer | None:
    pkcs7 = ole.read(SIGNATURE, MOST_BYTES)
    return read_signer(pkcs7, ole.digest) if pkcs7 else None


def _describe(view: mmap.mmap, path: str, collection: Collection) -> CodeFile:
    """Name, size and the hashes of all bytes."""
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    for at in range(0, len(view), PIECE):
        piece = view[at : at + PIECE]
        sha256.update(piece)
        md5.update(piece)
    return CodeFile(base_name(path), path, len(view), collection, sha256.digest(), md5.digest())
