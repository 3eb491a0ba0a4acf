"""MACs of records, checked by hand."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from wireproof.decrypt.protect.mac import Hmac, PlainOpener, Ssl3Mac, make_check
from wireproof.decrypt.protect.opener import BadRecord
from wireproof.wire.tls_suite_parts import suite_parts

HEADER = bytes.fromhex("00000000000000071703010005")


def test_hmac_covers_sequence_type_version_length_and_content() -> None:
    expected = hmac.new(b"key", HEADER + b"hello", hashlib.sha1).digest()
    assert Hmac("sha1", b"key", 20).mac(7, 23, 0x0301, b"hello") == expected
    assert Hmac("sha1", b"key", 10).strip(7, 23, 0x0301, b"hello" + expected[:10]) == b"hello"


@pytest.mark.parametrize(("name", "pad"), [("md5", 48), ("sha1", 40)])
def test_the_mac_of_ssl_3_0_covers_no_version(name: str, pad: int) -> None:
    inner = hashlib.new(name, b"key" + b"\x36" * pad + HEADER[:9] + HEADER[11:] + b"hello").digest()
    expected = hashlib.new(name, b"key" + b"\x5c" * pad + inner).digest()
    check = Ssl3Mac(name, b"key")
    assert check.mac(7, 23, 0x0300, b"hello") == check.mac(7, 23, 0x0301, b"hello") == expected
    assert check.strip(7, 23, 0x0300, b"hello" + expected) == b"hello"


@pytest.mark.parametrize("check", [Hmac("sha1", b"key", 20), Ssl3Mac("md5", b"key")])
def test_content_shorter_than_its_mac_is_short_and_a_wrong_mac_is_wrong(check: Hmac | Ssl3Mac) -> None:
    with pytest.raises(BadRecord, match="short"):
        check.strip(0, 23, 0x0301, b"0123456789")
    with pytest.raises(BadRecord, match="mac"):
        check.strip(0, 23, 0x0301, bytes(40))


def test_truncation_does_not_reach_ssl_3_0() -> None:
    parts = suite_parts(0x0005)
    assert parts is not None
    assert make_check(0x0301, parts, b"key", truncated=True).size == 10
    assert make_check(0x0300, parts, b"key", truncated=True).size == 20


def test_a_record_that_is_not_encrypted_loses_its_mac() -> None:
    check = Hmac("md5", b"key", 16)
    body = b"hello" + check.mac(3, 22, 0x0302, b"hello")
    assert PlainOpener(check).open(3, 22, 0x0302, body) == (22, b"hello")
