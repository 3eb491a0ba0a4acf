"""Access tokens and security descriptors of Windows, as far as the access check needs them; descriptors from SDDL too.

Takes texts or fields; gives `Token` and `Descriptor`. Judges nothing. Source: MS-DTYP sections 2.4.4, 2.4.6, 2.5.1 and 2.5.2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wireproof.wire.security_names import (
    ACE_FLAGS,
    ALIASES,
    INHERIT_ONLY,
    LABEL_RIGHTS,
    MEDIUM,
    NO_WRITE_UP,
    RIGHTS,
    level_of,
)

ALLOW, DENY, LABEL, AUDIT, OTHER = "allow", "deny", "label", "audit", "other"
KINDS = {"A": ALLOW, "D": DENY, "ML": LABEL, "AU": AUDIT, "AL": AUDIT}
ACES_MOST = 512
SDDL = re.compile(
    r"(?:O:[A-Za-z0-9-]{2,120}?)?(?:G:[A-Za-z0-9-]{2,120}?)?D:(?:NO_ACCESS_CONTROL|[A-Z]{0,8})(?:\([^()\s]{4,200}\)){0,512}"
    r"(?:S:[A-Z]{0,8}(?:\([^()\s]{4,200}\)){0,64})?"
)
"""A descriptor with a DACL; conditional ACEs, which hold parentheses, end it."""
_PART = re.compile(r"([OGDS]):((?:\([^()\s]{0,200}\)|[^():\s])*?)(?=[OGDS]:|$)")
_SID = re.compile(r"S-1(?:-[0-9]{1,20}){1,15}$")


@dataclass(frozen=True, slots=True)
class Ace:
    """One entry of an ACL: its kind (one of the words above), flags, access mask and SID. `line` is where a text has it, 0 without."""

    kind: str
    flags: int
    mask: int
    sid: str
    line: int = 0

    @property
    def applies(self) -> bool:
        """Whether it is for the object itself, not only for what inherits from it."""
        return not self.flags & INHERIT_ONLY


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What guards an object. `dacl` is None where there is none, which admits everybody; `sacl` None where there is none or it is not told."""

    owner: str = ""
    group: str = ""
    dacl: tuple[Ace, ...] | None = None
    sacl: tuple[Ace, ...] | None = None
    line: int = 0
    sacl_line: int = 0
    cut: bool = False
    """Whether entries are missing that the text counts."""

    @property
    def label_told(self) -> bool:
        """Whether the text has the SACL, were it to say that there is none."""
        return self.sacl is not None or self.sacl_line > 0

    @property
    def label(self) -> Ace | None:
        """The mandatory label that applies; None without."""
        return next((ace for ace in self.sacl or () if ace.kind == LABEL and ace.applies), None)

    @property
    def level(self) -> tuple[int, int]:
        """Integrity level and what it forbids to lower ones; without a label Medium, no writing up (MS-DTYP section 2.5.3.3)."""
        label = self.label
        level = level_of(label.sid) if label else None
        return (MEDIUM, NO_WRITE_UP) if label is None or level is None else (level, label.mask)


@dataclass(frozen=True, slots=True)
class Group:
    """A SID in a token. `attributes` are its words (`Enabled`, `UseForDenyOnly` …), None where the text does not tell."""

    sid: str
    attributes: frozenset[str] | None = None
    line: int = 0

    @property
    def enabled(self) -> bool:
        """Whether it counts for entries that allow."""
        return self.attributes is None or ("Enabled" in self.attributes and not self.deny_only)

    @property
    def deny_only(self) -> bool:
        """Whether it counts for entries that deny, and for no others."""
        return self.attributes is not None and "UseForDenyOnly" in self.attributes


@dataclass(frozen=True, slots=True)
class Token:
    """Who asks. `user` is "" where the text lacks it; `restricted` are its restricting SIDs as far as told, of `restricted_count`.

    `kind` is `Primary` or `Impersonation`, `impersonation` the level of the latter. `flags` are its TokenFlags.
    """

    user: str = ""
    groups: tuple[Group, ...] = ()
    restricted: tuple[Group, ...] = ()
    restricted_count: int = 0
    privileges: frozenset[str] = frozenset()
    kind: str = ""
    impersonation: str = ""
    flags: int = 0
    line: int = 0
    name: str = ""

    @property
    def integrity(self) -> Group | None:
        """The entry with its integrity level; None where the text shows none."""
        return next((group for group in self.groups if level_of(group.sid) is not None), None)

    @property
    def level(self) -> int | None:
        """Its integrity level; None where the text shows none."""
        return level_of(self.integrity.sid) if self.integrity else None


def unpack_sddl(text: str, line: int = 0) -> Descriptor | None:
    """The descriptor in an SDDL string; None where it is none, or has a part that is not understood."""
    parts = {found[1]: found[2] for found in _PART.finditer(text)}
    if not parts or sum(len(value) + 2 for value in parts.values()) != len(text):
        return None
    acls = {name: _unpack_acl(parts[name], line) for name in ("D", "S") if name in parts}
    if None in acls.values():
        return None
    dacl = None if parts.get("D", "").startswith("NO_ACCESS_CONTROL") else acls.get("D")
    owner, group = (_sid(parts.get(name, "")) or "" for name in ("O", "G"))
    return Descriptor(owner, group, dacl, acls.get("S"), line, line if "S" in parts else 0)


def _unpack_acl(text: str, line: int) -> tuple[Ace, ...] | None:
    entries = re.findall(r"\(([^()]*)\)", text)[:ACES_MOST]
    aces = [_unpack_ace(entry, line) for entry in entries]
    return tuple(ace for ace in aces if ace) if all(aces) else None


def _unpack_ace(text: str, line: int) -> Ace | None:
    fields = text.split(";")
    if len(fields) < 6:
        return None
    kind, sid = KINDS.get(fields[0], OTHER), _sid(fields[5])
    mask = _mask(fields[2], LABEL_RIGHTS if kind == LABEL else RIGHTS)
    flags = _mask(fields[1], ACE_FLAGS)
    if sid is None or mask is None or flags is None:
        return None
    # An entry for one property or child, or with a condition, is not decided by mask and SID alone.
    kind = OTHER if any(fields[3:5]) or len(fields) > 6 else kind
    return Ace(kind, flags, mask, sid, line)


def _mask(text: str, names: dict[str, int]) -> int | None:
    if text[:2].lower() == "0x":
        return int(text, 16) & 0xFFFFFFFF if re.fullmatch(r"0[xX][0-9A-Fa-f]{1,8}", text) else None
    if text.isascii() and text.isdigit() and len(text) <= 10:
        return int(text) & 0xFFFFFFFF
    pairs = [text[at : at + 2] for at in range(0, len(text), 2)]
    if any(pair not in names for pair in pairs):
        return None
    mask = 0
    for pair in pairs:
        mask |= names[pair]
    return mask


def _sid(text: str) -> str | None:
    return ALIASES.get(text) or (text if _SID.fullmatch(text) else None)
