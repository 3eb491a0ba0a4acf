"""TLS as IP-HTTPS of 2012 spoke it: one old version and one suite, also such suites that encrypt nothing.

Gives a `Pair` of OpenSSL's behind its handshake. The certificate is made once for a run of tests.
"""

from __future__ import annotations

import functools
import ssl

from tests.support.tls_handshakes import TLS10, Issued, Pair, client_context, issue, rsa_key, server_context

SERVER_NAME = "uag1.contoso.com"


@functools.cache
def certificate() -> Issued:
    """The server's certificate with an RSA key, self-signed."""
    return issue(SERVER_NAME, key=rsa_key(2048))


def shake_hands(suites: str = "NULL-SHA", version: ssl.TLSVersion = TLS10) -> Pair:
    """Both ends, ready for what they write."""
    suites = f"{suites}:@SECLEVEL=0"
    server = server_context(certificate(), version=version, suites=suites)
    pair = Pair(client_context(suites=suites, version=version), server, SERVER_NAME)
    assert pair.handshake()
    return pair
