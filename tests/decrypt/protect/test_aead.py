"""Openers of AEADs that are written in Python, and the choice of a cipher."""

from __future__ import annotations

import pytest

from wireproof.decrypt.protect.aead import (
    DraftChaChaOpener,
    IntegrityOpener,
    make_aead,
)
from wireproof.decrypt.protect.block_gcm import BlockGcm
from wireproof.decrypt.protect.opener import BadRecord, UnsupportedCipher
from wireproof.wire.tls_suite_parts import suite_parts


@pytest.mark.parametrize(
    "opener",
    [
        DraftChaChaOpener(bytes(32)),
        IntegrityOpener("sha256", bytes(32), bytes(32)),
    ],
)
def test_a_body_shorter_than_its_tag_is_short(opener: DraftChaChaOpener | IntegrityOpener) -> None:
    for size in range(15):
        with pytest.raises(BadRecord, match="short"):
            opener.open(0, 23, 0x0303, bytes(size))


def test_camellia_in_gcm_is_our_own_and_aria_is_nobodys() -> None:
    parts = suite_parts(0xC07A)
    assert parts is not None
    assert isinstance(make_aead(parts, bytes(16)), BlockGcm)
    with pytest.raises(UnsupportedCipher):
        make_aead(parts._replace(cipher="ARIA"), bytes(16))
