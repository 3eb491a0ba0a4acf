"""Premaster secrets by a private key, when asked for and ahead of it."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from tests.decrypt.keys.test_masters import ENCRYPTED, PREMASTER
from tests.support.tls_handshakes import rsa_key
from wireproof.decrypt.keys.premasters import Premasters, decrypt_premaster, look_ahead


@pytest.mark.parametrize(
    "encrypted", [b"", bytes(256), ENCRYPTED[:-1], ENCRYPTED + b"x", b"\xff" * 256, ENCRYPTED[1:] + b"x"]
)
def test_what_was_not_encrypted_for_a_key_gives_no_secret(encrypted: bytes) -> None:
    key = rsa_key(2048)
    assert decrypt_premaster(key, encrypted) is None


def test_only_a_premaster_secret_of_48_bytes_and_a_version_is_one() -> None:
    key = rsa_key(2048)
    public = rsa_key(2048).public_key()
    assert decrypt_premaster(key, public.encrypt(PREMASTER[:-1], PKCS1v15())) is None
    assert decrypt_premaster(key, public.encrypt(b"\x07" + PREMASTER[1:], PKCS1v15())) is None
    found = decrypt_premaster(key, ENCRYPTED)
    assert found == PREMASTER


@pytest.mark.parametrize("processors", [1, 4])
def test_what_is_begun_ahead_comes_out_as_it_does_later(processors: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    key = rsa_key(2048)
    ahead = Premasters()
    for encrypted in (ENCRYPTED, bytes(256), ENCRYPTED):
        ahead.begin(key, encrypted)
    for _ in range(2):
        assert ahead.take(key, ENCRYPTED) == PREMASTER
    assert ahead.take(key, bytes(256)) is None
    ahead.begin(key, ENCRYPTED)
    ahead.close()
    assert ahead.take(key, ENCRYPTED) == PREMASTER


@pytest.mark.parametrize("count", [1, 3, 9])
def test_all_are_given_in_order_and_only_so_many_are_begun_before(count: int) -> None:
    begun: list[int] = []

    def begin(number: int) -> str:
        begun.append(number)
        return str(number)

    for place, found in enumerate(look_ahead(range(7), begin, count)):
        assert found == (place, str(place))
        assert len(begun) == min(place + count, 7)
