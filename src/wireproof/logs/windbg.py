"""Output of WinDbg's `!token` and `!sd`, one entry a line or run together, and security descriptors in SDDL beside it.

Takes a text; gives tokens and descriptors with their lines. Judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from wireproof.logs.log import Log
from wireproof.logs.scan import find_at, places
from wireproof.logs.text import LogText
from wireproof.logs.windbg_token import find_tokens
from wireproof.wire.security import ALLOW, AUDIT, DENY, LABEL, OTHER, SDDL, Ace, Descriptor, Token, unpack_sddl

FOUND_MOST = 256
"""Tokens, and descriptors, of one text that are read."""
ACES_MOST = 1024
TYPES = {
    "ACCESS_ALLOWED_ACE_TYPE": ALLOW,
    "ACCESS_DENIED_ACE_TYPE": DENY,
    "SYSTEM_MANDATORY_LABEL_ACE_TYPE": LABEL,
    "SYSTEM_AUDIT_ACE_TYPE": AUDIT,
    "SYSTEM_ALARM_ACE_TYPE": AUDIT,
}
BEGIN = re.compile(r"->Revision[ \t]*:")
ACE = re.compile(
    r"->(?P<acl>[DS])acl[ \t]*:[ \t]*->Ace\[(?P<at>\d{1,4})\]:[ \t]*->(?P<name>AceType|AceFlags|Mask|SID)[ \t]*:[ \t]*(?P<value>[A-Za-z0-9_-]{1,200})"
)
COUNT = re.compile(r"->([DS])acl[ \t]*:[ \t]*->AceCount[ \t]*:[ \t]*0x([0-9A-Fa-f]{1,4})")
NULL = re.compile(r"->([DS])acl[ \t]*:[ \t]*is NULL")
OWNER = re.compile(r"->(Owner|Group)[ \t]*:[ \t]*(S-1(?:-[0-9]{1,20}){1,15})")
PIPE = re.compile(r"(?i)\b(?:named )?pipes?\b|\\pipe\\|CreateNamedPipe")


@dataclass(slots=True, kw_only=True)
class WindbgLog(Log):
    """Tokens and security descriptors of one text. `about_pipes` tells that it speaks of pipes."""

    title: ClassVar[str] = "WinDbg output"

    tokens: list[Token] = field(default_factory=list)
    descriptors: list[Descriptor] = field(default_factory=list)
    about_pipes: bool = False


def find(text: LogText) -> WindbgLog | None:
    """What a text holds of them; None where it holds neither."""
    whole = text.whole
    tokens = find_tokens(text, FOUND_MOST)
    descriptors = [*_printed(text, whole), *_in_sddl(text, whole)]
    if not tokens and not descriptors:
        return None
    log = WindbgLog(file=text.file, tokens=tokens, descriptors=descriptors, about_pipes=bool(PIPE.search(whole)))
    if max(len(tokens), len(descriptors)) >= FOUND_MOST:
        last = max([*(token.line for token in tokens), *(descriptor.line for descriptor in descriptors)])
        log.notes.append(
            f"tokens and descriptors are read up to line {last:,}, {FOUND_MOST} of a kind at most; what follows was not read"
        )
    return log


def _printed(text: LogText, whole: str) -> Iterator[Descriptor]:
    """Descriptors that `!sd` printed."""
    begins = [found.start() for found in BEGIN.finditer(whole)][:FOUND_MOST]
    for begin, end in zip(begins, [*begins[1:], len(whole)], strict=False):
        yield _descriptor(text, whole, begin, end)


def _descriptor(text: LogText, whole: str, begin: int, end: int) -> Descriptor:
    named = {found[1]: found[2] for found in OWNER.finditer(whole, begin, end)}
    counts = {found[1]: int(found[2], 16) for found in COUNT.finditer(whole, begin, end)}
    nulls = {found[1]: text.line_at(found.start()) for found in NULL.finditer(whole, begin, end)}
    aces, sacl_line = _aces(text, whole, begin, end), nulls.get("S", 0)
    dacl, sacl = aces["D"], aces["S"]
    sacl_line = sacl[0].line if sacl else sacl_line
    told = bool(dacl) or "D" in counts
    return Descriptor(
        named.get("Owner", ""),
        named.get("Group", ""),
        tuple(dacl) if told or "D" not in nulls else None,
        tuple(sacl) if sacl or "S" in counts else None,
        text.line_at(begin),
        sacl_line,
        cut=len(dacl) < counts.get("D", 0) or (not told and "D" not in nulls),
    )


def _aces(text: LogText, whole: str, begin: int, end: int) -> dict[str, list[Ace]]:
    """Entries by ACL, those that have a type, a mask and a SID."""
    fields: dict[tuple[str, int], dict[str, str]] = {}
    lines: dict[tuple[str, int], int] = {}
    for found in ACE.finditer(whole, begin, end):
        key = (found["acl"], int(found["at"]))
        if key in fields or len(fields) < ACES_MOST:
            fields.setdefault(key, {}).setdefault(found["name"], found["value"])
            if found["name"] in {"AceType", "SID"}:
                lines[key] = text.line_at(found.start())
    made: dict[str, list[Ace]] = {"D": [], "S": []}
    for key, own in fields.items():
        ace = _ace(own, lines.get(key, 0))
        made[key[0]] += [ace] if ace else []
    return made


def _ace(fields: dict[str, str], line: int) -> Ace | None:
    mask, flags = (_number(fields.get(name, "")) for name in ("Mask", "AceFlags"))
    sid = fields.get("SID", "")
    if mask is None or not sid.startswith("S-1-") or "AceType" not in fields:
        return None
    return Ace(TYPES.get(fields["AceType"], OTHER), flags or 0, mask, sid, line)


def _number(text: str) -> int | None:
    return int(text, 16) if re.fullmatch(r"0[xX][0-9A-Fa-f]{1,8}", text) else None


def _in_sddl(text: LogText, whole: str) -> Iterator[Descriptor]:
    """Descriptors in SDDL."""
    for _, found in zip(range(FOUND_MOST), find_at(SDDL, whole, places(whole, "O:", "G:", "D:")), strict=False):
        descriptor = unpack_sddl(found[0], text.line_at(found.start())) if "(" in found[0] else None
        if descriptor is not None:
            yield descriptor
