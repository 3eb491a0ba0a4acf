"""Tokens that WinDbg's `!token` printed, whole or with lines left out.

Takes a text; gives tokens with their lines. Judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from wireproof.logs.scan import find_at, places
from wireproof.logs.text import LogText
from wireproof.wire.security import Group, Token

WORDS = r"Mandatory|Default|Enabled|Owner|UseForDenyOnly|GroupIntegrityEnabled|GroupIntegrity|LogonId|Resource|Unknown"
PIECE = re.compile(
    r"(?P<start>_TOKEN[ \t]+(?:0x)?(?P<address>[0-9A-Fa-f`]{6,18})|TS Session ID:)"
    r"|(?P<user>\bUser:[ \t]*(?P<sid>S-1(?:-[0-9]{1,20}){1,15}))"
    r"|(?P<restricted>\bRestricted S[Ii][Dd]s:)"
    r"|(?P<groups>(?:\bUser )?\bGroups:)"
    r"|(?P<group>(?<![\w.-])[0-9]{2,3}[ \t]+(?P<member>S-1(?:-[0-9]{1,20}){1,15})(?![\w-]))"
    rf"|(?P<attributes>\bAttributes -(?P<words>(?:[ \t]+(?:{WORDS})\b){{0,8}}))"
    r"|(?P<privilege>\b(?P<right>Se[A-Z][A-Za-z]{3,40}Privilege)\b)"
    r"|Impersonation Level:[ \t]*(?P<impersonation>[A-Z][a-z]{3,20})"
    r"|TokenType:[ \t]*(?P<kind>Primary|Impersonation)"
    r"|TokenFlags:[ \t]*(?P<flags>0x[0-9A-Fa-f]{1,8})"
    r"|RestrictedSidCount:[ \t]*(?P<count>[0-9]{1,4})"
    r"|(?P<other>->Revision[ \t]*:|![a-z]{2,20}\b)"
)
WORDS_OF_PIECES = (
    "_TOKEN", "TS Session ID:", "User:", "Restricted S", "User Groups:", "Groups:", "Attributes -", "Impersonation Level:", "TokenType:",
    "TokenFlags:", "RestrictedSidCount:", "->Revision",
)  # fmt: skip
RIGHT, COMMAND = re.compile(r"Se[A-Z][A-Za-z]{3,40}Privilege"), re.compile(r"![a-z]{2,20}")
MEMBER = re.compile(r"S-1(?<=[ \t]S-1)-")
NUMBER = re.compile(r"(?<![\w.-])[0-9]{2,3}[ \t]+\Z")
"""What pieces begin with; a group begins with its number, before its SID."""
GROUPS_MOST = 2048


@dataclass(slots=True)
class _Draft:
    """A token that is being read."""

    line: int
    name: str = ""
    user: str = ""
    groups: list[Group] = field(default_factory=list)
    restricted: list[Group] = field(default_factory=list)
    restricting: bool = False
    privileges: set[str] = field(default_factory=set)
    last: str = ""
    kind: str = ""
    impersonation: str = ""
    flags: int = 0
    count: int = 0

    def made(self) -> Token | None:
        """The token; None where nothing tells who it is."""
        if not self.user and not self.groups:
            return None
        return Token(
            self.user,
            tuple(self.groups),
            tuple(self.restricted),
            self.count,
            frozenset(self.privileges),
            self.kind,
            self.impersonation,
            self.flags,
            self.line,
            self.name,
        )


def find_tokens(text: LogText, most: int) -> list[Token]:
    """Every token of the text, up to `most`."""
    drafts: list[_Draft] = []
    current: _Draft | None = None
    for found in find_at(PIECE, text.whole, _starts(text.whole)):
        if _begins(found, current):
            if len(drafts) >= most:
                break
            current = _Draft(text.line_at(found.start()))
            drafts.append(current)
        elif found["other"]:
            current = None
        if current is not None:
            _take(current, found, text)
    return [token for draft in drafts if (token := draft.made())]


def _starts(whole: str) -> Iterator[int]:
    """Where a piece may begin, in order."""
    named = (found.start() for pattern in (RIGHT, COMMAND) for found in pattern.finditer(whole))
    numbers = (NUMBER.search(whole, max(member.start() - 24, 0), member.start()) for member in MEMBER.finditer(whole))
    return iter(sorted((*places(whole, *WORDS_OF_PIECES), *named, *(found.start() for found in numbers if found))))


def _begins(found: re.Match[str], current: _Draft | None) -> bool:
    """Whether a new token begins: its head, or a user where the one before has one or has groups."""
    if found["start"]:
        return (
            current is None or bool(current.user or current.groups) or (bool(current.name) and bool(found["address"]))
        )
    if found["user"]:
        return current is None or bool(current.user or current.groups)
    return False


def _take(draft: _Draft, found: re.Match[str], text: LogText) -> None:
    """Add one piece."""
    if found["address"]:
        draft.name = found["address"]
    elif found["user"]:
        draft.user, draft.line = found["sid"], text.line_at(found.start())
    elif found["restricted"] or found["groups"]:
        draft.restricting = bool(found["restricted"])
    elif found["group"]:
        groups = draft.restricted if draft.restricting else draft.groups
        if len(groups) < GROUPS_MOST:
            groups.append(Group(found["member"], None, text.line_at(found.start())))
        draft.last = "group"
    elif found["attributes"]:
        _take_attributes(draft, frozenset(found["words"].split()))
    elif found["privilege"]:
        draft.last = found["right"]
    else:
        _take_rest(draft, found)


def _take_attributes(draft: _Draft, words: frozenset[str]) -> None:
    """Attributes of what stands before them: a group or a privilege."""
    groups = draft.restricted if draft.restricting else draft.groups
    if draft.last == "group" and groups and groups[-1].attributes is None:
        groups[-1] = Group(groups[-1].sid, words, groups[-1].line)
    elif draft.last.startswith("Se") and "Enabled" in words:
        draft.privileges.add(draft.last)
    draft.last = ""


def _take_rest(draft: _Draft, found: re.Match[str]) -> None:
    if found["impersonation"]:
        draft.impersonation = found["impersonation"]
    elif found["kind"]:
        draft.kind = found["kind"]
    elif found["flags"]:
        draft.flags = int(found["flags"], 16)
    elif found["count"]:
        draft.count = int(found["count"])
