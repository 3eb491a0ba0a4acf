"""Indefinite lengths become definite ones, and damage gives nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.keys import indefinite, pfx
from wireproof.decrypt.definite import make_definite, starts_indefinite

DER = pfx()
BER = indefinite(DER)


def test_a_pfx_of_indefinite_lengths_becomes_what_it_was() -> None:
    assert starts_indefinite(BER)
    assert not starts_indefinite(DER)
    assert BER.count(b"\0\0") > DER.count(b"\0\0")
    assert make_definite(BER) == DER


def test_what_is_definite_already_stays_as_it_is() -> None:
    assert make_definite(DER) == DER


def test_bytes_behind_the_value_are_left_out() -> None:
    assert make_definite(BER + b"\r\n") == DER


@pytest.mark.parametrize(
    "data",
    [b"", b"\x30", b"\x30\x80", BER[:-1], BER[:300], b"\x30\x80" * 20 + b"\0\0" * 20, b"\x04\x80\0\0", b"\x30\x03\x04\x05\0",
     b"\x1f\x01\0", b"\x30\x85\0\0\0\0\0", b"\x30\x80" + b"\5\0" * 30_000 + b"\0\0"],
)  # fmt: skip
def test_damage_gives_nothing(data: bytes) -> None:
    assert make_definite(data) == b""


@given(st.integers(0, len(BER) - 1), st.integers(0, 255))
def test_no_bytes_raise(at: int, value: int) -> None:
    made = make_definite(BER[:at] + bytes([value]) + BER[at + 1 :])
    assert make_definite(made) == made
