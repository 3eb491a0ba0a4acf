"""A SIP proxy answered 504: it could not reach the server behind it in time.

## What is seen
A response 504 (Server Time-out) to a request, the time it took, and what its ms-diagnostics header names: the server behind, its address,
the Winsock error. Connection attempts that failed between request and response, in any of the captures, are named as what the proxy
waited for.

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
from wireproof.rules.evidence import display_filter, joined, label, seconds
from wireproof.rules.sip._answers import Answer, connection_rows, find_answers, waited_for

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
        yield _finding(answer, found)
        if not found and turn < CLOSE_LOOKS and answer.responder not in explained:
            yield _question(answer)


def _finding(answer: Answer, found: list[tuple[Point, int]]) -> Finding:
    message, behind = answer.message, _behind(answer, found)
    after = f" after {seconds(answer.wait_s)}" if answer.wait_s >= 0 else ""
    return Finding(
        RULE,
        Severity.WARNING if answer.settled else SEVERITY,
        Confidence.HIGH,
        f"{answer.responder} answers {message.method} with 504{after}: it does not reach {behind or 'the server behind it'}",
        _summary(answer, found),
        answer.evidence() + connection_rows(found),
        where=f"behind {answer.responder_address}" + (f", toward {behind}" if behind else ""),
        toward="server",
        talk=label(answer.talk),
        facts={
            "count": 1,
            "method": message.method,
            "wait_s": round(answer.wait_s, 3),
            "call_id": message.call_id,
            "diagnostics": list(message.diagnostics[:3]),
            "behind": behind,
            "waited_for": [point.talk(number).server_endpoint for point, number in found[:5]],
            "succeeded_later": answer.settled,
        },
        fix=_fixes(answer, found),
        references=["RFC 3261 21.5.5", "MS-OCER 2.2.1"],
        filters={answer.point.name: f"{display_filter(answer.talk)} && sip"},
        cause=(answer.responder_address, behind, answer.code),
        conversations=[(answer.point.name, message.conversation)],
        depends_on=[(point.name, number) for point, number in found],
    )


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
    return [
        f"On {answer.responder_address}: test the next hop, `Test-NetConnection {host} -Port {port}`, and what DNS says, `Resolve-DnsName`.",
        f"Capture at {answer.responder_address} on the interface toward the next server and at that server, both at once; compare them with wireproof.",
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
            dict.fromkeys(
                f"{p.talk(n).client_endpoint} to {p.talk(n).server_endpoint} (in {p.name})" for p, n in found
            ),
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
