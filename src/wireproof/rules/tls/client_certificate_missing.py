"""A server asked for a client certificate, got none, and ended the connection.

## What is seen
CertificateRequest from the server, an empty Certificate message (or the alert no_certificate) from the client, then an alert from the server or the end
of the connection before any data.

## Why it matters
The client has no certificate that fits the request: none at all, none with its private key, none for client authentication, or none from an
issuer on the server's list. Web servers that ask later show it as HTTP 403.7.

## Fix
Compare the issuers in the request with the issuer of the client's certificate. If the issuer is missing there, the server has to trust it; if the list is
full, shorten it or send none (`tls-issuer-list-full`). If the issuer is there: look at the certificate's key usage, dates, and private key on the client.

## Looks alike but is not
A request that is only an offer: the server goes on without a certificate, as mail servers and databases do (a warning only where
its list of issuers is full). A client certificate that is sent and
refused (`tls-untrusted`). Requests in a renegotiation, which only a capture with keys shows; in TLS
1.3, the lengths of records tell an empty certificate and the alert, unless they are padded.

## References
RFC 5246 sections 7.4.4 and 7.4.6; RFC 8446 section 4.4.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.rules.evidence import count, frame, joined
from wireproof.rules.tls._handshakes import Handshake, grouped, handshakes
from wireproof.rules.tls._issuers import lacking_issuers
from wireproof.rules.tls._requests import answer, full_at, refusal, refused_inside
from wireproof.rules.tls._wording import session_facts, tls_filter

if TYPE_CHECKING:
    from wireproof.case import Case

RULE = "tls-client-certificate-missing"
SEVERITY = Severity.ERROR


def judge(case: Case) -> Iterator[Finding]:
    """One finding a server endpoint."""
    causes = (((one.server,), one) for one in handshakes(case) if is_missing(one) or is_suspect(one))
    for group in grouped(causes).values():
        yield finding(case, group)


def is_missing(handshake: Handshake) -> bool:
    """Whether a certificate was asked for, not given, and the connection ended for it."""
    session = handshake.session
    if refused_inside(handshake):
        return True
    if answer(handshake) != "empty" or handshake.carried_data:
        return False
    if session.hidden:
        return session.hidden.refusal is not None
    alert = refusal(handshake)
    if session.request is None or (alert and alert.alert in {"protocol_version", "unrecognized_name"}):
        return False
    return alert is not None or (
        session.ended_by == "server"
        and not any(m.kind == "encrypted_handshake" and not m.from_client for m in session.messages)
    )


def is_suspect(handshake: Handshake) -> bool:
    """Whether the server went on without a certificate, but its list of issuers was full, so that the client may have found none to send."""
    request = handshake.session.request
    return request is not None and answer(handshake) == "empty" and handshake.carried_data and full_at(request, 0) > 0


def finding(case: Case, group: list[Handshake]) -> Finding:
    """The finding on one endpoint."""
    shown = next((one for one in group if is_missing(one)), group[0])
    refused = is_missing(shown)
    request, alert, hidden = shown.session.request, refusal(shown), shown.session.hidden
    issuers = request.authorities if request else ()
    clients = list(dict.fromkeys(one.client for one in group))
    accepted = (
        f" from {count(len(issuers), 'issuer')} ({joined(issuers, 3)})"
        if issuers
        else " from any issuer"
        if request
        else ""
    )
    end = (
        f"the server's answer was {ended(shown)}"
        if refused
        else "went on: whether the server serves it, encryption hides (IIS answers 403.7)"
    )
    summary = f"{shown.server} asked for a client certificate{accepted}; {shown.client} sent none, and {end}."
    lacking = lacking_issuers(case, shown)
    if lacking:
        summary += f" {lacking[0].found.certificate.title} ({lacking[0].found.file}) is issued by {lacking[0].issuers[0]}, which the server does not name."
    if hidden:
        summary += " TLS 1.3 encrypts this: the lengths of the records tell it."
    if len(group) > 1:
        summary += f" {count(len(group), 'connection')} of {count(len(clients), 'client')} ended so."
    return Finding(
        RULE,
        SEVERITY if refused else Severity.WARNING,
        weigh(shown) if refused else Confidence.LOW,
        f"{shown.client} has no client certificate that {shown.server} asks for",
        summary,
        rows(shown),
        where=f"at {shown.client}",
        toward="server",
        talk=shown.label(case),
        facts={
            "count": len(group),
            "issuers": len(issuers),
            "issuers_bytes": request.authorities_bytes if request else 0,
            "accepted_issuers": list(issuers[:20]),
            "missing_issuers": [one.issuers[0] for one in lacking],
            "alert": alert.alert if alert else "",
            **session_facts(shown),
        },
        fix=[
            f"On {shown.client}: look for one with private key, for client authentication, in date (`certutil -store -v my`, `certutil -user -store my`).",
            "Compare its issuer with the issuers in the server's request (facts of this finding); the server lists only roots that it trusts for clients.",
        ],
        references=["RFC 5246 7.4.4", "RFC 5246 7.4.6"],
        filters={shown.point.name: tls_filter(shown)},
        cause=(shown.server,),
        conversations=[one.own for one in group],
    )


def weigh(shown: Handshake) -> Confidence:
    """Sure where the server says so in clear, or was understood with a key."""
    if refused_inside(shown):
        return Confidence.HIGH
    return Confidence.HIGH if refusal(shown) and not shown.session.hidden else Confidence.MEDIUM


def ended(shown: Handshake) -> str:
    """How the server answered, for a sentence."""
    refused = refused_inside(shown)
    if refused:
        return f"HTTP {refused.status_text}"
    alert = refusal(shown)
    if alert is None:
        return "the end of the connection"
    return f"the alert {alert.alert}" if alert.alert else "an encrypted alert"


def rows(shown: Handshake) -> list[Evidence]:
    """Request, empty answer, and the end."""
    session, alert, refused = shown.session, refusal(shown), refused_inside(shown)
    found = []
    if session.renegotiated_row >= 0:
        found.append(frame(shown.point, session.renegotiated_row, "renegotiation inside the session"))
    if session.hidden and session.hidden.finished:
        found.append(
            frame(
                shown.point,
                session.hidden.finished.row,
                "client: a record of an empty Certificate's length, and its Finished",
            )
        )
    if session.request:
        found.append(frame(shown.point, session.request.last_row, "server: CertificateRequest"))
    if session.client_certificate:
        found.append(
            frame(shown.point, session.client_certificate.last_row, "client: Certificate without any certificate")
        )
    if refused:
        found.append(frame(shown.point, refused.row, f"server: HTTP {refused.status_text}"))
    elif alert:
        found.append(
            frame(shown.point, alert.last_row, f"server: {ended(shown).removeprefix('the ').removeprefix('an ')}")
        )
    elif session.end_row >= 0 and is_missing(shown):
        found.append(frame(shown.point, session.end_row, f"server closes ({session.end_kind.upper()})"))
    return found
