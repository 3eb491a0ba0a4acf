"""Web server that asks for a client certificate by renegotiation, and whose list of issuers is full: the client sends none, 403.7.

Addresses, ports and the order of what is said are the printed ones; the sessions are real ones of OpenSSL, whose flights of key exchange,
Finished and HelloRequest have the printed lengths (326, 59, 37, 90 bytes). The working session is printed; of the one that failed the
article tells the steps. Sizes of certificates are not printed, and the issuers are made up.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.talk import Step
from tests.support.tls_handshakes import Issued, capture, issue, rsa_key
from tests.support.tls_renegotiation import Renegotiation

CLIENT, SERVER, PORT = "10.10.10.16", "10.10.10.15", 443
LIMIT = 16_384
GET = b"GET /1.aspx HTTP/1.1\r\nAccept: text/html, application/xhtml+xml, */*\r\nHost: iis.contoso.com\r\nConnection: Keep-Alive\r\n\r\n"
ICON = b"GET /favicon.ico HTTP/1.1\r\nAccept: */*\r\nHost: iis.contoso.com\r\nConnection: Keep-Alive\r\n\r\n"

EXPECT: dict[str, Any] = {
    "rules": ("tls-issuer-list-full", "tls-client-certificate-missing", "http-error"),
    "missing": "CN=Contoso Users CA",
}


def answer(status: str, page: bytes) -> bytes:
    """A response of the web server of Windows Server 2008 R2."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nServer: Microsoft-IIS/7.5\r\nContent-Length: {len(page)}\r\n\r\n"
    return head.encode() + page


FORBIDDEN = (
    b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\r\n'
    b"<html><head><title>IIS 7.5 Detailed Error - 403.7 - Forbidden</title></head><body><h3>HTTP Error 403.7 - Forbidden</h3>"
    b"<h4>The page you are attempting to access requires your browser to have a Secure Sockets Layer (SSL) client certificate "
    b"that the Web server recognizes.</h4></body></html>"
)
USERS_CA = issue("Contoso Users CA", ca=True)
SERVED = issue("iis.contoso.com", ("iis.contoso.com",), key=rsa_key(2048))


def roots(total: int) -> list[Issued]:
    """Issuers whose names fill a list of at most `total` bytes, as many as fit."""
    made, used, turn = [], 0, 0
    while True:
        one = issue(
            f"Certification Authority {turn:03d}", organisation="Example Trust Services of the World Limited", ca=True
        )
        used += 2 + len(one.certificate.subject.public_bytes())
        if used > total:
            return made
        made.append(one)
        turn += 1


def failed() -> Renegotiation:
    """The customer's session: the list is full, and the issuer of the client's certificate was left out."""
    session = Renegotiation(SERVED, issuers=roots(LIMIT))
    session.say("client", GET)
    session.ask()
    session.say("server", answer("403 Forbidden", FORBIDDEN))
    session.close()
    return session


def worked() -> Renegotiation:
    """The laboratory's session, as printed: the client has a certificate of one of the issuers, and gets its page."""
    own = issue("user", (), USERS_CA)
    session = Renegotiation(SERVED, own, issuers=[USERS_CA])
    session.say("client", GET)
    session.ask()
    session.say("server", answer("200 OK", b"<html><body>Hello</body></html>"))
    session.say("client", ICON)
    session.say("server", answer("404 Not Found", b"<html><body>not here</body></html>"))
    session.close()
    return session


def record(folder: Path, steps: list[Step]) -> dict[str, Path]:
    """The capture of one session at the client."""
    return capture(folder, steps, ends=(CLIENT, SERVER), port=PORT)


def build(folder: Path) -> dict[str, Path]:
    """The case that failed."""
    return record(folder, failed().steps)
