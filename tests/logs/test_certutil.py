"""certutil -store: short and verbose forms, other languages, run together, without private key, damaged."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.d13_iphttps_certificate import CERTUTIL, SSLCERT
from tests.support.log_texts import damaged, only_log
from wireproof.logs.certutil import CertutilLog, StoredCertificate, find
from wireproof.logs.text import LogText

SECOND, DAY = 1_000_000_000, 86_400_000_000_000
VERBOSE = """\
my "Personal"
================ Certificate 0 ================
X509 Certificate:
Version: 3
Serial Number: 61 0a
    61000000123456789abcdef0
Signature Algorithm:
    Algorithm ObjectId: 1.2.840.113549.1.1.11 sha256RSA
Issuer:
    CN=Contoso Issuing CA
    DC=contoso
  Name Hash(sha1): 00112233445566778899aabbccddeeff00112233

 NotBefore: 4/18/2023 4:49 PM
 NotAfter: 4/17/2025 4:49 PM

Subject:
    CN=da.contoso.com
  Name Hash(sha1): 8899aabbccddeeff00112233445566778899aabb

Certificate Extensions: 8
    2.5.29.37: Flags = 0, Length = c
    Enhanced Key Usage
        Server Authentication (1.3.6.1.5.5.7.3.1)

    1.3.6.1.4.1.311.21.7: Flags = 0, Length = 31
    Certificate Template Information
        Template=1.3.6.1.4.1.311.21.8.1.2

    2.5.29.17: Flags = 0, Length = 30
    Subject Alternative Name
        DNS Name=da.contoso.com
        DNS Name=*.da.contoso.com
        IP Address=203.0.113.7

Cert Hash(sha1): 0123456789abcdef0123456789abcdef01234567
  Key Container = te-WebServer-1
  Provider = Microsoft RSA SChannel Cryptographic Provider
Encryption test passed
================ Certificate 1 ================
Serial Number: 6200000002
Issuer: CN=Contoso Issuing CA, DC=contoso
 NotBefore: 1/2/2024 8:00 AM
 NotAfter: 1/2/2026 8:00 AM
Subject: CN=old.contoso.com, O="Contoso, Ltd."
Non-root Certificate
Cert Hash(sha1): 11 11 11 11 11 11 11 11 11 11 11 11 11 11 11 11 11 11 11 11
  No key provider information
Cannot find the certificate and private key for decryption.
CertUtil: -store command completed successfully.
"""
GERMAN = """\
================ Zertifikat 3 ================
Seriennummer: 1a2b3c4d5e6f
Aussteller: CN=Firma Root CA, DC=firma, DC=de
 Nicht vor: 18.04.2012 16:49
 Nicht nach: 18.04.2014 16:49
Antragsteller: CN=da.firma.de, OU=IT
Kein Stammzertifikat
Zertifikathash(sha1): 22 22 22 22 22 22 22 22 22 22 22 22 22 22 22 22 22 22 22 22
  Schlüsselcontainer = le-WebServer
"""


def certificates(text: str) -> list[StoredCertificate]:
    return only_log(CertutilLog, text).certificates


def moment(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * SECOND  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", [CERTUTIL, " ".join(CERTUTIL.split()), SSLCERT + CERTUTIL], ids=["lines", "one-line", "behind-another"]
)
def test_the_certificate_of_the_article_is_read(text: str) -> None:
    (one,) = certificates(text)
    assert (one.number, one.serial, one.hash) == (2, "5485200900020000015c", "8691087835614a5f09b5f11c403d595c461ff603")
    assert (one.issuer, one.subject, one.named) == (
        "CN=CA-name, DC=company, DC=com",
        "CN=UAGDAServer-FQDN",
        ("UAGDAServer-FQDN",),
    )
    assert (one.not_before_ns, one.not_after_ns) == (moment(2012, 4, 18, 16, 49), moment(2014, 4, 18, 16, 49))
    assert (one.has_key, one.store, one.serves_tls()) == (True, "my", True)


def test_the_line_of_the_hash_is_known_beside_the_first_one() -> None:
    (one,) = certificates(CERTUTIL)
    assert (one.line, one.hash_line) == (2, 10)


def test_the_verbose_form_has_names_and_usages_and_its_own_hash_and_not_that_of_a_name() -> None:
    first, second = certificates(VERBOSE)
    assert first.hash == "0123456789abcdef0123456789abcdef01234567"
    assert first.named == ("da.contoso.com", "*.da.contoso.com", "203.0.113.7")
    assert (first.usages, first.has_key) == (("1.3.6.1.5.5.7.3.1",), True)
    assert (first.not_after_ns, second.not_after_ns) == (moment(2025, 4, 17, 16, 49), moment(2026, 1, 2, 8, 0))
    assert (second.common_name, second.has_key) == ("old.contoso.com", False)


def test_another_language_is_read_by_shape() -> None:
    (one,) = certificates(GERMAN)
    assert (one.serial, one.issuer, one.common_name, one.hash) == (
        "1a2b3c4d5e6f",
        "CN=Firma Root CA, DC=firma, DC=de",
        "da.firma.de",
        "22" * 20,
    )
    assert (one.not_before_ns, one.has_key) == (moment(2012, 4, 18, 16, 49), True)


def test_it_has_expired_only_when_no_zone_can_save_it() -> None:
    (one,) = certificates(CERTUTIL)
    assert not one.is_expired(one.not_after_ns + DAY // 4)
    assert one.is_expired(one.not_after_ns + DAY)
    assert not one.is_expired(one.not_before_ns)


def test_a_certificate_for_clients_only_does_not_serve() -> None:
    (one, _) = certificates(VERBOSE.replace("7.3.1)", "7.3.2)"))
    assert not one.serves_tls()


@given(damaged(CERTUTIL + VERBOSE + GERMAN) | st.text(max_size=200))
def test_any_text_is_read_without_harm(text: str) -> None:
    log = find(LogText("x", text.splitlines()))
    for one in log.certificates if log else ():
        assert 1 <= one.line <= one.hash_line <= len(text.splitlines())
        assert len(one.hash) in (0, 40)
