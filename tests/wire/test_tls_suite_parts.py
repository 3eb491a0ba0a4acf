"""Parts of cipher suites, checked against what OpenSSL says of its own."""

from __future__ import annotations

import ssl

import pytest

from wireproof.wire.tls_suite_parts import suite_parts
from wireproof.wire.tls_suites import SUITES


@pytest.mark.parametrize(
    ("suite", "exchange", "cipher", "mode", "sizes", "prf"),
    [
        # sizes: key, IV, MAC, tag, explicit nonce, key material of export suites
        (0x0004, "RSA", "RC4", "STREAM", (16, 0, 16, 0, 0, 0), "sha256"),
        (0x0003, "RSA_EXPORT", "RC4", "STREAM", (16, 0, 16, 0, 0, 5), "sha256"),
        (0x0006, "RSA_EXPORT", "RC2", "CBC", (16, 8, 16, 0, 0, 5), "sha256"),
        (0x0008, "RSA_EXPORT", "DES", "CBC", (8, 8, 20, 0, 0, 5), "sha256"),
        (0x0026, "KRB5_EXPORT", "DES", "CBC", (8, 8, 20, 0, 0, 5), "sha256"),
        (0x0062, "RSA_EXPORT", "DES", "CBC", (8, 8, 20, 0, 0, 8), "sha256"),
        (0x0064, "RSA_EXPORT", "RC4", "STREAM", (16, 0, 20, 0, 0, 7), "sha256"),
        (0x0009, "RSA", "DES", "CBC", (8, 8, 20, 0, 0, 0), "sha256"),
        (0x000A, "RSA", "3DES", "CBC", (24, 8, 20, 0, 0, 0), "sha256"),
        (0x0007, "RSA", "IDEA", "CBC", (16, 8, 20, 0, 0, 0), "sha256"),
        (0x0096, "RSA", "SEED", "CBC", (16, 16, 20, 0, 0, 0), "sha256"),
        (0x0084, "RSA", "CAMELLIA", "CBC", (32, 16, 20, 0, 0, 0), "sha256"),
        (0xC07A, "RSA", "CAMELLIA", "GCM", (16, 4, 0, 16, 8, 0), "sha256"),
        (0x002C, "PSK", "NULL", "NULL", (0, 0, 20, 0, 0, 0), "sha256"),
        (0xC0AB, "DHE_PSK", "AES", "CCM", (32, 4, 0, 8, 8, 0), "sha256"),
        (0xC09D, "RSA", "AES", "CCM", (32, 4, 0, 16, 8, 0), "sha256"),
        (0xC028, "ECDHE_RSA", "AES", "CBC", (32, 16, 48, 0, 0, 0), "sha384"),
        (0xC030, "ECDHE_RSA", "AES", "GCM", (32, 4, 0, 16, 8, 0), "sha384"),
        (0xC021, "SRP_SHA_RSA", "AES", "CBC", (32, 16, 20, 0, 0, 0), "sha256"),
        (0xCCA9, "ECDHE_ECDSA", "CHACHA20", "POLY1305", (32, 12, 0, 16, 0, 0), "sha256"),
        (0xCC13, "ECDHE_RSA", "CHACHA20", "POLY1305-DRAFT", (32, 0, 0, 16, 0, 0), "sha256"),
        (0x1302, "", "AES", "GCM", (32, 12, 0, 16, 0, 0), "sha384"),
        (0x1303, "", "CHACHA20", "POLY1305", (32, 12, 0, 16, 0, 0), "sha256"),
        (0x1305, "", "AES", "CCM", (16, 12, 0, 8, 0, 0), "sha256"),
        (0xC0B5, "", "NULL", "NULL", (48, 48, 48, 0, 0, 0), "sha384"),
    ],
)
def test_a_suite_is_taken_apart(
    suite: int, exchange: str, cipher: str, mode: str, sizes: tuple[int, ...], prf: str
) -> None:
    parts = suite_parts(suite)
    assert parts is not None
    assert (parts.key_exchange, parts.cipher, parts.mode, parts.prf) == (exchange, cipher, mode, prf)
    assert parts[4:6] + parts[7:10] + parts[11:] == sizes
    assert parts.name == f"TLS_{SUITES[suite]}"


@pytest.mark.parametrize("suite", [0x0000, 0x00FF, 0x5600, 0x9A9A, 0xC03C, 0xC050])
def test_signals_unknown_numbers_and_ciphers_that_nobody_here_has_give_none(suite: int) -> None:
    assert suite_parts(suite) is None


def test_only_ciphers_that_are_named_as_missing_give_none() -> None:
    missing = {SUITES[suite] for suite in SUITES if suite_parts(suite) is None}
    assert {name for name in missing if "ARIA" not in name and "SM4" not in name} == {
        "NULL_WITH_NULL_NULL",
        "EMPTY_RENEGOTIATION_INFO_SCSV",
        "FALLBACK_SCSV",
    }


def test_key_sizes_and_macs_are_those_of_openssl() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    seen = 0
    for cipher in context.get_ciphers():
        parts = suite_parts(cipher["id"] & 0xFFFF)
        if parts is None:
            assert "ARIA" in cipher["name"]
            continue
        seen += 1
        assert 8 * parts.key_bytes == cipher["alg_bits"], cipher["name"]
        assert bool(parts.tag_bytes) == cipher["aead"], cipher["name"]
        if not cipher["aead"]:
            assert parts.mac == cipher["digest"], cipher["name"]
    assert seen > 50
