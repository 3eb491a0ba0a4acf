"""What is known of a program, a library, an installer or a script that a rule is to name.

Takes nothing from outside; everything is a plain value. Knows no file format and no form of output.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from wireproof.errors import WireproofError


class PolicyError(WireproofError):
    """No rule can be made: the input is missing, holds no program, or what was asked makes no sense."""


class Collection(enum.StrEnum):
    """AppLocker's collections of rules, by the names that the policy's XML uses, in the order in which Windows exports them."""

    DLL = "Dll"
    EXE = "Exe"
    MSI = "Msi"
    SCRIPT = "Script"


class Choice(enum.StrEnum):
    """Which rules are made of a signed file; of others there are hash rules only, unless hash rules are not wanted."""

    PUBLISHER = "publisher"
    HASH = "hash"
    BOTH = "both"


class Mode(enum.StrEnum):
    """What Windows does with a collection of rules. Rules of a collection that is not configured are enforced."""

    AUDIT = "audit"
    ENFORCE = "enforce"
    NOT_CONFIGURED = "notconfigured"


@dataclass(frozen=True, slots=True)
class Version:
    """The file version of a program (VS_FIXEDFILEINFO) or the product version of an installer: four numbers of 16 bits."""

    numbers: tuple[int, int, int, int]

    def __str__(self) -> str:
        return ".".join(map(str, self.numbers))


@dataclass(frozen=True, slots=True)
class Identity:
    """The fields of a publisher rule as AppLocker reads them from a file: all in capitals. A field that the file lacks is empty."""

    product: str = ""
    binary: str = ""
    version: Version | None = None


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed a file. `publisher` is AppLocker's name (`O=…, L=…, S=…, C=…`) or empty where the certificate gives none.

    `trouble` says why the signature does not count for this file, empty when it does. Whether the machine trusts the
    certificate's root is not known here. `not_after` is the certificate's end in seconds since 1970.
    """

    publisher: str = ""
    trouble: str = ""
    has_timestamp: bool = False
    not_after: int = 0


@dataclass(slots=True)
class CodeFile:
    """One file that a rule can name. `path` says where it is, also inside an installer; hashes are raw digests.

    `authenticode` is the SHA-256 of the image as signatures cover it, None where the file's kind has none; `sha256` and `md5` are
    those of all bytes.
    """

    name: str
    path: str
    size: int
    collection: Collection
    sha256: bytes
    md5: bytes
    authenticode: bytes | None = None
    identity: Identity = field(default_factory=Identity)
    signer: Signer | None = None


@dataclass(slots=True)
class Inventory:
    """All files that were found, in the order in which they were met, and sentences on what could not be read."""

    files: list[CodeFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
