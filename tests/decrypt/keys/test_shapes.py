"""Forms of keys are told by shape, damage by its byte, and the work of a password before anything is tried."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.asn1 import integer, octets, oid, sequence
from tests.support.keys import PASSWORD, certificate_bytes, old_pfx, other_key, pfx, pfx_of_bags, private_bytes, rsa_key
from wireproof.decrypt.keys.shapes import Shape, find_key_bags, find_shape, survey

RSA = private_bytes(rsa_key(), "old", pem=False)
PKCS8 = private_bytes(rsa_key(), pem=False)
LOCKED = private_bytes(rsa_key(), pem=False, password=PASSWORD)
PBKDF2 = "1.2.840.113549.1.5.12"
SCRYPT = "1.3.6.1.4.1.11591.4.11"


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        (RSA, Shape.PKCS1),
        (PKCS8, Shape.PKCS8),
        (LOCKED, Shape.ENCRYPTED_PKCS8),
        (pfx(), Shape.PKCS12),
        (old_pfx(), Shape.PKCS12),
        (private_bytes(other_key("EC"), "old", pem=False), Shape.EC),
        (private_bytes(other_key("EC"), pem=False), Shape.PKCS8),
        (private_bytes(other_key("DSA"), "old", pem=False), Shape.DSA),
        (private_bytes(other_key("Ed25519"), pem=False), Shape.PKCS8),
        (certificate_bytes(pem=False), Shape.CERTIFICATE),
        (b"", Shape.NONE),
        (b"\x30\x03\x02\x01\x00", Shape.NONE),
        (sequence(integer(3), sequence(oid("1.2.3"))), Shape.NONE),
        (sequence(integer(0), integer(5), octets(b"x")), Shape.NONE),
        (sequence(sequence(octets(b"x")), octets(b"x")), Shape.NONE),
        (b"\xd4\xc3\xb2\xa1" + bytes(20), Shape.NONE),
    ],
)
def test_a_value_is_told_by_its_shape(data: bytes, shape: Shape) -> None:
    assert find_shape(data) is shape


@pytest.mark.parametrize("data", [RSA, PKCS8, LOCKED, pfx()])
def test_the_beginning_of_a_value_is_enough(data: bytes) -> None:
    assert find_shape(data[:200]) is find_shape(data)


def test_a_sound_value_has_no_damage_and_states_its_work() -> None:
    assert (survey(RSA).broken_at, survey(RSA).rounds) == (-1, 0)
    assert survey(old_pfx()).rounds >= 2 * 2000
    assert survey(LOCKED).rounds > 1000


def test_damage_is_told_with_its_byte() -> None:
    key = sequence(integer(0), octets(b"four"), integer(5))
    damaged = bytearray(key)
    damaged[6] = 100
    assert survey(bytes(damaged)).broken_at == 5


def test_the_work_of_scrypt_counts_as_time_and_memory() -> None:
    found = survey(sequence(oid(SCRYPT), sequence(octets(b"salt"), integer(1 << 20), integer(8), integer(2))))
    assert (found.rounds, found.memory) == (1 << 24, 128 << 23)


def test_the_length_of_a_key_is_no_work() -> None:
    found = survey(sequence(oid(PBKDF2), sequence(octets(b"salt"), integer(9000), integer(32), sequence(oid("1.2.3")))))
    assert (found.rounds, found.memory) == (9000, 0)


def test_key_bags_of_a_pfx_are_found_open_and_locked_ones() -> None:
    assert list(find_key_bags(pfx_of_bags([PKCS8, LOCKED]))) == [PKCS8, LOCKED]
    assert len(list(find_key_bags(pfx()))) == 1
    assert list(find_key_bags(PKCS8)) == []


@given(st.integers(0, 2000), st.integers(0, 255), st.sampled_from([RSA, LOCKED, pfx(), pfx_of_bags([PKCS8, LOCKED])]))
def test_no_bytes_raise(at: int, value: int, data: bytes) -> None:
    at %= len(data)
    damaged = data[:at] + bytes([value]) + data[at + 1 :]
    find_shape(damaged)
    survey(damaged)
    list(find_key_bags(damaged))
