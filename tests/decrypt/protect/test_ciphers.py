"""Ciphers of the cryptography library, checked by published vectors."""

from __future__ import annotations

import pytest

from tests.support.sealing import has_cipher
from wireproof.decrypt.protect import ciphers
from wireproof.decrypt.protect.ciphers import BLOCK_BYTES, make_block, make_cbc, make_rc4
from wireproof.decrypt.protect.opener import UnsupportedCipher

BLOCKS = [
    # FIPS 197 appendix C, RFC 3713 appendix A, RFC 4269 appendix B, FIPS 46 (NBS 500-20), IDEA's reference
    ("AES", "000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff", "69c4e0d86a7b0430d8cdb78070b4c55a"),
    ("CAMELLIA", "0123456789abcdeffedcba9876543210", "0123456789abcdeffedcba9876543210", "67673138549669730857065648eabe43"),
    ("SEED", "00000000000000000000000000000000", "000102030405060708090a0b0c0d0e0f", "5ebac6e0054e166819aff1cc6d346cdb"),
    ("DES", "0101010101010101", "8000000000000000", "95f8a5e5dd31d900"),
    ("3DES", "0101010101010101" * 3, "8000000000000000", "95f8a5e5dd31d900"),
    ("IDEA", "00010002000300040005000600070008", "0000000100020003", "11fbed2b01986de5"),
]  # fmt: skip


@pytest.mark.parametrize(("cipher", "key", "clear", "hidden"), BLOCKS)
def test_a_block_is_decrypted_and_encrypted(cipher: str, key: str, clear: str, hidden: str) -> None:
    if cipher in ("IDEA", "SEED") and not has_cipher(cipher):
        pytest.skip(f"this version of the library lacks {cipher}")
    decrypt = make_cbc(cipher, bytes.fromhex(key), bytes(BLOCK_BYTES[cipher]))
    assert decrypt(bytes.fromhex(hidden)).hex() == clear
    assert make_block(cipher, bytes.fromhex(key))(bytes.fromhex(clear)).hex() == hidden


def test_cbc_goes_on_from_call_to_call() -> None:
    decrypt, whole = (make_cbc("AES", bytes(16), bytes(16)) for _ in range(2))
    assert decrypt(bytes(16)) + decrypt(bytes(32)) == whole(bytes(48))


def test_rc4_gives_the_key_stream_of_rfc_6229() -> None:
    stream = make_rc4(bytes.fromhex("0102030405"))
    assert stream(bytes(16)).hex() == "b2396305f03dc027ccc3524a0a1118a8"
    assert stream(bytes(16)).hex() == "6982944f18fc82d589c403a47a0d0919"


def test_a_cipher_that_the_library_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ciphers.CLASSES, "AES", "NoSuchCipher")
    with pytest.raises(UnsupportedCipher, match="AES"):
        make_cbc("AES", bytes(16), bytes(16))


def test_a_cipher_that_openssl_does_not_load_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.ciphers import Cipher

    def refuse(_: object) -> None:
        raise UnsupportedAlgorithm("cipher seed is not supported")

    monkeypatch.setattr(Cipher, "decryptor", refuse)
    with pytest.raises(UnsupportedCipher, match="seed"):
        make_cbc("AES", bytes(16), bytes(16))
