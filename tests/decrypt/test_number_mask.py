"""Masks of packet numbers, checked by the vectors of RFC 9001, and numbers of which the low bits are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireproof.decrypt.number_mask import make_mask, nearest
from wireproof.wire.tls_suite_parts import SuiteParts, suite_parts


def parts_of(suite: int) -> SuiteParts:
    """The parts of a known suite."""
    found = suite_parts(suite)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("suite", "key", "sample", "mask"),
    [
        (0x1301, "9f50449e04a0e810283a1e9933adedd2", "d1b1c98dd7689fb8ec11d242b123dc9b", "437b9aec36"),
        (
            0x1303,
            "25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4",
            "5e5cd55c41f69080575d7999c25a5bfb",
            "aefefe7d03",
        ),
    ],
)
def test_masks_are_those_of_rfc_9001_appendix_a(suite: int, key: str, sample: str, mask: str) -> None:
    made = make_mask(parts_of(suite), bytes.fromhex(key))
    assert made(bytes.fromhex(sample))[:5].hex() == mask


def test_a_number_is_completed_as_in_rfc_9000_appendix_a() -> None:
    assert nearest(0x9B32, 16, 0xA82F30EA + 1) == 0xA82F9B32


@given(st.integers(0, 1 << 40), st.integers(-100, 100))
def test_a_number_near_to_the_expected_one_is_found(number: int, ahead: int) -> None:
    assert nearest(number & 0xFF, 8, max(number + ahead, 0)) == number
