"""What the access check on a pipe comes to, in words, and what to do about it.

Takes a `Check`; gives sentences. Decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.wire.security_check import DENIED, GRANTED, IMPERSONATION, INTEGRITY, MISSING, RESTRICTED
from wireproof.wire.security_names import (
    NO_EXECUTE_UP,
    NO_READ_UP,
    NO_WRITE_UP,
    UNTRUSTED,
    access_name,
    level_name,
    sid_name,
)

if TYPE_CHECKING:
    from wireproof.rules.smb._pipe_checks import Check

ANONYMOUS = "S-1-5-7"
POLICIES = ((NO_WRITE_UP, "writing"), (NO_READ_UP, "reading"), (NO_EXECUTE_UP, "executing"))
EVERYONE = (
    "The policy `Network access: Let Everyone permissions apply to anonymous users` raises anonymous sessions to Medium; it also gives them"
    " everything else that Everyone may do on that server."
)


def title(check: Check) -> str:
    """One line."""
    token, descriptor, decision = check.token, check.descriptor, check.decision
    if decision.step == INTEGRITY:
        kind = "labelled" if descriptor.label else "unlabelled, so"
        level = level_name(descriptor.level[0])
        return f"The integrity check refuses the pipe: the token is {level_name(token.level or 0)}, the pipe {kind} {level}"
    return {
        DENIED: f"An entry of the pipe's DACL denies {access_name(decision.lacks)}",
        MISSING: f"No entry of the pipe's DACL grants {access_name(decision.lacks)}",
        RESTRICTED: "The restricting SIDs of the token are not admitted to the pipe",
        IMPERSONATION: f"The client may only be used for {token.impersonation.lower()}, not act on the pipe",
    }[decision.step]


def reason(check: Check) -> str:
    """The step that refuses, and why."""
    token, decision = check.token, check.decision
    who = f"The token in line {token.line}{f' ({sid_name(token.user)})' if token.user else ''}"
    if decision.step == INTEGRITY:
        return _integrity(check, who)
    passed = f"{who} passes the integrity check ({_levels(check)}). "
    if decision.step == DENIED and decision.ace:
        return f"{passed}The entry for {sid_name(decision.ace.sid)} in line {decision.ace.line} denies it {access_name(decision.lacks)}."
    if decision.step == RESTRICTED:
        return f"{passed}Its user and groups are admitted, its restricting SIDs are not: they lack {access_name(decision.lacks)}."
    if decision.step == IMPERSONATION:
        return f"{who} is an impersonation token of level {token.impersonation}: Windows lets it open nothing."
    return f"{passed}No entry of the DACL grants its user and groups {access_name(decision.lacks)}."


def _levels(check: Check) -> str:
    return f"{level_name(check.token.level or 0)} against {level_name(check.descriptor.level[0])}"


def _integrity(check: Check, who: str) -> str:
    descriptor, decision = check.descriptor, check.decision
    level, policy = descriptor.level
    forbids = ", ".join(word for bit, word in POLICIES if policy & bit)
    label = (
        f"carries the label {sid_name(f'S-1-16-{level}')}, which forbids {forbids} to lower ones"
        if descriptor.label
        else "has no mandatory label, which means Medium (S-1-16-8192) and forbids writing to lower ones"
    )
    level_sid = sid_name(f"S-1-16-{check.token.level}")
    text = f"{who} has {level_sid}. The pipe {label}. So {access_name(decision.lacks)} is refused before the DACL is looked at."
    if check.reading.step == GRANTED:
        text += " Opened for reading alone, the pipe would admit it."
    return text + _afterwards(check)


def _afterwards(check: Check) -> str:
    """What the DACL says once the label is lower."""
    after = check.relabelled
    if after.step == GRANTED:
        return " The DACL grants what is asked for, so the level is all that stands in the way."
    if after.step == DENIED and after.ace:
        return f" A lower label alone will not do: the entry for {sid_name(after.ace.sid)} denies it as well."
    if after.step == MISSING:
        return f" A lower label alone will not do: no entry grants {access_name(after.lacks)}."
    return f" Whether the DACL would then grant it is open: {after.why}." if after.why else ""


def fixes(check: Check) -> list[str]:
    """What to do."""
    token, decision = check.token, check.decision
    if decision.step == INTEGRITY:
        return _label_fixes(check)
    if decision.step == DENIED and decision.ace:
        return [f"Take {sid_name(decision.ace.sid)} out of the entry that denies, or the client out of that group."]
    if decision.step == RESTRICTED:
        return ["Let the client run without restricting SIDs, or grant one of them what it needs in the DACL."]
    if decision.step == IMPERSONATION:
        return ["Let the client connect with SECURITY_IMPERSONATION as its quality of service."]
    who = sid_name(token.user) if token.user else "the client's user or one of its groups"
    return [f"Grant {who} {access_name(decision.lacks)} in the pipe's DACL."]


def _label_fixes(check: Check) -> list[str]:
    name = level_name(check.token.level or 0)
    others = ", sandboxes and anonymous sessions among them" if check.token.level == UNTRUSTED else ""
    opens = f"every process and session of {name} integrity or above that the DACL admits may then write to the pipe{others}"
    found = [
        f"Give the pipe the label `{check.label}`: in the SECURITY_ATTRIBUTES of CreateNamedPipe, or later by SetSecurityInfo.",
        f"Mind what that opens: {opens}. Let the DACL name who may, and treat what comes through the pipe as hostile.",
    ]
    if check.token.user == ANONYMOUS or check.token.level == UNTRUSTED:
        found += ["Better let the client log on with an account: its session is Medium then.", EVERYONE]
    return found
