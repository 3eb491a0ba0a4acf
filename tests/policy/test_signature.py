"""Authenticode signatures: the publisher's name as AppLocker writes it, and each way in which a signature does not count."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.programs import PUBLISHER, SUBJECT, certificate, signature
from wireproof.policy.signature import capitals, publisher_name, read_signer
from wireproof.wire.x509 import unpack_certificate


def hash_file(algorithm: str) -> bytes:
    return hashlib.new(algorithm, b"the file").digest()


def changed(algorithm: str) -> bytes:
    return hashlib.new(algorithm, b"another file").digest()


def name_of(**subject: str) -> str:
    fields = unpack_certificate(certificate(subject))
    assert fields is not None
    return publisher_name(fields)


@pytest.mark.parametrize("kind", ["RSA", "EC"])
def test_a_sound_signature_names_its_publisher(kind: str) -> None:
    signer = read_signer(signature(hash_file, certificate(kind=kind), kind=kind), hash_file)
    assert (signer.publisher, signer.trouble, signer.has_timestamp) == (PUBLISHER, "", False)


def test_a_timestamp_is_seen() -> None:
    assert read_signer(signature(hash_file, timestamp=True), hash_file).has_timestamp


def test_an_old_hash_is_checked_like_a_new_one() -> None:
    made = signature(hash_file, algorithm="sha1")
    assert read_signer(made, hash_file).trouble == ""
    assert read_signer(made, changed).trouble == "it was changed after it was signed"


def test_a_changed_file_is_told_from_a_changed_signature() -> None:
    made = signature(hash_file)
    assert read_signer(made, changed).trouble == "it was changed after it was signed"
    digest = hash_file("sha256")
    forged = made.replace(digest, changed("sha256"))
    assert read_signer(forged, changed).trouble == "its signature is damaged"
    assert (
        read_signer(made[:-1] + bytes([made[-1] ^ 1]), hash_file).trouble
        == "its signature is not that of its certificate"
    )


def test_the_certificate_of_somebody_else_does_not_count() -> None:
    own, other = certificate(), certificate({**SUBJECT, "O": "Fabrikam, Inc"})
    assert len(own) == len(other)
    made = signature(hash_file).replace(own, other)
    assert read_signer(made, hash_file).trouble == "its signature does not hold the signer's certificate"


def test_bytes_that_are_no_signature_are_named_so() -> None:
    assert read_signer(b"\x30\x03\x02\x01\x01", hash_file).trouble == "its signature can't be read"


def test_the_name_has_the_order_and_labels_of_applocker() -> None:
    assert name_of(CN="x", C="de", L="München", O="Straße GmbH") == "O=STRAßE GMBH, L=MÜNCHEN, C=DE"
    assert name_of(**SUBJECT) == PUBLISHER


@pytest.mark.parametrize("subject", [{"CN": "x", "O": "Only"}, {"CN": "x", "L": "Town", "C": "US"}, {"CN": "x"}])
def test_no_name_is_given_where_applocker_would_take_the_whole_subject(subject: dict[str, str]) -> None:
    assert name_of(**subject) == ""


def test_capitals_are_made_letter_by_letter() -> None:
    assert capitals("straße é ﬁ") == "STRAßE É ﬁ"


SOUND = signature(hash_file, timestamp=True)


@settings(max_examples=200)
@given(st.integers(0, len(SOUND) - 1), st.binary(min_size=1, max_size=4), st.integers(0, len(SOUND)))
def test_no_damage_raises_and_none_that_counts_goes_unseen(at: int, instead: bytes, end: int) -> None:
    data = SOUND[:at] + instead + SOUND[at + len(instead) :]
    signer = read_signer(data[:end] if end < at else data, hash_file)
    # Bytes that no signature covers may differ: those of the certificate's own signature, for one.
    assert signer.trouble or signer.publisher == PUBLISHER or data != SOUND
