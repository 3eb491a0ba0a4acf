"""Nonces of AEADs, one by one."""

from __future__ import annotations

import struct

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wireproof.decrypt.block_gcm import BlockGcm
from wireproof.decrypt.opener import BadRecord, UnsupportedCipher
from wireproof.decrypt.protect_aead import (
    DraftChaChaOpener,
    ExplicitNonceOpener,
    IntegrityOpener,
    SequenceNonceOpener,
    Tls13Opener,
    make_aead,
)
from wireproof.wire.tls_suite_parts import suite_parts

CIPHER = AESGCM(bytes(16))


def test_an_explicit_nonce_stands_before_the_encrypted_bytes() -> None:
    header = struct.pack(">QBHH", 9, 23, 0x0303, 5)
    body = b"explicit" + CIPHER.encrypt(b"salt" + b"explicit", b"hello", header)
    assert ExplicitNonceOpener(CIPHER, b"salt", 16).open(9, 23, 0x0303, body) == (23, b"hello")


def test_a_sequence_number_is_mixed_into_the_iv() -> None:
    header = struct.pack(">QBHH", 0x0102, 23, 0x0303, 5)
    body = CIPHER.encrypt(b"\xff" * 10 + b"\xfe\xfd", b"hello", header)
    assert SequenceNonceOpener(CIPHER, b"\xff" * 12, 16).open(0x0102, 23, 0x0303, body) == (23, b"hello")


def test_the_inner_type_stands_before_the_zeros() -> None:
    body = CIPHER.encrypt(bytes(11) + b"\x01", b"\x01\x00\x15" + bytes(5), b"\x17\x03\x03\x00\x18")
    assert Tls13Opener(CIPHER, bytes(12), 16).open(1, 23, 0x0303, body) == (21, b"\x01\x00")


@pytest.mark.parametrize(
    "opener",
    [
        ExplicitNonceOpener(CIPHER, b"salt", 16),
        SequenceNonceOpener(CIPHER, bytes(12), 16),
        DraftChaChaOpener(bytes(32)),
        Tls13Opener(CIPHER, bytes(12), 16),
        IntegrityOpener("sha256", bytes(32), bytes(32)),
    ],
)
def test_a_body_shorter_than_its_tag_is_short(opener: ExplicitNonceOpener) -> None:
    for size in range(15):
        with pytest.raises(BadRecord, match="short"):
            opener.open(0, 23, 0x0303, bytes(size))


def test_camellia_in_gcm_is_our_own_and_aria_is_nobodys() -> None:
    parts = suite_parts(0xC07A)
    assert parts is not None
    assert isinstance(make_aead(parts, bytes(16)), BlockGcm)
    with pytest.raises(UnsupportedCipher):
        make_aead(parts._replace(cipher="ARIA"), bytes(16))
