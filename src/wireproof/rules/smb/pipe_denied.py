"""A named pipe refuses a client: integrity level or permissions, by the token and the security descriptor at hand.

## What is seen
WinDbg's `!token` and `!sd`, or a descriptor in SDDL, lie beside the captures or alone. The access check of Windows is done on them: the
integrity check first, then the DACL entry by entry, then restricting SIDs. The step and the entry that refuse are named. A CREATE that an
SMB server refuses with STATUS_ACCESS_DENIED tells which access was asked for; alone it can't tell which of the checks refused.

## Why it matters
From Windows Vista on, a process or session may not write to an object of higher integrity, whatever the DACL says. A pipe without a label is
of Medium integrity. Anonymous sessions are Untrusted unless a policy adds Everyone to them: they are refused although the DACL grants them
full access, and nobody looks at the label.

## Fix
Label the pipe when it is created, or afterwards: `S:(ML;;NW;;;S-1-16-0)` lets sessions of Untrusted integrity write. That takes the guard
off which keeps sandboxes and anonymous sessions out, so that the DACL alone decides then: it has to name who may, and what comes
through the pipe has to be treated as hostile. Better let the client log on with an account, whose sessions are Medium.

## Looks alike but is not
A token that the descriptor admits stays silent. A labelled pipe, an entry that denies, a DACL that grants too little, and restricting SIDs
are told as what they are; no label helps there. Where the text lacks what decides (the user, the integrity level, the restricting SIDs),
it is said to be open. Descriptors of other objects are left alone unless the text speaks of a pipe.

## References
MS-DTYP sections 2.5.3.2 and 2.5.3.3 (access check, mandatory integrity check), 2.5.1.1 (SDDL), 2.4.4.13 (mandatory label).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.rules.evidence import frame, joined, label, log_line
from wireproof.rules.smb._pipe_checks import Check, find_checks, find_pipe_refusals, fits
from wireproof.rules.smb._pipe_words import fixes, reason, title
from wireproof.wire.security_check import GRANTED, UNKNOWN
from wireproof.wire.security_names import access_name, level_name

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.rules.smb._refusals import Refusal

RULE = "smb-pipe-denied"
SEVERITY = Severity.ERROR
SHOWN = 3


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each descriptor and step that refuses; open questions on pipes refused in captures that no text explains."""
    refusals = find_pipe_refusals(case)
    checks = find_checks(case, refusals)
    refused = [check for check in checks if check.decision.is_refused]
    explained: list[Refusal] = []
    for check in refused:
        own = [refusal for refusal in refusals if refusal not in explained and fits(check, refusal)]
        explained += own
        yield _finding(check, own)
    yield from _questions([refusal for refusal in refusals if refusal not in explained], checks)


def _finding(check: Check, refusals: list[Refusal]) -> Finding:
    decision, token, descriptor = check.decision, check.token, check.descriptor
    first = refusals[0] if refusals else None
    sure = not decision.assumed
    return Finding(
        RULE,
        SEVERITY,
        Confidence.HIGH if sure else Confidence.MEDIUM,
        title(check),
        _summary(check, refusals),
        _evidence(check, refusals),
        where=f"at {first.server}, at the pipe {first.message.name}" if first else "at the pipe",
        toward="server" if first else "",
        talk=label(first.point.talk(first.message.conversation)) if first else None,
        facts={
            "count": 1,
            "step": decision.step,
            "asked": f"0x{check.asked:08x}",
            "refused": f"0x{decision.lacks:08x}",
            "token_user": token.user,
            "token_level": level_name(token.level) if token.level is not None else "",
            "pipe_level": level_name(descriptor.level[0]),
            "pipe_labelled": descriptor.label is not None,
            "deciding_sid": decision.ace.sid if decision.ace else "",
            "label": check.label,
            "assumed": list(decision.assumed),
        },
        fix=fixes(check),
        references=["MS-DTYP 2.5.3.3", "MS-DTYP 2.5.3.2", "MS-DTYP 2.5.1.1"],
        cause=(check.descriptor_log.file, str(descriptor.line), decision.step, str(token.level)),
        conversations=[(refusal.point.name, refusal.message.conversation) for refusal in refusals],
    )


def _summary(check: Check, refusals: list[Refusal]) -> str:
    text = reason(check)
    if refusals:
        names = joined(dict.fromkeys(refusal.message.name or "a pipe" for refusal in refusals), 3)
        text += f" In {refusals[0].point.name}, {refusals[0].server} refuses {names} with {refusals[0].reason}."
    if check.admitted:
        text += f" The token in line {check.admitted[0].line} of the same text is admitted."
    if check.decision.assumed:
        text += f" Taken for granted: {joined(check.decision.assumed)}."
    return text


def _evidence(check: Check, refusals: list[Refusal]) -> list[Evidence]:
    """The token's level, what decides in the descriptor, and the refusals."""
    token, descriptor, decision = check.token, check.descriptor, check.decision
    rows = []
    if token.integrity:
        rows.append(
            log_line(check.token_log, token.integrity.line, f"the token's integrity: {level_name(token.level or 0)}")
        )
    if decision.ace:
        rows.append(log_line(check.descriptor_log, decision.ace.line, "the entry that decides"))
    elif descriptor.sacl_line:
        rows.append(log_line(check.descriptor_log, descriptor.sacl_line, "no label: Medium, no writing up"))
    rows.append(log_line(check.token_log, token.line, f"the token{f' of {token.user}' if token.user else ''}"))
    if descriptor.line not in (row.line for row in rows if row.capture == check.descriptor_log.file):
        rows.append(log_line(check.descriptor_log, descriptor.line, "the security descriptor"))
    for refusal in refusals[:SHOWN]:
        rows.append(frame(refusal.point, refusal.row, f"{refusal.message.command} response: {refusal.reason}"))
        if refusal.message.request_row >= 0:
            rows.append(
                frame(refusal.point, refusal.message.request_row, f"asks for {access_name(refusal.message.access)}")
            )
    return rows


def _questions(refusals: list[Refusal], checks: list[Check]) -> Iterator[Undecided]:
    """What is open: pipes refused without a text that explains it, and texts that lack what decides."""
    unknown = [check for check in checks if check.decision.step == UNKNOWN]
    for check in unknown[:SHOWN]:
        yield Undecided(
            RULE,
            f"whether the token in line {check.token.line} may open the pipe: {check.decision.why}",
            "print the token again with `!token -n` in the thread that serves the client, and the descriptor with `!sd ADDRESS 1`",
        )
    for server, name, reason_ in dict.fromkeys((r.server, r.message.name, r.reason) for r in refusals):
        admits = (
            " the token and descriptor at hand would admit it;"
            if checks and all(c.decision.step == GRANTED for c in checks)
            else ""
        )
        yield Undecided(
            RULE,
            f"which check of {server} refuses the pipe {name or '(name not seen)'} with {reason_}:{admits} the integrity check or the DACL",
            f"on {server} print the pipe's descriptor with its label (`accesschk -lv \\\\.\\pipe\\{name}`) and the token that serves the"
            " client (`!token -n` in its thread), and give both to wireproof beside the capture",
        )
