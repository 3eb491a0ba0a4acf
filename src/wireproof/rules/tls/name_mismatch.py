"""The certificate that a server sends is for another name than the client wants.

## What is seen
The client names the server in its ClientHello (SNI), in the CONNECT request to a proxy, or had the address from a DNS answer for that
name; none of the names in the server's certificate fits. Clients that check the name stop: with an alert (bad_certificate, certificate_unknown)
or by closing right after the handshake.

## Why it matters
Programs refuse such a connection, and users are taught to click warnings away. Mostly the name leads to the wrong address, or the right
certificate is bound to another address or port, or is chosen by SNI that the client does not send.

## Fix
Compare three things: where the name leads (`nslookup`), which certificate is bound to that address and port (Windows: `netsh http
show sslcert`), and which names are in it (`certutil -store -v my`). Correct DNS or the binding, or have the certificate issued with
the missing name. Where outputs of these commands lie beside the capture, the finding says which binding has the right certificate, which one was
served, and prints the command that binds it or the record to change.

## Looks alike but is not
A wildcard that covers the name. A client that went on and sent data: it does not check the name, or its user agreed (told as
information). Sessions that are resumed or use TLS 1.3 show no certificate. Without SNI, several names of one address: any that fits is enough.

## References
RFC 9525 section 6 (matching names); RFC 6066 section 3 (SNI); RFC 5280 section 4.2.1.6 (subject alternative name).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.rules.evidence import count, frame, joined
from wireproof.rules.tls._bindings import Served, served, served_facts, served_fixes, served_rows, served_text
from wireproof.rules.tls._handshakes import Handshake, Stop, grouped, handshakes
from wireproof.rules.tls._names import Wanted, is_address, is_for, names_answered, wanted_names
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

if TYPE_CHECKING:
    from wireproof.case import Case

RULE = "tls-name-mismatch"
SEVERITY = Severity.ERROR
OTHER_REASONS = {
    "certificate_expired",
    "certificate_revoked",
    "unsupported_certificate",
    "protocol_version",
    "handshake_failure",
}
"""Alerts by which a client gives another reason than the name."""


def judge(case: Case) -> Iterator[Finding]:
    """One finding a server endpoint, wanted name and certificate."""
    for group in grouped(mismatches(case)).values():
        yield finding(case, group)


def mismatches(case: Case) -> Iterator[tuple[tuple[str, ...], Handshake]]:
    """Handshakes whose certificate is for another name, by cause."""
    for handshake in handshakes(case):
        wanted = mismatch(handshake)
        if wanted and handshake.leaf:
            yield (handshake.server, wanted.name.lower(), handshake.leaf.likeness), handshake


def mismatch(handshake: Handshake) -> Wanted | None:
    """The name that the client wanted and the server's certificate is not for; None when it fits, or nobody can tell."""
    leaf = handshake.leaf
    if leaf is None or not leaf.readable or handshake.session.pseudo:
        return None
    # Without SNI, only a client that gave up is a reason to ask which name led it here.
    if not handshake.session.server_name and handshake.session.inside != "http-connect" and handshake.stop() is None:
        return None
    names = [wanted for wanted in wanted_names(handshake) if not is_address(wanted.name)]
    return names[0] if names and not any(is_for(leaf, wanted.name) for wanted in names) else None


def finding(case: Case, group: list[Handshake]) -> Finding:
    """The finding on one name, endpoint and certificate."""
    shown = next((handshake for handshake in group if handshake.stop()), group[0])
    wanted, leaf, stop = mismatch(shown), shown.leaf, shown.stop()
    assert wanted
    assert leaf
    severity, confidence = weigh(shown, wanted, stop)
    found = served(case, shown, wanted.name)
    summary = (
        f"{shown.client} wanted {wanted.name} ({wanted.told}), and {shown.server} sent the certificate {certificate_text(leaf)}, "
        f"which is not for that name. {consequence(shown, stop)}"
    )
    if len(group) > 1:
        summary += f" {count(len(group), 'connection')} in all."
    summary += f" {served_text(found)}" if found else ""
    times = f" ({count(len(group), 'connection')})" if len(group) > 1 else ""
    return Finding(
        RULE,
        severity,
        confidence,
        f"{shown.server} serves a certificate for {joined(leaf.named, 2) or leaf.title} instead of {wanted.name}{times}",
        summary,
        [
            *certificate_rows(shown),
            *name_rows(shown, wanted),
            *stop_rows(shown, stop),
            *(served_rows(found) if found else ()),
        ],
        where=f"at {shown.server}",
        toward="client",
        talk=shown.label(case),
        facts={
            "count": len(group),
            "wanted": wanted.name,
            "wanted_from": wanted.source,
            **session_facts(shown),
            **certificate_facts(leaf),
            **(served_facts(found) if found else {}),
        },
        fix=fixes(shown, wanted, found),
        references=["RFC 9525 6.3", "RFC 6066 3"],
        filters={shown.point.name: tls_filter(shown)},
        cause=(shown.server, wanted.name.lower(), leaf.likeness),
        conversations=[handshake.own for handshake in group],
    )


def weigh(shown: Handshake, wanted: Wanted, stop: Stop | None) -> tuple[Severity, Confidence]:
    """An error where the client gave up, information where it went on."""
    sure = Confidence.HIGH if wanted.source == "sni" else Confidence.MEDIUM
    if stop and stop.alert in OTHER_REASONS:
        return Severity.WARNING, sure
    if stop:
        return SEVERITY, sure
    return (Severity.INFO if shown.carried_data else Severity.WARNING), sure


def consequence(shown: Handshake, stop: Stop | None) -> str:
    """What the client made of it."""
    if stop:
        return f"The client {stop_text(stop)}."
    if shown.carried_data:
        return "The client went on: it does not check the name, or somebody told it to accept this certificate."
    return "What the client made of it, the capture does not show."


def name_rows(shown: Handshake, wanted: Wanted) -> list[Evidence]:
    """The packet that shows which name was wanted, and the DNS answer that led here."""
    if wanted.source == "sni":
        led = next((one for one in names_answered(shown) if one.name.lower() == wanted.name.lower()), None)
        answer = [frame(shown.point, led.row, f"DNS: {wanted.name} leads to {shown.server_address}")] if led else []
        return [*hello_rows(shown), *answer]
    return [frame(shown.point, wanted.row, f"{wanted.name}: {wanted.told}"), *hello_rows(shown)]


def fixes(shown: Handshake, wanted: Wanted, found: Served | None) -> list[str]:
    """What to correct where bindings at hand tell; else what to compare."""
    port = shown.server.rpartition(":")[2]
    told = served_fixes(found) if found else []
    return told or [
        f"See where {wanted.name} leads (`nslookup {wanted.name}`): is {shown.server_address} the host that should answer for it? If not, correct DNS.",
        (
            f"See which certificate is bound to {shown.server_address}:{port} (Windows: `netsh http show sslcert`, IIS site bindings; Linux: "
            f"`openssl s_client -connect {shown.server} -servername {wanted.name}`), and bind the one for {wanted.name} there."
        ),
        f"If the binding is right: have the certificate issued with {wanted.name} in its subject alternative name.",
    ]
