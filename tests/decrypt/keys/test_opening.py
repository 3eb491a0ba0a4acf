"""Keys are opened with the password that fits; what can't be opened says why, and nothing keeps a reader busy."""

from __future__ import annotations

import re

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from tests.support.asn1 import integer, octets, oid, sequence, tlv
from tests.support.keys import (
    PASSWORD,
    certificate,
    certificate_bytes,
    modulus,
    old_pfx,
    openssl,
    other_key,
    pfx,
    pfx_of_bags,
    private_bytes,
    rsa_key,
)
from wireproof.decrypt.keys import opening as key_opening
from wireproof.decrypt.keys.opening import Opened, encode, open_certificates, open_legacy, open_value
from wireproof.decrypt.keys.pem import find_blocks
from wireproof.wire.ber import find_elements

LOCKED = private_bytes(rsa_key(), pem=False, password=PASSWORD)


def opened(found: Opened) -> list[int]:
    assert (found.locked, found.fault) == (0, "")
    return [modulus(key) for key in found.keys]


@pytest.mark.parametrize("form", ["old", "PKCS8"])
def test_an_open_key_needs_no_password(form: str) -> None:
    assert opened(open_value(private_bytes(rsa_key(), form, pem=False), [])) == [modulus(rsa_key())]


def test_bytes_behind_a_key_are_left_out() -> None:
    assert opened(open_value(private_bytes(rsa_key(), pem=False) + b"\r\n", [])) == [modulus(rsa_key())]


def test_an_encrypted_key_opens_with_the_password_that_fits() -> None:
    assert opened(open_value(LOCKED, ["no", PASSWORD])) == [modulus(rsa_key())]
    assert open_value(LOCKED, ["no"]).locked == 1
    assert open_value(LOCKED, []).locked == 1


@pytest.mark.parametrize("password", ["Grüße-5", "Łódź-1", "пароль", "a b "])
def test_passwords_beyond_ascii_open_what_was_locked_in_utf_8(password: str) -> None:
    assert opened(open_value(private_bytes(rsa_key(), pem=False, password=password), [password]))
    assert opened(open_value(pfx(password), [password]))


def test_a_password_is_tried_in_the_encodings_of_older_programs_too() -> None:
    assert encode(["Grüße", "x", "x"]) == ["Grüße".encode(), "Grüße".encode("latin-1"), b"x"]


@pytest.mark.parametrize("kind", ["EC", "DSA", "Ed25519"])
def test_other_keys_are_named(kind: str) -> None:
    assert open_value(private_bytes(other_key(kind), pem=False), []).others == [kind]


@pytest.mark.parametrize("make", [pfx, old_pfx])
def test_a_pfx_gives_key_and_certificate(make: type) -> None:
    found = open_value(make(PASSWORD), [PASSWORD])
    assert opened(found) == [modulus(rsa_key())]
    assert found.certificates == [certificate_bytes(pem=False)]
    assert open_value(make(PASSWORD), ["no"]).locked == 1


def test_a_pfx_without_password_needs_none() -> None:
    assert opened(open_value(pfx(""), ["any"])) == [modulus(rsa_key())]


def test_every_key_of_a_pfx_is_found_each_once() -> None:
    keys = [LOCKED, private_bytes(rsa_key(1), pem=False, password=PASSWORD), private_bytes(rsa_key(2), pem=False)]
    found = open_value(pfx_of_bags([*keys, LOCKED]), [PASSWORD])
    assert sorted(opened(found)) == sorted(modulus(rsa_key(number)) for number in (0, 1, 2))


def test_a_pfx_in_which_one_key_is_no_rsa_key_gives_the_others() -> None:
    keys = [private_bytes(other_key("EC"), pem=False, password=PASSWORD), LOCKED]
    found = open_value(pfx_of_bags(keys), [PASSWORD])
    assert (opened(found), found.others) == ([modulus(rsa_key())], ["EC"])


def test_a_pfx_whose_keys_have_passwords_of_their_own_gives_what_fits() -> None:
    other = private_bytes(rsa_key(1), pem=False, password="Other-1")
    found = open_value(pfx_of_bags([LOCKED, other]), [PASSWORD])
    assert ([modulus(key) for key in found.keys], found.locked) == ([modulus(rsa_key())], 1)
    assert len(opened(open_value(pfx_of_bags([LOCKED, other]), ["Other-1", PASSWORD]))) == 2


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-RC2-40"), "Windows until 2019"),
        (("-keypbe", "PBE-SHA1-RC2-40", "-certpbe", "PBE-SHA1-RC2-40"), "export grade"),
        (("-keypbe", "PBE-SHA1-RC4-128", "-certpbe", "PBE-SHA1-RC2-128", "-macalg", "md5"), "RC4"),
        (("-keypbe", "AES-256-CBC", "-certpbe", "AES-256-CBC", "-macalg", "sha512"), "present"),
        (("-keypbe", "NONE", "-certpbe", "NONE", "-nomac"), "open"),
    ],
)
def test_what_openssl_writes_as_pfx_is_read(words: tuple[str, ...], kind: str) -> None:
    del kind
    text = private_bytes(rsa_key()) + certificate_bytes()
    legacy = ("-legacy",) if openssl("version").startswith(b"OpenSSL 3") else ()
    made = openssl("pkcs12", "-export", *legacy, *words, "-passout", f"pass:{PASSWORD}", stdin=text)
    assert opened(open_value(made, [PASSWORD])) == [modulus(rsa_key())]


@pytest.mark.parametrize("cipher", ["-aes128", "-aes256", "-des3"])
def test_a_block_locked_as_openssl_did_before_pkcs_8_opens(cipher: str) -> None:
    made = openssl("rsa", cipher, "-traditional", "-passout", f"pass:{PASSWORD}", stdin=private_bytes(rsa_key()))
    (block,) = find_blocks(made)
    assert opened(open_legacy(block, ["no", PASSWORD])) == [modulus(rsa_key())]
    assert open_legacy(block, ["no"]).locked == 1


def test_a_block_locked_with_an_unknown_cipher_is_named() -> None:
    text = b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----"
    (block,) = find_blocks(text)
    assert open_legacy(block, ["x"]).fault == "is encrypted with DES-CBC, which is not supported"


def test_a_block_whose_initialization_vector_is_damaged_is_not_tried() -> None:
    text = private_bytes(rsa_key(), "old", password=PASSWORD)
    (block,) = find_blocks(re.sub(rb"(DEK-Info: .*?,.{8})\S+", rb"\1", text))
    assert open_legacy(block, [PASSWORD]).fault.startswith("states 4 bytes to start AES-256-CBC with, not 16")


def test_an_unknown_way_to_encrypt_is_no_wrong_password() -> None:
    made = sequence(sequence(oid("1.2.3.4"), sequence(octets(b"salt"), integer(9))), octets(b"x" * 64))
    assert open_value(made, [PASSWORD]).fault.startswith("is encrypted in a way that is not supported")


@pytest.mark.parametrize(("count", "named"), [(200, "cut at byte 200 of"), (5, "damaged, or no key")])
def test_a_cut_key_is_told_with_its_length(count: int, named: str) -> None:
    assert named in open_value(private_bytes(rsa_key(), "old", pem=False)[:count], []).fault


def test_damage_inside_is_told() -> None:
    whole = bytearray(private_bytes(rsa_key(), "old", pem=False))
    last = list(find_elements(whole, 4, len(whole)))[-1]
    whole[last.at + 1] = 0x7F
    assert f"damaged at its byte {last.at}" in open_value(bytes(whole), []).fault
    whole = bytearray(private_bytes(rsa_key(), "old", pem=False))
    whole[60] ^= 1
    assert "do not belong together" in open_value(bytes(whole), []).fault


def test_a_password_that_takes_endless_rounds_or_memory_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "whose password takes" not in open_value(LOCKED, []).fault
    monkeypatch.setattr(key_opening.ROUNDS, "value", 10)
    assert open_value(LOCKED, [PASSWORD]).fault.endswith("more than the limit keys.derivation_rounds")
    monkeypatch.undo()
    scrypt = sequence(oid("1.3.6.1.4.1.11591.4.11"), sequence(octets(b"s"), integer(1 << 14), integer(300), integer(1)))
    made = sequence(sequence(oid("1.2.840.113549.1.5.13"), sequence(scrypt, sequence(oid("1.2")))), octets(b"x" * 64))
    assert open_value(made, [PASSWORD]).fault.endswith("more than the limit keys.derivation_bytes")


def test_a_key_too_large_to_compute_with_is_named() -> None:
    numbers = [0, (1 << 20_000) + 1, 3, 5, 7, 11, 13, 17, 19]
    found = open_value(sequence(*(integer(number) for number in numbers)), [])
    assert found.fault
    assert not found.keys


def test_certificates_of_windows_exports_are_found() -> None:
    made = pkcs7.serialize_certificates([certificate(), certificate(1)], Encoding.DER)
    assert sorted(open_certificates(made)) == sorted([certificate_bytes(pem=False), certificate_bytes(1, pem=False)])
    assert open_certificates(made[:90]) == []


def test_what_is_printed_of_opened_keys_shows_none() -> None:
    assert str(modulus(rsa_key())) not in repr(open_value(pfx(), [PASSWORD]))
    assert tlv(2, b"") not in repr(open_value(pfx(), [PASSWORD])).encode()
