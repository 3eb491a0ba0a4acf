"""The access check of Windows for files and named pipes: integrity first, then the DACL, then restricting SIDs.

Takes a token, a descriptor and the access asked for; gives a `Decision` that names the step and the entry that decides.
Source: MS-DTYP sections 2.5.3.2 (access check) and 2.5.3.3 (mandatory integrity check).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wireproof.wire.security import ALLOW, DENY, OTHER, Ace, Descriptor, Group, Token
from wireproof.wire.security_names import (
    FILE_EXECUTE,
    FILE_READ,
    FILE_WRITE,
    NO_EXECUTE_UP,
    NO_READ_UP,
    NO_WRITE_UP,
    READ_CONTROL,
    WRITE_DAC,
    WRITE_OWNER,
    specific,
)

GRANTED, INTEGRITY, DENIED, MISSING, RESTRICTED, IMPERSONATION, UNKNOWN = (
    "granted", "integrity", "denied", "missing", "restricted", "impersonation", "unknown",
)  # fmt: skip
"""Steps that decide: all granted; the integrity check; an entry that denies; no entry that grants; restricting SIDs; a client that may only
be identified; or what the text lacks."""
NO_LABEL = "the text lacks the SACL, and the object has no label in it"
OWNER_RIGHTS = "S-1-3-4"
WRITE_RESTRICTED, LOW_BOX = 0x08, 0x4000
"""TokenFlags (TOKEN_WRITE_RESTRICTED, TOKEN_LOWBOX in ntifs.h)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a request for access: the step that decides, the access that lacks, and the entry that decides, None without.

    `why` says what is unknown. `assumed` tells what the text lacks and was taken for granted.
    """

    step: str
    lacks: int = 0
    ace: Ace | None = None
    why: str = ""
    assumed: tuple[str, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether access is surely refused."""
        return self.step not in (GRANTED, UNKNOWN)


def check_access(token: Token, descriptor: Descriptor, asked: int) -> Decision:
    """What Windows decides on access `asked` (a mask that may hold generic rights)."""
    asked = specific(asked)
    if token.kind == "Impersonation" and token.impersonation in {"Anonymous", "Identification"}:
        return Decision(IMPERSONATION, asked)
    if token.level is None:
        return Decision(UNKNOWN, asked, why="the token shows no integrity level")
    lacks = asked & ~allowed_by_integrity(token, descriptor)
    if lacks:
        assumed = () if descriptor.label_told else (NO_LABEL,)
        return Decision(INTEGRITY, lacks, descriptor.label, assumed=assumed)
    if token.flags & LOW_BOX:
        return Decision(UNKNOWN, asked, why="the token is that of an app container, which has checks of its own")
    return _check_dacl(token, descriptor, asked)


def allowed_by_integrity(token: Token, descriptor: Descriptor) -> int:
    """The access that the mandatory integrity check leaves, for a token that must not write up (all tokens by default)."""
    level, policy = descriptor.level
    if token.level is None or token.level >= level:
        return 0xFFFFFFFF
    allowed = 0
    for forbids, rights in ((NO_READ_UP, FILE_READ), (NO_WRITE_UP, FILE_WRITE), (NO_EXECUTE_UP, FILE_EXECUTE)):
        allowed |= 0 if policy & forbids else rights
    return allowed | (WRITE_OWNER if "SeRelabelPrivilege" in token.privileges else 0)


def _check_dacl(token: Token, descriptor: Descriptor, asked: int) -> Decision:
    if descriptor.dacl is None:
        return Decision(GRANTED)
    asked &= ~(WRITE_OWNER if "SeTakeOwnershipPrivilege" in token.privileges else 0)
    own = (*([Group(token.user, frozenset({"Enabled"}))] if token.user else []), *token.groups)
    assumed = _assumed(token)
    decision = _walk(descriptor, own, asked, assumed)
    if decision.step == MISSING and not token.user:
        return Decision(
            UNKNOWN, decision.lacks, why="the text lacks the token's user, for whom an entry may stand", assumed=assumed
        )
    if decision.step != GRANTED or not token.restricted_count:
        return decision
    if len(token.restricted) < token.restricted_count:
        return Decision(
            UNKNOWN, asked, why="the token has restricting SIDs that the text does not list", assumed=assumed
        )
    again = asked & FILE_WRITE if token.flags & WRITE_RESTRICTED else asked
    second = _walk(descriptor, token.restricted, again, assumed)
    return Decision(RESTRICTED, second.lacks, second.ace, assumed=assumed) if second.is_refused else second


def _assumed(token: Token) -> tuple[str, ...]:
    unstated = [group for group in token.groups if group.attributes is None]
    return ("groups whose attributes the text lacks are enabled",) if unstated else ()


def _walk(descriptor: Descriptor, own: Iterable[Group], asked: int, assumed: tuple[str, ...]) -> Decision:
    """The DACL from its first entry on: what is granted before it is denied stays granted."""
    own = list(own)
    allowing = {group.sid for group in own if group.enabled}
    denying = allowing | {group.sid for group in own if group.deny_only}
    dacl = [ace for ace in descriptor.dacl or () if ace.applies]
    left = asked
    if descriptor.owner in allowing:
        if not any(ace.sid == OWNER_RIGHTS for ace in dacl):
            left &= ~(READ_CONTROL | WRITE_DAC)
        allowing, denying = allowing | {OWNER_RIGHTS}, denying | {OWNER_RIGHTS}
    for ace in dacl:
        if not left:
            break
        mask = specific(ace.mask)
        if ace.kind == OTHER and mask & left and ace.sid in denying:
            return Decision(UNKNOWN, left, ace, "an entry depends on more than mask and SID", assumed)
        if ace.kind == DENY and ace.sid in denying and mask & left:
            return Decision(DENIED, mask & left, ace, assumed=assumed)
        if ace.kind == ALLOW and ace.sid in allowing:
            left &= ~mask
    if left and descriptor.cut:
        return Decision(UNKNOWN, left, why="the text lacks entries of the DACL", assumed=assumed)
    return Decision(MISSING if left else GRANTED, left, assumed=assumed)
