"""Certificates as rules speak of them."""

from __future__ import annotations

import hashlib

from tests.support.tls_handshakes import ROOT, SERVER, issue
from wireproof.messages.certificates import Certificate, read_certificate, thumbprint


def test_a_certificate_has_names_dates_and_thumbprint() -> None:
    found, known = read_certificate(SERVER.der), SERVER.certificate
    assert (found.subject, found.issuer, found.common_name) == (
        "CN=www.example.com",
        "CN=Example Root CA",
        "www.example.com",
    )
    assert found.named == ("www.example.com", "example.com")
    assert found.not_after_ns == int(known.not_valid_after_utc.timestamp()) * 1_000_000_000
    assert found.thumbprint == thumbprint(SERVER.der) == hashlib.sha1(SERVER.der).hexdigest()
    assert (found.readable, found.self_signed, found.is_ca) == (True, False, False)
    assert read_certificate(ROOT.der).self_signed


def test_without_alternative_names_the_common_name_counts() -> None:
    found = read_certificate(issue("Default Web Site").der)
    assert (found.names, found.named, found.title) == ((), ("Default Web Site",), "Default Web Site")


def test_beside_addresses_the_common_name_counts_too() -> None:
    found = Certificate("", b"", names=("10.1.0.5", "2001:db8::1"), common_name="host.example.com")
    assert found.named == ("10.1.0.5", "2001:db8::1", "host.example.com")


def test_a_certificate_issued_again_is_like_the_one_before() -> None:
    first, again, other = (
        read_certificate(issue(name, (name,), ROOT).der) for name in ("a.example", "a.example", "b.example")
    )
    assert first.thumbprint != again.thumbprint
    assert first.likeness == again.likeness != other.likeness
    assert read_certificate(b"no certificate").likeness == thumbprint(b"no certificate")


def test_what_is_no_certificate_has_a_thumbprint_only() -> None:
    found = read_certificate(b"no certificate")
    assert not found.readable
    assert (found.subject, found.named) == ("", ())
    assert found.thumbprint in found.title
