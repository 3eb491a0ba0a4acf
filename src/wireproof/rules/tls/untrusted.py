"""One side does not trust the other's certificate.

## What is seen
The client answers the server's certificate with unknown_ca, bad_certificate, certificate_unknown or certificate_revoked; or it closes right after it, and the
certificate is self-signed or came without its issuer, so that the client must know it beforehand. The same the other way round, when a server refuses a
client's certificate.

## Why it matters
The connection ends before any data. On Windows this is 0x800b0109 (CERT_E_UNTRUSTEDROOT) or 0x800b010a (CERT_E_CHAINING).

## Fix
On the side that refuses, put the issuing root into its store (Windows: Trusted Root Certification Authorities of the computer, by group
policy), or use a certificate from an issuer that it knows. Let the server send its intermediate certificates. `certutil -urlfetch -verify
file.cer` on the refusing side says which step fails; a capture can't, as it does not show what that side trusts. Where the output of `netsh interface
httpstunnel show interface` lies beside the capture and names this error for this server, the finding is certain.

## Looks alike but is not
A certificate for another name (`tls-name-mismatch`) or out of date (`tls-expired`), which the same alerts can mean: where one of these is seen,
bad_certificate and certificate_unknown count as that. A self-signed certificate that the client accepts. A health check or a connection opened
in advance, which finish the handshake and close: where nothing but an issuer that has to be known speaks against the certificate, nothing is
said; where it is self-signed or names no host, that is told as information. A client that uses the same certificate in other connections.

## References
RFC 5246 section 7.2.2 and RFC 8446 section 6.2 (alerts); RFC 5280 section 6 (path validation).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.rules.evidence import count, frame
from wireproof.rules.tls._handshakes import Handshake, grouped, handshakes, is_fatal, scanners
from wireproof.rules.tls._names import wanted_names
from wireproof.rules.tls._unused import is_used_elsewhere, may_be_unused, names_no_host, uses
from wireproof.rules.tls._wording import (
    certificate_facts,
    certificate_rows,
    certificate_text,
    hello_rows,
    session_facts,
    stop_rows,
    stop_text,
    tls_filter,
)
from wireproof.rules.tls.expired import out_of_date
from wireproof.rules.tls.name_mismatch import mismatch
from wireproof.rules.tunnels_told import UNTRUSTED, Told, told_tunnels

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.messages.certificates import Certificate

RULE = "tls-untrusted"
SEVERITY = Severity.ERROR
PLAIN = {"unknown_ca", "certificate_revoked"}
VAGUE = {"bad_certificate", "certificate_unknown", "unsupported_certificate", "bad_certificate_status_response"}
OF_CLIENT = PLAIN | VAGUE | {"certificate_expired", "access_denied"}
"""Alerts of a server that speak of the client's certificate."""
UNUSED = " The handshake was finished before: a health check, or a connection opened in advance, looks the same."


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a certificate seems not to be trusted: by which side, the reason in words, and how sure that is."""

    by: str
    reason: str
    confidence: Confidence
    severity: Severity = SEVERITY


def judge(case: Case) -> Iterator[Finding]:
    """One finding a server endpoint and certificate."""
    found = list(handshakes(case))
    served = {(client, server) for client, server, _ in uses(found)}
    for group in grouped(doubted(found)).values():
        yield finding(case, group, served)


def doubted(found: Sequence[Handshake]) -> Iterator[tuple[tuple[str, ...], Handshake]]:
    """Those of all handshakes that end because of a certificate, by cause."""
    doubts = [(handshake, doubt) for handshake in found if (doubt := doubt_of(handshake))]
    if not doubts:
        return
    scanning, used = scanners(found), uses(found)
    for handshake, doubt in doubts:
        stop = handshake.stop()
        guessed = doubt.by == "client" and stop is not None and stop.kind == "closed"
        if not (guessed and (handshake.client in scanning or is_used_elsewhere(handshake, used))):
            yield cause_of(handshake, doubt), handshake


def cause_of(handshake: Handshake, doubt: Doubt) -> tuple[str, ...]:
    """What repeats have in common: the issuer that is not known, or the one certificate."""
    certificate = judged(handshake, doubt)
    if doubt.by == "client" and certificate and certificate.subject != certificate.issuer:
        return (doubt.by, certificate.issuer)
    return (handshake.server, doubt.by, certificate.likeness if certificate else "")


def judged(handshake: Handshake, doubt: Doubt) -> Certificate | None:
    """The certificate that a doubt is about."""
    if doubt.by == "client":
        return handshake.leaf
    return handshake.session.client_certificates[0] if handshake.session.client_certificates else None


def doubt_of(handshake: Handshake) -> Doubt | None:
    """Why one side seems not to trust the other; None when nothing says so."""
    session = handshake.session
    if session.client_certificates:
        refusal = next((a for a in session.alerts if not a.from_client and is_fatal(a) and a.alert in OF_CLIENT), None)
        if refusal:
            return Doubt(
                "server",
                f"The server answered the client's certificate with the alert {refusal.alert}.",
                Confidence.HIGH,
            )
    hidden = session.hidden
    if hidden and hidden.refusal and hidden.client_certificate == "sent":
        told = "The server answered the client's certificate with an encrypted alert, by the lengths of the records."
        return Doubt("server", told, Confidence.LOW, Severity.WARNING)
    stop = handshake.stop()
    if stop is None:
        return None
    if stop.alert in PLAIN:
        return Doubt("client", f"The client {stop_text(stop)}.", Confidence.HIGH)
    if handshake.leaf is None:
        return None
    expired, explained = out_of_date(handshake) is not None, mismatch(handshake) is not None
    if stop.alert in VAGUE:
        return None if expired or explained else Doubt("client", f"The client {stop_text(stop)}.", Confidence.MEDIUM)
    return chain_doubt(handshake, expired) if stop.kind == "closed" else None


def chain_doubt(handshake: Handshake, expired: bool) -> Doubt | None:
    """What the certificates sent tell about a client that closed without an alert."""
    chain, stop = handshake.session.certificates, handshake.stop()
    unused = may_be_unused(handshake)
    if stop is None or not chain[0].readable:
        return None
    told = f"The client {stop_text(stop)}."
    if chain[0].subject == chain[0].issuer:
        return Doubt(
            "client",
            f"{told} The certificate is self-signed: who does not have it in its own store refuses it.{UNUSED if unused else ''}",
            Confidence.LOW if unused else Confidence.MEDIUM,
            Severity.INFO if unused else SEVERITY,
        )
    if expired or (len(chain) > 1 and not chain[-1].self_signed) or (unused and not names_no_host(chain[0])):
        return None
    sent = f"a chain up to the root {chain[-1].title}" if len(chain) > 1 else "its own certificate alone"
    reason = f"{told} The server sent {sent}: the client has to know {chain[-1].issuer} beforehand."
    return Doubt(
        "client", reason + (UNUSED if unused else ""), Confidence.LOW, Severity.INFO if unused else Severity.WARNING
    )


def worst(group: list[Handshake]) -> tuple[Handshake, Doubt]:
    """The handshake that tells most of what all have in common, and its doubt: the first of the most severe."""
    doubts = [(handshake, doubt) for handshake in group if (doubt := doubt_of(handshake))]
    return min(doubts, key=lambda pair: (pair[1].severity.rank, pair[1].confidence.rank))


def finding(case: Case, group: list[Handshake], served: set[tuple[str, str]]) -> Finding:
    """The finding on one certificate that one side refuses."""
    shown, doubt = worst(group)
    certificate = judged(shown, doubt)
    whose = "server" if doubt.by == "client" else "client"
    named = certificate_text(certificate) if certificate else "a certificate that the capture does not show"
    told = told_by_client(case, group) if doubt.by == "client" else None
    unseen = f"{told_text(told)}" if told else f"What the {doubt.by} trusts, a capture does not show."
    summary = f"The {whose} sent {named}. {doubt.reason} {unseen}"
    servers, clients = {one.server for one in group}, {one.client for one in group}
    if len(group) > 1:
        summary += f" {count(len(group), 'connection')} of {count(len(clients), 'client')} with {count(len(servers), 'server')} in all."
    mended = all((one.client, one.server) in served for one in group)
    if mended:
        summary += " Other connections of the same client to this server carry data: somebody agreed to the certificate, or another program trusts it."
    confidence = Confidence.HIGH if told else doubt.confidence
    verb = "does not trust" if confidence is Confidence.HIGH else "seems not to trust"
    if doubt.severity is Severity.INFO and not told:
        verb = "may not trust"
    who = shown.client if doubt.by == "client" else shown.server
    subject = f"the {whose}'s certificate{f' {certificate.title}' if certificate else ''}"
    if certificate and len(servers) > 1:
        subject = f"certificates of {count(len(servers), 'server')} that {certificate.issuer} issued"
    return Finding(
        RULE,
        weigh(doubt, told, mended=mended),
        confidence,
        f"{who} {verb} {subject}",
        summary,
        [
            *certificate_rows(shown),
            *client_rows(shown, doubt),
            *stop_rows(shown, shown.stop()),
            *hello_rows(shown),
            *([told.row()] if told else ()),
        ],
        where=f"at {who}",
        toward=whose,
        talk=shown.label(case),
        facts={
            "count": len(group),
            "servers": len(servers),
            "refused_by": doubt.by,
            "chain": [one.subject for one in shown.session.certificates],
            **session_facts(shown),
            **(certificate_facts(certificate) if certificate else {}),
        },
        fix=fixes(who, certificate),
        references=["RFC 5280 6", "RFC 8446 6.2"],
        filters={shown.point.name: tls_filter(shown)},
        cause=cause_of(shown, doubt),
        conversations=[handshake.own for handshake in group],
    )


def weigh(doubt: Doubt, told: Told | None, *, mended: bool) -> Severity:
    """What the client says itself is no doubt any more; what other connections get over is less than an error."""
    severity = SEVERITY if told else doubt.severity
    return max(severity, Severity.WARNING, key=lambda one: one.rank) if mended else severity


def told_by_client(case: Case, group: list[Handshake]) -> Told | None:
    """The output of a client's IP-HTTPS interface that says it does not trust the certificate of this server."""
    told = [one for one in told_tunnels(case) if one.tunnel.code in UNTRUSTED]
    for shown in group if told else ():
        names = {wanted.name.lower() for wanted in wanted_names(shown)}
        port = int(shown.server.rpartition(":")[2])
        mine = (
            one
            for one in told
            if one.tunnel.host in names and one.tunnel.port == port and one.is_of(shown.point.name, "")
        )
        if (found := next(mine, None)) is not None:
            return found
    return None


def told_text(told: Told) -> str:
    """What the client's own output says."""
    return f"The client's own output says why: the last error of its IP-HTTPS interface is {told.code}. {told.meaning}".rstrip()


def client_rows(shown: Handshake, doubt: Doubt) -> list[Evidence]:
    """The client's certificate and the server's alert, when these are what it is about."""
    if doubt.by == "client":
        return []
    session = shown.session
    rows = [
        frame(shown.point, a.last_row, f"server: alert {a.alert}")
        for a in session.alerts
        if not a.from_client and is_fatal(a)
    ]
    if session.hidden and session.hidden.refusal:
        rows.append(frame(shown.point, session.hidden.refusal.row, "server: encrypted alert by its length"))
    own = session.client_certificate or (session.hidden and session.hidden.finished)
    return [*([frame(shown.point, own.last_row, "client's certificate")] if own else []), *rows]


def fixes(who: str, certificate: Certificate | None) -> list[str]:
    """What to do on the refusing side."""
    issuer = certificate.issuer if certificate else "of the certificate"
    return [
        f"Export the certificate and check it on {who}: `certutil -urlfetch -verify file.cer` names the step that fails (0x800b0109: the root is not trusted).",
        f"If the issuer {issuer} is your own: put its root into the trusted roots of {who} by group policy; let the sender add intermediate certificates.",
        "If it is a default certificate that a program made for itself: bind the one that your CA issued for this service.",
    ]
