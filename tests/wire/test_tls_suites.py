"""Cipher suites by name, checked against OpenSSL's."""

from __future__ import annotations

import ssl

import pytest

from wireproof.wire.tls_suites import SUITES, encrypts_nothing, mac_bytes, suite_name


def test_every_suite_of_openssl_is_named_and_told_apart_from_null() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:eNULL:@SECLEVEL=0")
    for cipher in context.get_ciphers():
        number = cipher["id"] & 0xFFFF
        assert number in SUITES, cipher["name"]
        assert encrypts_nothing(number) == ("NULL" in cipher["name"]), cipher["name"]


@pytest.mark.parametrize(
    ("suite", "name", "mac"),
    [
        (0x0001, "TLS_RSA_WITH_NULL_MD5", 16),
        (0x0002, "TLS_RSA_WITH_NULL_SHA", 20),
        (0x003B, "TLS_RSA_WITH_NULL_SHA256", 32),
        (0x002F, "TLS_RSA_WITH_AES_128_CBC_SHA", 0),
    ],
)
def test_the_mac_of_a_null_suite_has_its_hashs_size(suite: int, name: str, mac: int) -> None:
    assert (suite_name(suite), mac_bytes(suite)) == (name, mac)


def test_an_unknown_suite_is_named_by_its_number() -> None:
    assert (suite_name(0x9A9A), encrypts_nothing(0x9A9A), mac_bytes(0x9A9A)) == ("cipher suite 0x9a9a", False, 0)
