"""Records under AEADs, one by one and many in a row."""

from __future__ import annotations

import struct

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wireproof.decrypt.protect._runs import AeadOpener, ExplicitNonceOpener, SequenceNonceOpener, Tls13Opener
from wireproof.decrypt.protect.opener import BadRecord, Record
from wireproof.wire.tls import ALERT, APPLICATION_DATA, HANDSHAKE

CIPHER = AESGCM(bytes(16))


def test_an_explicit_nonce_stands_before_the_encrypted_bytes() -> None:
    header = struct.pack(">QBHH", 9, 23, 0x0303, 5)
    body = b"explicit" + CIPHER.encrypt(b"salt" + b"explicit", b"hello", header)
    assert ExplicitNonceOpener(CIPHER, b"salt", 16).open(9, 23, 0x0303, body) == (23, b"hello")


def test_a_sequence_number_is_mixed_into_the_iv() -> None:
    header = struct.pack(">QBHH", 0x0102, 23, 0x0303, 5)
    body = CIPHER.encrypt(b"\xff" * 10 + b"\xfe\xfd", b"hello", header)
    assert SequenceNonceOpener(CIPHER, b"\xff" * 12, 16).open(0x0102, 23, 0x0303, body) == (23, b"hello")


def test_all_eight_bytes_of_a_sequence_number_count() -> None:
    number = 0x0102030405060708
    body = CIPHER.encrypt(bytes(4) + number.to_bytes(8, "big"), b"hello", struct.pack(">QBHH", number, 23, 0x0303, 5))
    assert SequenceNonceOpener(CIPHER, bytes(12), 16).open(number, 23, 0x0303, body) == (23, b"hello")


def test_the_inner_type_stands_before_the_zeros() -> None:
    body = CIPHER.encrypt(bytes(11) + b"\x01", b"\x01\x00\x15" + bytes(5), b"\x17\x03\x03\x00\x18")
    assert Tls13Opener(CIPHER, bytes(12), 16).open(1, 23, 0x0303, body) == (21, b"\x01\x00")


def test_early_drafts_covered_no_header() -> None:
    body = CIPHER.encrypt(bytes(12), b"hello\x17", b"")
    assert Tls13Opener(CIPHER, bytes(12), 16, with_header=False).open(0, 23, 0x0303, body) == (23, b"hello")


def test_nothing_but_zeros_is_no_content() -> None:
    body = CIPHER.encrypt(bytes(12), bytes(4), b"\x17\x03\x03\x00\x14")
    with pytest.raises(BadRecord, match="padding"):
        Tls13Opener(CIPHER, bytes(12), 16).open(0, 23, 0x0303, body)


@pytest.mark.parametrize(
    "opener",
    [
        ExplicitNonceOpener(CIPHER, b"salt", 16),
        SequenceNonceOpener(CIPHER, bytes(12), 16),
        Tls13Opener(CIPHER, bytes(12), 16),
    ],
)
def test_a_body_that_was_changed_or_cut_does_not_open(opener: AeadOpener) -> None:
    for size in range(15):
        with pytest.raises(BadRecord, match="short"):
            opener.open(0, 23, 0x0303, bytes(size))
    with pytest.raises(BadRecord, match="tag"):
        opener.open(0, 23, 0x0303, bytes(40))


# --- runs ----------------------------------------------------------------------------------------------------------------


def sealed(number: int, content: bytes, inner: int = APPLICATION_DATA) -> Record:
    """A record of TLS 1.3 that stands at 100 times its number."""
    plain = content + bytes([inner])
    header = struct.pack(">BHH", APPLICATION_DATA, 0x0303, len(plain) + 16)
    body = CIPHER.encrypt(number.to_bytes(12, "big"), plain, header)
    return APPLICATION_DATA, 0x0303, 100 * number, body


OPENER = Tls13Opener(CIPHER, bytes(12), 16)
RUN = [sealed(0, b"zero"), sealed(1, b"one"), sealed(2, b""), sealed(3, b"three")]


def test_a_run_gives_the_content_of_each_record_from_a_place_on() -> None:
    assert OPENER.open_run(RUN, 1, 1) == ([b"one", b"", b"three"], APPLICATION_DATA)
    assert OPENER.open_run(RUN, 4, 4) == ([], APPLICATION_DATA)


def test_a_run_ends_behind_a_message_that_the_content_type_hides() -> None:
    assert OPENER.open_run([RUN[0], sealed(1, b"ticket", HANDSHAKE), sealed(2, b"two")], 0, 0) == (
        [b"zero", b"ticket"],
        HANDSHAKE,
    )


def test_a_run_ends_before_another_type_of_record_and_before_one_that_does_not_open() -> None:
    kind, version, start, body = RUN[1]
    assert OPENER.open_run([RUN[0], (ALERT, version, start, body)], 0, 0) == ([b"zero"], APPLICATION_DATA)
    assert OPENER.open_run([RUN[0], (kind, version, start, body[:-1] + b"?"), RUN[2]], 0, 0) == (
        [b"zero"],
        APPLICATION_DATA,
    )
    assert OPENER.open_run([RUN[0], (kind, version, start, b"")], 0, 0) == ([b"zero"], APPLICATION_DATA)
