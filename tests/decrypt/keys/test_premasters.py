"""Premaster secrets by a private key, when asked for and ahead of it."""

from __future__ import annotations

import os
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from tests.decrypt.keys.test_masters import ENCRYPTED, PREMASTER
from tests.support.tls_handshakes import rsa_key
from wireproof.decrypt.keys import premasters
from wireproof.decrypt.keys.premasters import TOGETHER, Premasters, decrypt_premaster


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


def encrypted_premasters(count: int) -> dict[bytes, bytes]:
    """So many premaster secrets by what a client makes of them."""
    public = rsa_key(2048).public_key()
    secrets = [b"\x03\x03" + bytes([number]) * 46 for number in range(count)]
    return {public.encrypt(secret, PKCS1v15()): secret for secret in secrets}


@pytest.mark.parametrize("count", [1, TOGETHER - 1, TOGETHER, 2 * TOGETHER + 3])
@pytest.mark.parametrize("backwards", [False, True])
def test_all_are_found_whatever_their_number_and_order(
    count: int, backwards: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    key, secrets, ahead = rsa_key(2048), encrypted_premasters(count), Premasters()
    for encrypted in secrets:
        ahead.begin(key, encrypted)
    asked = list(secrets)[::-1] if backwards else list(secrets)
    assert [ahead.take(key, encrypted) for encrypted in asked] == [secrets[encrypted] for encrypted in asked]
    ahead.close()


def test_no_more_are_begun_than_memory_is_to_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(premasters, "AHEAD_MOST", 2)
    key, secrets, ahead = rsa_key(2048), encrypted_premasters(4), Premasters()
    for encrypted in secrets:
        ahead.begin(key, encrypted)
    assert [ahead.take(key, encrypted) for encrypted in secrets] == list(secrets.values())
    ahead.close()


def test_what_is_given_up_is_found_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    key, secrets, ahead = rsa_key(2048), encrypted_premasters(TOGETHER + 1), Premasters()
    for encrypted in secrets:
        ahead.begin(key, encrypted)
    ahead.forget()
    assert [ahead.take(key, encrypted) for encrypted in secrets] == list(secrets.values())
    ahead.close()


def test_threads_take_turns_quickly_only_while_there_are_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    usual, ahead = sys.getswitchinterval(), Premasters()
    ahead.begin(rsa_key(2048), ENCRYPTED)
    assert ahead.take(rsa_key(2048), ENCRYPTED) == PREMASTER
    assert sys.getswitchinterval() < usual
    ahead.close()
    assert sys.getswitchinterval() == usual
