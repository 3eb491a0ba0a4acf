"""One side ends a TLS handshake with an alert that says why.

## What is seen
A fatal alert in clear (or a warning that ends the handshake), who sent it, and what both sides had said before.

## Why it matters
The connection ends before any data. The description tells which side refused what: protocol version, cipher suites, a certificate,
the name asked for.

## Fix
By description: see the finding. Alerts behind the handshake are encrypted and can't be read without the session's keys.

## Looks alike but is not
close_notify, user_canceled, no_renegotiation, and unrecognized_name as a warning end nothing. A client that tries again with another
version or list of suites, and succeeds, is told as information.

## References
RFC 8446 section 6 and RFC 5246 section 7.2 (alerts); RFC 7507 (inappropriate_fallback); RFC 7301 section 3.2 (no_application_protocol).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wireproof.finding import Confidence, Evidence, Finding, Severity
from wireproof.limits import limit
from wireproof.rules.evidence import count, frame, joined
from wireproof.rules.tls._handshakes import Handshake, grouped, handshakes, is_fatal
from wireproof.rules.tls._wording import certificate_rows, hello_rows, session_facts, tls_filter
from wireproof.wire.tls import version_name
from wireproof.wire.tls_suites import suite_name

if TYPE_CHECKING:
    from wireproof.case import Case
    from wireproof.messages.tls_table import TlsMessage

RULE = "tls-alert"
SEVERITY = Severity.ERROR
SEVERAL = limit(
    "tls-alert.servers", 3, "a client that ends handshakes with several servers for one reason is the place to look at"
)

MEANINGS = {
    "unexpected_message": "a message came that does not belong there",
    "bad_record_mac": "a record was damaged or made with another key: keys differ, or something on the way changes the data",
    "record_overflow": "a record was longer than allowed",
    "handshake_failure": "no set of parameters was acceptable to both: no common suite, or a client certificate was wanted",
    "bad_certificate": "the certificate is damaged, its signature does not verify, or it is not for this name",
    "unsupported_certificate": "the certificate is of a kind that it does not take (key usage, algorithm)",
    "certificate_revoked": "the certificate was revoked",
    "certificate_expired": "the certificate is out of date",
    "certificate_unknown": "the certificate is not acceptable for a reason that is not told",
    "illegal_parameter": "a field held an impossible value",
    "unknown_ca": "the certificate's issuer is not trusted",
    "access_denied": "the certificate is valid, but its owner may not come in",
    "decode_error": "a message could not be decoded",
    "decrypt_error": "a signature or Finished did not verify",
    "protocol_version": "no common TLS version",
    "insufficient_security": "the suites offered are too weak for it",
    "internal_error": "an error of its own that has nothing to do with the peer",
    "inappropriate_fallback": "the client asked for an older version than both can do, as it does after a failed try",
    "missing_extension": "an extension is missing that the version needs",
    "unsupported_extension": "an extension came that nobody offered",
    "unrecognized_name": "it serves no such name",
    "bad_certificate_status_response": "the stapled revocation status is not acceptable",
    "unknown_psk_identity": "the pre-shared key is not known",
    "certificate_required": "a client certificate is required and none was sent",
    "no_application_protocol": "none of the application protocols offered (ALPN) is served",
}


def judge(case: Case) -> Iterator[Finding]:
    """One finding a server endpoint, sender and description."""
    everything = list(handshakes(case))
    served = {(one.client, one.server) for one in everything if one.carried_data}
    for cause, group in grouped(causes(everything)).items():
        yield finding(case, cause, group, served)


def causes(everything: list[Handshake]) -> Iterator[tuple[tuple[str, ...], Handshake]]:
    """Handshakes that an alert ended, by server, or by the client that ends those with several servers alike."""
    found = [(one, alert) for one in everything if (alert := fatal_alert(one))]
    refused: dict[tuple[str, str], set[str]] = {}
    for one, alert in found:
        refused.setdefault((one.client, alert.alert), set()).add(one.server)
    for one, alert in found:
        if not alert.from_client:
            yield (one.server, "server", alert.alert), one
        elif len(refused[one.client, alert.alert]) >= SEVERAL.value:
            yield (one.client, "client", alert.alert), one
        else:
            yield (one.server, "client", alert.alert), one


def fatal_alert(handshake: Handshake) -> TlsMessage | None:
    """The first alert in clear that ended the handshake."""
    return next((alert for alert in handshake.session.alerts if is_fatal(alert)), None)


def finding(case: Case, cause: tuple[str, ...], group: list[Handshake], served: set[tuple[str, str]]) -> Finding:
    """The finding on one kind of alert at one endpoint, or of one client."""
    shown = group[0]
    alert = fatal_alert(shown)
    assert alert
    sender, who = ("client", shown.client) if alert.from_client else ("server", shown.server)
    clients, servers = {one.client for one in group}, {one.server for one in group}
    mended = all((one.client, one.server) in served for one in group)
    meaning = MEANINGS.get(alert.alert, "")
    summary = f"The {sender} {who} ended the handshake with the alert {alert.alert}{': ' + meaning if meaning else ''}. {offers(shown)}"
    if len(group) > 1:
        summary += f" {count(len(group), 'connection')} of {count(len(clients), 'client')} with {count(len(servers), 'server')} ended so."
    if mended:
        summary += " Other connections of the same client to this server succeeded."
    return Finding(
        RULE,
        Severity.INFO if mended else SEVERITY,
        Confidence.HIGH,
        f"{'Client ' + shown.client if alert.from_client else shown.server} ends the TLS handshake: {alert.alert}",
        summary.strip(),
        rows(shown, alert),
        where=f"at {who}",
        toward="server" if alert.from_client else "client",
        talk=shown.label(case),
        facts={
            "count": len(group),
            "alert": alert.alert,
            "code": alert.alert_code,
            "sender": sender,
            "clients": len(clients),
            "servers": len(servers),
            **session_facts(shown),
        },
        fix=fixes(shown, alert),
        references=["RFC 8446 6", "RFC 5246 7.2"],
        filters={shown.point.name: tls_filter(shown)},
        cause=cause,
        conversations=[one.own for one in group],
    )


def rows(shown: Handshake, alert: TlsMessage) -> list[Evidence]:
    """Alert, hellos and certificate."""
    answer = shown.session.server_hello
    found = [
        frame(
            shown.point, alert.last_row, f"alert {alert.alert} from the {'client' if alert.from_client else 'server'}"
        )
    ]
    found += hello_rows(shown)
    if answer:
        found.append(
            frame(
                shown.point, answer.last_row, f"ServerHello: {version_name(answer.version)}, {suite_name(answer.suite)}"
            )
        )
    named = {row.frame for row in found}
    return found + [row for row in certificate_rows(shown) if row.frame not in named]


def offers(shown: Handshake) -> str:
    """What the client had offered, and the server chosen."""
    hello, answer = shown.session.client_hello, shown.session.server_hello
    if hello is None:
        return ""
    versions = sorted({version for version in hello.versions if version >> 8 == 3} or {hello.version})
    text = f"The client offered {joined(map(version_name, versions))} and {count(len(shown.session.offered), 'cipher suite')}"
    if hello.server_name:
        text += f" for {hello.server_name}"
    return text + (
        f"; the server chose {version_name(answer.version)} with {suite_name(answer.suite)}."
        if answer
        else "; the server chose nothing."
    )


def fixes(shown: Handshake, alert: TlsMessage) -> list[str]:
    """What to do, by description."""
    if alert.alert in {"protocol_version", "inappropriate_fallback"}:
        return [
            "Compare the TLS versions that both sides are set to (Windows: Schannel\\Protocols in the registry), and enable a common one."
        ]
    if alert.alert in {"handshake_failure", "insufficient_security"}:
        return [
            f"Compare cipher suites and curves of both sides: the ClientHello shows one, `openssl s_client -connect {shown.server}` the other.",
            "If the server asks for a client certificate: see whether the client has one from an issuer that the server accepts.",
        ]
    if alert.alert in {"unrecognized_name", "no_application_protocol"}:
        return [
            f"See which names and protocols {shown.server} serves (its bindings or virtual hosts), and which the client asks for."
        ]
    if "certificate" in alert.alert or alert.alert in {"unknown_ca", "access_denied"}:
        refuser = shown.client if alert.from_client else shown.server
        return [
            f"Check the certificate on the side that refuses ({refuser}): `certutil -urlfetch -verify file.cer` names the step that fails."
        ]
    return [
        "Look into the TLS log of the side that sent the alert (Windows: Schannel events 36874, 36887, 36888 in the System log) at that time."
    ]
