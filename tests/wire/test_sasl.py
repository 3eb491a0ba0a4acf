"""Buffers that were signed only give their message; encrypted ones give nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.asn1 import oid, tlv
from wireproof.wire.sasl import measure_sasl, unwrap_sasl

MESSAGE = b"\x30\x05\x02\x01\x07\x42\x00 and more"


def buffer(token: bytes) -> bytes:
    """A token with its length before it."""
    return len(token).to_bytes(4, "big") + token


def cfx(flags: int, rotated: int = 0, checksum: int = 12) -> bytes:
    """A wrap token of RFC 4121 around MESSAGE."""
    body = MESSAGE + b"c" * checksum
    turn = len(body) - rotated
    body = body[turn:] + body[:turn]
    return buffer(
        bytes((5, 4, flags, 255)) + checksum.to_bytes(2, "big") + rotated.to_bytes(2, "big") + bytes(8) + body
    )


def test_a_signed_kerberos_token_gives_its_message_however_it_was_turned() -> None:
    assert [unwrap_sasl(cfx(5, rotated)) for rotated in (0, 12, 28)] == [MESSAGE] * 3


def test_an_encrypted_kerberos_token_gives_nothing() -> None:
    assert unwrap_sasl(cfx(7)) is None


def test_an_old_token_is_read_when_it_is_signed_only() -> None:
    def old(sealing: bytes) -> bytes:
        return buffer(tlv(0x60, oid("1.2.840.113554.1.2.2"), b"\2\1\x11\0", sealing, b"\xff\xff", bytes(24), MESSAGE))

    assert unwrap_sasl(old(b"\xff\xff")) == MESSAGE
    assert unwrap_sasl(old(b"\x10\0")) is None


def test_behind_an_ntlm_signature_stands_the_message() -> None:
    assert unwrap_sasl(buffer(b"\1\0\0\0" + bytes(12) + MESSAGE)) == MESSAGE


def test_a_buffer_is_measured_by_its_length() -> None:
    assert measure_sasl(cfx(5)[:16]) == len(cfx(5))
    assert measure_sasl(b"\0\0\0\x40abcdefgh") is None
    assert measure_sasl(b"\0\0\0\x04\1\0\0\0") is None
    assert measure_sasl(b"\0\0") is None


@given(st.binary(max_size=80))
def test_any_token_gives_no_more_than_it_holds(noise: bytes) -> None:
    for data in (noise, buffer(b"\5\4" + noise), buffer(b"\x60" + noise), buffer(b"\1\0\0\0" + noise)):
        assert len(unwrap_sasl(data) or b"") <= len(data)
