"""A TURN or STUN server refuses what a client asks: no relay, or no permission to use it.

## What is seen
Error responses after which the same request never succeeds on that conversation: credentials that are refused although they were sent,
quota reached, no capacity, allocation mismatch, a forbidden peer address.

## Why it matters
Without an allocation a client behind a strict firewall has no way for its media. Calls fail only for those who need the relay, and
the server is up and answers, so that monitoring shows nothing.

## Fix
401, 431, 436, 441: user name, password (of time-limited credentials also the clocks), realm. 437: the client asks from a port on which it
already has an allocation; let it use a new port. 438 again and again: the server forgets its nonces, or requests reach
several servers in turn. 486: quota of this user. 508: relay ports or memory are used up. 403: the peer's address is forbidden by the
server's configuration. 300: the server sends the client to another one.

## Looks alike but is not
The first 401 asks for credentials and carries the nonce; 438 renews it; 487 settles who leads: what a later request puts right stays silent.
Errors to connectivity checks between clients (`ice-media-blocked`). Silence (`stun-unanswered`).

## References
RFC 8489 section 14.8; RFC 8656 section 19; RFC 8489 section 9.2 (long-term credentials); MS-TURN.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Finding, Severity, Undecided
from wireproof.rules.evidence import count, frame, label, server_filter
from wireproof.rules.sightings import at_each_point
from wireproof.wire.stun import ERRORS

if TYPE_CHECKING:
    from wireproof.case import Case, Point
    from wireproof.messages.stun import StunMessage

RULE = "stun-error"
SEVERITY = Severity.ERROR
SHOWN = 6
CREDENTIALS = {401, 430, 431, 432, 434, 435, 436, 441}
ASKS_AGAIN = {401, 432, 434, 435, 438}
"""Errors that a client is meant to answer with a better request; the second one of them means it."""
FULL = {486, 508}
SETTLED = {300, 487}
"""300 sends the client to another server, which is not refusing."""
MEANS = {
    400: "the server can't read the request",
    401: "the credentials are not accepted",
    403: "the server does not let its relay be used for this peer, or by this client",
    420: "the server does not know an attribute that the client requires",
    430: "the credentials are too old",
    431: "the password is wrong: the message's integrity check failed",
    436: "the user is not known",
    437: "the client's address and port have an allocation already (or, for a refresh, none any more)",
    438: "the nonce is stale",
    440: "the server relays no addresses of this family",
    441: "the credentials are not those of the allocation",
    442: "the server relays no such transport",
    443: "the peer's address is of another family than the relay's",
    486: "this user has as many allocations as the quota allows",
    500: "a defect within the server",
    508: "the server has no relay port or memory left",
}


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding for each server, request and error."""
    yield from at_each_point(case, judge_point)


def judge_point(point: Point) -> Iterator[Finding]:
    """Requests that one point shows refused for good."""
    responses: dict[tuple[int, str], list[StunMessage]] = {}
    served: set[str] = set()
    for message in point.said.stun:
        if message.check or message.kind not in {"success", "error"}:
            continue
        responses.setdefault((message.conversation, message.method), []).append(message)
        if message.kind == "success" and message.method == "Allocate":
            served.add(_client(point, message))
    for answers in responses.values():
        if is_refused(point, answers):
            yield _finding(point, answers, served)


def _client(point: Point, response: StunMessage) -> str:
    return point.talk(response.conversation).address(1 - response.side)


def is_refused(point: Point, answers: list[StunMessage]) -> bool:
    """Whether the last response to one kind of request on one conversation is an error that stops the client."""
    last = answers[-1]
    if last.kind != "error" or last.error in SETTLED:
        return False
    if last.method == "Refresh" and last.error == 437:
        return False  # it is given up at its end: an allocation that is gone can't be refreshed
    if last.method == "Allocate" and any(answer.kind == "success" for answer in answers):
        return False
    if last.error in ASKS_AGAIN:
        return len([answer for answer in answers if answer.error == last.error]) > 1 and _had_credentials(point, last)
    return True


def _had_credentials(point: Point, response: StunMessage) -> bool:
    """Whether the request that was refused carried a user name and an integrity check."""
    asked = (
        message
        for message in point.said.stun.of(response.conversation)
        if message.kind == "request" and message.transaction == response.transaction
    )
    return any(message.username and 0x0008 in message.attributes for message in asked)


def _finding(point: Point, answers: list[StunMessage], served: set[str]) -> Finding:
    last = answers[-1]
    talk = point.talk(last.conversation)
    server, client = talk.endpoint(last.side), talk.endpoint(1 - last.side)
    fallback = _client(point, last) in served and last.method == "Allocate"
    errors = [answer for answer in answers if answer.error == last.error]
    rows = [frame(point, answer.row, f"{answer.method} error {answer.error}") for answer in errors[-SHOWN:]]
    if last.request_row >= 0:
        rows.append(frame(point, last.request_row, f"the {last.method} request"))
    return Finding(
        RULE,
        _severity(last, fallback),
        Confidence.HIGH,
        f"TURN server {server} refuses {last.method}: {_name(last)}",
        _summary(last, (server, client), len(errors), fallback),
        rows,
        where=f"at {server}",
        toward="server",
        talk=label(talk),
        facts={
            "count": 1,
            "error": last.error,
            "method": last.method,
            "errors": len(errors),
            "reason": last.reason,
            "realm": last.realm,
        },
        fix=_fixes(last, server),
        references=["RFC 8489 14.8", "RFC 8656 19"],
        filters={point.name: f"{server_filter(talk)} && stun"},
        cause=(server, last.method, str(last.error)),
        conversations=[(point.name, last.conversation)],
    )


def _summary(last: StunMessage, ends: tuple[str, str], errors: int, fallback: bool) -> str:
    name = _name(last)
    text = f"{ends[0]} answered {count(errors, f'{last.method} request')} of {ends[1]} with {name}"
    text += f": {MEANS[last.error]}." if last.error in MEANS else "."
    if last.reason and last.reason.lower() != ERRORS.get(last.error, "").lower():
        text += f' In its words: "{last.reason}".'
    text += f" The realm is {last.realm}." if last.realm else ""
    return text + (" The same client got an allocation on another conversation." if fallback else "")


def _name(last: StunMessage) -> str:
    """`486 Allocation Quota Reached`."""
    return f"{last.error} {ERRORS.get(last.error, last.reason)}".strip()


def _severity(last: StunMessage, fallback: bool) -> Severity:
    if fallback:
        return Severity.WARNING if last.error in FULL else Severity.INFO
    return SEVERITY if last.method == "Allocate" else Severity.WARNING


def _fixes(last: StunMessage, server: str) -> list[str]:
    if last.error in CREDENTIALS:
        return [
            f"Compare user name, password and realm that the client uses with those that {server} knows (coturn: `user=`, `static-auth-secret=`, `realm=`).",
            "Credentials with an expiry in the user name: compare the clocks of the server and of whoever issues them.",
        ]
    if last.error in FULL:
        return [
            f"At {server}: raise the quota or the range of relay ports (coturn: `user-quota`, `total-quota`, `min-port`, `max-port`), or add servers."
        ]
    if last.error == 403:
        return [
            f"At {server}: see which peers are forbidden (coturn: `denied-peer-ip`, `allowed-peer-ip`), and whether this client may use the relay at all."
        ]
    if last.error in {437, 438}:
        return [
            "Let the client ask from a new port; where a load balancer spreads requests, keep each client's port on one server."
        ]
    return [f"Look into the log of {server} at this time for {last.error}."]
