"""A SIP request failed: the final response says why.

## What is seen
Final responses of class 4xx, 5xx and 6xx that stop a registration, a call or a message, by sender, status and request; with the
reason of Warning and ms-diagnostics headers. Credentials that are refused again and again are one of them. The responses stand in captures
or in SIP logs of Lync's servers and clients; what such a log tells beside them (a request turned away, a connection that failed) counts too.

## Why it matters
The programs of users translate dozens of causes into a few sentences. The response names the server that refused and its reason.

## Fix
By status: 403 and repeated 401 or 407, the account and its rights; 404, 484 and 604, the number or name and the dial plan; 408, the next
server, which took the request and did not answer; 415, 420, 488 and 606, codecs and extensions of both parties; 482 and 483, a routing
loop; 500, 502, 503 and 513, the sender's own log.

## Looks alike but is not
One challenge (401, 407) before the request with credentials, busy (486, 600), declined (603), cancelled (487), a timer that has
to be longer (422, 423), a dialog that is over (481), glare (491) are everyday life and stay silent, as do answers to OPTIONS that are
sent to see whether the server lives. Unknown and unavailable users (404, 410, 480, 484, 604) are told as information. 504 is
`sip-server-timeout`. What a later try settles is told as information.

## References
RFC 3261 section 21; RFC 3261 section 22 (authentication); MS-OCER section 2.2.1 (ms-diagnostics).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.evidence import count, joined, log_line, seconds
from wireproof.rules.sip._alone import Alone, find_alone
from wireproof.rules.sip._answer import Answer, trouble_words
from wireproof.rules.sip._answers import find_answers
from wireproof.rules.sip._waited import clock_words, connection_rows, told_alone, waited_for

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.messages.sip import SipMessage
    from wireproof.messages.sip_logged import LoggedSip
    from wireproof.messages.table import MessageTable

RULE = "sip-error"
SEVERITY = Severity.ERROR
CHALLENGES = limit(
    "sip-error.challenges",
    3,
    "a nonce may be renewed once, and NTLM and Kerberos take two steps; a third challenge refuses the credentials",
)
CHALLENGE = {401, 407}
EVERYDAY = {412, 421, 422, 423, 481, 486, 487, 489, 491, 494, 504, 600, 603, 608}
ABSENT = {404, 410, 480, 484, 604}
MATTERS = {"INVITE", "REGISTER", "REFER", "SERVICE", "PRACK", "UPDATE"}
MEANS = {
    400: "the server can't read the request",
    401: "the credentials are not accepted",
    403: "the server understood and refuses: the account, its rights, or the sender's address",
    404: "the server does not know the user or number",
    405: "the server does not take this method here",
    407: "the credentials are not accepted",
    408: "the next server or the called party did not answer in time",
    415: "the body's type is not supported",
    420: "a required extension is not supported",
    480: "nobody is registered for the user, or all are away",
    482: "the request came back: a routing loop",
    483: "too many hops: a routing loop, most often",
    484: "the number is incomplete",
    488: "the offered media are not acceptable: no codec, transport or encryption in common",
    500: "a defect within the server",
    501: "the server does not implement the request",
    502: "the server behind gave an answer that makes no sense",
    503: "the server is overloaded, in maintenance, or has no way onward",
    505: "the version is not supported",
    513: "the message is too long",
    606: "the offered media are not acceptable",
}


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each sender, status and request."""
    refused = _refused_again(case)
    for answer in find_answers(case, lambda message: _matters(message) or message.status in CHALLENGE):
        message = answer.message
        if message.status in CHALLENGE:
            tries = refused.pop((answer.source, message.conversation, message.call_id, message.method), 0)
            if tries < CHALLENGES.value or answer.settled:
                continue
            yield _finding(case, answer, [], f" {count(tries, 'try', 'tries')} with credentials got the same answer.")
            continue
        waits = message.status >= 500 or message.status == 408
        yield _finding(case, answer, waited_for(case, answer)[:10] if waits else [])
    yield from (_of_log(alone) for alone in find_alone(case) if not alone.timed_out)


def _matters(message: SipMessage) -> bool:
    if message.status < 400 or message.status in EVERYDAY or message.status in CHALLENGE:
        return False
    return message.method not in {"OPTIONS", "ACK", "BYE", "CANCEL"} or (
        message.status >= 500 and message.status != 501
    )


def _refused_again(case: Case) -> Counter[tuple[Point | LoggedSip, int, str, str]]:
    """How often requests with credentials were challenged again, by source, conversation and Call-ID, unless one succeeded."""
    found: Counter[tuple[Point | LoggedSip, int, str, str]] = Counter()
    tables: list[tuple[Point | LoggedSip, MessageTable[SipMessage]]] = [
        (point, point.said.sip) for point in case.points
    ]
    for source, messages in [*tables, *((logged, logged.messages) for logged in case.logged_sip)]:
        for message in messages:
            key = (source, message.conversation, message.call_id, message.method)
            if message.status in CHALLENGE and message.authorized and not message.repeat:
                found[key] += 1
            elif 200 <= message.status < 300:
                found.pop(key, None)
    return found


def _severity(answer: Answer) -> Severity:
    if answer.settled or answer.message.status in ABSENT:
        return Severity.INFO
    return SEVERITY if answer.message.method in MATTERS else Severity.WARNING


def _finding(case: Case, answer: Answer, found: list[tuple[Point, int]], more: str = "") -> Finding:
    message = answer.message
    means = MEANS.get(message.status, "")
    return Finding(
        RULE,
        _severity(answer),
        Confidence.HIGH,
        f"{answer.responder} answers {message.method} with {answer.status}",
        _summary(answer, found) + clock_words(case, answer, found) + told_alone(case, answer, found) + more,
        answer.evidence(case) + connection_rows(found),
        where=f"at {answer.responder_address}, or at a server behind it",
        toward="server",
        talk=answer.label,
        facts={
            "count": 1,
            "status": message.status,
            "method": message.method,
            "meaning": means,
            "call_id": message.call_id,
            "from": message.from_uri,
            "to": message.to_uri,
            "warning": message.warning,
            "diagnostics": list(message.diagnostics[:3]),
            "succeeded_later": answer.settled,
        },
        fix=_fixes(answer),
        references=["RFC 3261 21", *(["RFC 3261 22"] if message.status in CHALLENGE else [])],
        filters=answer.filters(f"sip.Status-Code=={message.status}"),
        cause=(answer.responder_address, str(message.status), message.method, answer.code),
        conversations=answer.conversations,
        depends_on=[(point.name, number) for point, number in found],
    )


def _of_log(alone: Alone) -> Finding:
    """What a server's log tells without a response: a request turned away, a connection that failed otherwise than by silence."""
    trouble, name = alone.first, alone.logged.name
    about = f" It is about {trouble.start_line}." if trouble.start_line else ""
    return Finding(
        RULE,
        Severity.WARNING if trouble.level in {"error", "fatal"} else Severity.INFO,
        Confidence.MEDIUM,
        f"{name}: {trouble.text[:120] or trouble.kind}{f' ({trouble.code_name})' * bool(trouble.code_name)}",
        f"The server that wrote {name} says {count(len(alone.troubles), 'time')}: {trouble_words(trouble)}.{about} Only the log tells this.",
        [log_line(alone.logged.log, one.line, trouble_words(one)) for one in alone.troubles[:6]],
        where=f"at the server that wrote {name}",
        facts={
            "count": len(alone.troubles),
            "result_code": f"0x{trouble.code:08x}" if trouble.code else "",
            "code_name": trouble.code_name,
            "call_id": trouble.call_id,
        },
        fix=[f"`wireproof explain 0x{trouble.code:08x}` says what the code stands for."] * bool(trouble.code)
        + [f"Follow Call-ID {trouble.call_id} through the logs of both servers."] * bool(trouble.call_id),
        references=["MS-OCER 2.2.1"],
        cause=(name, trouble.text, str(trouble.code), trouble.peer_ip or trouble.peer),
    )


def _summary(answer: Answer, found: list[tuple[Point, int]]) -> str:
    message = answer.message
    after = f" {seconds(answer.wait_s)} later" if answer.wait_s >= 0 else ""
    text = f"{answer.responder} answered the {message.method} of {message.from_uri or answer.asker} for {message.to_uri} with {answer.status}{after}"
    means = MEANS.get(message.status, "")
    text += f": {means}." if means else "."
    text += answer.explained
    if message.warning:
        text += f" Warning: {message.warning[:200]}."
    if found:
        tried = joined(
            dict.fromkeys(f"{p.talk(n).client_endpoint} to {p.talk(n).server_endpoint}" for p, n in found), 3
        )
        text += f" In that time a connection failed: {tried}."
    return text + (" A later try of the same user succeeded." if answer.settled else "")


def _fixes(answer: Answer) -> list[str]:
    status, host = answer.message.status, answer.responder_address
    if status in CHALLENGE or status == 403:
        return [
            f"Check account, password and rights of {answer.message.from_uri} at {host}, and which realm the challenge names."
        ]
    if status in ABSENT:
        return [f"Check the name or number {answer.message.to_uri}, its registration, and the dial plan at {host}."]
    if status in {415, 420, 488, 606}:
        return [
            "Compare offer and answer: codecs, transport (RTP/AVP, SRTP), required extensions; let both sides support one in common."
        ]
    if status in {482, 483}:
        return [
            f"Follow the Via headers of the request: the proxies named twice send it to each other. Correct the routes at {host}."
        ]
    return [
        f"Look into the log of {host} at this time for Call-ID {answer.message.call_id}.",
        f"If {host} is a proxy: test the servers behind it, and capture between them.",
    ]
