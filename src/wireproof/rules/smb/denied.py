"""An SMB server refuses a logon, a share, a named pipe or a file.

## What is seen
The response to SESSION_SETUP, TREE_CONNECT or CREATE carries an NTSTATUS that refuses: the logon failed, the share does not exist or is not
for this user, a pipe or file may not be opened in the way asked for. Or client and server have no version of SMB in common.

## Why it matters
The network delivered the request and the server said no. What users see is "access denied", "network path not found", or a service that can't
be managed remotely. The status and the name say who has to change what.

## Fix
By status: STATUS_LOGON_FAILURE is a wrong name or password, STATUS_ACCOUNT_LOCKED_OUT and its neighbours are states of the account,
STATUS_BAD_NETWORK_NAME is a share that does not exist, STATUS_ACCESS_DENIED is a permission: of the share, of the file system behind it, or
of the pipe. A pipe also has an integrity label, which Windows checks before the permissions: a process of low or untrusted integrity is
refused although its user may do it.

## Looks alike but is not
STATUS_MORE_PROCESSING_REQUIRED and STATUS_PENDING are steps of every exchange. A file that does not exist (STATUS_OBJECT_NAME_NOT_FOUND) is an
answer. A client that asks for much, is refused, and gets the same file with less stays silent. A session that ran out is set up again.

## References
MS-SMB2 sections 3.3.5.5, 3.3.5.7 and 3.3.5.9; MS-ERREF section 2.3; MS-CIFS section 2.2.2.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.rules.evidence import count, frame, joined, label
from wireproof.rules.gather import gather
from wireproof.rules.smb._advice import fixes, meaning
from wireproof.rules.smb._refusals import (
    ANONYMOUS,
    CLOSED,
    FILE,
    LOGON,
    PIPE,
    SHARE,
    VERSION,
    Refusal,
    find_logons,
    find_refusals,
)
from wireproof.rules.subjects import seen_first

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.messages.smb import SmbMessage

RULE = "smb-denied"
SEVERITY = Severity.ERROR
SHOWN = 6
NAMED = 20


def judge(case: Case) -> Iterator[Finding]:
    """One finding for each server, status, and share or user."""
    for point in case.points:
        if point.said.protocols.has_streams("smb"):
            yield from judge_point(point, seen_first(case, point, point.said.smb.conversations))


def judge_point(point: Point, own: set[int]) -> Iterator[Finding]:
    """Refusals in those conversations of a point that no other point shows nearer to the client."""
    logons = find_logons(point)
    groups: dict[tuple[str, ...], list[Refusal]] = {}
    for key, refusals in find_refusals(point, own).items():
        healed = refusals[0].kind in (LOGON, VERSION) and logons.after(refusals[-1]) is not None
        groups[*key[:-1], "healed" if healed else "stopped", key[-1]] = refusals
    for key, refusals in gather(groups):
        yield finding(key, refusals, logons.after(refusals[-1]) if "healed" in key else None)


def severity(refusals: list[Refusal], later: bool) -> Severity:
    """An error where the user was stopped; a warning where only one thing of many was refused, or nobody in particular asked."""
    first = refusals[0]
    if later:
        return Severity.INFO
    if first.kind == FILE or (first.kind in (PIPE, LOGON) and first.message.user == ANONYMOUS):
        return Severity.WARNING
    return SEVERITY


def what(refusals: list[Refusal]) -> str:
    """What was refused, in words."""
    first = refusals[0]
    if first.kind == VERSION:
        offered = f" ({first.message.dialect})" if first.reason == CLOSED else ""
        return f"every version of SMB that the client offered{offered}"
    if first.kind == LOGON:
        users = told(refusals, "user")
        return (
            named("logon of", users)
            if users
            else "a logon" + f" with {first.message.logon}" * bool(first.message.logon)
        )
    names = told(refusals, "name")
    shares = told(refusals, "share")
    place = f" on {shares[0]}" if len(shares) == 1 and first.kind != SHARE else ""
    return (named(first.kind, names) if names else f"a {first.kind}") + place


def told(refusals: list[Refusal], field: str) -> list[str]:
    """The different values of a field of the messages, as far as they are told."""
    values = (str(getattr(refusal.message, field)) for refusal in refusals)
    return list(dict.fromkeys(value for value in values if value))


def named(noun: str, names: list[str]) -> str:
    """`the pipe svcctl`, `the logons of A, B and 3 more`."""
    first, *rest = noun.split()
    return " ".join(("the", first + "s" * (len(names) > 1), *rest, joined(names, 3)))


def finding(cause: tuple[str, ...], refusals: list[Refusal], later: SmbMessage | None) -> Finding:
    """The finding on refusals of one server that have one cause; `later` is the response that let the client on after all."""
    first = refusals[0]
    message, point = first.message, first.point
    users = told(refusals, "user")
    summary = f"{first.server} refused {what(refusals)}: {first.reason}"
    summary += f", {count(len(refusals), 'time')}. " if len(refusals) > 1 else ". "
    summary += meaning(first.reason, first.kind)
    if first.kind in (PIPE, FILE) and users:
        summary += f" The session was that of {joined(users, 3)}."
    if later is not None:
        summary += f" Later the two agreed on {later.dialect}." if first.kind == VERSION else accepted(later)
    talk = point.talk(message.conversation)
    return Finding(
        RULE,
        severity(refusals, later is not None),
        Confidence.HIGH,
        f"{first.server} refused {what(refusals)}: {first.reason}",
        summary,
        evidence(refusals),
        where=f"at {first.server} (the SMB server)",
        toward="server",
        talk=label(talk),
        facts=figures(refusals),
        fix=fixes(first.reason, first.kind, first.server),
        references=["MS-ERREF 2.3", "MS-SMB2 3.3.5"],
        filters={point.name: display(refusals)},
        cause=cause,
        conversations=[(point.name, number) for number in dict.fromkeys(r.message.conversation for r in refusals)],
    )


def accepted(later: SmbMessage) -> str:
    """That the client was let on after all, in words."""
    return f" Later the server accepted a logon of this client{f' as {later.user}' if later.user else ''}."


def figures(refusals: list[Refusal]) -> dict[str, object]:
    """Figures over all refusals."""
    message = refusals[0].message
    return {
        "count": len(refusals),
        "server": refusals[0].server,
        "kind": refusals[0].kind,
        "status": refusals[0].reason,
        "status_code": message.code,
        "command": message.command,
        "share": message.share or (message.name if refusals[0].kind == SHARE else ""),
        "names": told(refusals, "name")[:NAMED],
        "user": message.user,
        "users": told(refusals, "user")[:NAMED],
        "workstation": message.workstation,
        "logon": message.logon,
        "service": message.service,
    }


def evidence(refusals: list[Refusal]) -> list[Evidence]:
    """The first refusals, each with its request."""
    rows: list[Evidence] = []
    for refusal in refusals[:SHOWN]:
        message = refusal.message
        about = f" {message.name}" if message.name else ""
        if not message.is_response:
            rows.append(frame(refusal.point, refusal.row, "the server closes the connection"))
            rows.append(frame(refusal.point, message.last_row, f"{message.command} request: {message.dialect}"))
            continue
        rows.append(frame(refusal.point, refusal.row, f"{message.command} response: {refusal.reason}"))
        if message.request_row >= 0:
            rows.append(frame(refusal.point, message.request_row, f"the request{about}"))
    return rows


def display(refusals: list[Refusal]) -> str:
    """A Wireshark display filter that shows such responses of this server."""
    first = refusals[0]
    family = "ipv6" if ":" in first.server else "ip"
    if not first.message.code:
        return f"smb.cmd==0x72 && {family}.addr=={first.server}"
    status = f"0x{first.message.code:08x}"
    return f"{family}.src=={first.server} && (smb2.nt_status=={status} || smb.nt_status=={status})"
