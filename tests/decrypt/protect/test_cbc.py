"""Padding of block ciphers, and which opener a version gets."""

from __future__ import annotations

import pytest

from tests.support.sealing import Sealer
from wireproof.decrypt.keys.derive import DirectionKeys
from wireproof.decrypt.protect.cbc import CbcOpener, MacLastOpener, Ssl3CbcOpener, make_cbc_opener
from wireproof.decrypt.protect.mac import Hmac, make_check
from wireproof.decrypt.protect.opener import BadRecord
from wireproof.wire.tls_suite_parts import suite_parts

KEYS = DirectionKeys(bytes(20), bytes(16), bytes(16))


def opener(version: int, encrypt_then_mac: bool = False) -> CbcOpener:
    """An opener of TLS_RSA_WITH_AES_128_CBC_SHA."""
    parts = suite_parts(0x002F)
    assert parts is not None
    return make_cbc_opener(version, parts, KEYS, make_check(version, parts, KEYS.mac, False), encrypt_then_mac)


def test_each_version_has_its_opener() -> None:
    assert type(opener(0x0300)) is type(opener(0x0300, encrypt_then_mac=True)) is Ssl3CbcOpener
    assert type(opener(0x0301)) is type(opener(0x0303)) is CbcOpener
    assert type(opener(0x0303, encrypt_then_mac=True)) is MacLastOpener


@pytest.mark.parametrize("blocks", [0, 1, 15])
def test_tls_takes_up_to_256_bytes_of_padding(blocks: int) -> None:
    sealer = Sealer(0x0303, "AES", "CBC", "sha1", KEYS.mac, KEYS.key, KEYS.iv, padding=blocks)
    assert opener(0x0303).open(0, 23, 0x0303, sealer.seal(b"padded")) == (23, b"padded")


def sealed_by_hand(plain: bytes) -> bytes:
    """Encrypted blocks behind an IV of zeros."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    return bytes(16) + Cipher(algorithms.AES(KEYS.key), modes.CBC(bytes(16))).encryptor().update(plain)


@pytest.mark.parametrize("padding", [b"\x00\x00\x02", b"\x02\x01\x02", b"\xff" * 3])
def test_padding_whose_bytes_differ_or_that_is_longer_than_the_record_is_bad(padding: bytes) -> None:
    mac = Hmac("sha1", KEYS.mac, 20).mac(0, 23, 0x0303, b"123456789")
    with pytest.raises(BadRecord, match="padding"):
        opener(0x0303).open(0, 23, 0x0303, sealed_by_hand(b"123456789" + mac + padding))
    good = sealed_by_hand(b"123456789" + mac + b"\x02\x02\x02")
    assert opener(0x0303).open(0, 23, 0x0303, good) == (23, b"123456789")


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 31, 33])
def test_what_is_no_whole_number_of_blocks_behind_an_iv_is_short(size: int) -> None:
    for one in (opener(0x0303), opener(0x0303, encrypt_then_mac=True)):
        with pytest.raises(BadRecord, match="short"):
            one.open(0, 23, 0x0303, bytes(size))
