"""Records, fragments and hellos of DTLS."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wireproof.wire.dtls import (
    Fragment,
    as_tls_client_hello,
    as_tls_server_hello,
    is_dtls,
    is_unified,
    unpack_fragments,
    unpack_records,
    unpack_unified,
)
from wireproof.wire.tls import unpack_client_hello, unpack_server_hello

RECORD = bytes.fromhex("17fefd00010000000000070003") + b"abc"
CLIENT_HELLO = (
    bytes.fromhex("fefd") + bytes(range(32)) + b"\0" + b"\x04\x01\x02\x03\x04" + bytes.fromhex("0002c02b0100")
)


def test_records_share_a_datagram() -> None:
    one, other = unpack_records(RECORD + bytes.fromhex("15feff0000000000000008000201") + b"\0")
    assert (one.kind, one.version, one.epoch, one.number, one.body, one.whole) == (23, 0xFEFD, 1, 7, b"abc", True)
    assert (one.sequence, one.size) == (1 << 48 | 7, len(RECORD))
    assert (other.kind, other.version, other.epoch, other.body) == (21, 0xFEFF, 0, b"\x01\0")


def test_a_record_that_the_datagram_cuts_is_told() -> None:
    (record,) = unpack_records(RECORD[:-1])
    assert (record.body, record.whole) == (b"ab", False)


def test_what_is_no_record_ends_a_datagram() -> None:
    assert len(list(unpack_records(RECORD + b"\x80\x60 media"))) == 1
    assert list(unpack_records(b"\x19" + RECORD[1:])) == []
    assert not is_dtls(b"\x16\x03\x03" + bytes(10))
    assert is_dtls(b"\x16\x01\x00" + bytes(10))


def test_fragments_share_a_record() -> None:
    body = bytes.fromhex("0e0000000005000000000000") + bytes.fromhex("0b0000100006000004000002") + b"xy"
    assert list(unpack_fragments(body)) == [Fragment(14, 0, 5, 0, b""), Fragment(11, 16, 6, 4, b"xy")]


def test_a_fragment_beyond_its_message_or_its_record_is_none() -> None:
    assert list(unpack_fragments(bytes.fromhex("0b0000030006000002000002") + b"xy")) == []
    assert list(unpack_fragments(bytes.fromhex("0b0000100006000000000003") + b"xy")) == []


def test_a_client_hello_loses_its_cookie() -> None:
    hello = unpack_client_hello(as_tls_client_hello(CLIENT_HELLO))
    assert hello is not None
    assert (hello.version, hello.random, hello.suites, hello.whole) == (0x0303, bytes(range(32)), (0xC02B,), True)


def test_a_server_hello_has_the_version_that_its_own_is_made_from() -> None:
    for version, expected in ((0xFEFF, 0x0302), (0x0100, 0x0302), (0xFEFD, 0x0303)):
        hello = unpack_server_hello(as_tls_server_hello(version.to_bytes(2, "big") + bytes(33) + b"\0\x2f\0"))
        assert hello is not None
        assert (hello.version, hello.suites) == (expected, (0x002F,))


def test_headers_of_dtls_1_3_hide_what_may_be_left_out() -> None:
    long, short = unpack_unified(b"\x3e" + b"id" + b"\x12\x34" + b"\0\x03abc" + b"\x23\x56rest", 2)
    assert (long.epoch_bits, long.header, long.number_at, long.number_bytes) == (2, b"\x3eid\x12\x34\0\x03", 3, 2)
    assert (long.body, long.whole) == (b"abc", True)
    assert (short.epoch_bits, short.header, short.number_bytes, short.body) == (3, b"\x23\x56", 1, b"rest")
    (cut,) = unpack_unified(b"\x24\x01\0\x09abc", 0)
    assert not cut.whole


@given(st.binary(max_size=80))
def test_whatever_bytes_raise_nothing(data: bytes) -> None:
    list(unpack_records(data))
    list(unpack_fragments(data))
    list(unpack_unified(data, 4))
    is_unified(data)
    unpack_client_hello(as_tls_client_hello(data))
    unpack_server_hello(as_tls_server_hello(data))
