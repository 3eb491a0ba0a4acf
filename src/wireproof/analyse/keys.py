"""Keys of a case: files that a user names, those that lie beside the captures, and secrets inside captures, on one ring.

Takes paths and passwords; gives a `KeyRing`. Files are recognised by content. What a user named must be readable; of what was only
found, notes say what could not be used. Nothing here repeats a password or a key.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wireproof.capture.opening import Input, open_inputs
from wireproof.errors import CaptureFormatError, Fence, KeyMaterialError, LockedKeysError
from wireproof.limits import limit

if TYPE_CHECKING:
    from wireproof.capture import Capture
    from wireproof.decrypt.keys.files import KeyFile
    from wireproof.decrypt.keys.ring import KeyRing
    from wireproof.messages.certificates import CertificateAtHand

FILE_BYTES = limit(
    "keys.file_bytes",
    1024**3,
    "a key log of a million sessions has 200 MB; a file is read into memory as a whole, and one of more is hardly meant",
)
PASSWORD_BYTES = 1 << 16
MOST_PASSWORDS = 100
TRIES = 3
"""How often a user is asked for the password of one file."""

TLS_KEY_LOG = 0x544C534B
NOT_USED: dict[int, str] = {
    0x5353484B: "SSH",
    0x57474B4C: "WireGuard",
    0x5A4E574B: "ZigBee network",
    0x5A415053: "ZigBee application",
    0x55414B4C: "OPC UA",
}
"""Types of decryption secrets blocks (pcapng, section 4.7) beside TLS key logs."""

Ask = Callable[[str, bool], str | None]
"""Asks a user for the password of the file with this name, for the first time or again; None when nobody answers."""


@dataclass
class Passwords:
    """Passwords at hand, and how to ask for one more; what was told once is tried on the next file too."""

    given: list[str] = field(default_factory=list, repr=False)
    ask: Ask | None = field(default=None, repr=False)


@dataclass
class Keys:
    """What a user says of keys: files, passwords, and the servers (address of 16 bytes, port) that private keys are for; none for all.

    Files are read once, however many rings are made from them.
    """

    files: Sequence[str] = ()
    passwords: Passwords = field(default_factory=Passwords)
    servers: frozenset[tuple[bytes, int]] = frozenset()
    _read: list[FoundKeys] | None = field(default=None, repr=False)

    def read(self) -> list[FoundKeys]:
        """The keys of all files. Raises KeyMaterialError for a file without any that can be read."""
        if self._read is None:
            self._read = [found for file in dict.fromkeys(self.files) for found in read_named(file, self.passwords)]
        return self._read


class FoundKeys(NamedTuple):
    """The keys of one file (or of one member of an archive), and its name."""

    name: str
    keys: KeyFile


def make_ring(found: Iterable[FoundKeys], servers: frozenset[tuple[bytes, int]] = frozenset()) -> KeyRing:
    """A new ring with these keys; a file that was found twice counts once."""
    from wireproof.decrypt.keys.ring import KeyRing

    ring = KeyRing(servers=servers)
    taken = set()
    for one in found:
        place = os.path.realpath(one.name)
        if place not in taken:
            taken.add(place)
            one.keys.add_to(ring, one.name)
    return ring


def certificates_of(found: Iterable[FoundKeys]) -> list[CertificateAtHand]:
    """The certificates that stand in files of keys or by themselves, each once."""
    held: dict[bytes, str] = {}
    for one in found:
        for der in one.keys.certificates:
            held.setdefault(der, one.name)
    if not held:
        return []
    from wireproof.messages.certificates import CertificateAtHand, read_certificate

    return [CertificateAtHand(name, read_certificate(der)) for der, name in held.items()]


def only_certificates(found: Iterable[FoundKeys]) -> Iterator[str]:
    """A sentence on each file that holds certificates and nothing that opens a session: what it is, and what to bring instead."""
    for one in found:
        keys = one.keys
        if not keys.certificates or keys.private_keys or keys.others:
            continue
        if keys.locked:
            yield f"{one.name} holds a certificate, and a private key of which the password is missing: {keys.notes[0]}"
        else:
            held = "a certificate" if len(keys.certificates) == 1 else f"{len(keys.certificates)} certificates"
            yield (
                f"{one.name} holds {held} and no private key, so it opens nothing; give the private key that belongs to the server's certificate"
                " (a PFX that was exported with it, or PEM), or a key log"
            )


def read_password_file(path: Path) -> list[str]:
    """The passwords in a file, one a line; empty lines are none. Raises KeyMaterialError when there is none, or the file can't be read."""
    from wireproof.decrypt.keys.log import plain_text

    try:
        with path.open("rb") as file:
            data = file.read(PASSWORD_BYTES + 1)
    except OSError as error:
        raise KeyMaterialError(f"the password file {path} can't be read: {error.strerror or error}") from None
    try:
        lines = [line for line in plain_text(data).decode().splitlines() if line]
    except UnicodeDecodeError:
        raise KeyMaterialError(f"the password file {path} is no text in UTF-8") from None
    if not lines or len(lines) > MOST_PASSWORDS or len(data) > PASSWORD_BYTES:
        held = "holds no password" if not lines else f"holds more than {MOST_PASSWORDS} passwords"
        raise KeyMaterialError(f"the password file {path} {held}; write one a line")
    return lines


def read_named(file: str, passwords: Passwords) -> list[FoundKeys]:
    """The keys of a file that a user named: of an archive those of all members that hold some.

    Asks for a password where one is needed and somebody can be asked. Raises KeyMaterialError when there are none.
    """
    if file == "-":
        raise KeyMaterialError("keys are not read from standard input; name a file")
    if Path(file).is_dir():
        raise KeyMaterialError(f"{file} is a folder; name the files with keys in it, or give the folder as an input")
    found = []
    refused: list[str] = []
    try:
        for item in _open(file):
            if item.siblings is None:
                return [FoundKeys(item.name, _read(item, passwords))]
            if _looks_like_keys(item):
                found.append(FoundKeys(item.name, _read(item, passwords)))
    except CaptureFormatError as error:
        refused.append(str(error))
    if not found:
        raise KeyMaterialError("; ".join(refused) or f"{file} is an archive without keys")
    return found


def find_keys(file: str, passwords: Passwords, notes: list[str], *, ask: bool = False) -> list[FoundKeys] | None:
    """The keys in a file that nobody named as such; None when it has nothing to do with keys.

    What can't be used is told in `notes`; nobody is asked for a password unless `ask`.
    """
    found: list[FoundKeys] = []
    are_keys = False
    quietly = passwords if ask else Passwords(passwords.given)
    if not Path(file).is_file():
        # What a pipe held is gone once it was looked at, and to open it again would wait for ever.
        return None
    with contextlib.suppress(CaptureFormatError):
        for item in _open(file):
            if _looks_like_keys(item):
                are_keys = True
                found += _read_found(item, quietly, notes)
    return found if are_keys else None


def _read_found(item: Input, passwords: Passwords, notes: list[str]) -> list[FoundKeys]:
    with Fence(f"reading the keys of {item.name}", notes.append):
        try:
            return [FoundKeys(item.name, _read(item, passwords))]
        except KeyMaterialError as error:
            notes.append(str(error))
    return []


def add_embedded(ring: KeyRing | None, capture: Capture, notes: list[str]) -> KeyRing | None:
    """The ring with what a capture's decryption secrets blocks hold; of kinds that are not used a note is left."""
    if not capture.secrets:
        return ring
    from wireproof.decrypt.keys.log import read_key_log
    from wireproof.decrypt.keys.ring import KeyKind, KeyRing, KeySource

    secrets: dict[tuple[str, bytes], bytes] = {}
    source = KeySource(f"{capture.file} (embedded)", KeyKind.KEY_LOG)
    for kind, data in capture.secrets:
        if kind == TLS_KEY_LOG:
            log = read_key_log(data)
            secrets.update({name: value for name, value in log.secrets.items() if name not in secrets})
            source.notes += [note for note in log.notes if note not in source.notes]
    if secrets or source.notes:
        source.count = len(secrets)
        ring = KeyRing() if ring is None else ring
        ring.add_logged(source, secrets)
    others = {kind for kind, _ in capture.secrets if kind != TLS_KEY_LOG}
    notes += [
        f"{capture.file}: it holds {NOT_USED.get(kind, 'other')} secrets (type 0x{kind:08x}), which are not used"
        for kind in sorted(others)
    ]
    return ring


def _open(file: str) -> Iterator[Input]:
    """The contents of a file without compression, or those of an archive's members; each is closed behind its turn."""
    for item in open_inputs(file, None):
        try:
            yield item
        finally:
            item.stream.close()


def _looks_like_keys(item: Input) -> bool:
    from wireproof.decrypt.keys.files import HEAD, Content, find_content

    return find_content(item.stream.peek(HEAD)) is not Content.NONE


def _read(item: Input, passwords: Passwords) -> KeyFile:
    """The keys of one content; asks for a password a few times where that can be done."""
    data = _read_whole(item)
    keys, locked = _try_to_read(data, item.name, passwords.given)
    for turn in range(TRIES if locked and passwords.ask else 0):
        assert passwords.ask is not None
        password = passwords.ask(item.name, turn > 0)
        if not password:
            locked = f"{item.name} is encrypted, and no password was given"
            break
        opened, locked = _try_to_read(data, item.name, [password])
        if opened and not locked:
            passwords.given.append(password)
            return opened
    if keys is None:
        raise LockedKeysError(locked)
    return keys


def _try_to_read(data: bytes, name: str, passwords: Sequence[str]) -> tuple[KeyFile | None, str]:
    """The keys with these passwords, None where all are locked; and a sentence where no private key opened for want of a password."""
    from wireproof.decrypt.keys.files import read_keys

    try:
        keys = read_keys(data, name, passwords)
    except LockedKeysError as error:
        return None, str(error)
    return keys, f"{name} is encrypted" if keys.locked and not keys.private_keys else ""


def _read_whole(item: Input) -> bytes:
    most = int(FILE_BYTES.value)
    parts = []
    held = 0
    while held <= most and (part := item.stream.read(1 << 20)):
        parts.append(part)
        held += len(part)
    if item.stream.problem:
        raise KeyMaterialError(f"{item.name} can't be read: {item.stream.problem}")
    if held > most:
        raise KeyMaterialError(f"{item.name} is larger than the limit keys.file_bytes, {most:,} bytes")
    return b"".join(parts)
