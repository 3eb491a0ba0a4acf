"""Records under AEADs, one by one and many in a row."""

from __future__ import annotations

import itertools
import struct
from array import array

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from wireproof.decrypt.protect._runs import AeadOpener, ExplicitNonceOpener, SequenceNonceOpener, Tls13Opener
from wireproof.decrypt.protect.opener import BadRecord, OneByOne, Run
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


def sealed(number: int, content: bytes, inner: int = APPLICATION_DATA) -> bytes:
    """A record of TLS 1.3."""
    plain = content + bytes([inner])
    header = struct.pack(">BHH", APPLICATION_DATA, 0x0303, len(plain) + 16)
    return header + CIPHER.encrypt(number.to_bytes(12, "big"), plain, header)


def sealed_before(number: int, content: bytes) -> bytes:
    """A record of TLS 1.2 with an explicit nonce."""
    nonce = number.to_bytes(8, "big")
    body = nonce + CIPHER.encrypt(b"salt" + nonce, content, struct.pack(">QBHH", number, 23, 0x0303, len(content)))
    return struct.pack(">BHH", 23, 0x0303, len(body)) + body


def contents_of(run: Run) -> list[bytes]:
    return [bytes(run.content[begin:end]) for begin, end in itertools.pairwise(run.clear)]


OPENER = Tls13Opener(CIPHER, bytes(12), 16)
RUN = [sealed(0, b"zero"), sealed(1, b"one"), sealed(2, b""), sealed(3, b"three")]
ENDS = [26, 51, 73, 100]


def test_a_run_gives_the_content_of_each_record_from_a_place_on() -> None:
    run = OPENER.open_run(b"??" + b"".join(RUN), 28, 1)
    assert contents_of(run) == [b"one", b"", b"three"]
    assert (run.content, list(run.raw), list(run.clear)) == (b"onethree", [28, 53, 75, 102], [0, 3, 3, 8])


@pytest.mark.parametrize("at", [-1, 100, 101, 1 << 40])
def test_where_no_record_stands_a_run_is_empty(at: int) -> None:
    assert OPENER.open_run(b"".join(RUN), at, 0) == (b"", array("q", [at]), array("q", [0]))


@given(st.lists(st.binary(max_size=60), max_size=12))
def test_all_openers_give_the_same_run_as_record_by_record(contents: list[bytes]) -> None:
    later = b"".join(itertools.starmap(sealed, enumerate(contents)))
    before = b"".join(itertools.starmap(sealed_before, enumerate(contents)))
    for opener, data in ((OPENER, later), (ExplicitNonceOpener(CIPHER, b"salt", 16), before)):
        run = opener.open_run(data, 0, 0)
        assert run == OneByOne.open_run(opener, data, 0, 0)
        assert contents_of(run) == contents


def test_a_run_ends_before_a_message_that_the_content_type_hides() -> None:
    run = OPENER.open_run(RUN[0] + sealed(1, b"ticket", HANDSHAKE) + sealed(2, b"two"), 0, 0)
    assert (contents_of(run), list(run.raw)) == ([b"zero"], [0, 26])


@pytest.mark.parametrize(
    "other",
    [
        bytes([ALERT]) + RUN[1][1:],
        RUN[1][:-1] + b"?",
        RUN[1][:-1],
        RUN[1][:4],
        b"\x17\x03\x03\0\0",
        b"\x17\x03\x03\0\x05hello",
        b"HTTP/1.1 200 OK",
        sealed(1, b"", 0),
    ],
)
def test_a_run_ends_before_whatever_is_no_record_of_application_data_that_opens(other: bytes) -> None:
    assert contents_of(OPENER.open_run(RUN[0] + other + RUN[2], 0, 0)) == [b"zero"]


@given(st.binary(max_size=120), st.integers(0, 110))
def test_no_bytes_do_harm_to_a_run(noise: bytes, at: int) -> None:
    data = b"".join(RUN)
    run = OPENER.open_run(data[:at] + noise + data[at:], 0, 0)
    assert len(run.raw) - 1 >= sum(end <= at for end in ENDS)
