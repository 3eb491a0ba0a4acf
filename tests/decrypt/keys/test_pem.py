"""PEM text: blocks are found whatever surrounds them, and damage is told with its byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.keys import certificate_bytes, private_bytes, rsa_key
from wireproof.decrypt.keys.pem import BadBlock, find_blocks, has_blocks

KEY = private_bytes(rsa_key())
DER = private_bytes(rsa_key(), pem=False)
LOCKED = private_bytes(rsa_key(), "old", password="x")
ATTRIBUTES = b"Bag Attributes\n    friendlyName: -----server-----\nKey Attributes: <No Attributes>\n"


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        KEY.replace(b"\n", b"\r\n"),
        KEY.replace(b"\n", b"  \n  "),
        KEY.rstrip(),
        ATTRIBUTES + KEY + ATTRIBUTES,
        KEY.replace(b"KEY-----\n", b"KEY-----\nComment: made by hand\n and goes on\n\n", 1),
    ],
    ids=["plain", "CRLF", "indented", "no line end", "attributes", "headers"],
)
def test_a_block_is_decoded_whatever_surrounds_it(text: bytes) -> None:
    (block,) = find_blocks(text)
    assert (block.label, block.der()) == ("PRIVATE KEY", DER)
    assert text[block.at :].startswith(b"-----BEGIN ")


def test_all_blocks_of_a_file_are_found_in_order() -> None:
    blocks = list(find_blocks(certificate_bytes() + ATTRIBUTES + LOCKED + KEY))
    assert [block.label for block in blocks] == ["CERTIFICATE", "RSA PRIVATE KEY", "PRIVATE KEY"]
    assert [block.is_locked for block in blocks] == [False, True, False]
    assert [block.cipher[1] for block in blocks] == [0, 16, 0]


def test_the_text_of_a_block_is_the_block_alone() -> None:
    (block,) = find_blocks(ATTRIBUTES + LOCKED.replace(b"\n", b" \r\n"))
    assert block.text() == LOCKED


def test_a_block_that_is_cut_is_told_with_the_byte_where_it_ends() -> None:
    cut = ATTRIBUTES + KEY[:200]
    (block,) = find_blocks(cut)
    with pytest.raises(BadBlock, match="END line is missing") as caught:
        block.der()
    assert caught.value.at == len(cut)


def test_a_cut_block_ends_where_the_next_one_begins() -> None:
    blocks = list(find_blocks(KEY[:200] + certificate_bytes()))
    assert [block.has_end for block in blocks] == [False, True]


@pytest.mark.parametrize(
    ("damaged", "why"), [(KEY[:100] + b"!" + KEY[101:], "no base64"), (KEY[:100] + KEY[101:], "lacks characters")]
)
def test_damaged_base64_is_told(damaged: bytes, why: str) -> None:
    (block,) = find_blocks(damaged)
    with pytest.raises(BadBlock, match=why) as caught:
        block.der()
    assert damaged[caught.value.at : caught.value.at + 1] in b"!-"


def test_what_has_no_known_block_is_told_apart() -> None:
    assert has_blocks(ATTRIBUTES + KEY)
    assert has_blocks(certificate_bytes())
    assert not has_blocks(b"-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----\n")
    assert not has_blocks(ATTRIBUTES)


@given(st.lists(st.sampled_from([KEY[:90], KEY[90:], b"-----BEGIN ", b"A: b\n", b"\n", b"====", b"\xff"]), max_size=8))
def test_no_text_raises_anything_else(pieces: list[bytes]) -> None:
    for block in find_blocks(b"".join(pieces)):
        block.text()
        try:
            block.der()
        except BadBlock as error:
            assert 0 <= error.at <= len(b"".join(pieces))  # noqa: PT017 - either end is right
