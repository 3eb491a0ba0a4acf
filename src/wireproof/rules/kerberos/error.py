"""A Kerberos server answers with an error that stops a logon or a ticket.

## What is seen
A KRB-ERROR other than the steps of every exchange: the name of the user or service is unknown, the password or the clock is wrong, no common
encryption type, or a server that can't decrypt the ticket it was shown.

## Why it matters
Without a ticket Windows falls back to NTLM where it may, and fails where it may not: delegation, constrained services, IPsec and DirectAccess
tunnels, clusters. The error is seen by no user, only its effect.

## Fix
By error: KRB_AP_ERR_SKEW: set the clock right. KDC_ERR_S_PRINCIPAL_UNKNOWN: register the service principal name once, at the account that runs
the service (`setspn -S`). KRB_AP_ERR_MODIFIED: the name is registered at another account than the one that runs the service.
KDC_ERR_ETYPE_NOSUPP: allow an encryption type that both sides have. KDC_ERR_PREAUTH_FAILED: the password is wrong.

## Looks alike but is not
KDC_ERR_PREAUTH_REQUIRED precedes every logon. KRB_ERR_RESPONSE_TOO_BIG sends the client from UDP to TCP;
only where TCP port 88 then does not open it is an error. KDC_ERR_WRONG_REALM names the realm to
ask instead. A name that was refused once and given later is told as information.

## References
RFC 4120 sections 5.9.1 and 7.5.9; RFC 4556; MS-KILE section 2.2.2 (the NTSTATUS that Windows adds).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.rules.evidence import count, frame, joined, label, seconds
from wireproof.rules.gather import gather
from wireproof.rules.kerberos._advice import fixes, meaning
from wireproof.rules.kerberos._failures import Failure, find_failures, find_granted
from wireproof.rules.kerberos._needs_tcp import Stuck, find_stuck
from wireproof.rules.subjects import seen_first
from wireproof.wire.kerberos_names import (
    BADOPTION,
    CLOCK_SKEW,
    ETYPE_NOSUPP,
    RESPONSE_TOO_BIG,
    S_PRINCIPAL_UNKNOWN,
    error_name,
)

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "kerberos-error"
SEVERITY = Severity.ERROR
SHOWN = 6
NAMED = 20

CARRIERS = ("kerberos", "smb", "ldap")
"""Protocols whose messages may hold Kerberos errors."""
MILD = {S_PRINCIPAL_UNKNOWN, BADOPTION, 32, 34, 3, 4, 5}
"""Errors after which clients have another way: NTLM, a new ticket, another version."""


def judge(case: Case) -> Iterator[Finding]:
    """One finding for each server, error, and principal."""
    for point in case.points:
        protocols = point.said.protocols
        spoken = (found.get(name, ()) for found in (protocols.tcp, protocols.udp) for name in CARRIERS)
        numbers = {int(number) for numbers in spoken for number in numbers}
        if numbers:
            yield from judge_point(point, seen_first(case, point, numbers))


def judge_point(point: Point, own: set[int]) -> Iterator[Finding]:
    """Errors in those conversations of a point that no other point shows nearer to the client."""
    granted = find_granted(point)
    groups: dict[tuple[str, ...], list[Failure]] = {}
    for key, failures in find_failures(point, own).items():
        later = granted.after(failures[-1])
        how = severity(failures[0], later).value
        groups[*key[:-1], "healed" if later else "stopped", how, key[-1]] = failures
    for key, failures in gather(groups):
        yield finding(key, failures, "healed" in key)
    for stuck in find_stuck(point, own):
        yield stuck_finding(point, stuck)


def severity(first: Failure, later: bool) -> Severity:
    """An error where the client has no other way; information where it got what it wanted later."""
    if first.code == CLOCK_SKEW and later:
        return Severity.WARNING
    for_user = first.code == S_PRINCIPAL_UNKNOWN and "/" not in first.service
    by_domain = first.code == S_PRINCIPAL_UNKNOWN and is_domain_wide(first)
    renewal = first.code == BADOPTION and first.service.startswith("krbtgt/")
    if later or for_user or by_domain or renewal:
        return Severity.INFO
    return Severity.WARNING if first.code in MILD or first.on_behalf else SEVERITY


def is_domain_wide(failure: Failure) -> bool:
    """Whether the ticket was asked for to a DNS zone's server, or to the domain as if it were a server, as Windows does by itself."""
    kind, _, host = failure.service.partition("/")
    return kind.upper() == "DNS" or (bool(host) and host.partition("/")[0].lower() == failure.realm.lower())


def about(failures: list[Failure]) -> str:
    """For whom or what the errors are, in words."""
    first = failures[0]
    subjects = told(failures, "subject")
    if first.code == CLOCK_SKEW or not (subjects or first.service):
        return ""
    return f" for {joined(subjects, 3)}" if subjects else f" for a user on whose behalf {first.service} asked"


def told(failures: list[Failure], field: str) -> list[str]:
    """The different values of a field, as far as they are told."""
    return list(dict.fromkeys(value for failure in failures if (value := str(getattr(failure, field)))))


def finding(cause: tuple[str, ...], failures: list[Failure], later: bool) -> Finding:
    """The finding on errors of one server that have one cause."""
    first = failures[0]
    name, point = error_name(first.code), first.point
    summary = f"{first.server} answered {joined(told(failures, 'client'), 3)} with {name}{about(failures)}"
    summary += f" ({first.nt_status})" if first.nt_status else ""
    summary += f", {count(len(failures), 'time')}. " if len(failures) > 1 else ". "
    summary += meaning(first.code, first.service)
    summary += skew(first) if first.code == CLOCK_SKEW else ""
    if first.code == ETYPE_NOSUPP and first.etypes:
        summary += f" The request offered {joined(first.etypes, 8)}."
    if first.text:
        summary += f" The server adds: {first.text[:200]!r}."
    if later:
        summary += " Later the same client was given " + (
            "a ticket." if first.code == CLOCK_SKEW else "what it asked for."
        )
    return Finding(
        RULE,
        severity(first, later),
        Confidence.HIGH,
        f"{first.server} answers {name}{about(failures)}",
        summary,
        evidence(failures),
        where=f"at {first.server} ({'the Kerberos server' if first.carrier == 'Kerberos' else f'the {first.carrier} server'})",
        toward="server",
        talk=label(point.talk(first.conversation)),
        facts=figures(failures, later),
        fix=fixes(first.code, first.service, first.principal, first.nt_status),
        references=["RFC 4120 7.5.9"],
        filters={point.name: f"kerberos.error_code=={first.code}"},
        cause=cause,
        conversations=[(point.name, number) for number in dict.fromkeys(f.conversation for f in failures)],
    )


def figures(failures: list[Failure], later: bool) -> dict[str, object]:
    """Figures over all failures."""
    first = failures[0]
    facts: dict[str, object] = {
        "count": len(failures),
        "server": first.server,
        "clients": told(failures, "client")[:NAMED],
        "error": error_name(first.code),
        "error_code": first.code,
        "principal": first.principal,
        "principals": told(failures, "principal")[:NAMED],
        "service": first.service,
        "services": told(failures, "service")[:NAMED],
        "realm": first.realm,
        "nt_status": first.nt_status,
        "carrier": first.carrier,
        "given_later": later,
    }
    if first.etypes:
        facts["etypes"] = list(first.etypes)
    if first.code == CLOCK_SKEW and first.server_time_ns:
        facts["skew_s"] = round(skew_ns(first) / 1e9, 3)
        facts["server_time"] = clock(first.server_time_ns)
        facts["client_time"] = clock(first.client_time_ns or first.seen_ns)
    return facts


def skew_ns(failure: Failure) -> int:
    """How far the client's clock, or for want of it the capture's, is ahead of the server's."""
    return (failure.client_time_ns or failure.seen_ns) - failure.server_time_ns


def skew(failure: Failure) -> str:
    """Both clocks in words."""
    if not failure.server_time_ns:
        return ""
    whose = "the client's" if failure.client_time_ns else "the capturing computer's"
    ahead = skew_ns(failure)
    how = "ahead of" if ahead > 0 else "behind"
    return (
        f" The server's clock showed {clock(failure.server_time_ns)}, {whose} {clock(failure.client_time_ns or failure.seen_ns)}:"
        f" {seconds(abs(ahead) / 1e9)} {how} it."
    )


def clock(time_ns: int) -> str:
    """A time of day with its date, UTC."""
    return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def evidence(failures: list[Failure]) -> list[Evidence]:
    """The first errors, each with its request."""
    rows: list[Evidence] = []
    for failure in failures[:SHOWN]:
        rows.append(frame(failure.point, failure.row, error_name(failure.code)))
        if failure.request_row >= 0:
            asked = f"{failure.asked} for {failure.service}" if failure.asked and failure.service else "the request"
            rows.append(frame(failure.point, failure.request_row, asked))
    return rows


def stuck_finding(point: Point, stuck: Stuck) -> Finding:
    """The finding on a client that was told to use TCP and whose connections did not open."""
    first, name = stuck.told[0], error_name(RESPONSE_TOO_BIG)
    tried = count(len(stuck.connections), "connection")
    rows = [frame(point, first.last_row, name)]
    rows += [
        frame(point, int(point.conversations.rows(number)[0]), "the client tries TCP")
        for number in stuck.connections[:3]
    ]
    return Finding(
        RULE,
        SEVERITY,
        Confidence.HIGH,
        f"{stuck.server} needs TCP to answer {stuck.client}, and port 88 does not open",
        f"{stuck.server} answered {stuck.client} over UDP with {name}: the ticket does not fit into a datagram. The client then tried "
        f"TCP port 88 with {tried}, and none was opened.",
        rows,
        where=f"between {stuck.client} and {stuck.server}, TCP port 88",
        toward="server",
        talk=label(point.talk(first.conversation)),
        facts={
            "count": len(stuck.told),
            "server": stuck.server,
            "clients": [stuck.client],
            "error": name,
            "error_code": RESPONSE_TOO_BIG,
            "connections": len(stuck.connections),
        },
        fix=[f"Let TCP port 88 through from {stuck.client} to {stuck.server}, as UDP port 88 already is."],
        references=["RFC 4120 7.2.1", "RFC 4120 7.5.9"],
        filters={point.name: f"kerberos.error_code=={RESPONSE_TOO_BIG} || tcp.port==88"},
        cause=(stuck.server, name, stuck.client),
        conversations=[(point.name, number) for number in dict.fromkeys(m.conversation for m in stuck.told)],
        depends_on=[(point.name, number) for number in stuck.connections],
    )
