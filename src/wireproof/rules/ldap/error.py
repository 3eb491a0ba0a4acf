"""A directory server answers LDAP operations with a result that is no success.

## What is seen
A bind, search or change whose result code says that it was refused or cut short: wrong credentials, a stronger logon demanded, missing
rights, limits, a server that is busy. With Active Directory the text holds a Windows error that says which of these exactly.

## Why it matters
Programs show such results as "can't log on" or as missing data. The directory was reached, so the network is not at fault.

## Fix
invalidCredentials: name, password, or the account's state. strongerAuthRequired: let the client sign or use TLS. sizeLimitExceeded: ask in
pages. insufficientAccessRights: the account's rights.

## Looks alike but is not
saslBindInProgress, compareTrue, compareFalse and referral are steps and answers. A search that reaches the limit which the client set itself
got what it wanted. An entry that does not exist is told as information.

## References
RFC 4511 section 4.1.9 and appendix A; MS-ADTS section 3.1.1.3.1.9 (errors), 5.1.2 (signing).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.rules.evidence import count, frame, joined, label
from wireproof.rules.gather import gather
from wireproof.rules.ldap._advice import fixes, meaning
from wireproof.rules.subjects import seen_first

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.messages.ldap import LdapMessage

RULE = "ldap-error"
SEVERITY = Severity.ERROR
SHOWN = 6
NAMED = 20

SIZE_LIMIT = 4
NORMAL = frozenset((-1, 0, 5, 6, 10, 14))
ANSWERS = frozenset((16, 20, 32, 68))
"""Results that answer what was asked: there is no such entry, or it is there already."""
PARTIAL = frozenset((1, 2, 3, SIZE_LIMIT, 11, 12, 19, 21, 34, 50, 53, 64, 65, 66, 80))
"""Results that stop one operation and leave the client able to go on."""
EXTENSIONS = {
    "1.3.6.1.4.1.1466.20037": "StartTLS",
    "1.3.6.1.4.1.4203.1.11.1": "password modify",
    "1.3.6.1.4.1.4203.1.11.3": "who am I",
}
LOGON = frozenset((7, 8, 13, 48, 49))


def judge(case: Case) -> Iterator[Finding]:
    """One finding for each server and result."""
    for point in case.points:
        protocols = point.said.protocols
        if len(protocols.tcp.get("ldap", ())) or len(protocols.udp.get("ldap", ())):
            yield from judge_point(point, seen_first(case, point, point.said.ldap.conversations))


def judge_point(point: Point, own: set[int]) -> Iterator[Finding]:
    """Results in those conversations of a point that no other point shows nearer to the client."""
    found: dict[tuple[str, ...], list[LdapMessage]] = defaultdict(list)
    for message in point.said.ldap:
        if message.is_response and message.conversation in own and is_failure(message):
            whose = message.dn if message.code in LOGON else ""
            found[server(point, message), message.result, message.error, whose].append(message)
    bound = find_bound(point) if found else {}
    groups: dict[tuple[str, ...], list[LdapMessage]] = {}
    for key, messages in found.items():
        last = messages[-1]
        let_in = bound.get((client(point, last), key[0], last.dn.lower()), -1)
        later = last.code in LOGON and let_in > last.last_row
        groups[*key[:-1], "healed" if later else "stopped", key[-1]] = messages
    for key, messages in gather(groups):
        yield finding(point, key, messages, "healed" in key)


def find_bound(point: Point) -> dict[tuple[str, str, str], int]:
    """Client, server and name to the last packet with which that name was let in."""
    return {
        (client(point, message), server(point, message), message.dn.lower()): message.last_row
        for message in point.said.ldap
        if message.operation == "bindResponse" and message.code == 0 and message.mechanism != "anonymous"
    }


def is_failure(message: LdapMessage) -> bool:
    """Whether a result says that the client did not get what it wanted."""
    if message.code in NORMAL:
        return False
    return not (message.code == SIZE_LIMIT and 0 < message.size_limit <= message.entries)


def server(point: Point, message: LdapMessage) -> str:
    """Address of the side that answered."""
    return point.talk(message.conversation).address(message.side)


def client(point: Point, message: LdapMessage) -> str:
    """Address of the side that asked."""
    return point.talk(message.conversation).address(1 - message.side)


def severity(code: int, later: bool) -> Severity:
    """An error where the client was not let in, a warning where one operation failed."""
    if later or code in ANSWERS:
        return Severity.INFO
    return Severity.WARNING if code in PARTIAL else SEVERITY


def asked(message: LdapMessage) -> str:
    """What was asked, in words."""
    if message.message_id == 0 and message.request_row < 0:
        return "its clients with a notice of disconnection"
    kind = message.operation.removesuffix("Response").removesuffix("ResDone").removesuffix("Resp")
    if kind == "bind":
        who = message.user or message.dn
        return "a bind" + (f" of {who}" if who else "") + (f" ({message.mechanism})" if message.mechanism else "")
    if kind == "extended":
        return f"the extended operation {EXTENSIONS.get(message.oid, message.oid)}".strip()
    what = f"{'an' if kind == 'add' else 'a'} {kind}" + (f" in {message.dn!r}" if message.dn else "")
    return what + (f" for {message.filter[:120]}" if message.filter else "")


def finding(point: Point, cause: tuple[str, ...], messages: list[LdapMessage], later: bool) -> Finding:
    """The finding on one server's results of one kind."""
    first, address = messages[0], cause[0]
    name = first.result + (f" ({first.error})" if first.error else "")
    things = list(dict.fromkeys(asked(message) for message in messages))
    summary = f"{address} answered {joined(things, 3)} with {name}"
    summary += f", {count(len(messages), 'time')}. " if len(messages) > 1 else ". "
    summary += meaning(first.code, first.error)
    if first.text and not first.error:
        summary += f" The server adds: {first.text[:200]!r}."
    if later:
        summary += " Later the same client logged on to this server."
    return Finding(
        RULE,
        severity(first.code, later),
        Confidence.HIGH,
        f"{address} answers {name} to {joined(things, 3)}",
        summary,
        evidence(point, messages),
        where=f"at {address} (the directory server)",
        toward="server",
        talk=label(point.talk(first.conversation)),
        facts={
            "count": len(messages),
            "server": address,
            "clients": list(dict.fromkeys(client(point, message) for message in messages))[:NAMED],
            "result": first.result,
            "result_code": first.code,
            "error": first.error,
            "operation": first.operation,
            "dn": list(dict.fromkeys(message.dn for message in messages if message.dn))[:NAMED],
            "mechanism": first.mechanism,
            "user": first.user,
            "text": first.text,
        },
        fix=fixes(first.code, first.error, first.dn),
        references=["RFC 4511 4.1.9", "RFC 4511 A.1"],
        filters={point.name: f"ldap.resultCode=={first.code}"},
        cause=cause,
        conversations=[(point.name, number) for number in dict.fromkeys(m.conversation for m in messages)],
    )


def evidence(point: Point, messages: list[LdapMessage]) -> list[Evidence]:
    """The first results, each with its request."""
    rows: list[Evidence] = []
    for message in messages[:SHOWN]:
        rows.append(frame(point, message.last_row, f"{message.operation}: {message.result}"))
        if message.request_row >= 0:
            rows.append(frame(point, message.request_row, "the request"))
    return rows
