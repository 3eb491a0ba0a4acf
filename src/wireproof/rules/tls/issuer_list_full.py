r"""A server's list of acceptable client-certificate issuers has come to the size at which Windows cuts it off.

## What is seen
The list of names in a CertificateRequest ends just below 16,384 bytes (12,228 on Windows Server 2003): one more name would not fit.

## Why it matters
Schannel drops the issuers that do not fit, without an order that one could rely on. A client whose issuer was dropped finds no certificate
to send: IIS answers 403.7 or 403.16, and server-to-server TLS of Lync and Exchange fails.

## Fix
Remove roots that nobody needs from Trusted Root Certification Authorities of the server's computer account, or let the server send no list:
SendTrustedIssuerList=0 under HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL. On Windows 8 and Server 2012 that value alone does not
help (KB 2880390): shorten the list, or bind a list of its own (SslCtlStoreName).

## Looks alike but is not
A long list that ends well below the limit. A list without a client that misses its issuer is a warning only. A renegotiation is encrypted: without
a key the size of what the server sends in it raises the question, no more; with one the list itself is measured.

## References
KB 933430 (event 36885); KB 2464556 (Lync, Exchange); KB 2880390 (Windows 8, Server 2012); RFC 5246 section 7.4.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity, Undecided
from wireproof.limits import limit
from wireproof.rules.evidence import count, frame, joined
from wireproof.rules.tls._handshakes import Handshake, grouped, handshakes
from wireproof.rules.tls._issuers import Lacking, lacking_issuers, unlisted_roots
from wireproof.rules.tls._requests import SIZES, answer, full_at, refused_inside
from wireproof.rules.tls._wording import session_facts, tls_filter
from wireproof.wire.tls_suite_parts import suite_parts

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.messages.certificates import Certificate

RULE = "tls-issuer-list-full"
SEVERITY = Severity.ERROR
SPARE = limit(
    "tls-issuer-list-full.spare_bytes",
    256,
    "names of issuers take 50 to 200 bytes each; a list that has less room left than one name may have lost some",
)


def judge(case: Case) -> Iterator[Finding | Undecided]:
    """One finding a server endpoint; a question where a renegotiation hides a list that may be full."""
    found = list(handshakes(case))
    for group in grouped(((one.server,), one) for one in found if is_full(one)).values():
        yield finding(case, group)
    for group in grouped(
        ((one.server,), one) for one in found if hidden_bytes(one) >= SIZES[-1] - SPARE.value
    ).values():
        yield question(group[0])


def hidden_bytes(handshake: Handshake) -> int:
    """Bytes of handshake that a server sends encrypted in a renegotiation."""
    session = handshake.session
    if session.renegotiated_row < 0:
        return 0
    return sum(
        m.length
        for m in session.messages
        if not m.from_client and m.kind == "encrypted_handshake" and m.row >= session.renegotiated_row
    )


def question(shown: Handshake) -> Undecided:
    """What a renegotiation without keys leaves open."""
    frame_number = shown.point.packets.number(shown.session.renegotiated_row)
    parts = suite_parts(shown.session.suite)
    if parts and parts.key_exchange == "RSA":
        key = f"give the private key of {shown.server} (`--key server.pfx`): the session uses RSA key exchange"
    else:
        key = "capture again with a key log of the client (SSLKEYLOGFILE) and give it (`--key`)"
    return Undecided(
        RULE,
        f"whether the list of client-certificate issuers of {shown.server} is full: from frame {frame_number} on it renegotiates and sends "
        f"{hidden_bytes(shown):,} bytes of encrypted handshake, as much as a full list takes",
        f"{key}; or count the trusted roots of the server (`certutil -store root`)",
    )


def is_full(handshake: Handshake) -> bool:
    """Whether the server's list has no room for one more name."""
    request = handshake.session.request
    return request is not None and full_at(request, int(SPARE.value)) > 0


def is_hurt(handshake: Handshake) -> bool:
    """Whether the client sent no certificate and got no data, or was refused for it in the session, as far as that was opened."""
    return answer(handshake) == "empty" and (not handshake.carried_data or refused_inside(handshake) is not None)


def finding(case: Case, group: list[Handshake]) -> Finding:
    """The finding on one endpoint."""
    shown = min(group, key=lambda one: (not is_hurt(one), answer(one) != "empty"))
    request = shown.session.request
    assert request
    most, hurt = full_at(request, int(SPARE.value)), is_hurt(shown)
    summary = (
        f"{shown.server} names {count(len(request.authorities), 'issuer')} in {request.authorities_bytes:,} bytes when it asks for a client "
        f"certificate; Windows allows {most:,} bytes and leaves out what does not fit. "
    )
    summary += (
        f"{shown.client} then sent no certificate: its issuer may be among those left out."
        if answer(shown) == "empty"
        else "Clients whose issuer was left out will find no certificate to send."
    )
    lacking, roots = lacking_issuers(case, shown), unlisted_roots(case, shown)
    summary += lacking_text(lacking, roots)
    return Finding(
        RULE,
        SEVERITY if hurt else Severity.WARNING,
        Confidence.HIGH if hurt and lacking else Confidence.MEDIUM,
        f"The list of client-certificate issuers of {shown.server} is full ({request.authorities_bytes:,} of {most:,} bytes)",
        summary,
        rows(shown),
        where=f"at {shown.server}",
        toward="client",
        talk=shown.label(case),
        facts={
            "count": len(group),
            "issuers": len(request.authorities),
            "issuers_bytes": request.authorities_bytes,
            "limit_bytes": most,
            "client_answer": answer(shown),
            "missing_issuers": [one.issuers[0] for one in lacking],
            "unlisted_roots": [root.subject for root in roots[:20]],
            **session_facts(shown),
        },
        fix=[
            "See whether the issuer of the client's certificate is in the list; if not, it was left out, or the server does not trust it.",
            "Remove unneeded roots from the server's computer store (`certutil -store root`), which is where the list comes from.",
            (
                "Or send no list: SendTrustedIssuerList=0 (DWORD) under HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL; not enough on "
                "Windows 8 and Server 2012 (KB 2880390)."
            ),
        ],
        references=["KB 933430", "KB 2464556", "KB 2880390"],
        filters={shown.point.name: tls_filter(shown)},
        cause=(shown.server,),
        conversations=[one.own for one in group],
    )


def lacking_text(lacking: list[Lacking], roots: list[Certificate]) -> str:
    """What certificates at hand tell of the names that the list lacks."""
    text = ""
    if lacking:
        first = lacking[0]
        text += (
            f" The list lacks {first.issuers[0]}, which issued {first.found.certificate.title} ({first.found.file})."
        )
    if roots:
        text += f" Of the roots given, the list lacks {joined([root.title for root in roots], 3)}."
    return text


def rows(shown: Handshake) -> list[Evidence]:
    """The request and the client's answer."""
    session, found = shown.session, []
    if session.renegotiated_row >= 0:
        found.append(frame(shown.point, session.renegotiated_row, "renegotiation inside the session"))
    if session.request:
        found.append(
            frame(
                shown.point,
                session.request.last_row,
                f"CertificateRequest with {session.request.authorities_bytes:,} bytes of issuers",
            )
        )
    if session.client_certificate:
        what = "a certificate" if session.client_certificate.certificates else "no certificate"
        found.append(frame(shown.point, session.client_certificate.last_row, f"client sends {what}"))
    refused = refused_inside(shown)
    if refused:
        found.append(frame(shown.point, refused.row, f"server: HTTP {refused.status_text}"))
    return found
