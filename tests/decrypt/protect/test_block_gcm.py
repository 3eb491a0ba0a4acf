"""GCM over a block cipher, checked against the library's own over AES."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from wireproof.decrypt.protect.block_gcm import BlockGcm
from wireproof.decrypt.protect.ciphers import make_block


@given(key=st.binary(min_size=16, max_size=16), clear=st.binary(max_size=100), added=st.binary(max_size=40))
def test_over_aes_it_opens_what_the_library_sealed(key: bytes, clear: bytes, added: bytes) -> None:
    hidden = AESGCM(key).encrypt(b"twelve bytes", clear, added)
    assert BlockGcm(make_block("AES", key)).decrypt(b"twelve bytes", hidden, added) == clear


def test_a_flipped_bit_is_noticed() -> None:
    hidden = bytearray(AESGCM(bytes(16)).encrypt(bytes(12), b"clear", b"added"))
    for place in range(len(hidden)):
        spoilt = bytes(byte ^ (at == place) for at, byte in enumerate(hidden))
        with pytest.raises(InvalidTag):
            BlockGcm(make_block("AES", bytes(16))).decrypt(bytes(12), spoilt, b"added")


def test_camellia_gives_the_vector_of_the_draft_for_it() -> None:
    gcm = BlockGcm(make_block("CAMELLIA", bytes(16)))
    assert gcm.decrypt(bytes(12), bytes.fromhex("f5574acc3148dfcb9015200631024df9"), b"") == b""
