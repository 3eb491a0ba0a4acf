"""Files of keys, known by their content: key logs, and private keys in PEM, DER and PKCS#12, encrypted or not, several in one file.

Takes a file's bytes, its name for messages, and passwords to try; gives a `KeyFile`. Reads no file, asks nobody, and repeats neither
a password nor a key in what it says.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.decrypt.definite import make_definite, starts_indefinite
from wireproof.decrypt.keys.log import plain_text, read_key_log, starts_like_key_log
from wireproof.decrypt.keys.pem import CERTIFICATES, KEYS, SSH_KEY, BadBlock, Block, find_blocks, has_blocks
from wireproof.decrypt.keys.ring import KeyKind, KeyRing, KeySource
from wireproof.decrypt.keys.shapes import CERTIFYING, PRIVATE, Shape, find_shape
from wireproof.errors import KeyMaterialError, LockedKeysError
from wireproof.wire.ber import unpack_element

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from wireproof.decrypt.keys.opening import Opened

HEAD = 1 << 16
"""Bytes by which a file of keys is recognised: a PFX turned into text begins with attributes, a log may with comments."""
MOST_NOTES = 10
INDEFINITE_PFX = bytes.fromhex("3080020103")
"""A PFX of indefinite length: the head of a file may not show its end."""
OTHER_FORMS: tuple[tuple[bytes, str], ...] = (
    (b"\xfe\xed\xfe\xed", "a Java keystore; keytool -importkeystore -deststoretype pkcs12 turns it into a PFX"),
    (b"\xce\xce\xce\xce", "a Java keystore; keytool -importkeystore -deststoretype pkcs12 turns it into a PFX"),
    (b"\x1e\xf1\xb5\xb0", "a PVK key of Microsoft; openssl rsa -inform PVK turns it into PEM"),
    (b"\x07\x02\0\0\0\xa4\0\0RSA2", "a key blob of Microsoft; openssl rsa -inform MSBLOB turns it into PEM"),
)
"""Keys in forms that are recognised and not read."""


class Content(enum.StrEnum):
    """What a file of keys is, by its content."""

    LOG = "key log"
    PEM = "PEM"
    DER = "DER"
    NONE = ""


@dataclass(slots=True)
class KeyFile:
    """What one file holds: RSA private keys, or the secrets of a log; certificates (DER); notes on what else there is or was not understood.

    `others` counts private keys that open no session, `locked` those that need a password which is not at hand.
    """

    kind: KeyKind
    private_keys: list[RSAPrivateKey] = field(default_factory=list, repr=False)
    secrets: dict[tuple[str, bytes], bytes] = field(default_factory=dict, repr=False)
    certificates: list[bytes] = field(default_factory=list, repr=False)
    others: int = 0
    locked: int = 0
    notes: list[str] = field(default_factory=list)

    def add_to(self, ring: KeyRing, name: str) -> KeySource:
        """Put the keys on a ring, under the file's name."""
        count = len(self.private_keys) + len(self.secrets)
        source = KeySource(name, self.kind, count, notes=list(self.notes))
        if self.kind is KeyKind.KEY_LOG:
            ring.add_logged(source, self.secrets)
        else:
            ring.add_private_keys(source, self.private_keys)
        return source


def find_content(data: bytes) -> Content:
    """What the beginning of a file (or all of it) shows it to be; NONE when it has nothing to do with keys of TLS."""
    if find_shape(data) in PRIVATE | CERTIFYING or data.startswith(INDEFINITE_PFX):
        return Content.DER
    text = plain_text(data[:HEAD])
    if any(block.label in KEYS for block in find_blocks(text)):
        return Content.PEM
    if starts_like_key_log(data):
        return Content.LOG
    return Content.PEM if has_blocks(text) else Content.NONE


def read_keys(data: bytes, name: str, passwords: Sequence[str] = ()) -> KeyFile:
    """The keys in the bytes of a file that messages call `name`; of several, those that can be read.

    Raises LockedKeysError when all need a password that is not among `passwords`, and KeyMaterialError when there are none, or none
    that could be read.
    """
    content = find_content(data)
    if content is Content.LOG:
        return _read_log(data)
    if content is Content.NONE:
        raise KeyMaterialError(f"{name} holds no key: {_describe(data)}")
    reader = _Reader(name, passwords)
    if content is Content.DER:
        reader.take_der(make_definite(data) or data if starts_indefinite(data) else data)
    else:
        text = plain_text(data)
        for block in find_blocks(text):
            reader.take_block(block)
    return reader.finish()


def _read_log(data: bytes) -> KeyFile:
    log = read_key_log(data)
    notes = log.notes if log.secrets else [*log.notes, "it holds no secret yet"]
    return KeyFile(KeyKind.KEY_LOG, secrets=log.secrets, notes=notes)


def _describe(data: bytes) -> str:
    """What a file is that holds no key which is read."""
    if not data:
        return "it is empty"
    other = next((words for magic, words in OTHER_FORMS if data.startswith(magic)), "")
    if other:
        return f"it is {other}"
    return "it is neither a private key (PEM, DER, PFX) nor a key log (SSLKEYLOGFILE)"


class _Reader:
    """Collects the keys of one file that holds private keys."""

    def __init__(self, name: str, passwords: Sequence[str]) -> None:
        self._file = KeyFile(KeyKind.PRIVATE_KEY)
        self._name = name
        self._passwords = passwords
        self._faults: list[str] = []

    def take_block(self, block: Block) -> None:
        """Take one PEM block."""
        try:
            if block.label in CERTIFICATES:
                self._take_certificate(block.der())
            elif block.label == SSH_KEY:
                self._file.others += 1
                self._note("its OpenSSH key is none that a TLS server uses")
            elif block.label in KEYS:
                self._take_key(block)
        except BadBlock as error:
            what = "certificate" if block.label in CERTIFICATES else "key"
            self._faults.append(f"the {what} at byte {block.at} is damaged at byte {error.at}: {error}")

    def _take_key(self, block: Block) -> None:
        from wireproof.decrypt.keys.opening import open_legacy, open_value

        if block.is_locked:
            block.der()
            self._take(open_legacy(block, self._passwords), block.at)
        else:
            self._take(open_value(block.der(), self._passwords), block.at)

    def take_der(self, data: bytes) -> None:
        """Take a file that is one DER value."""
        from wireproof.decrypt.keys.opening import open_value

        if find_shape(data) in CERTIFYING:
            self._take_certificate(data)
        else:
            self._take(open_value(data, self._passwords), 0)

    def _take_certificate(self, data: bytes) -> None:
        """Take a certificate, or those of a PKCS#7 value; a public key is as little a private one."""
        shape = find_shape(data)
        if shape is Shape.CERTIFICATES:
            from wireproof.decrypt.keys.opening import open_certificates

            self._file.certificates += open_certificates(data)
        elif shape is Shape.CERTIFICATE:
            whole = unpack_element(data, 0, len(data))
            if whole is None or whole.end > len(data):
                self._faults.append(f"it is a certificate cut at byte {len(data)}")
            else:
                self._file.certificates.append(data[: whole.end])

    def _take(self, opened: Opened, at: int) -> None:
        self._file.locked += opened.locked
        self._file.certificates += opened.certificates
        self._file.others += len(opened.others)
        known = {key.private_numbers().public_numbers.n for key in self._file.private_keys}
        for key in opened.keys:
            modulus = key.private_numbers().public_numbers.n
            if modulus not in known:
                known.add(modulus)
                self._file.private_keys.append(key)
        for kind in opened.others:
            self._note(f"its {kind} key opens no session: those have forward secrecy, and only a key log opens them")
        if opened.fault:
            where = f"the key at byte {at} " if at else "it "
            self._faults.append(where + opened.fault)

    def _note(self, text: str) -> None:
        if text not in self._file.notes and len(self._file.notes) < MOST_NOTES:
            self._file.notes.append(text)

    def finish(self) -> KeyFile:
        """The file, or the error that says why there is nothing."""
        found = bool(self._file.private_keys or self._file.others or self._file.certificates)
        if not found and self._file.locked:
            raise LockedKeysError(f"{self._name} {self._ask()}")
        if not found and self._faults:
            raise KeyMaterialError(f"{self._name} can't be read: {self._faults[0]}")
        if not found:
            raise KeyMaterialError(f"{self._name} holds no private key")
        if self._file.locked:
            self._note(f"{self._file.locked} of its keys {self._ask()}")
        for fault in self._faults:
            self._note(fault)
        count = len(self._file.certificates)
        if not (self._file.private_keys or self._file.others or self._file.locked):
            held = "a certificate" if count == 1 else f"{count} certificates"
            self._note(
                f"it holds {held} and no private key, so it opens nothing; a PFX that was exported with the private key holds both"
            )
        return self._file

    def _ask(self) -> str:
        """What a locked file needs, as the rest of a sentence."""
        if not self._passwords:
            return "is encrypted and no password was given; write it into a file and name that with --password-file"
        tried = "the password" if len(self._passwords) == 1 else f"none of the {len(self._passwords)} passwords"
        does = "does not open it" if len(self._passwords) == 1 else "opens it"
        return f"is encrypted and {tried} given {does}"
