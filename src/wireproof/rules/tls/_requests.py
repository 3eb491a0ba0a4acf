"""Requests for a client certificate: whether the list of issuers was cut at Schannel's limit, and what the client answered.

Takes a handshake; gives facts about its CertificateRequest. Decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.rules.tls._handshakes import Handshake, is_fatal

if TYPE_CHECKING:
    from wireproof.messages.http_message import HttpMessage
    from wireproof.messages.tls_table import TlsMessage

SIZES = (12_228, 16_384)
"""Bytes that Schannel allows for the list of issuers: 12,228 on Windows Server 2003, 16,384 later (KB 933430, KB 2880390)."""


def full_at(request: TlsMessage, spare_least: int) -> int:
    """The limit that a list of issuers has come to: one more name would not fit. 0 when it has room."""
    size = request.authorities_bytes
    if not request.authorities:
        return 0
    # Lists end at whole names, so what is left of the limit is less than a name takes.
    spare = max(spare_least, size // len(request.authorities) + 2)
    return next((most for most in SIZES if 0 <= most - size < spare), 0)


def answer(handshake: Handshake) -> str:
    """What the client answered to the request: `sent`, `empty`, or `nothing seen`."""
    session = handshake.session
    if session.hidden and session.hidden.client_certificate:
        return session.hidden.client_certificate
    message = session.client_certificate
    if message is not None and not message.cut:
        return "sent" if message.certificates else "empty"
    if any(a.from_client and a.alert == "no_certificate" for a in session.alerts):
        return "empty"
    return "nothing seen"


def answered_at(handshake: Handshake) -> int:
    """The row with the client's answer to the request; -1 when none was seen."""
    message = handshake.session.client_certificate
    return message.last_row if message is not None else -1


def refused_inside(handshake: Handshake) -> HttpMessage | None:
    """The web server's response that turns away a client without certificate, where the session was opened.

    What follows the empty answer is meant: 403 in general, and other refusals that name a certificate as their reason.
    """
    row = answered_at(handshake)
    if handshake.point.clear is None or row < 0 or answer(handshake) != "empty":
        return None
    said = handshake.point.said.http.of(handshake.session.conversation)
    first = next((m for m in said if m.tls and m.status >= 200 and m.row >= row), None)
    return first if first is not None and is_about_certificates(first) else None


def is_about_certificates(response: HttpMessage) -> bool:
    """Whether a response says that a client certificate is missing (IIS 403.7, nginx 496 and its text)."""
    if response.status == 403:
        return response.sub_status in {0, 7}
    return response.status in {495, 496} or (
        response.status in {400, 401} and "certificate" in f"{response.reason} {response.text}".lower()
    )


def refusal(handshake: Handshake) -> TlsMessage | None:
    """The server's alert after the client's answer; in TLS 1.3 an encrypted one, told by its length."""
    hidden = handshake.session.hidden
    if hidden and hidden.refusal:
        return hidden.refusal
    return next((a for a in handshake.session.alerts if not a.from_client and is_fatal(a)), None)
