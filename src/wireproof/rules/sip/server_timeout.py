"""A SIP proxy answered 504: it could not reach the server behind it in time.

## What is seen
A response 504 (Server Time-out) to a request, the time it took, and what its ms-diagnostics header names: the server behind, its address,
the Winsock error. Connection attempts that failed between request and response, in any of the captures, are named as what the proxy
waited for. Response and diagnostics may stand in a SIPStack log of the proxy or a UCCAPI log of the client instead of a capture. The zone
of a log's times is found by a connection or message that a capture has too; else the spacing of events and the address decide.

## Why it matters
The user's program says "server is temporarily unavailable". The proxy that answers is well; what fails lies behind it. About 21 s are the
connect timeout of Windows (SYNs at 0, 3 and 9 s, given up after 12 s more); an answer at once means a refusal, a failed TLS handshake, or
a name that does not resolve.

## Fix
Look at the connection from the proxy to the next server, at the proxy: does DNS give the right address, do SYNs get an answer, does TLS
succeed with the certificates of both? For a Lync or Skype for Business Edge server that is TCP 5061 to the Front End pool.

## Looks alike but is not
408 (Request Timeout): the next server was reached and did not answer the request (`sip-error`). 504 that a later try settles is a warning.

## References
RFC 3261 section 21.5.5; MS-OCER section 2.2.1 (ms-diagnostics); MS-SIPRE. The 21 s: Windows' TcpMaxConnectRetransmissions of 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Finding, Severity, Undecided
from wireproof.rules.evidence import count, joined, log_line, seconds
from wireproof.rules.sip._alone import Alone, find_alone
from wireproof.rules.sip._answer import Answer, split_end, trouble_words
from wireproof.rules.sip._answers import find_answers
from wireproof.rules.sip._waited import (
    CONNECT_NS,
    clock_words,
    connection_rows,
    given_up,
    told_alone,
    waited_for,
    zone_words,
)
from wireproof.rules.sip_log_clock import find_shift

if TYPE_CHECKING:
    from wireproof.case import Case, Point

RULE = "sip-server-timeout"
SEVERITY = Severity.ERROR
CLOSE_LOOKS = 100


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each proxy and server behind it; what to capture where no connection explains it."""
    explained = set()
    for turn, answer in enumerate(find_answers(case, lambda message: message.status == 504)):
        found = waited_for(case, answer) if turn < CLOSE_LOOKS else []
        if found:
            explained.add(answer.responder)
        yield _finding(case, answer, found)
        if not found and turn < CLOSE_LOOKS and answer.responder not in explained:
            yield _question(answer)
    for alone in find_alone(case):
        if alone.timed_out:
            yield _connection(case, alone)


def _finding(case: Case, answer: Answer, found: list[tuple[Point, int]]) -> Finding:
    message, behind = answer.message, _behind(answer, found)
    after = f" after {seconds(answer.wait_s)}" if answer.wait_s >= 0 else ""
    return Finding(
        RULE,
        Severity.WARNING if answer.settled else SEVERITY,
        Confidence.HIGH,
        f"{answer.responder} answers {message.method} with 504{after}: it does not reach {behind or 'the server behind it'}",
        _summary(answer, found) + clock_words(case, answer, found) + told_alone(case, answer, found),
        answer.evidence(case) + connection_rows(found),
        where=f"behind {answer.responder_address}" + (f", toward {behind}" if behind else ""),
        toward="server",
        talk=answer.label,
        facts={
            "count": 1,
            "method": message.method,
            "wait_s": round(answer.wait_s, 3),
            "call_id": message.call_id,
            "diagnostics": list(message.diagnostics[:3]),
            "behind": behind,
            "result_code": next((f"0x{trouble.code:08x}" for trouble in answer.troubles if trouble.code), ""),
            "waited_for": [point.talk(number).server_endpoint for point, number in found[:5]],
            "succeeded_later": answer.settled,
        },
        fix=_fixes(answer, found),
        references=["RFC 3261 21.5.5", "MS-OCER 2.2.1"],
        filters=answer.filters("sip"),
        cause=(answer.responder_address, behind, answer.code),
        conversations=answer.conversations,
        depends_on=[(point.name, number) for point, number in found],
    )


def _connection(case: Case, alone: Alone) -> Finding:
    """A connection to the next server that nothing answered, where the log does not show the request that waited for it."""
    trouble, logged = alone.first, alone.logged
    found = given_up(case, logged, trouble) if trouble.peer_ip else []
    target = trouble.peer_ip or trouble.peer_fqdn or trouble.peer
    more = f" The same happened {count(len(alone.troubles), 'time')} in this log." if len(alone.troubles) > 1 else ""
    seen = f" The attempt is in {joined(dict.fromkeys(point.name for point, _ in found))}." if found else ""
    clock = _clock(case, alone, found) if found else " Only the log tells this."
    return Finding(
        RULE,
        SEVERITY if found else Severity.WARNING,
        Confidence.HIGH,
        f"The server that wrote {logged.name} does not reach {target}: the connection timed out",
        f"{logged.name} says: {trouble_words(trouble)}. Requests that need this server end in 504 then.{more}{seen}{clock}",
        [log_line(logged.log, one.line, trouble_words(one)) for one in alone.troubles[:4]] + connection_rows(found),
        where=f"between the server that wrote {logged.name} and {target}",
        toward="server",
        facts={"count": len(alone.troubles), "behind": target, "result_code": f"0x{trouble.code:08x}"},
        fix=_steps(f"the server that wrote {logged.name}", *split_end(target)),
        references=["MS-OCER 2.2.1"],
        cause=(logged.name, target, trouble.winsock),
        depends_on=[(point.name, number) for point, number in found],
    )


def _clock(case: Case, alone: Alone, found: list[tuple[Point, int]]) -> str:
    span = (alone.first.time_ns - CONNECT_NS, alone.first.time_ns)
    return zone_words(found[0], find_shift(case, alone.logged, found[0][0]), span)


def _behind(answer: Answer, found: list[tuple[Point, int]]) -> str:
    """The server that was not reached: by its connection, or as the diagnostics name it."""
    if found:
        return found[0][0].talk(found[0][1]).server_endpoint
    named = answer.named
    return next((named[name] for name in ("fqdn", "ip-address", "domain", "peer") if named.get(name)), "")


def _fixes(answer: Answer, found: list[tuple[Point, int]]) -> list[str]:
    host, port = _behind(answer, []) or "NEXT-SERVER", 5061
    if found:
        talk = found[0][0].talk(found[0][1])
        host, port = talk.address(1 - talk.client_side), int(talk.server["port"])
    return _steps(answer.responder_address, host, str(port))


def _steps(server: str, host: str, port: str) -> list[str]:
    """How to test the way from a server to the next one."""
    return [
        f"On {server}: test the next hop, `Test-NetConnection {host} -Port {port or 5061}`, and what DNS says, `Resolve-DnsName`.",
        f"Capture at {server} on the interface toward the next server and at that server, both at once; compare them with wireproof.",
        "If TCP connects at once, look at TLS: both servers must trust each other's certificate, and its names must hold the pool's name.",
    ]


def _summary(answer: Answer, found: list[tuple[Point, int]]) -> str:
    message = answer.message
    text = f"{answer.asker} sent {message.method} to {answer.responder}"
    text += (
        f" and got 504 {message.reason} {seconds(answer.wait_s)} later."
        if answer.wait_s >= 0
        else f", which answered 504 {message.reason}."
    )
    text += answer.explained
    if found:
        tried = joined(
            (f"{ends} (in {joined(names)})" for ends, names in _tried(found).items()),
            3,
        )
        text += f" In that time a connection failed: {tried}."
        if 20 <= answer.wait_s <= 22.5 and _is_unanswered(found[0]):
            text += " 21 s are Windows' connect timeout: SYNs at 0, 3 and 9 s, given up after 12 s more."
    elif 20 <= answer.wait_s <= 22.5:
        text += " 21 s are Windows' connect timeout: the proxy's SYNs to the next server got no answer."
    elif 0 <= answer.wait_s < 2:
        text += " An answer that quick is no timeout: the next server refused, TLS failed, or its name did not resolve."
    return text + (" A later try of the same user succeeded." if answer.settled else "")


def _tried(found: list[tuple[Point, int]]) -> dict[str, list[str]]:
    """`client to server` to the points that show it."""
    tried: dict[str, list[str]] = {}
    for point, number in found:
        names = tried.setdefault(f"{point.talk(number).client_endpoint} to {point.talk(number).server_endpoint}", [])
        names += [point.name] * (point.name not in names)
    return tried


def _is_unanswered(place: tuple[Point, int]) -> bool:
    """Whether nothing but SYNs was sent."""
    point, number = place
    return not point.conversations.facts["sides"]["packets"][number].all()


def _question(answer: Answer) -> Undecided:
    behind = _behind(answer, [])
    return Undecided(
        RULE,
        f"why {answer.responder} does not reach {behind or 'the next server'}: these captures do not show its connection to it",
        f"capture at {answer.responder_address} on the interface toward {behind or 'the next server'} while the request is sent again",
    )
